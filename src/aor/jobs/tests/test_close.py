"""`aor close`, `aor report` and `aor deliver`: exit codes, JSON, and sentences."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from aor.close.models import Close
from aor.close.tests import world
from aor.close.tests.world import ANA, NORTH
from aor.engine import locks

pytestmark = pytest.mark.django_db
NOVEMBER_2 = "2026-11-02T12:00:00-06:00"


@pytest.fixture(autouse=True)
def _travel(settings: Settings) -> None:
    settings.AOR_TIME_TRAVEL = True


@pytest.fixture
def market(db: None) -> None:
    world.carrier()
    world.broker()
    world.sold("P1", datetime(2026, 10, 5, 18, tzinfo=UTC))


def answered(*args: Any, code: int = 0, now: str = NOVEMBER_2) -> tuple[str, str]:
    """What a command said on standard output, and what on standard error."""
    out, err = StringIO(), StringIO()
    leaving = pytest.raises(CommandError) if code else nullcontext()
    with leaving as left:
        call_command(*map(str, args), "--now", now, stdout=out, stderr=err)
    assert left is None or left.value.returncode == code
    return out.getvalue(), err.getvalue() if left is None else str(left.value)


def said(*args: Any, code: int = 0, now: str = NOVEMBER_2) -> dict[str, Any]:
    document = json.loads(answered(*args, "--json", code=code, now=now)[0])
    assert isinstance(document, dict)
    return document


@pytest.mark.usefixtures("market")
def test_a_close_says_its_sums_and_its_hash() -> None:
    document = said("close", "2026-10")
    assert {key: document[key] for key in ("month", "state", "blockers", "reports")} == {
        "month": "2026-10",
        "state": "closed",
        "blockers": [],
        "reports": 1,
    }
    five = ("sent", "carried_in", "reported", "excepted", "carried_out")
    assert [document[name] for name in five] == [1, 0, 1, 0, 0]
    assert document["carriers"] == {NORTH: dict(zip(five, [1, 0, 1, 0, 0], strict=True))}
    assert said("close", "2026-10", now="2026-11-20T00:00:00Z") == {**document, "corrected": 0}
    assert "2026-10 closed: 1 sent" in answered("close", "2026-10")[0]


@pytest.mark.usefixtures("market")
def test_a_dry_run_closes_nothing() -> None:
    assert said("close", "2026-10", "--dry-run")["state"] == "closed"
    assert "would close" in answered("close", "2026-10", "--dry-run")[0]
    assert not Close.objects.exists()


@pytest.mark.usefixtures("market")
def test_a_blocked_close_says_why_and_leaves_with_one() -> None:
    document = said("close", "2026-11", code=1, now="2026-12-02T12:00:00-06:00")
    assert document["state"] == "blocked"
    (blocker,) = document["blockers"]
    assert (blocker["rule"], blocker["met"]) == ("MONTHS_IN_ORDER", False)
    _, err = answered("close", "2026-11", code=1)
    assert "2026-11 cannot be closed\n  MONTHS_IN_ORDER: 2026-10 comes before 2026-11" in err


@pytest.mark.usefixtures("market")
def test_an_officer_may_waive_that_everything_was_sent_but_not_the_balance() -> None:
    world.entry(world.enrolled("P2"))
    assert said("close", "2026-10", code=1)["blockers"][0]["rule"] == "ALL_SENT"
    why = ("--because", "carrier down", "--by", "A. Officer")
    refused = said("close", "2026-10", "--waive", "BALANCED", *why, code=1)
    assert "BALANCED cannot be waived" in refused["because"]
    answered("close", "2026-10", "--waive", "ALL_SENT", code=2)
    assert said("close", "2026-10", "--waive", "ALL_SENT", *why)["state"] == "closed"


@pytest.mark.parametrize("month", ["October", "2026-13", "26-10"])
def test_what_is_no_month_is_wrong_usage(month: str) -> None:
    assert "a month is YYYY-MM" in answered("close", month, code=2)[1]


def test_an_empty_marketplace_has_nothing_to_close() -> None:
    assert "nothing was handed over" in said("close", "2026-10", code=1)["blockers"][0]["because"]


@pytest.mark.django_db(transaction=True)
def test_of_two_closes_at_once_one_is_told_of_the_other() -> None:
    holding, told = Event(), Event()

    def other() -> None:
        with locks.exclusive("close", by="aor close 2026-10", at=datetime(2026, 11, 2, 18, tzinfo=UTC)):
            holding.set()
            told.wait(30)
        connection.close()  # a thread has a connection of its own

    first = Thread(target=other)
    first.start()
    try:
        assert holding.wait(30)
        _, err = answered("close", "2026-10", code=1)
    finally:
        told.set()
        first.join()
    assert "close is held by aor close 2026-10 since 2026-11-02T18:00:00+00:00" in err


@pytest.mark.usefixtures("market")
def test_a_report_is_written_under_month_and_npn(tmp_path: Path) -> None:
    said("close", "2026-10")
    document = said("report", "2026-10", "--npn", ANA, "--out", tmp_path / "new")
    path = tmp_path / "new" / f"AOR-report-2026-10-{ANA}.xlsx"
    assert (document["file"], document["number"], document["issue"]) == (str(path), f"AOR-2026-10-{ANA}-1", 1)
    assert path.read_bytes()[:2] == b"PK"


@pytest.mark.usefixtures("market")
def test_a_report_that_is_not_there_is_refused_with_a_sentence(tmp_path: Path) -> None:
    for month, npn, because in (("2026-10", ANA, "no report of 2026-10"), ("2026-10", "0", "an NPN is not zero")):
        code = 2 if npn == "0" else 1
        assert because in answered("report", month, "--npn", npn, "--out", tmp_path, code=code)[1]
    said("close", "2026-10")
    words = answered("report", "2026-10", "--npn", "9999999", "--out", tmp_path, code=1)[1]
    assert "no report of 2026-10 was published for NPN 9999999" in words
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written" in answered("report", "2026-10", "--npn", ANA, "--out", tmp_path / "file", code=1)[1]


@pytest.mark.usefixtures("market")
def test_notices_of_reports_are_delivered_once(settings: Settings, tmp_path: Path) -> None:
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(tmp_path / "mail")},
        }
    }
    said("close", "2026-10")
    assert said("deliver") == {"delivered": 1, "retried": 0, "bounced": 0, "failed": 0, "waiting": 0}
    assert said("deliver")["delivered"] == 0
    (mail,) = (tmp_path / "mail").iterdir()
    text = mail.read_text()
    assert f"AOR-2026-10-{ANA}-1" in text
    assert "LastP1" not in text
