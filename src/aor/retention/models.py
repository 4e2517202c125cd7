"""Legal holds, and what was disposed of: which rows and documents, when, by whom, under which rule.

Mutation rules: inserted only. No row holds personal data: rows are named by table and number.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Hold(models.Model):
    """Nothing that it is on is disposed of until it is released.

    `subject` is a subscriber (whose household is meant), an NPN, a HIOS issuer id or a case's number; a period
    has days instead, half-open. `because` names no person.
    """

    kind = models.CharField(max_length=10)
    subject = models.CharField(max_length=100, blank=True)
    start = models.DateField(null=True)
    until = models.DateField(null=True)
    because = models.CharField(max_length=300)
    at = models.DateTimeField()
    by_role = models.CharField(max_length=20)
    by_name = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="period", subject="", start__lt=F("until"))
                | (~Q(kind="period") & ~Q(subject="") & Q(start=None, until=None)),
                name="a_hold_is_on_something",
            ),
        ]


class Release(models.Model):
    """A hold is no longer needed."""

    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, related_name="release")
    because = models.CharField(max_length=300)
    at = models.DateTimeField()
    by_role = models.CharField(max_length=20)
    by_name = models.CharField(max_length=150)


class Disposal(models.Model):
    """A portion of one class that was disposed of at once: `by_name` asked, `second_name` consented.

    `before` is the first day that was kept; `things` are households, cases, notices or documents.
    """

    what = models.CharField(max_length=20)
    at = models.DateTimeField()
    before = models.DateField()
    years = models.PositiveSmallIntegerField()
    cites = models.CharField(max_length=200)
    parameters_version = models.CharField(max_length=64)
    things = models.PositiveIntegerField()
    rows = models.PositiveIntegerField()
    by_name = models.CharField(max_length=150)
    second_name = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by_name=F("second_name")), name="a_disposal_has_two_officers"),
        ]


class Disposed(models.Model):
    """A row whose personal columns were emptied, or whose document was removed.

    `leaf` is the row's leaf in the journal's chain as it is since then, in hexadecimal digits; "" for one not sealed.
    """

    disposal = models.ForeignKey(Disposal, on_delete=models.PROTECT, related_name="disposed")
    table = models.CharField(max_length=100)
    row = models.BigIntegerField()
    leaf = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "row"], name="a_row_is_disposed_of_once")]
