"""Years of marketplace life in any order, checked after every step against an independent reference."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Life
from tests.model.marketplace import counted, furnish

STEPS, EXAMPLES = 120, 10


@pytest.mark.django_db
def test_any_life_is_what_the_readings_say(operations: int, first_seed: int, shrink: bool) -> None:
    furnish()
    counted.clear()
    place = first_seed
    try:
        while counted.total() < operations:
            print(f"seed {place}", flush=True)
            lived(place, shrink=shrink)
            place += 1
    finally:
        print(f"{counted.total()} operations: {dict(counted.most_common())}")


def lived(place: int, *, shrink: bool) -> None:
    """Some lives that follow from a seed."""
    seed(place)(Life)
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            report_multiple_bugs=False,
            print_blob=False,
        ),
    )
