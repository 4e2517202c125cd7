"""The close is looked at, asked for, run by a worker, and waived only by two."""

from __future__ import annotations

import pytest
from tests.builders import NORTH_STAR
from tests.portal import world
from tests.portal.world import World

from aor.close import asked
from aor.close.models import Asked
from aor.terms.actor import system
from aor.terms.month import Month
from aor.terms.period import day_of
from aor.transmissions import operations as transmissions
from aor.web.staff import second
from aor.web.staff.tests.desk import hidden, send, text

pytestmark = pytest.mark.django_db
MONTH = Month.of(day_of(world.NOW))
URL = f"/staff/close/{MONTH}/"


def test_blockers_come_with_what_cures_them(town: World) -> None:
    transmissions.send(by=system("test"), now=world.NOW, carrier=NORTH_STAR)
    following = Month.of(day_of(world.NOW)).next  # on a month's last evening its own may be closed
    said = text(town.client("auditor"), f"/staff/close/{following}/?look=1")
    assert "close it from" in said
    assert "What would change this:" in said
    assert f"Close {following}" not in said.partition("What is in the way")[2]


def test_a_close_is_run_by_a_worker_and_asked_for_once(town: World) -> None:
    officer, lead = town.client("officer"), town.client("lead")
    late = hidden(lead, URL, f"{URL}run/")
    send(officer, URL, f"{URL}run/")
    lead.post(f"{URL}run/", late)
    assert Asked.objects.count() == 1
    assert "is asked for" in text(officer, f"{URL}run/done/")
    assert "The close is running" in text(lead, URL)
    asked.run(now=world.NOW)
    assert "The last try was blocked" in text(lead, URL)


def test_a_waiver_needs_two(town: World) -> None:
    waits = send(town.client("officer"), f"{URL}waive/?rule=ALL_SENT", because="carrier is closed").headers[
        "Location"
    ]
    assert second.waivers(MONTH) == []
    assert "A second officer is asked" in text(town.client("officer"), waits)
    send(town.client("lead"), waits.removesuffix("asked/"), word="consented")
    (waiver,) = second.waivers(MONTH)
    assert (waiver.rule, waiver.because) == ("ALL_SENT", "carrier is closed")
    assert "Waivers with both consents" in text(town.client("officer"), URL)


@pytest.mark.parametrize("rule", ["BALANCED", "OWN_LINES", "DROP TABLE", ""])
def test_some_rules_are_never_waived(rule: str, town: World) -> None:
    url = f"{URL}waive/?rule=ALL_SENT"
    token = hidden(town.client("officer"), url)["submission"]
    form = {"submission": token, "rule": rule, "because": "please"}
    assert town.client("officer").post(url, form).status_code == 200
    assert second.waivers(MONTH) == []


@pytest.mark.parametrize("month", ["2026-13", "x", "1"])
def test_what_is_no_month_is_not_found(month: str, town: World) -> None:
    assert town.client("officer").get(f"/staff/close/{month}/").status_code == 404
