"""A month closes when everything has gone, balances to the row, and says to each broker what is his."""

from __future__ import annotations

from datetime import date

import pytest
from django.conf import settings
from django.db import transaction

from aor.audit.models import Read
from aor.close import operations, queries
from aor.close.models import Close, Waiver
from aor.close.steps import Progress, Wanted
from aor.close.tests import world
from aor.close.tests.closing import DECEMBER, NOVEMBER, OCTOBER, at, cell, close, names, sheets, sums
from aor.close.tests.world import ANA, BEN, BY, NORTH, SOUTH
from aor.notices.models import Notice
from aor.policy.report import Order
from aor.reports import operations as reports
from aor.reports.models import Accounted, Line, Report
from aor.terms.month import Month

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]


def test_a_month_closes_with_a_report_of_what_was_sent() -> None:
    world.sold("P1", at("10-05"))
    result = close()
    assert (result.state, result.blockers, result.reports) == ("closed", (), 1)
    assert sums(result) == sums(result, NORTH) == (1, 0, 1, 0, 0)
    month, to_date, missing, *_ = sheets().values()
    row = (cell(2026, 10, 5), "LastP1", "FirstP1", cell(1980, 4, 5), "North Health", cell(2026, 3, 1))
    assert month[0][:8] == (*row, "Ana Broker", ANA)
    assert to_date[0][:8] == month[0][:8]
    assert "LastP1" not in names(missing, 0)


def test_run_twice_it_changes_nothing() -> None:
    world.sold("P1", at("10-05"))
    first = close()
    before = (Report.objects.count(), Line.objects.count(), Notice.objects.count())
    assert close(now="11-20") == first
    assert (Report.objects.count(), Line.objects.count(), Notice.objects.count()) == before


def test_a_dry_run_says_the_same_and_writes_nothing() -> None:
    world.sold("P1", at("10-05"))
    said = operations.preview(OCTOBER, now=at("11-02"))
    assert not Close.objects.exists()
    assert not Report.objects.exists()
    done = close(now="11-02")
    assert (said.state, said.sums, said.reports, said.hash) == (done.state, done.sums, done.reports, done.hash)


def test_months_close_in_order_and_an_empty_one_closes_too() -> None:
    world.sold("P1", at("10-05"))
    for month, because in (
        (Month(2026, 9), "nothing was handed over up to the end of 2026-09"),
        (NOVEMBER, "2026-10 comes before 2026-11"),
        (Month(2027, 3), "2027-03 has not begun"),
    ):
        result = close(month, "12-20")
        assert result.state == "blocked"
        assert because in result.blockers[0].because
    assert close(now="12-20").state == "closed"
    assert sums(close(NOVEMBER, "12-20")) == (0, 0, 0, 0, 0)
    late = close(Month(2026, 9), "12-20")
    assert "2026-09 comes before 2026-12" in late.blockers[0].because


def test_nothing_closes_before_the_first_hand_over() -> None:
    assert "nothing was handed over" in close().blockers[0].because


def test_the_first_month_is_that_of_the_earliest_first_hand_over_wherever_it_stands() -> None:
    for policy, day in (("P1", "11-05"), ("P2", "10-05"), ("P3", "11-06")):
        world.sold(policy, at(day))
    assert queries.order(at("11-10")) == Order(first=OCTOBER, first_live=OCTOBER)


def test_a_hand_over_that_was_rejected_makes_no_first_month() -> None:
    rejected = world.sold("P1", at("10-05"))
    world.answered(rejected, at("10-06"), "rejected")
    world.handed_over(rejected.enrollment, at("12-01"))
    world.sold("P2", at("11-06"))
    assert queries.order(at("12-10")) == Order(first=NOVEMBER, first_live=NOVEMBER)


def test_what_an_enrollment_file_told_before_go_live_begins_no_live_month() -> None:
    accepted = at("11-03")
    world.sold("P1", at("11-05"), accepted_at=accepted)
    told = world.enrolled("P2", sent_at=at("10-05"), accepted_at=accepted, mentions=ANA)
    world.associated(told)
    world.entry(told)
    assert queries.order(at("11-10")) == Order(first=OCTOBER, first_live=NOVEMBER)


def test_what_is_ready_and_not_handed_over_blocks_until_it_goes_or_is_waived() -> None:
    world.sold("P1", at("10-05"))
    waits = world.enrolled("P2")
    world.associated(waits)
    world.entry(waits)
    result = close()
    (finding,) = result.blockers
    assert (finding.rule, finding.met) == ("ALL_SENT", False)
    assert "11111: 1 ready by 2026-10-31 and not handed over" in finding.because
    assert result.details == {"waiting": {NORTH: ["P2"]}}
    assert close(waivers=[Wanted("ALL_SENT", "carrier down", "Officer O.")]).state == "closed"
    (waiver,) = Waiver.objects.all()
    assert (waiver.rule, waiver.because, waiver.by) == ("ALL_SENT", "carrier down", "Officer O.")


def test_late_ones_that_went_in_the_next_month_no_longer_block() -> None:
    world.sold("P1", at("10-05"))
    waits = world.enrolled("P2")
    world.entry(waits)
    assert close().state == "blocked"
    world.handed_over(waits, at("11-02"))
    assert sums(close(now="11-03")) == (1, 0, 1, 0, 0)
    assert sums(close(NOVEMBER)) == (1, 0, 1, 0, 0)


def test_what_cannot_be_balanced_cannot_be_waived() -> None:
    world.sold("P1", at("10-05"))
    with pytest.raises(ValueError, match="BALANCED cannot be waived"):
        close(waivers=[Wanted("BALANCED", "please", "Officer O.")])


def test_a_month_closes_though_the_clock_went_back_behind_its_last_run() -> None:
    world.carrier(SOUTH, name="South Dental", send_days="SA")
    world.sold("P1", at("10-31 18"), hios=SOUTH)
    world.run(at("10-31 15"))
    world.run(at("10-31 18"), SOUTH)
    assert operations.preview(OCTOBER, now=at("10-31 17")).blockers == ()
    assert sums(close(now="10-31 17")) == (1, 0, 1, 0, 0)


def test_no_workbook_is_given_out_of_a_month_whose_tables_do_not_balance() -> None:
    """They are rendered while the rest is published, and the tables are asked after that."""
    world.sold("P1", at("10-05"))

    def spoil(words: str) -> None:
        if words == "1 of 1 brokers":
            line = Line.objects.get()
            line.pk, line.effective_from = None, date(2026, 4, 1)
            line.save(force_insert=True)

    result = close(progress=spoil)
    assert (result.state, [one.rule for one in result.blockers]) == ("blocked", ["BALANCED"])
    assert [row.workbook for row in Report.objects.all()] == [None]
    assert not [path for path in (settings.AOR_HOME / "documents").rglob("*") if path.is_file()]
    with pytest.raises(reports.NoReport):
        reports.hand_out(OCTOBER, ANA, by=BY, purpose="test", now=at("11-02"))


def test_a_month_with_a_send_day_to_come_does_not_close() -> None:
    world.sold("P1", at("10-05"))
    assert "still to come" in close(now="10-20").blockers[0].because


def test_a_month_closes_on_its_last_send_day_only_after_that_day_s_run() -> None:
    world.sold("P1", at("10-05"))
    world.carrier(SOUTH, name="South Dental", send_days="SA")
    world.run(at("10-31 15"))
    (blocker,) = close(now="10-31 16").blockers
    assert blocker.because == f"{SOUTH}: its last run of the month, on 2026-10-31, is still to come"
    world.run(at("10-31 18"), SOUTH)
    assert sums(close(now="10-31 19")) == (1, 0, 1, 0, 0)


def test_sends_after_the_last_run_are_carried_into_the_next_month() -> None:
    world.carrier(SOUTH, name="South Dental", send_days="FR")
    world.sold("P1", at("10-05"))
    world.sold("P2", at("10-30 18"), hios=SOUTH)
    world.run(at("10-30 18"), SOUTH)  # Friday: its last scheduled run
    world.sold("P3", at("10-31"), hios=SOUTH)
    result = close()
    assert sums(result, SOUTH) == (2, 0, 1, 0, 1)
    month, to_date, *_ = sheets().values()
    assert names(month) == ["LastP1", "LastP2"]
    assert names(to_date) == ["LastP1", "LastP2", "LastP3"]
    assert sums(close(NOVEMBER), SOUTH) == (0, 1, 1, 0, 0)
    month, to_date, *_ = sheets(month=NOVEMBER).values()
    assert names(month) == ["LastP3"]
    assert names(to_date) == ["LastP1", "LastP2", "LastP3"]


def test_the_year_to_date_shows_what_was_first_published_and_no_later_change() -> None:
    one = world.sold("P1", at("10-05"))
    close()
    enrollment = one.enrollment
    enrollment.last_name = "Changed"
    enrollment.save()
    world.sold("P2", at("11-05"))
    close(NOVEMBER)
    _, to_date, *_ = sheets(month=NOVEMBER).values()
    assert names(to_date) == ["LastP1", "LastP2"]


def test_an_opening_balance_is_no_send_and_stands_on_the_year_to_date() -> None:
    of = world.enrolled("P1")
    world.entry(of)
    world.opening_balance(of, date(2026, 2, 20))
    world.sold("P2", at("10-05"))
    assert sums(close()) == (1, 0, 1, 0, 0)
    month, to_date, *_ = sheets().values()
    assert names(month) == ["LastP2"]
    assert to_date[0][:2] == (cell(2026, 2, 20), "LastP1")


def test_a_mention_in_an_enrollment_file_learned_late_is_carried_in() -> None:
    world.sold("P1", at("10-05"))
    assert sums(close(now="11-02")) == (1, 0, 1, 0, 0)
    of = world.enrolled("P2", start=date(2026, 12, 1), sent_at=at("10-20"), mentions=ANA, accepted_at=at("11-10"))
    world.entry(of)
    assert sums(close(NOVEMBER)) == (0, 1, 1, 0, 0)
    month, *_ = sheets(month=NOVEMBER).values()
    assert month[0][0] == cell(2026, 10, 20)


def test_a_rejected_send_is_an_exception_until_it_goes_again() -> None:
    one = world.sold("P1", at("10-05"))
    world.answered(one, at("10-06"), "rejected")
    world.sold("P2", at("10-07"))
    assert sums(close()) == (2, 0, 1, 1, 0)
    assert list(Accounted.objects.filter(outcome="excepted").values_list("reason", flat=True)) == ["rejected"]
    _, _, missing, *_ = sheets().values()
    assert names(missing, 0) == ["LastP1"]
    assert missing[0][5] == "rejected"
    assert sums(close(NOVEMBER)) == (0, 0, 0, 0, 0)
    world.handed_over(one.enrollment, at("12-03"))
    assert sums(close(DECEMBER)) == (1, 0, 1, 0, 0)


def test_unanswered_sets_are_reported_and_counted() -> None:
    world.sold("P1", at("10-05"))
    world.answered(world.sold("P2", at("10-05")), at("10-06"))
    assert close().unanswered == 1


class Interrupted(Exception):
    """What a power cut is to a test."""


def interrupted_at(step: int) -> Progress:
    """Progress that stops a close when it has told so many steps; None of them is told twice."""
    told: list[str] = []

    def progress(words: str) -> None:
        told.append(words)
        if len(told) == step:
            raise Interrupted(words)

    return progress


def left_behind() -> dict[str, list[object]]:
    """Everything that a close leaves, but for keys and acts."""
    return {
        "reports": list(Report.objects.order_by("number").values_list("number", "lines_sha256", "workbook")),
        "lines": list(Line.objects.order_by("enrollment_id").values_list("enrollment_id", "npn", "on_month")),
        "accounted": list(Accounted.objects.order_by("enrollment_id").values_list("enrollment_id", "outcome")),
        "notices": list(Notice.objects.order_by("dedupe_key").values_list("dedupe_key", flat=True)),
        "closes": list(
            Close.objects.order_by("month").values_list("month", "state", "cut", "sums", "hash", "reports")
        ),
    }


def test_interrupted_after_any_step_it_resumes_and_ends_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aor.close.steps.BROKERS_AT_ONCE", 1)
    world.broker(BEN, first_name="Ben")
    rejected_late = world.sold("P0", at("9-05"), ANA)
    assert close(Month(2026, 9)).state == "closed"
    world.sold("P1", at("10-05"), ANA)
    world.sold("P2", at("10-06"), BEN)
    world.answered(rejected_late, at("10-20"), "rejected")
    expected, stopped = None, []
    for step in range(30):
        with transaction.atomic():
            try:
                close(now="11-02", progress=interrupted_at(step))
            except Interrupted as where:
                stopped.append(str(where))
                assert close(now="11-04").state == "closed"
            expected = expected or left_behind()
            assert left_behind() == expected
            transaction.set_rollback(True)
    assert len(set(stopped)) == len(stopped) > 5, stopped


def test_a_stored_workbook_is_handed_out_on_record() -> None:
    world.sold("P1", at("10-05"))
    close()
    found = reports.hand_out(OCTOBER, ANA, by=BY, purpose="test", now=at("11-05"))
    assert found.name == f"AOR-report-2026-10-{ANA}.xlsx"
    assert found.content[:2] == b"PK"
    (read,) = Read.objects.all()
    assert (read.subject_id, read.actor_name) == (f"AOR-2026-10-{ANA}-1", "test")
    world.decertify(ANA, date(2026, 11, 10), known_from=at("11-10"))
    for month, npn, because in (
        (OCTOBER, ANA, "is decertified"),
        (OCTOBER, BEN, f"for NPN {BEN}"),
        (NOVEMBER, ANA, "no report of 2026-11"),
    ):
        with pytest.raises(reports.NoReport, match=because):
            reports.hand_out(month, npn, by=BY, purpose="test", now=at("11-12"))
