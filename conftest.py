"""Fixtures of every test: a home of its own, and triggers that let committed rows be emptied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from aor.audit import triggers


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
