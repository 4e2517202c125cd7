"""The town of the portal, with a second lead."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from tests.portal import world
from tests.portal.world import World

from aor.accounts import operations as accounts
from aor.accounts.models import RoleName
from aor.terms.actor import system


@pytest.fixture
def town(db: None, tmp_path: Path, settings: Settings) -> World:
    """KAYING is Ana's, ASAD is Cruz's; each has a claim that waits."""
    settings.AOR_HOME = tmp_path
    made = world.make(tmp_path)
    lea = accounts.open_account(email="lea@example.org", name="Lea", by=system("test"), now=world.NOW)
    accounts.grant(lea, role=RoleName.LEAD, by=system("test"), now=world.NOW)
    made.users["second lead"] = lea
    return made
