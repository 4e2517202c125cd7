"""Every kind of case: its number, its place, its clocks, what was said and shown, and who did what.

A case knows neither broker nor consumer: its subject is a plain identifier, and what it is about is a row of the
department that opened it. Numbers, events and clocks hold no personal data; messages and evidence do.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class State(models.TextChoices):
    """Whose turn it is."""

    QUEUED = "queued"  # ours, in the order received
    WAITING = "waiting"  # the other side's: we asked for more
    ANSWERED = "answered"  # the other side's: agree, or escalate
    ESCALATED = "escalated"  # ours again: another officer's
    CLOSED = "closed"


OURS = (State.QUEUED, State.ESCALATED)


class Series(models.Model):
    """Numbers given so far: `prefix` and year. Mutation rules: `last` only rises."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="one_series_a_prefix_and_year")]


class Case(models.Model):
    """Mutation rules: `state`, `version` and `assigned_to` follow the events, in one transaction; nothing else.

    `number` reads D-2026-000123. `opened_npn` is the broker whose case it is, if it is a broker's.
    """

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=30)
    opened_at = models.DateTimeField()
    opened_role = models.CharField(max_length=20)
    opened_name = models.CharField(max_length=150)
    opened_npn = models.CharField(max_length=10, blank=True, db_index=True)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    version = models.PositiveIntegerField(default=1)
    assigned_to = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "state", "id"], name="case_queue"),
            models.Index(fields=["subject_kind", "subject_id"], name="case_by_subject"),
        ]


class Event(models.Model):
    """One step of a case, the `version`-th. Mutation rules: inserted only. `note` holds no personal data."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    by_role = models.CharField(max_length=20)
    by_name = models.CharField(max_length=150)
    by_npn = models.CharField(max_length=10, blank=True)
    what = models.CharField(max_length=30)
    state = models.CharField(max_length=10, choices=State)
    assigned_to = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "version"], name="a_case_takes_one_step_at_a_time")]


class Clock(models.Model):
    """Mutation rules: `due_at` follows the stops; `stopped_at` is set while it stands still; `met_at` once."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    name = models.CharField(max_length=40)
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=15)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "name"], condition=Q(met_at=None), name="one_running_clock_of_a_name"
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("started_at")), name="a_clock_runs_forward"),
            models.CheckConstraint(condition=Q(met_at=None) | Q(stopped_at=None), name="a_met_clock_stands_no_more"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="case_clock_due", condition=Q(met_at=None, stopped_at=None)),
        ]


class Stop(models.Model):
    """A time for which a clock stood still: we waited for the other side. Mutation rules: inserted only."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="stops")
    stopped_at = models.DateTimeField()
    resumed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stopped_at__lte=F("resumed_at")), name="a_stop_ends_after_it_begins"),
        ]


class Message(models.Model):
    """What was written in a case; `body` is private data. Mutation rules: inserted; `read_at` is set once.

    `to_id` is an NPN, a household's key, or "" for everyone of the role.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    at = models.DateTimeField()
    by_role = models.CharField(max_length=20)
    by_name = models.CharField(max_length=150)
    by_npn = models.CharField(max_length=10, blank=True)
    to_role = models.CharField(max_length=20)
    to_id = models.CharField(max_length=100, blank=True)
    body = models.TextField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["to_role", "to_id", "at"], name="case_inbox")]


class Evidence(models.Model):
    """A document of a case, in the content store; its name is private data. Mutation rules: inserted only."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, related_name="evidence")
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    by_role = models.CharField(max_length=20)
    by_name = models.CharField(max_length=150)
    by_npn = models.CharField(max_length=10, blank=True)
