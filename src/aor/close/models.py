"""The close of each month, and what officers waived for it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Close(models.Model):
    """One month's close, from its cut on.

    Mutation rules: inserted with its cut, which never changes; `state` only goes forward (cut, published, closed)
    and `through`, the last broker done, only rises; `sums` and `hash` are set once, with the state published.
    """

    month = models.CharField(max_length=7, unique=True)
    state = models.CharField(max_length=10)
    cut = models.DateTimeField()
    journal_head = models.CharField(max_length=64, blank=True)
    through = models.CharField(max_length=10, blank=True)
    sums = models.TextField(default="{}")
    unanswered = models.PositiveIntegerField(default=0)
    reports = models.PositiveIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["cut", "published", "closed"]), name="a_close_is_cut_published_or_closed"
            ),
        ]


class Waiver(models.Model):
    """An officer lets a month close although a rule is not met. Mutation rules: inserted only."""

    month = models.CharField(max_length=7)
    rule = models.CharField(max_length=40)
    because = models.CharField(max_length=500)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "rule"], name="a_rule_is_waived_once_a_month"),
        ]


class Asked(models.Model):
    """An officer asks for a close, which a worker runs. `waivers` is JSON; `words` say how far it is, or why not.

    Mutation rules: inserted; `state` only goes forward (waiting, running, then closed or blocked), `words` follow.
    A close that died while running is run again: it takes up where it stopped.
    """

    month = models.CharField(max_length=7)
    by_role = models.CharField(max_length=20)
    by_name = models.CharField(max_length=150)
    at = models.DateTimeField()
    waivers = models.TextField(default="[]")
    state = models.CharField(max_length=10, default="waiting")
    words = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month"], condition=Q(state__in=["waiting", "running"]), name="one_close_of_a_month_asked_for"
            ),
        ]
