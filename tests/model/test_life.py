"""Years of marketplace life in any order, checked after every step against an independent reference."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Life
from tests.model.marketplace import counted, furnish

STEPS, EXAMPLES = 120, 5
SHARES = 4  # so that two workers have work


@pytest.mark.django_db
@pytest.mark.parametrize("share", range(SHARES))
def test_any_life_is_what_the_readings_say(share: int, operations: int, first_seed: int, shrink: bool) -> None:
    """All shares together live `operations`; a failing seed is lived again by `--first-seed` and `-k 0`."""
    furnish()
    counted.clear()
    operations = -(-operations // SHARES)
    place = first_seed + share * 100_000
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
