"""Four months against carriers that know nothing of us: pyx12 judges every file that they take, and answers."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pyx12.params
import pyx12.x12n_document
from pytest_django.fixtures import Settings

from aor.demo import commands, market
from aor.demo.carrier import SimulatedCarrier
from aor.demo.lived import Living, MonthLived


@dataclass
class JudgingCarrier(SimulatedCarrier):
    """Answers with the 999 that pyx12 writes, two hours later. A file that it finds wrong fails the test."""

    judged: list[bool] = field(default_factory=list)

    def read(self, content: bytes, now: datetime) -> None:
        answer = io.StringIO()
        valid = pyx12.x12n_document.x12n_document(
            param=pyx12.params.params(), src_file=io.StringIO(content.decode("ascii")), fd_997=answer, fd_html=None
        )
        self.judged.append(bool(valid))
        self.number += 1
        self.leave(now + timedelta(hours=2), "999", answer.getvalue().encode("ascii"))


@pytest.fixture
def lived(db: None, tmp_path: Path, settings: Settings) -> tuple[Living, list[MonthLived]]:
    """A small marketplace after its first four months."""
    settings.AOR_HOME = tmp_path / "home"
    settings.AOR_TIME_TRAVEL = True
    made = market.make(households=100, brokers_=20, months=4, seed=5)
    living = Living(made, home=settings.AOR_HOME, seed=5, simulated=JudgingCarrier)
    return living, list(living.months())


def test_four_months_are_sent_judged_closed_and_can_be_explained(lived: tuple[Living, list[MonthLived]]) -> None:
    living, months = lived
    every_file_is_valid(living)
    every_set_is_accepted(months)
    every_month_is_closed_and_balances(months)
    every_agent_of_record_can_be_explained(living)
    verified = commands.run("verify", now=living.now)
    assert verified["ok"], verified["wrong"]


def every_file_is_valid(living: Living) -> None:
    judged = [verdict for carrier in living.carriers.values() for verdict in carrier.judged]
    assert len(judged) > 5
    assert all(judged)


def every_set_is_accepted(months: list[MonthLived]) -> None:
    assert sum(month.sent for month in months) > 15
    assert sum(month.rejected + month.unknown for month in months) == 0


def every_month_is_closed_and_balances(months: list[MonthLived]) -> None:
    for month in months:
        closed = month.closed
        assert closed["state"] == "closed", closed["blockers"]
        assert closed["sent"] + closed["carried_in"] == (
            closed["reported"] + closed["excepted"] + closed["carried_out"]
        )
    assert sum(month.closed["reported"] for month in months) > 15


def every_agent_of_record_can_be_explained(living: Living) -> None:
    rows = commands.run("record", now=living.now)
    sent = [row for row in rows if row["sent_on"]]
    assert len(sent) > 15
    for row in rows:
        on = row["effective_from"]
        told: dict[str, Any] = commands.run("why", row["exchange_policy_id"], "--on", on, now=living.now)
        assert row["npn"] in (told["agent_of_record"], told["candidate"])
        assert all(finding["because"] for finding in told["findings"])
        if row["state"] == "held":
            assert told["agent_of_record"] is None
            assert any(finding["met"] is not True for finding in told["findings"])
    assert {row["state"] for row in sent} <= {"sent", "accepted", "ended"}
