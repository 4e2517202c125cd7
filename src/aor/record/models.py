"""Who is agent of record for which enrollment, from when, known since when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from aor.audit.models import Decision
from aor.engine.known import KnownFact
from aor.enrollments.models import Enrollment


class Entry(KnownFact):
    """A broker and an enrollment over days, as known over instants.

    Mutation rules: inserted; `known_until` is set once; nothing else. No two rows of an enrollment share a day
    and an instant: PostgreSQL excludes it, SQLite refuses by trigger. `in_standing` False is held.
    """

    # Each index below begins with it: it needs none of its own.
    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+", db_index=False)
    npn = models.CharField(max_length=10, db_index=True)
    effective_from = models.DateField()
    effective_until = models.DateField()
    in_standing = models.BooleanField()
    association = models.BigIntegerField(null=True)
    correction = models.BigIntegerField(null=True)
    anchor = models.DateField(null=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(effective_from__lt=F("effective_until")), name="entry_not_empty"),
            models.CheckConstraint(
                condition=Q(known_until=None) | Q(known_from__lt=F("known_until")), name="entry_known_not_empty"
            ),
        ]
        indexes = [
            models.Index(
                fields=["enrollment", "effective_from"], condition=Q(known_until=None), name="entries_known_now"
            ),
            models.Index(fields=["enrollment", "known_until", "known_from"], name="entries_as_known"),
        ]


class Closing(models.Model):
    """The closing of an entry's known end, a fact of its own. Mutation rules: inserted only."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="closing")
    at = models.DateTimeField()
    cause = models.CharField(max_length=60)


class Correction(KnownFact):
    """A decided correction, an opening balance among them. Mutation rules: as every known fact.

    `effective_until` None lasts to the end of coverage; `settles_until` is the day up to which associations were
    taken into account; `sent_on` the day the carrier was told before go-live.
    """

    policy_id = models.CharField(max_length=50, db_index=True)
    hios_issuer_id = models.CharField(max_length=5)
    npn = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    effective_from = models.DateField()
    effective_until = models.DateField(null=True)
    settles_until = models.DateField()
    sent_on = models.DateField(null=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy_id", "hios_issuer_id", "kind", "effective_from"],
                condition=Q(known_until=None),
                name="one_correction_a_policy_and_day",
            ),
        ]


class Due(models.Model):
    """A household whose record has to be decided anew. Mutation rules: deleted with the deciding."""

    household = models.OneToOneField("consumers.Household", on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=60)


class Told(KnownFact):
    """A carrier was told of this broker from this day: the entry stays in standing whatever data arrives later.

    Mutation rules: as every known fact; closed when the carrier rejected what it was told (readings, R3, R4).
    """

    enrollment = models.ForeignKey(Enrollment, on_delete=models.PROTECT, related_name="+")
    npn = models.CharField(max_length=10)
    effective_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "npn", "effective_from"],
                condition=Q(known_until=None),
                name="a_carrier_is_told_once_of_an_entry",
            ),
        ]
