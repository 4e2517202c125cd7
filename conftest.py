"""Of every test: a home of its own, triggers that let committed rows be emptied, whether it asks for rows at all."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from pytest_django.fixtures import Settings

from aor.audit import triggers

# How long a property takes says how busy the machine is, and nothing of what it shows.
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")

_ASKING = {"db", "transactional_db", "django_db_setup", "django_db_serialized_rollback"}
_PROGRAMS = ("subprocess", "DATABASE_URL", "tests.anomalies", "database=")  # of a database that is named to them
_HALVES = ("first", "second")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--asking-database", action="store_true", help="only tests that ask for the database or start programs"
    )
    parser.addoption("--either", choices=_HALVES, help="of the tests marked `either_database` one half or the other")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that can reach no database says nothing new on a second one: pytest-django would not let it."""
    if config.getoption("--asking-database"):
        starting = {path: any(word in path.read_text() for word in _PROGRAMS) for path in {one.path for one in items}}
        _leave_out(config, items, [one for one in items if not (starting[one.path] or _asks(one))])
    if half := config.getoption("--either"):
        either = [one for one in items if one.get_closest_marker("either_database")]
        _leave_out(config, items, [one for one in either if _HALVES[zlib.crc32(one.nodeid.encode()) % 2] != half])


def _leave_out(config: pytest.Config, items: list[pytest.Item], rest: list[pytest.Item]) -> None:
    gone = set(rest)
    items[:] = [one for one in items if one not in gone]
    config.hook.pytest_deselected(items=rest)


def _asks(item: pytest.Item) -> bool:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return item.get_closest_marker("django_db") is not None or not _ASKING.isdisjoint(fixtures)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Settings) -> Path:
    """AOR_HOME is a folder that this test alone has."""
    settings.AOR_HOME = tmp_path / "home"
    return tmp_path / "home"


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """The database, where commits are real: its append-only tables are emptied afterwards."""
    triggers.install()
    yield
    triggers.lift()
