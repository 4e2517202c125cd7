"""The small marketplace of the portal, and a cache that knows nothing of other tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import translation
from tests.portal import world
from tests.portal.world import World


@pytest.fixture
def town(home: Path, db: None) -> Iterator[World]:
    cache.clear()
    home.mkdir(exist_ok=True)
    with translation.override("en-us"):  # a page in another language leaves it to the next test
        yield world.make(home)
    cache.clear()
