"""The market of the API's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api import world as built
from tests.api.world import World


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    return built.make(tmp_path)
