"""Broker and household, and how they agreed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from aor.consumers.models import Subscriber

_HOLDER = (Q(household_id="") & ~Q(subscriber_id="")) | (~Q(household_id="") & Q(subscriber_id=""))


class Consent(models.Model):
    """What the consumer agreed to. Mutation rules: inserted; never deleted; `revoked_at` is set once."""

    shown = models.TextField()
    language = models.CharField(max_length=20, default="en")
    template_version = models.CharField(max_length=40)
    scope = models.CharField(max_length=200)
    purpose = models.CharField(max_length=200)
    duration = models.CharField(max_length=100, default="until ended")
    given_at = models.DateTimeField()
    act = models.CharField(max_length=40)  # designated, code confirmed, application signed, read back, reference
    parties = models.CharField(max_length=300)
    how_to_rescind = models.CharField(max_length=300)
    interpreter = models.CharField(max_length=100, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    revoked_at = models.DateTimeField(null=True)


class Association(models.Model):
    """A household (named by its id or by a subscriber) and a broker, confirmed. Mutation rules: inserted only.

    `plan_year` None is for all coverage, else from that plan year on. `method` is portal, electronic or paper.
    """

    household_id = models.CharField(max_length=80, blank=True, db_index=True)
    subscriber_id = models.CharField(max_length=80, blank=True, db_index=True)
    npn = models.CharField(max_length=10, db_index=True)
    path = models.CharField(max_length=20)
    method = models.CharField(max_length=20, default="portal")
    plan_year = models.PositiveSmallIntegerField(null=True)
    confirmed_at = models.DateTimeField()
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_HOLDER, name="association_names_one_holder"),
            models.UniqueConstraint(
                fields=["household_id", "subscriber_id", "npn", "confirmed_at", "path", "recorded_at"],
                name="an_association_is_recorded_once",
            ),
        ]


class Ending(models.Model):
    """An end of an association, as told. Mutation rules: inserted only. `plan_year` None ends all coverage."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="endings")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    plan_year = models.PositiveSmallIntegerField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["association", "at", "kind"], name="an_end_is_recorded_once"),
        ]


class Open(models.Model):
    """The one association open for a household now. Mutation rules: derived, follows the facts.

    It gives access unless that is closed: a transferred one waits for the consumer, a disowned one for an officer.
    """

    household_key = models.CharField(max_length=90, unique=True)
    association = models.OneToOneField(Association, on_delete=models.PROTECT, related_name="+")


class AccessChange(models.Model):
    """Access under an association closed or opened by itself; the latest counts. Mutation rules: inserted only.

    `kind` is one of policy.access.Change: disowned, upheld, reopened or confirmed (with its consent).
    """

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="access_changes")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, related_name="+")


class Access(models.Model):
    """A subscriber whom an association lets its broker see, on days. Mutation rules: derived, follows the facts.

    Only where access is open; the broker's own standing on the day is asked apart (`acts.queries.open_to`).
    `start` and `until` are those of the subscriber's days in the household.
    """

    npn = models.CharField(max_length=10)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="+")
    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="+")
    start = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "start"], name="one_broker_sees_a_subscriber_on_a_day"),
        ]
        indexes = [models.Index(fields=["npn", "subscriber"], name="access_by_broker")]


class Invitation(models.Model):
    """A broker asks a consumer. Mutation rules: inserted; its steps are rows of their own. The code is hashed.

    There is one for every request that was granted, whether or not it reaches anybody: `subscriber_id` and `contact`
    are empty where it does not, and the broker is never told. The names and the birth date are those the broker
    gave; `asked` is their key, by which repetitions are counted.
    """

    npn = models.CharField(max_length=10, db_index=True)
    subscriber_id = models.CharField(max_length=80, blank=True, db_index=True)
    contact = models.CharField(max_length=254, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField(null=True)
    asked = models.CharField(max_length=64, blank=True)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code_hash"], name="a_code_is_of_one_invitation")]
        indexes = [
            models.Index(fields=["npn", "asked", "sent_at"], name="invitations_repeated"),
            models.Index(fields=["npn", "sent_at"], name="invitations_of_a_broker"),
        ]


class InvitationStep(models.Model):
    """What became of an invitation. Mutation rules: inserted only.

    Confirmed, declined, withdrawn, expired or sent again end it. Not sent (`because` says why, to staff only) and
    reminded do not.
    """

    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    because = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invitation"],
                condition=Q(kind__in=["confirmed", "declined", "withdrawn", "expired", "sent again"]),
                name="an_invitation_ends_once",
            ),
        ]


class Lock(models.Model):
    """A consumer locked or unlocked their broker; the latest counts. Mutation rules: inserted only."""

    household_key = models.CharField(max_length=90, db_index=True)
    locked = models.BooleanField()
    at = models.DateTimeField()


class WrongCode(models.Model):
    """A code that no invitation has was given, by an account or a session. Mutation rules: inserted only."""

    who = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["who", "at"], name="wrong_codes_by_who")]
