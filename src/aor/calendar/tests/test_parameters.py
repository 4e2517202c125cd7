"""Parameters: dated, cited, overlaid by a state, never stale."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from aor.calendar import queries
from aor.calendar.models import OpenEnrollment
from aor.terms.period import Period

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def overlay(tmp_path: Path, settings: Settings) -> Path:
    settings.AOR_OVERLAY = str(tmp_path)
    return tmp_path / "parameters.toml"


def test_every_parameter_is_cited_and_in_force_for_every_day_that_matters() -> None:
    parameters = queries.parameters()
    for name, table in tomllib.loads(queries.OURS.read_text()).items():
        assert table["cites"], name
        parameters.on(name, date(2010, 1, 1))


def test_the_numbers_are_those_of_the_readings() -> None:
    parameters = queries.parameters()
    numbers = ("appointment_days_after", "decline_days", "invitation_days", "undo_days", "backdating_hours")
    assert [parameters.number(name, DAY) for name in numbers] == [15, 14, 14, 30, 25]
    assert parameters.words("invitation_reminder_days", DAY) == ["3", "10"]
    assert parameters.on("navigator_displaces_broker", DAY) is True
    assert parameters.open_enrollment_start(2027) == date(2026, 11, 1)


def test_an_imported_open_enrollment_wins_and_changes_the_version() -> None:
    before = queries.parameters()
    OpenEnrollment.objects.create(
        plan_year=2027, start=date(2026, 10, 15), last_day=date(2026, 12, 15), known_from=NOW
    )
    after = queries.parameters()
    assert after.open_enrollment == {2027: Period(date(2026, 10, 15), date(2026, 12, 16))}
    assert after.open_enrollment_start(2027) == date(2026, 10, 15)
    assert after.version != before.version
    assert queries.parameters(NOW - timedelta(1)) == before


def test_an_overlay_replaces_a_parameter_at_once(overlay: Path) -> None:
    ours = queries.parameters()
    overlay.write_text('[decline_days]\ncites = "our rule"\nvalues = [{ since = 2026-03-01, value = 7 }]')
    assert queries.parameters().number("decline_days", DAY) == 7
    assert queries.parameters().version != ours.version
    overlay.write_text('[decline_days]\ncites = "our rule"\nvalues = [{ since = 2026-03-01, value = 8 }]')
    assert queries.parameters().number("decline_days", DAY) == 8


def test_the_same_content_is_read_once_and_has_the_same_version() -> None:
    assert queries.parameters() is queries.parameters()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[decline_dais]\ncites = "x"\nvalues = [{ since = 2026-03-01, value = 7 }]', "decline_dais"),
        ('[decline_days]\ncites = "x"\nvalues = [{ since = 2026-03-01, value = "7" }]', "decline_days"),
        ("[decline_days]\nvalues = [{ since = 2026-03-01, value = 7 }]", "cites"),
        ('[decline_days]\ncites = "x"\nvalues = [{ since = "2026", value = 7 }]', "since"),
        ('[decline_days]\ncites = "x"\nvalues = [{ since = 2026-03-01, value = 7.5 }]', "value"),
        ("decline_days = 7", "decline_days"),
        ("[decline_days", "cannot be read"),
    ],
)
def test_a_wrong_overlay_is_refused_by_name(overlay: Path, text: str, says: str) -> None:
    overlay.write_text(text)
    with pytest.raises(ImproperlyConfigured, match=says):
        queries.parameters()
