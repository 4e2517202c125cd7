"""The market whose months close."""

from __future__ import annotations

import pytest

from aor.close.tests import world


@pytest.fixture
def market(db: None) -> None:
    world.carrier()
    world.broker()
