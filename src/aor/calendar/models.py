"""Open enrollment by plan year, as imported."""

from __future__ import annotations

from django.db import models

from aor.engine.known import KnownFact


class OpenEnrollment(KnownFact):
    """Mutation rules: as every known fact; one row known per plan year. `last_day` still counts."""

    plan_year = models.PositiveSmallIntegerField()
    start = models.DateField()
    last_day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan_year"], condition=models.Q(known_until=None), name="one_open_enrollment_a_plan_year"
            ),
            models.CheckConstraint(
                condition=models.Q(start__lte=models.F("last_day")), name="open_enrollment_not_empty"
            ),
        ]
