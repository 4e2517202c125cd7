"""The town of the portal's tests: Ana and Ben of one agency, Cruz of another."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from tests.portal import world
from tests.portal.world import World


@pytest.fixture
def town(tmp_path: Path, settings: Settings) -> World:
    settings.AOR_HOME = tmp_path
    return world.make(tmp_path)
