"""Facts with a known time: appended, superseded by closing the known end, never overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q


class KnownQuerySet[M: models.Model](models.QuerySet[M]):
    def known_at(self, instant: datetime | None = None) -> Self:
        """What was known at an instant; without one, the latest knowledge."""
        if instant is None:
            return self.filter(known_until__isnull=True)
        return self.filter(Q(known_until=None) | Q(known_until__gt=instant), known_from__lte=instant)


KnownManager = models.Manager.from_queryset(KnownQuerySet)


class KnownFact(models.Model):
    """Mutation rules: rows are inserted; `known_until` is set once, when a later row supersedes; nothing else."""

    known_from = models.DateTimeField()
    known_until = models.DateTimeField(null=True)

    objects = KnownManager()

    class Meta:
        abstract = True
