"""A book of business moves: what was asked, which households, their letters, and what became of each.

Mutation rules: rows are inserted, never changed; the state of a transfer is that of its case, and of a household
its latest step. No row has a name or a birth date.
"""

from __future__ import annotations

from django.db import models

from aor.associations.models import Association
from aor.audit.models import Decision
from aor.cases.models import Case


class Transfer(models.Model):
    """What the new broker asked. Inserted only. `successor`: the former one died, retired or left and named them.

    Of an agency's book each broker's is a transfer of its own; `agency_npn` is what they share. `policies` are the
    exchange policy ids of those who move, apart by spaces, where it is not the whole book.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    from_npn = models.CharField(max_length=10, db_index=True)
    to_npn = models.CharField(max_length=10, db_index=True)
    agency_npn = models.CharField(max_length=10, blank=True)
    on = models.DateField()
    successor = models.BooleanField(default=False)
    policies = models.TextField(blank=True)
    at = models.DateTimeField()


class Ruling(models.Model):
    """An officer's decision. Inserted only. `because` are their words."""

    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="ruling")
    at = models.DateTimeField()
    approved = models.BooleanField()
    because = models.CharField(max_length=500, blank=True)
    by_name = models.CharField(max_length=150)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")


class Household(models.Model):
    """A household of the book when the transfer was approved. Inserted only.

    `association` is the former broker's; `subscriber_id` speaks for the household; `written_at` is when its letter
    went, None for who cannot move: `because` says why.
    """

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="households")
    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="+")
    household_key = models.CharField(max_length=90)
    subscriber_id = models.CharField(max_length=80, db_index=True)
    written_at = models.DateTimeField(null=True)
    because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transfer", "household_key"], name="a_household_moves_once_a_transfer"),
        ]


class Step(models.Model):
    """Opted out, moved (`association` is the new one), left out, or undone. Inserted only."""

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10)
    at = models.DateTimeField()
    because = models.CharField(max_length=300, blank=True)
    association = models.ForeignKey(Association, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["household", "kind"], name="a_household_takes_a_step_once"),
        ]
