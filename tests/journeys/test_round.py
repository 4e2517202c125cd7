"""The whole round: a report comes back with a question, an earlier date is asked and granted, the next report."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from pypdf import PdfReader
from pytest_django.fixtures import Settings

from aor.close import operations as close
from aor.discrepancies import answers, intake, queries
from aor.discrepancies import operations as discrepancies
from aor.discrepancies.tests import market
from aor.discrepancies.tests.market import BAO, BROKER, KAYING, NOON, OLA, PER
from aor.incidents import operations as incidents
from aor.incidents import queries as incident_facts
from aor.policy.retro import Outcome
from aor.reports import operations as reports
from aor.reports.models import Line
from aor.retro import due, rulings
from aor.retro import operations as retro
from aor.retro.queries import Fields
from aor.terms.actor import system
from aor.terms.month import Month
from aor.transmissions import operations as transmissions
from aor.transmissions.models import Interchange, TransactionSet
from aor.transmissions.tests import answers as carriers
from aor.workbooks import discrepancy_sheet
from tests.builders import ANA, BEN, NORTH_STAR

pytestmark = pytest.mark.django_db
BY = system("test")
HOUR = timedelta(hours=1)
MARCH_2, MARCH_3 = datetime(2026, 3, 2, 18, tzinfo=UTC), datetime(2026, 3, 3, 18, tzinfo=UTC)
FEBRUARY, MARCH = Month(2026, 2), Month(2026, 3)
CALC = ["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", "out"]


@pytest.fixture(autouse=True)
def town(tmp_path: Path, settings: Settings) -> None:
    """Bao's coverage was over before Ana's association with her counted; Kaying is Ana's, and sent."""
    settings.AOR_HOME = tmp_path / "home"
    market.opened(tmp_path / "enrollments.834")
    assert "P1" in sent(NOON)
    accepted(NOON + HOUR)


def sent(now: datetime) -> list[str]:
    """The policies of the sets that went to the carriers."""
    before = set(TransactionSet.objects.values_list("pk", flat=True))
    transmissions.send(by=BY, now=now)
    return list(TransactionSet.objects.exclude(pk__in=before).values_list("enrollment__policy_id", flat=True))


def accepted(now: datetime) -> None:
    """The carrier answers the latest file, and we read it."""
    number = Interchange.objects.count()
    carriers.leave(carriers.answer(Interchange.objects.latest("pk"), number=number, at=now), f"{number}.999")
    transmissions.collect(by=BY, now=now)


def report(month: Month, run: datetime, closed: datetime) -> bytes:
    """The month is closed; the workbook that Ana fetches."""
    transmissions.send(by=BY, now=run)
    assert close.close(month, by=BY, now=closed).state == "closed"
    return reports.hand_out(month, ANA, by=BROKER, purpose="own report", now=closed).content


def february() -> bytes:
    return report(FEBRUARY, datetime(2026, 2, 28, 23, tzinfo=UTC), MARCH_2)


def filled_in(content: bytes) -> bytes:
    """Ana writes Bao on the sheet for discrepancies."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    said = market.row(BAO)
    values = {**said, "birth_date": date.fromisoformat(said["birth_date"])}
    book[discrepancy_sheet.SHEET].append([values.get(column.name) for column in discrepancy_sheet.INPUTS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_libreoffice(content: bytes, folder: Path) -> bytes:
    """Opened by LibreOffice and saved anew."""
    (folder / "report.xlsx").write_bytes(content)
    words = ["soffice", f"-env:UserInstallation=file://{folder}/profile", *CALC, "report.xlsx"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True, timeout=240)
    return (folder / "out" / "report.xlsx").read_bytes()


PROGRAMS = [
    "openpyxl",
    pytest.param("libreoffice", marks=pytest.mark.skipif(not shutil.which("soffice"), reason="no LibreOffice here")),
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_from_a_report_to_the_next(program: str, tmp_path: Path) -> None:
    content = filled_in(february())
    if program == "libreoffice":
        content = by_libreoffice(content, tmp_path)
    received = intake.receive(content, name="returned.xlsx", npn=ANA, by=BROKER, now=MARCH_3)
    (receipt,) = received.receipts
    assert (receipt.receipt, receipt.place) == ("D-2026-000001", 1)
    assert receipt.determination == "association after the effective date"
    assert intake.receive(content, name="returned.xlsx", npn=ANA, by=BROKER, now=MARCH_3 + HOUR).again

    assert discrepancies.confirm_many({receipt.receipt: 1}, by=OLA, now=MARCH_3 + HOUR) == {}
    book = answers.answer(ANA, by=BROKER, purpose="own answer", now=MARCH_3 + 2 * HOUR)
    assert (book.cases, book.determined) == (1, 1)
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).active
    assert sheet is not None
    assert "association after the effective date" in [cell.value for cell in sheet[2]]
    (claim,) = queries.of_broker(ANA)
    discrepancies.agree(claim.case.number, by=BROKER, now=MARCH_3 + 3 * HOUR)

    number = granted(MARCH_3 + 4 * HOUR)
    assert sent(MARCH_3 + 7 * HOUR) == ["P5"]
    assert due.follow_carriers(by=BY, now=MARCH_3 + 8 * HOUR) == 0
    accepted(MARCH_3 + 9 * HOUR)
    assert due.follow_carriers(by=BY, now=MARCH_3 + 10 * HOUR) == 1
    assert retro.show(number, purpose="own request", by=BROKER, now=MARCH_3 + 11 * HOUR).outcome == "approved"

    report(MARCH, datetime(2026, 3, 31, 23, tzinfo=UTC), datetime(2026, 4, 1, 18, tzinfo=UTC))
    line = Line.objects.get(report__month="2026-03", report__npn=ANA, on_month=True)
    assert (line.policy_id, line.effective_from, line.date_sent) == ("P5", date(2026, 1, 1), MARCH_3.date())


def granted(now: datetime) -> str:
    """Ana asks for the earlier date with her agreement; it is denied, she appeals, and another officer grants it."""
    fields = Fields(
        ANA, BAO["last_name"], BAO["first_name"], date.fromisoformat(BAO["birth_date"]), NORTH_STAR, "HLT",
        effective_on=date(2026, 1, 1), enrolled_on=date(2025, 12, 5), enrolled_is="enrollment completed",
        because="paper application", agreement_on=date(2025, 12, 5), attested=True,
    )  # fmt: skip
    number = retro.submit(fields=fields, by=BROKER, now=now).number
    retro.add_evidence(
        number, content=b"%PDF", name="agreement.pdf", media_type="application/pdf", by=BROKER, now=now
    )
    denied = rulings.decide(
        number, version=1, outcome=Outcome.DENIED, because="the agreement cannot be read", by=OLA, now=now + HOUR
    )
    assert denied.decision.granted
    letter = retro.read_letter(number, purpose="own request", by=BROKER, now=now + HOUR)
    said = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(letter)).pages)
    assert "the agreement cannot be read" in " ".join(said.split())
    assert "The last day to appeal" in " ".join(said.split())
    assert rulings.appeal(number, version=2, by=BROKER, now=now + 2 * HOUR).granted
    heard = rulings.decide(number, version=3, outcome=Outcome.APPROVED, by=PER, now=now + 2 * HOUR)
    assert heard.decision.granted
    return number


def test_rows_of_a_report_whose_ids_were_taken_out_are_no_questions() -> None:
    """Ana sorts out the last columns, adds Bao under the rows that stand there, and types over nothing."""
    book = openpyxl.load_workbook(io.BytesIO(february()))
    for sheet in book.worksheets:
        headings = [cell.value for cell in sheet[1]]
        if sheet.title.startswith(("Sent in", "Year")):
            sheet.delete_cols(headings.index("Not my client?") + 1, 2)
    out = io.BytesIO()
    book.save(out)
    same = intake.read(out.getvalue(), npn=ANA, now=MARCH_3)
    assert (same.claims, len(same.notices)) == ((), 1)
    assert intake.read(out.getvalue(), npn=BEN, now=MARCH_3).claims  # of another's report they are no rows of ours
    received = intake.receive(filled_in(out.getvalue()), name="returned.xlsx", npn=ANA, by=BROKER, now=MARCH_3)
    assert len(received.receipts) == 1


def test_a_row_that_is_not_hers_goes_to_the_end(tmp_path: Path) -> None:
    """The report is withdrawn at once, Ana says that her copies are deleted, and a corrected one takes its place."""
    book = openpyxl.load_workbook(io.BytesIO(february()))
    sheet = next(one for one in book.worksheets if one.title.startswith("Sent in"))
    headings = [cell.value for cell in sheet[1]]
    assert "Not my client?" in headings
    sheet.cell(2, headings.index("Not my client?") + 1, "Yes")
    out = io.BytesIO()
    book.save(out)
    received = intake.receive(out.getvalue(), name="returned.xlsx", npn=ANA, by=BROKER, now=MARCH_3)
    assert (received.receipts, len(received.returned.incidents)) == ((), 1)
    (number,) = incidents.report_returned(received.returned, npn=ANA, batch=received.batch, by=BROKER, now=MARCH_3)
    with pytest.raises(reports.NoReport, match="withdrawn"):
        reports.hand_out(FEBRUARY, ANA, by=BROKER, purpose="own report", now=MARCH_3)
    incidents.attest(number, by=BROKER, now=MARCH_3 + HOUR)
    assert incident_facts.of_batch(received.batch) == [number]
    later = MARCH_3 + 2 * HOUR
    incidents.privacy_officer_told(number, by=OLA, now=later)
    incidents.begin(number, by=OLA, now=later)
    incidents.assess(number, wrong=True, breach=True, words="the wrong household", by=OLA, now=later)
    assert incidents.reissue(number, by=OLA, now=later) == [f"AOR-2026-02-{ANA}-2"]
    anew = reports.hand_out(FEBRUARY, ANA, by=BROKER, purpose="own report", now=later)
    named = {cell for one in openpyxl.load_workbook(io.BytesIO(anew.content)) for row in one.values for cell in row}
    assert not {KAYING["first_name"], KAYING["first_name"].upper()} & named
    assert incidents.close(number, version=1, by=OLA, now=later).granted
    assert sent(later + HOUR) == ["P1"]
    assert TransactionSet.objects.latest("pk").kind == "removal"
