"""Before the renewal run every current agent of record is carried, held or lost, with why and who must act."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from tests import builders
from tests.builders import ANA, BEN, CRUZ, Policy, enrollment_file

from aor.acts import receive, settle
from aor.acts.renewals import renewals
from aor.policy.renewal import Renewal
from aor.terms import actor

OCTOBER = datetime(2026, 10, 15, 15, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def market(tmp_path: Path, settings: LazySettings) -> None:
    """Ana is certified for 2027 too; Ben is not; P3's household ended its association; P4 moves to Ben in 2027."""
    settings.AOR_HOME = tmp_path
    builders.carrier()
    builders.broker(ANA, certified=(2026, 2027))
    builders.broker(BEN, "Ben", "Lee")
    builders.broker(CRUZ, "Cruz", "Diaz", certified=(2026, 2027))
    path = tmp_path / "enrollments.834"
    policies = [Policy(f"P{n}", f"S{n}", application=f"{n}-1") for n in range(1, 6)]
    policies[4] = Policy("P5", "S5", application="5-1", end=date(2026, 9, 30))
    path.write_bytes(enrollment_file(*policies))
    receive.receive(path, by=actor.system("test"), now=datetime(2026, 1, 6, tzinfo=UTC))
    builders.associated("S1", ANA, date(2025, 12, 1))
    builders.associated("S2", BEN, date(2025, 12, 1))
    builders.associated("S3", ANA, date(2025, 12, 1), until=date(2026, 12, 10))
    builders.associated("S4", ANA, date(2025, 12, 1))
    builders.associated("S4", CRUZ, date(2026, 10, 1), plan_year=2027)
    builders.associated("S5", ANA, date(2025, 12, 1))
    settle.settle(now=datetime(2026, 1, 7, tzinfo=UTC))


def test_each_is_carried_held_or_lost_with_who_must_act() -> None:
    rows = {row.policy_id: row.prospect for row in renewals(2027, now=OCTOBER)}
    assert {policy: prospect.renewal for policy, prospect in rows.items()} == {
        "P1": Renewal.CARRIED,
        "P2": Renewal.HELD,
        "P3": Renewal.LOST,
        "P4": Renewal.LOST,
    }
    assert rows["P1"].who_must_act == ""
    assert rows["P2"].who_must_act == "the broker"
    assert [f.because for f in rows["P2"].findings if f.rule == "CERTIFIED"] == [
        "not certified for plan year 2027 on 2026-10-15"
    ]
    assert rows["P3"].who_must_act.startswith("the consumer")
    assert rows["P4"].who_must_act.startswith("nobody")
    assert CRUZ not in str(rows["P4"].findings), "who follows is never said to the broker"


def test_the_command_says_the_same(settings: LazySettings) -> None:
    out = StringIO()
    settings.AOR_TIME_TRAVEL = True
    call_command("renewals", "2027", "--json", "--now", OCTOBER.isoformat(), stdout=out)
    document = json.loads(out.getvalue())
    assert (document["carried"], document["held"], document["lost"]) == (1, 1, 2)
