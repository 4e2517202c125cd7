"""Statements: the reports' rows by broker and program, frozen at the close; who follows is never told."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from aor.audit import triggers
from aor.audit.models import Read
from aor.brokers.models import Agency, Broker
from aor.close import operations as close
from aor.close.steps import Wanted
from aor.close.tests import world
from aor.close.tests.world import ANA, BEN, BY, CY
from aor.engine import store
from aor.enrollments.models import Enrollment
from aor.notices.models import Notice
from aor.record.models import Entry
from aor.reports import changes, statement_pages, statements
from aor.reports.changes import Coverage, Kind
from aor.reports.models import Changed, Line, Report, Statement, StatementFile
from aor.reports.operations import NoReport
from aor.terms.actor import Actor, Role
from aor.terms.month import Month
from aor.transmissions.models import TransactionSet

SEPTEMBER, OCTOBER = Month(2026, 9), Month(2026, 10)
SEPTEMBER_END, OCTOBER_END = datetime(2026, 10, 1, 18, tzinfo=UTC), datetime(2026, 11, 1, 18, tzinfo=UTC)
AGENCY = "9000001"
BROKER = Actor(Role.BROKER, "ana", npn=ANA)
COVERED = Coverage("Vang", "Kaying", None, "North", date(2026, 1, 1), date(2027, 1, 1), cancelled=False)


def days(start: int, until: int) -> tuple[date, date]:
    return date(2026, start, 1), date(2027, 1, 1) if until == 13 else date(2026, until, 1)


@pytest.mark.parametrize(
    ("before", "after", "kind", "words"),
    [
        (None, days(2, 13), Kind.GAINED, "you are agent of record from 2026-02-01"),
        (days(2, 13), None, Kind.LOST, "you are not agent of record from 2026-02-01"),
        (days(2, 13), days(2, 6), Kind.LOST, "you are agent of record until 2026-05-31"),
        (days(4, 13), days(1, 13), Kind.CORRECTED, "you are agent of record from 2026-01-01, not from 2026-04-01"),
        (days(2, 6), days(2, 13), Kind.CORRECTED, "you are agent of record until 2026-12-31 again"),
    ],
)
def test_what_became_of_days_is_said_to_the_broker(
    before: changes.Days | None, after: changes.Days | None, kind: Kind, words: str
) -> None:
    found = changes.compare(before, after, COVERED)
    assert found is not None
    assert (found[0], found[2]) == (kind, words)


def test_an_end_with_the_coverage_is_no_loss() -> None:
    ended = Coverage("Vang", "Kaying", None, "North", date(2026, 1, 1), date(2026, 6, 1), cancelled=False)
    assert changes.compare(days(2, 13), days(2, 6), ended) == (
        Kind.ENDED, date(2026, 5, 31), "the coverage ends on 2026-05-31",
    )  # fmt: skip
    cancelled = Coverage("Vang", "Kaying", None, "North", date(2026, 1, 1), date(2026, 6, 1), cancelled=True)
    found = changes.compare(days(2, 13), None, cancelled)
    assert found is not None
    assert found[0] is Kind.ENDED


def test_what_stayed_and_what_never_was_is_no_change() -> None:
    assert changes.compare(days(2, 13), days(2, 13), COVERED) is None
    assert changes.compare(None, None, COVERED) is None


def test_assisted_or_not_is_never_guessed() -> None:
    assert statement_pages.program("HLT", "coverage") == "QHP medical"
    assert statement_pages.program("DEN", "coverage") == "QHP dental"
    assert statement_pages.program("HLT", "assisted/unassisted") == statement_pages.NOT_TOLD


@pytest.fixture
def market(unprotected: None) -> None:
    """Ana and Ben of one agency, Cy of none; Ana and Cy sold in September, Ana again in October, one dental."""
    world.carrier()
    for npn, name in ((ANA, "Ana"), (BEN, "Ben"), (CY, "Cy")):
        world.broker(npn, first_name=name)
    Broker.objects.exclude(npn=CY).update(agency_npn=AGENCY)
    Agency.objects.create(npn=AGENCY, name="Lake Agency", email="lake@agency.example", known_from=world.LONG_AGO)
    world.sold("P1", datetime(2026, 9, 10, 18, tzinfo=UTC))
    world.sold("P2", datetime(2026, 9, 11, 18, tzinfo=UTC), CY)
    world.run(datetime(2026, 9, 30, 22, tzinfo=UTC))
    closed(SEPTEMBER, SEPTEMBER_END)
    sent = datetime(2026, 10, 5, 18, tzinfo=UTC)
    world.sold("P3", sent)
    Enrollment.objects.filter(policy_id="P3").update(coverage_kind="DEN")
    news = Enrollment.objects.get(policy_id="P3")
    Entry.objects.filter(enrollment=news).update(known_from=sent)
    world.sold("P4", sent, BEN)
    triggers.install()


def closed(month: Month, now: datetime) -> None:
    world.run(now.replace(day=1, hour=4))
    result = close.close(month, by=BY, now=now, waivers=[Wanted("ALL_SENT", "not of this test", "officer 3")])
    assert result.state == "closed", result


def fetch(kind: str, npn: str, form: str = "pdf", month: Month = OCTOBER) -> bytes:
    return statements.hand_out(
        month, kind=kind, npn=npn, form=form, by=BROKER, purpose="own statement", now=OCTOBER_END
    ).content


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_the_close_publishes_one_statement_a_broker_and_an_agency(market: None) -> None:
    closed(OCTOBER, OCTOBER_END)
    numbers = Statement.objects.filter(month="2026-10").order_by("number").values_list("number", flat=True)
    assert list(numbers) == [
        f"AORS-2026-10-A{AGENCY}", f"AORS-2026-10-B{ANA}", f"AORS-2026-10-B{BEN}", f"AORS-2026-10-B{CY}",
    ]  # fmt: skip
    told = Notice.objects.filter(recipient_kind="agency").order_by("pk")
    assert [(one.recipient_id, one.address) for one in told] == [(AGENCY, "lake@agency.example")] * 2
    assert not StatementFile.objects.exists()
    assert statements.publish(OCTOBER, cut=OCTOBER_END, previous_cut=SEPTEMBER_END, now=OCTOBER_END) == 0


def test_a_statement_shows_the_report_s_rows_by_program_and_what_changed_apart(market: None) -> None:
    closed(OCTOBER, OCTOBER_END)
    texts = pages(fetch("broker", ANA))
    assert "QHP dental" in texts[0]
    assert "QHP medical" in texts[0]
    assert "LastP3" in texts[0]
    assert "LastP1" in texts[0]  # in the year to date
    assert "What changed" not in texts[0]
    assert "you are agent of record from 2026-03-01" in texts[-1].replace("\n", " ")
    assert "LastP3" in texts[-1]
    assert "LastP1" not in texts[-1]
    assert "LastP2" not in "".join(texts)


def test_the_first_statement_says_that_it_is_the_first(market: None) -> None:
    assert "This is the first statement" in fetch_text("broker", ANA, SEPTEMBER)
    closed(OCTOBER, OCTOBER_END)
    assert "This is the first statement" not in fetch_text("broker", ANA, OCTOBER)


def fetch_text(kind: str, npn: str, month: Month) -> str:
    return "".join(pages(fetch(kind, npn, month=month)))


def test_an_agency_s_statement_rolls_up_its_brokers_and_nobody_else(market: None) -> None:
    closed(OCTOBER, OCTOBER_END)
    book = load_workbook(io.BytesIO(fetch("agency", AGENCY, "xlsx")))
    assert book.sheetnames == ["In all", "Sent in October 2026", "Year to date", "What changed"]
    rows = [[cell.value for cell in row] for row in book["In all"].iter_rows()]
    assert rows[1:] == [
        [ANA, "Ana Broker", "QHP medical", "0", "1"],
        [ANA, "Ana Broker", "QHP dental", "1", "1"],
        [BEN, "Ben Broker", "QHP medical", "1", "1"],
        [None, "In all", None, "2", "3"],
    ]
    to_date = [row[7].value for row in book["Year to date"].iter_rows(min_row=2)]
    assert to_date == [ANA, ANA, BEN]
    assert CY not in fetch_text("agency", AGENCY, OCTOBER)


def test_rows_of_statement_and_report_are_the_same(market: None) -> None:
    closed(OCTOBER, OCTOBER_END)
    book = load_workbook(io.BytesIO(fetch("broker", ANA, "xlsx")))
    shown = {row[1].value for row in book["Sent in October 2026"].iter_rows(min_row=2)}
    report = Report.objects.get(month="2026-10", npn=ANA)
    assert shown == set(Line.objects.filter(report=report, on_month=True).values_list("last_name", flat=True))
    headings = [cell.value for cell in next(book["Year to date"].iter_rows(max_row=1))]
    assert headings[:8] == [
        "Date Sent", "Enrollee Last Name", "Enrollee First Name", "Enrollee DOB", "Medical Carrier Name",
        "Medical EA Eff Date", "Broker Name", "Assister ID",
    ]  # fmt: skip


def test_rendered_late_or_twice_it_is_the_same_even_after_a_correction(market: None) -> None:
    closed(OCTOBER, OCTOBER_END)
    row = Statement.objects.get(number=f"AORS-2026-10-B{ANA}")
    before = statements.render(row, "pdf"), statements.render(row, "xlsx")
    world.sold("P9", datetime(2026, 11, 5, 18, tzinfo=UTC))
    first = TransactionSet.objects.get(enrollment__policy_id="P1")
    world.answered(first, datetime(2026, 11, 6, 18, tzinfo=UTC), "rejected")
    closed(Month(2026, 11), datetime(2026, 12, 1, 18, tzinfo=UTC))
    assert Report.objects.filter(npn=ANA, issue=2).exists()
    assert (statements.render(row, "pdf"), statements.render(row, "xlsx")) == before
    november = fetch_text("broker", ANA, Month(2026, 11)).replace("\n", " ")
    assert "taken from the report of 2026-09" in november
    assert fetch("broker", ANA) == fetch("broker", ANA)
    assert StatementFile.objects.filter(statement=row).count() == 1
    assert store.verify(StatementFile.objects.get(statement=row).sha256) == ""


def test_what_is_no_longer_as_published_is_not_rendered(market: None) -> None:
    closed(OCTOBER, OCTOBER_END)
    triggers.lift()
    Changed.objects.filter(npn=ANA).update(words="something else")
    with pytest.raises(RuntimeError, match="no longer rests on what was published"):
        fetch("broker", ANA)


def test_a_lost_client_is_told_without_who_follows(market: None) -> None:
    taken = Entry.objects.get(enrollment__policy_id="P1")
    at = datetime(2026, 10, 20, 18, tzinfo=UTC)
    Entry.objects.filter(pk=taken.pk).update(known_until=at)
    for npn, start, until in (
        (ANA, taken.effective_from, date(2026, 11, 1)),
        (BEN, date(2026, 11, 1), date(2027, 1, 1)),
    ):
        Entry.objects.create(
            enrollment=taken.enrollment, npn=npn, effective_from=start, effective_until=until, in_standing=True,
            decision=taken.decision, cause="test", known_from=at,
        )  # fmt: skip
    closed(OCTOBER, OCTOBER_END)
    told = fetch_text("broker", ANA, OCTOBER).replace("\n", " ")
    assert "you are agent of record until 2026-10-31" in told
    assert BEN not in told
    assert "Ben" not in told
    assert Changed.objects.get(npn=BEN, enrollment=taken.enrollment).kind == "gained"


def test_who_may_have_no_report_gets_no_statement(market: None) -> None:
    closed(OCTOBER, OCTOBER_END)
    with pytest.raises(NoReport, match="no statement of 2026-10"):
        fetch("broker", "5555555")
    world.decertify(ANA, date(2026, 10, 20), known_from=datetime(2026, 10, 20, 18, tzinfo=UTC))
    with pytest.raises(NoReport, match="handed out"):
        fetch("broker", ANA)


def test_every_hand_out_is_recorded(market: None) -> None:
    closed(OCTOBER, OCTOBER_END)
    fetch("broker", ANA)
    read = Read.objects.get()
    assert (read.subject_id, read.what, read.actor_npn) == (f"AORS-2026-10-B{ANA}", "statement pdf", ANA)
