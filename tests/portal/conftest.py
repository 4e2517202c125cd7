"""One home for a module's world."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings


@pytest.fixture(scope="session")
def portal_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(autouse=True)
def home(portal_home: Path, settings: Settings) -> Path:
    """AOR_HOME is that of the world."""
    settings.AOR_HOME = portal_home
    return portal_home
