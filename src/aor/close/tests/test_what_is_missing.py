"""The third sheet names what is not on the report, and why; each broker sees their own alone."""

from __future__ import annotations

from datetime import date

import pytest

from aor.close.tests import world
from aor.close.tests.closing import at, close, names, sheets
from aor.close.tests.world import ANA, BEN
from aor.notices.models import Notice
from aor.reports.models import Line, Withheld

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]


def test_what_is_missing_is_named_with_reason_and_cure_and_no_other_broker() -> None:
    world.broker(BEN, first_name="Ben")
    world.sold("P1", at("10-05"))
    held = world.enrolled("P2")
    world.associated(held)
    unmet = (
        '[{"rule":"APPOINTED","met":false,"because":"not appointed by North Health between 2026-01-08 and '
        '2026-01-23","cites":"x","cure":"North Health appoints the broker with Commerce"}]'
    )
    world.entry(held, in_standing=False, findings=unmet)
    late = world.enrolled("P3", until=date(2026, 10, 1))
    world.entry(late, BEN)
    world.handed_over(late, at("10-01"), BEN)
    world.associated(late, ANA, since=at("09-20"))
    foreign = world.enrolled("P4")
    world.associated(foreign, BEN)
    world.entry(foreign, in_standing=False, findings=unmet)
    close()
    rows = {row[0]: row for row in sheets()["Not on this report, and why"]}
    assert set(rows) == {"LastP2", "LastP3"}
    assert rows["LastP2"][5:9] == (
        "held",
        "not appointed by North Health between 2026-01-08 and 2026-01-23",
        "North Health appoints the broker with Commerce",
        "the carrier",
    )
    assert rows["LastP3"][5] == "not attributed"
    assert "coverage ended on 2026-09-30" in str(rows["LastP3"][6])
    assert not Withheld.objects.filter(reason__contains=BEN).exists()


def test_what_is_ready_and_did_not_go_says_what_it_waits_for() -> None:
    world.carrier(world.SOUTH, name="South Health", tax_id="")
    world.sold("P1", at("10-05"))
    dumb, late = world.enrolled("P2", hios=world.SOUTH), world.enrolled("P3")
    for one, known_from in ((dumb, world.LONG_AGO), (late, at("11-01"))):
        world.associated(one)
        world.entry(one, known_from=known_from)
    close()
    rows = {row[0]: row[5:9] for row in sheets()["Not on this report, and why"]}
    assert rows == {
        "LastP2": (
            "ready",
            "not sent: the carrier tax id is missing",
            "sent once what is missing is mended",
            "the marketplace",
        ),
        "LastP3": (
            "ready",
            "waits for the next run to North Health",
            "reported for the month in which it is sent",
            "the marketplace",
        ),
    }


def test_a_broker_with_nothing_to_show_gets_no_report_and_each_only_his_own() -> None:
    world.broker(BEN, first_name="Ben")
    world.broker(world.CY, first_name="Cy")
    world.sold("P1", at("10-05"), ANA)
    world.sold("P2", at("10-05"), BEN)
    assert close().reports == 2
    for npn, policy in ((ANA, "P1"), (BEN, "P2")):
        month, to_date, *_ = sheets(npn).values()
        assert names(month) == names(to_date) == [f"Last{policy}"]
    assert {(line.report.npn, line.npn) for line in Line.objects.select_related("report")} == {(ANA, ANA), (BEN, BEN)}


def test_a_notice_says_that_a_report_waits_and_nothing_about_anyone() -> None:
    world.sold("P1", at("10-05"))
    close()
    notice = Notice.objects.get()
    assert notice.address == "ana@agency.example"
    assert not any(word in notice.subject + notice.body for word in ("LastP1", "FirstP1", "P1", "1980"))
