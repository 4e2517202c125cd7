"""A broker's death becomes known, once, and its day can be corrected."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from aor.brokers import operations, queries

NOW = datetime(2026, 4, 5, tzinfo=UTC)


@pytest.mark.django_db
def test_a_death_is_known_once_and_a_corrected_day_follows_it() -> None:
    assert operations.died(npn="17", died_on=date(2026, 4, 4), now=NOW)
    assert not operations.died(npn="17", died_on=date(2026, 4, 4), now=NOW)
    assert operations.died(npn="17", died_on=date(2026, 4, 3), now=NOW)
    assert queries.standings(["17"])["17"].ends == ((date(2026, 4, 3), "died"),)
    assert queries.standings(["17"], known_at=NOW)["17"].ends == ((date(2026, 4, 4), "died"),)
