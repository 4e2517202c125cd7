"""Households and their people, as far as agent of record needs them: subscribers and memberships."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from aor.engine.known import KnownFact


class Household(models.Model):
    """All subscribers who ever shared a household: what is locked and attributed as one.

    Mutation rules: `last_known` only rises; it is the last instant at which the record of its people changed.
    """

    last_known = models.DateTimeField(null=True)


class Subscriber(models.Model):
    """Mutation rules: `household` and the latest application id are derived and follow the news."""

    exchange_subscriber_id = models.CharField(max_length=80, unique=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="subscribers")
    application_id = models.CharField(max_length=50, blank=True, db_index=True)
    application_as_of = models.DateTimeField(null=True)


class Membership(KnownFact):
    """Mutation rules: as every known fact. Days in a household of the marketplace; `start` None is always."""

    household_id = models.CharField(max_length=80, db_index=True)
    exchange_subscriber_id = models.CharField(max_length=80, db_index=True)
    is_primary_contact = models.BooleanField(default=False)
    start = models.DateField(null=True)
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household_id", "exchange_subscriber_id", "start"],
                condition=Q(known_until=None),
                name="one_membership_a_household_and_day",
            ),
            models.UniqueConstraint(
                fields=["household_id", "exchange_subscriber_id"],
                condition=Q(known_until=None, start=None),
                name="one_membership_a_household_from_always",
            ),
        ]
