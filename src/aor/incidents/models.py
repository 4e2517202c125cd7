"""A report or an association that was wrong: incidents with their rows and steps, disputes, and NPN corrections.

No row has a name or a birth date: what an incident is about are lines of reports, named by their keys. Numbers,
clocks and messages are the case's.
"""

from __future__ import annotations

from django.db import models

from aor.associations.models import Association
from aor.audit.models import Decision
from aor.cases.models import Case
from aor.reports.models import Line, Report


class Incident(models.Model):
    """A broker says that consumers are not theirs (readings, R9). Mutation rules: inserted only.

    `batch` is the returned file it came with, by its number in discrepancies, if it came with one.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    npn = models.CharField(max_length=10, db_index=True)
    at = models.DateTimeField()
    batch = models.BigIntegerField(null=True, db_index=True)


class Row(models.Model):
    """A row of a report that is not theirs. Mutation rules: inserted only.

    Where we could not tell which, `line` is None until an officer has placed it by another row of the same `place`.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="rows")
    place = models.PositiveIntegerField()
    line = models.ForeignKey(Line, on_delete=models.PROTECT, null=True, related_name="+")
    sheet = models.CharField(max_length=255, blank=True)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "line"], name="a_line_is_once_in_an_incident"),
        ]


class Affected(models.Model):
    """An issue that showed such a row, withdrawn for it. Mutation rules: inserted only."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="affected")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "report"], name="a_report_is_once_in_an_incident"),
        ]


class Step(models.Model):
    """What was done about an incident. Mutation rules: inserted only. `words` are the officer's and hold no names.

    `about` is an NPN (who attested), a report's new number, or "".
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=30)
    about = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    by_role = models.CharField(max_length=20)
    by_name = models.CharField(max_length=150)
    words = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "kind", "about"], name="an_incident_takes_a_step_once"),
        ]


class Dispute(models.Model):
    """A consumer says: I did not ask for this broker (readings, R12). Mutation rules: inserted only."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    association = models.OneToOneField(Association, on_delete=models.PROTECT, related_name="+")
    subscriber_id = models.CharField(max_length=80)
    at = models.DateTimeField()


class Ruling(models.Model):
    """How a dispute was decided: `upheld`, the consumer did not ask. Mutation rules: inserted only."""

    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, related_name="ruling")
    at = models.DateTimeField()
    upheld = models.BooleanField()
    because = models.CharField(max_length=500, blank=True)
    by_role = models.CharField(max_length=20)
    by_name = models.CharField(max_length=150)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")


class Signal(models.Model):
    """Something out of the ordinary about an association, for somebody to look at. Mutation rules: inserted only."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=30)
    because = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["association", "rule"], name="a_signal_is_given_once"),
        ]


class Review(models.Model):
    """Somebody has looked at a signal. Mutation rules: inserted only."""

    signal = models.OneToOneField(Signal, on_delete=models.PROTECT, related_name="review")
    at = models.DateTimeField()
    by_name = models.CharField(max_length=150)
    words = models.CharField(max_length=500, blank=True)


class NpnCorrection(models.Model):
    """An NPN was written wrongly: proposed by one officer, for another to approve. Mutation rules: inserted only."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    wrong_npn = models.CharField(max_length=10)
    right_npn = models.CharField(max_length=10)
    because = models.CharField(max_length=500)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=150)
