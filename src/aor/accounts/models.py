"""Who may sign in, as whom, and for whom."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from aor.engine.known import KnownFact


class RoleName(models.TextChoices):
    BROKER = "broker"
    AGENCY_MANAGER = "agency manager"
    SUPPORT_STAFF = "support staff"
    CONSUMER = "consumer"
    OFFICER = "officer"
    LEAD = "lead"
    AUDITOR = "auditor"
    CARRIER = "carrier"


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username or "")


class User(AbstractBaseUser):
    """An account. Mutation rules: follows the person's own settings; closed by `is_active`, never deleted.

    `email` is None for who comes from an identity provider that tells none. `name` is that of a broker or of
    staff; consumers have none here.
    """

    email = models.EmailField(max_length=254, unique=True, null=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, default="en")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    only_for_demo = models.BooleanField(default=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return f"account {self.pk}"


class Grant(KnownFact):
    """A role that an account has, and for whom. Mutation rules: as every known fact.

    A broker has an NPN; a manager and support staff an agency's NPN; a consumer a subscriber id; a carrier's
    staff a HIOS issuer id; officers, leads and auditors none.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=RoleName)
    subject = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "subject"], condition=Q(known_until=None), name="one_grant_a_role"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["officer", "lead", "auditor"], subject="")
                | (~Q(role__in=["officer", "lead", "auditor"]) & ~Q(subject="")),
                name="a_grant_names_whom_it_is_for",
            ),
        ]


class KeptView(models.Model):
    """Filters of a list, kept under a name; no person in them. Mutation rules: theirs to replace and drop."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="kept_views")
    page = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="one_kept_view_a_name")]


class Submission(models.Model):
    """A form that was sent and the page it led to, so that sending it twice has one effect.

    Mutation rules: inserted, and `location` set, in the transaction of its effect.
    """

    token = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    location = models.CharField(max_length=500)
    at = models.DateTimeField()


class Invitation(models.Model):
    """A person is asked to take a role by a code, which is kept only hashed; the mail goes to `email`.

    Mutation rules: inserted; `how` it ended and `ended_at` are set once. Open while `how` is empty and not expired.
    """

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=RoleName)
    subject = models.CharField(max_length=80)
    code_sha256 = models.CharField(max_length=64, unique=True)
    by = models.CharField(max_length=150)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    how = models.CharField(max_length=10, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["role", "subject"], name="account_invitations")]


class Digest(models.Model):
    """An account wants an agency's daily digest. Mutation rules: theirs to ask for and to drop."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="digests")
    agency_npn = models.CharField(max_length=10)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "agency_npn"], name="one_digest_an_agency")]


class Token(models.Model):
    """What another system signs in with at the API; only its hash is kept.

    `role` is eligibility or carrier, a carrier's with its HIOS issuer id; `scopes` are separated by spaces.
    Mutation rules: inserted; `revoked_at` is set once; `minute`, `spent` in it and `used_at` follow its use.
    """

    name = models.CharField(max_length=80, unique=True)
    role = models.CharField(max_length=20)
    hios_issuer_id = models.CharField(max_length=5, blank=True)
    scopes = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    per_minute = models.PositiveIntegerField()
    minute = models.DateTimeField(null=True)
    spent = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role="carrier") & ~Q(hios_issuer_id="") | Q(role="eligibility", hios_issuer_id=""),
                name="a_carriers_token_names_the_carrier",
            ),
        ]
