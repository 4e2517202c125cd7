"""A little marketplace that lived two months, made once for the tests that look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from aor.demo import lived, market

HOUSEHOLDS, BROKERS, MONTHS = 60, 20, 2


@pytest.fixture(scope="module")
def lived_home(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Path]:
    """AOR_HOME of the little marketplace; its rows stand until the last test that asks for it."""
    home = tmp_path_factory.mktemp("lived") / "home"
    with (
        django_db_blocker.unblock(),
        override_settings(AOR_HOME=home, AOR_TIME_TRAVEL=True),
        transaction.atomic(),
    ):
        made = market.make(households=HOUSEHOLDS, brokers_=BROKERS, months=MONTHS, seed=7)
        for _ in lived.Living(made, home=home, seed=7).months():
            pass
        yield home
        transaction.set_rollback(True)


@pytest.fixture
def lived_months(lived_home: Path, db: None, home: Path) -> Path:
    """The little marketplace, a test's own: what it plants is gone afterwards, in rows and in files."""
    shutil.copytree(lived_home, home)
    return home
