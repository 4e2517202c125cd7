"""Places for programs of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.anomalies.program import Place, copied, empty_place


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Migrated, and without a row; nobody works in it."""
    with empty_place(tmp_path_factory.mktemp("places"), "empty") as place:
        yield place


@pytest.fixture
def place(empty: Place, tmp_path: Path) -> Iterator[Place]:
    """A place of one test alone."""
    with copied(empty, tmp_path / "own") as place:
        yield place
