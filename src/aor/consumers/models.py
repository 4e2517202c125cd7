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


class Contact(KnownFact):
    """Where the marketplace reaches a subscriber. Mutation rules: as every known fact.

    `kind` is email or phone; `source` enrollment file or account. An e-mail address is kept in small letters;
    `as_of` is when the sender said it: of two the later said counts, in whatever order they came.
    """

    exchange_subscriber_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    address = models.CharField(max_length=254, db_index=True)
    source = models.CharField(max_length=20)
    as_of = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exchange_subscriber_id", "kind", "source"],
                condition=Q(known_until=None),
                name="one_contact_a_kind_and_source",
            ),
        ]


class Preference(KnownFact):
    """The language in which a subscriber is written to. Mutation rules: as every known fact."""

    exchange_subscriber_id = models.CharField(max_length=80)
    language = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["exchange_subscriber_id"], condition=Q(known_until=None), name="one_language_a_subscriber"
            ),
        ]
