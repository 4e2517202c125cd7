"""A consumer who is not on the list rightly: withdrawn at once, assessed, corrected, and never on a report again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from tests.builders import ANA, BEN

from aor.acts import annul
from aor.associations.models import Association, Ending
from aor.audit.models import Act
from aor.cases import operations as cases
from aor.cases.models import Clock
from aor.discrepancies import intake
from aor.discrepancies.intake import Received
from aor.engine import faults, store
from aor.incidents import operations as incidents
from aor.incidents import queries
from aor.incidents.models import Incident, Row, Step
from aor.incidents.queries import CORRECTED
from aor.incidents.tests import market
from aor.incidents.tests.market import APRIL_1, BROKER, HOUR, OFFICER, OTHER_BROKER
from aor.notices.models import Notice
from aor.policy import incident as rules
from aor.policy.association import EndKind
from aor.policy.decision import Decision
from aor.reports import operations as reports
from aor.reports.models import Line, Report
from aor.terms.month import Month

pytestmark = pytest.mark.django_db
NOW = APRIL_1 + timedelta(days=1)
NOT_MINE = 9  # the column in which a broker says so
APRIL, MAY_1 = Month(2026, 4), datetime(2026, 5, 1, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def town(tmp_path: Path, settings: LazySettings) -> None:
    settings.AOR_HOME = tmp_path
    market.open_market(tmp_path)
    market.through_march()


def line(policy: str = "P1") -> Line:
    return Line.objects.get(report=market.report(), policy_id=policy)


def reported(*policies: str) -> str:
    lines = [line(one).pk for one in policies or ("P1",)]
    decision, number = incidents.report_rows(lines, npn=ANA, by=BROKER, now=NOW)
    assert decision.granted
    return number


def seen(npn: str = ANA, month: Month = market.MARCH) -> list[str]:
    """The policies on the month's sheet of the latest issue, and what its workbook names."""
    rows = Line.objects.filter(report=market.report(npn, month)).order_by("policy_id")
    return list(rows.values_list("policy_id", flat=True))


def clocks(number: str) -> dict[str, bool]:
    return {one.name: one.met_at is not None for one in Clock.objects.filter(case__number=number)}


def test_reporting_a_row_withdraws_the_report_within_the_hour() -> None:
    reports.hand_out(market.MARCH, ANA, by=BROKER, purpose="own report", now=APRIL_1 + HOUR)
    number = reported()
    assert number == "I-2026-000001"
    with pytest.raises(reports.NoReport, match="withdrawn"):
        reports.hand_out(market.MARCH, ANA, by=BROKER, purpose="own report", now=NOW)
    assert clocks(number) == {
        "report withdrawn": True, "privacy officer told": False, "assessment": False, "corrected report": False,
    }  # fmt: skip
    file = incidents.read_file(number, purpose="incident", by=OFFICER, now=NOW)
    assert [(one.report, one.name, one.npn, one.at) for one in file.given] == [
        ("AOR-2026-03-7000001-1", "ana", ANA, APRIL_1 + HOUR)
    ]
    assert file.reports == ("AOR-2026-03-7000001-1",)
    assert Notice.objects.filter(kind="incident", recipient_id=ANA, subject__contains="delete").count() == 1
    hours = {one.name: one.due_at - NOW for one in Clock.objects.filter(case__number=number)}
    assert hours["report withdrawn"] == HOUR
    assert hours["privacy officer told"] == 24 * HOUR
    assert hours["assessment"] == 72 * HOUR
    assert hours["corrected report"] > timedelta(days=5)


def test_a_named_privacy_officer_is_told_at_once(settings: LazySettings) -> None:
    settings.AOR_PRIVACY_OFFICER = "privacy@example.org"
    assert clocks(reported())["privacy officer told"]
    assert Notice.objects.get(kind="privacy incident").address == "privacy@example.org"


def test_a_row_of_another_brokers_report_is_refused_and_nothing_is_withdrawn() -> None:
    other = Line.objects.filter(report__npn=BEN)[0]
    decision, number = incidents.report_rows([other.pk], npn=ANA, by=BROKER, now=NOW)
    assert (number, [one.rule for one in decision.unmet]) == ("", ["INCIDENT_ROW"])
    assert not Incident.objects.exists()
    with pytest.raises(cases.Refused):
        incidents.attest(reported(), by=OTHER_BROKER, now=NOW)


def test_every_later_report_that_carried_the_row_is_found() -> None:
    market.send(MAY_1 - timedelta(days=10))
    market.designate("S3", ANA, MAY_1 - timedelta(days=9))
    market.closed(APRIL, MAY_1)
    decision, number = incidents.report_rows([line().pk], npn=ANA, by=BROKER, now=MAY_1 + HOUR)
    assert decision.granted
    assert incidents.read_file(number, purpose="incident", by=OFFICER, now=MAY_1 + HOUR).reports == (
        "AOR-2026-03-7000001-1", "AOR-2026-04-7000001-1",
    )  # fmt: skip


def whole(number: str, *, wrong: bool, now: datetime = NOW) -> list[str]:
    incidents.privacy_officer_told(number, by=OFFICER, now=now)
    incidents.begin(number, by=OFFICER, now=now)
    incidents.assess(number, wrong=wrong, breach=wrong, words="the wrong household", by=OFFICER, now=now)
    return incidents.reissue(number, by=OFFICER, now=now)


def test_a_wrong_agent_of_record_is_corrected_with_the_carrier_and_leaves_every_report() -> None:
    number = reported()
    assert whole(number, wrong=True) == ["AOR-2026-03-7000001-2"]
    assert seen() == ["P2"]
    assert market.entries() == [(BEN, date(2026, 2, 1), date(2027, 1, 1))]
    assert [one[:3] for one in market.send(NOW + HOUR)] == [("P1", BEN, "2026-04-01")]
    handed = reports.hand_out(market.MARCH, ANA, by=BROKER, purpose="own report", now=NOW + HOUR)
    book = openpyxl.load_workbook(BytesIO(handed.content))
    text = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    assert "VANG" not in text.upper()
    assert "LEE" in text.upper()
    assert number in text
    assert Notice.objects.filter(kind="privacy incident", recipient_id="S1").count() == 1
    market.closed(APRIL, MAY_1)
    assert not Line.objects.filter(report__month="2026-04", npn=ANA, policy_id="P1").exists()


def test_killed_between_two_corrected_reports_it_goes_on_with_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(name: str) -> None:
        if name == "incident:reissued":
            raise Killed

    market.send(MAY_1 - timedelta(days=10))
    market.designate("S3", ANA, MAY_1 - timedelta(days=9))
    market.closed(APRIL, MAY_1)
    number = incidents.report_rows([line().pk], npn=ANA, by=BROKER, now=MAY_1 + HOUR)[1]
    monkeypatch.setattr(faults, "reached", dies)
    with pytest.raises(Killed):
        whole(number, wrong=True, now=MAY_1 + HOUR)
    monkeypatch.undo()
    first = Report.objects.get(issue=2)
    assert not Step.objects.filter(kind=CORRECTED).exists()
    both = ["AOR-2026-03-7000001-2", "AOR-2026-04-7000001-2"]
    assert incidents.reissue(number, by=OFFICER, now=MAY_1 + 2 * HOUR) == both
    assert incidents.reissue(number, by=OFFICER, now=MAY_1 + 3 * HOUR) == both
    assert list(Report.objects.filter(issue__gt=1).order_by("month").values_list("number", flat=True)) == both
    assert Report.objects.get(number=both[0]).pk == first.pk
    assert sorted(Step.objects.filter(kind=CORRECTED).values_list("about", flat=True)) == both
    assert not Report.objects.filter(issue=2, workbook=None).exists()


class Killed(BaseException):
    """As a power cut: no handler of ours sees it."""


@pytest.mark.parametrize("goes_on", ["worker", "officer"])
def test_killed_between_two_sets_of_associations_the_rest_is_annulled_once(
    monkeypatch: pytest.MonkeyPatch, goes_on: str
) -> None:
    def dies(name: str) -> None:
        if name == "incident:annulled":
            raise Killed

    number = reported("P1", "P2")
    monkeypatch.setattr(incidents, "AT_ONCE", 1)
    monkeypatch.setattr(faults, "reached", dies)
    with pytest.raises(Killed):
        incidents.assess(number, wrong=True, breach=True, words="both", by=OFFICER, now=NOW)
    monkeypatch.undo()
    undone = Ending.objects.filter(kind=EndKind.UNDONE.value)
    assert undone.count() == 1
    with pytest.raises(cases.Refused, match="done before"):
        incidents.assess(number, wrong=False, breach=False, words="again", by=OFFICER, now=NOW)
    if goes_on == "worker":
        assert incidents.correct(now=NOW + HOUR) == 1
        assert incidents.correct(now=NOW + 2 * HOUR) == 0
    assert incidents.reissue(number, by=OFFICER, now=NOW + 2 * HOUR) == ["AOR-2026-03-7000001-2"]
    assert sorted(undone.values_list("association__subscriber_id", flat=True)) == ["S1", "S2"]
    assert seen() == []
    assert market.entries("P1") == [(BEN, date(2026, 2, 1), date(2027, 1, 1))]
    assert market.entries("P2") == []
    annulled = Act.objects.filter(verb="association.annulled")
    assert sorted(annulled.values_list("subject_id", "actor_name")) == [("S1", "ola"), ("S2", "ola")]
    told = Notice.objects.filter(kind="broker restored").values_list("recipient_id", flat=True)
    assert sorted(told) == ["S1", "S2"]
    assert incidents.correct(now=NOW + 3 * HOUR) == 0


def test_many_associations_are_annulled_by_as_many_queries_as_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    market.designate("S3", ANA, NOW - HOUR)
    own = {one.subscriber_id: one.pk for one in Association.objects.filter(npn=ANA)}
    decision = Decision.of(rules.incident_row(True))

    def annulled(*subscribers: str) -> int:
        wanted = [own[one] for one in subscribers]
        return annul.annul_many(wanted, source="incident I-1", decision=decision, by=OFFICER, now=NOW)

    with CaptureQueriesContext(connection) as one:
        assert annulled("S1") == 1  # the only one whose earlier broker is restored
    with django_assert_max_num_queries(len(one)):
        assert annulled("S1", "S2", "S3") == 2
    assert annulled("S1", "S2", "S3") == 0


def test_a_right_one_comes_back_in_a_new_issue() -> None:
    number = reported()
    assert whole(number, wrong=False) == ["AOR-2026-03-7000001-2"]
    assert seen() == ["P1", "P2"]
    assert market.entries()[-1][0] == ANA
    assert reports.hand_out(market.MARCH, ANA, by=BROKER, purpose="own", now=NOW).issue == 2


def test_an_incident_closes_when_every_step_is_done_and_not_before() -> None:
    number = reported()
    with pytest.raises(cases.Refused, match="not assessed"):
        incidents.reissue(number, by=OFFICER, now=NOW)
    whole(number, wrong=True)
    refused = incidents.close(number, version=1, by=OFFICER, now=NOW)
    assert [one.because for one in refused.unmet] == [f"deletion attested by {ANA}: not done"]
    incidents.attest(number, by=BROKER, now=NOW)
    incidents.attest(number, by=BROKER, now=NOW + HOUR)
    assert incidents.close(number, version=1, by=OFFICER, now=NOW).granted
    assert all(clocks(number).values())
    with pytest.raises(cases.Refused, match="done before"):
        incidents.begin(number, by=OFFICER, now=NOW)


def returned(*marks: tuple[int, int, str]) -> Received:
    """The published workbook comes back with some cells of its first sheet written."""
    with store.open_document(market.report().workbook or "") as file:
        book = openpyxl.load_workbook(BytesIO(file.read()))
    for row, column, text in marks:
        book.worksheets[0].cell(row, column, text)
    out = BytesIO()
    book.save(out)
    return intake.receive(out.getvalue(), name="returned.xlsx", npn=ANA, by=BROKER, now=NOW)


def opened(received: Received, now: datetime = NOW) -> list[str]:
    return incidents.report_returned(received.returned, npn=ANA, batch=received.batch, by=BROKER, now=now)


def test_rows_marked_in_a_returned_workbook_open_one_incident_and_none_is_lost() -> None:
    received = returned((2, NOT_MINE, "Yes"), (3, NOT_MINE, "not my client"))
    assert len(received.returned.incidents) == 2
    (number,) = opened(received)
    assert opened(received, NOW + HOUR) == [number]
    rows = [one.line for one in Row.objects.order_by("place")]
    assert [(one.report, one.policy_id) for one in rows if one] == [
        (market.report(), "P2"), (market.report(), "P1"),
    ]  # fmt: skip
    assert received.receipts == ()


def test_a_row_that_nobody_can_tell_is_placed_by_an_officer() -> None:
    (number,) = opened(returned((40, NOT_MINE, "Yes")))
    assert queries.unplaced(queries.incident(number)) == [1]
    assert not clocks(number)["report withdrawn"]
    with pytest.raises(cases.Refused):
        incidents.place(number, row=2, line=line().pk, by=OFFICER, now=NOW)
    incidents.place(number, row=1, line=line().pk, by=OFFICER, now=NOW)
    assert clocks(number)["report withdrawn"]
    assert queries.unplaced(queries.incident(number)) == []


def test_a_file_without_such_rows_opens_nothing() -> None:
    assert opened(returned()) == []
    assert not Incident.objects.exists()


def test_a_row_that_is_on_no_report_and_a_broker_who_is_gone_do_not_keep_an_incident_open() -> None:
    (number,) = opened(returned((40, NOT_MINE, "Yes")))
    with pytest.raises(cases.Refused):
        incidents.not_found(number, row=1, words=" ", by=OFFICER, now=NOW)
    incidents.not_found(number, row=1, words="nobody on the sheets", by=OFFICER, now=NOW)
    assert clocks(number)["report withdrawn"]
    assert whole(number, wrong=False) == []
    with pytest.raises(cases.Refused):
        incidents.attested_in_writing(number, npn=BEN, words="by letter", by=OFFICER, now=NOW)
    incidents.attested_in_writing(number, npn=ANA, words="by letter", by=OFFICER, now=NOW)
    with pytest.raises(cases.Refused, match="attested before"):
        incidents.attested_in_writing(number, npn=ANA, words="by letter", by=OFFICER, now=NOW)
    assert incidents.close(number, version=1, by=OFFICER, now=NOW).granted
