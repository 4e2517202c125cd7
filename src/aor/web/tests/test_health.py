"""What a watcher is told: a program's answer, also while the database is away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError, connection
from django.test import Client


def away(execute: Callable[..., object], *asked: object) -> object:
    raise OperationalError("could not connect")


@pytest.mark.django_db
def test_while_the_database_is_away_a_program_is_told_that_we_are_not_ready() -> None:
    with connection.execute_wrapper(away):
        refused, alive = Client().get("/readyz"), Client().get("/healthz")
    assert (refused.status_code, alive.status_code) == (503, 200)
    assert refused.json() == {"ready": False, "because": "the database does not answer"}
    assert Client().get("/readyz").json() == {"ready": True, "migrations_waiting": 0}
