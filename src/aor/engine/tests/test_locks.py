"""Locks hold between processes, say who has them, and die with their holder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from aor.engine import locks

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOLDS = """
import json, sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from django.conf import settings
home, kind, database, inside = json.loads(sys.argv[1])
settings.configure(AOR_HOME=Path(home), DATABASES={"default": database}, USE_TZ=True)
import django
django.setup()
from django.db import transaction
from aor.engine import locks
with ExitStack() as stack:
    if inside:
        stack.enter_context(transaction.atomic())
    if kind == "shared":
        stack.enter_context(locks.shared("work"))
    else:
        stack.enter_context(locks.exclusive("work", by="aor close", at=datetime(2026, 11, 21, 11, tzinfo=UTC)))
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(home: Path, kind: str, *, inside: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input is closed."""
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    database = {name: connection.settings_dict[name] for name in names}
    database["NAME"] = str(database["NAME"])
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, json.dumps([str(home), kind, database, inside])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(20)


@contextmanager
def now_exclusive() -> Iterator[None]:
    with locks.exclusive("work", by="aor send", at=NOON, wait=False):
        yield


@pytest.mark.usefixtures("transactional_db")
def test_one_holds_alone_and_the_other_learns_who_and_since_when(home: Path) -> None:
    with holder(home, "exclusive"), pytest.raises(locks.Busy) as busy, now_exclusive():
        pass
    assert str(busy.value) == "work is held by aor close since 2026-11-21T11:00:00+00:00"
    with now_exclusive():
        pass


@pytest.mark.usefixtures("transactional_db")
def test_many_share_and_nobody_is_alone_meanwhile(home: Path) -> None:
    with holder(home, "shared"):
        with locks.shared("work"):
            pass
        with pytest.raises(locks.Busy), now_exclusive():
            pass
    with now_exclusive():
        pass


@pytest.mark.usefixtures("transactional_db")
def test_a_holder_that_dies_holds_nothing(home: Path) -> None:
    with holder(home, "exclusive") as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(20)
        with locks.exclusive("work", by="aor send", at=NOON):
            pass


@pytest.mark.usefixtures("transactional_db")
def test_names_are_apart(home: Path) -> None:
    with holder(home, "exclusive"), locks.exclusive("other", by="aor send", at=NOON, wait=False):
        pass


@pytest.mark.usefixtures("transactional_db")
def test_inside_a_transaction_it_is_held_to_the_transactions_end(home: Path) -> None:
    if connection.vendor == "sqlite":  # where the write transaction itself is the lock
        with transaction.atomic(), now_exclusive(), locks.shared("work"):
            assert not (home / "locks").exists()
        return
    with holder(home, "shared", inside=True), transaction.atomic():
        with locks.shared("work"):
            pass
        with pytest.raises(locks.Busy), now_exclusive():
            pass
    with transaction.atomic(), now_exclusive():
        pass


@pytest.mark.usefixtures("transactional_db")
def test_the_sessions_own_name_comes_back() -> None:
    if connection.vendor != "postgresql":
        return
    with now_exclusive(), connection.cursor() as cursor:
        cursor.execute("SHOW application_name")
        assert cursor.fetchone()[0].startswith("aor send since")
    with connection.cursor() as cursor:
        cursor.execute("SHOW application_name")
        assert cursor.fetchone()[0] == ""


@pytest.mark.django_db(transaction=True)
def test_who_holds_a_name_does_not_ask_for_it_again() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("a write transaction of SQLite asks for nothing")
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        with locks.exclusive("work", by="test", at=NOON), locks.shared("work"):
            pass
        with locks.shared("work"), locks.shared("work"):
            pass
    assert len([one for one in asked.captured_queries if "pg_advisory" in one["sql"]]) == 2
