"""Broker and household, and how they agreed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

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
                fields=["household_id", "subscriber_id", "npn", "confirmed_at", "path"],
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

    It gives access, but for a transferred one, which waits for the consumer (`queries.access_for`).
    """

    household_key = models.CharField(max_length=90, unique=True)
    association = models.OneToOneField(Association, on_delete=models.PROTECT, related_name="+")


class Invitation(models.Model):
    """A broker asks a consumer. Mutation rules: inserted; its steps are rows of their own. The code is hashed."""

    npn = models.CharField(max_length=10, db_index=True)
    subscriber_id = models.CharField(max_length=80)
    contact = models.CharField(max_length=254)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)


class InvitationStep(models.Model):
    """Confirmed, declined, withdrawn or expired, and reminders. Mutation rules: inserted only."""

    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invitation"],
                condition=Q(kind__in=["confirmed", "declined", "withdrawn", "expired"]),
                name="an_invitation_ends_once",
            ),
        ]


class Lock(models.Model):
    """A consumer locked or unlocked their broker; the latest counts. Mutation rules: inserted only."""

    household_key = models.CharField(max_length=90, db_index=True)
    locked = models.BooleanField()
    at = models.DateTimeField()
