"""`aor compare` says of each row of an old report whether our record says the same, and if not, why."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook
from pytest_django.fixtures import Settings

from aor.acts import receive
from aor.audit.models import Act, Read
from aor.terms.actor import system
from aor.transmissions.models import Interchange
from tests import builders
from tests.builders import ANA, BEN, NORTH_STAR, Policy, enrollment_file

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 20, 18, tzinfo=UTC)
START = date(2026, 2, 1)
HEADINGS = (
    "Date Sent", "Enrollee Last Name", "Enrollee First Name", "Enrollee DOB", "Medical Carrier Name",
    "Medical EA Eff Date", "Broker Name", "Assister ID",
)  # fmt: skip
PEOPLE = {
    "S1": ("VANG", "KAYING", date(1984, 5, 2)),
    "S2": ("LINDQVIST", "BERIT", date(1971, 11, 30)),
    "S3": ("OKAFOR", "CHIDI", date(1990, 3, 14)),
    "S4": ("NOWAK", "ZOFIA", date(1962, 8, 9)),
    "S5": ("SILVA", "TOMAS", date(1979, 12, 24)),
}


@pytest.fixture
def market(home: Path, settings: Settings) -> Path:
    """Ana has S1 (may go), S2 (may go) and S5 (may go); S3 is Ben's, who is not appointed; S4 is nobody's."""
    settings.AOR_TIME_TRAVEL = True
    home.mkdir(parents=True, exist_ok=True)
    builders.carrier(send_days="daily", cutoff="12:00", profile="ffe")
    builders.broker(ANA)
    builders.broker(BEN, "Ben", appointed=())
    sent = NOW - timedelta(days=10)
    path = home / "enrollments.834"
    path.write_bytes(
        enrollment_file(
            *(
                Policy(
                    f"P{name[1]}",
                    name,
                    start=START,
                    last=last,
                    first=first,
                    birth=birth,
                    application=f"55000{name[1]}-1",
                )
                for name, (last, first, birth) in PEOPLE.items()
            ),
            sent=sent,
        )
    )
    for subscriber, npn in (("S1", ANA), ("S2", ANA), ("S5", ANA), ("S3", BEN)):
        builders.associated(subscriber, npn, date(2026, 1, 5))
    receive.receive(path, by=system("test"), now=sent)
    return home


def row(
    subscriber: str, *, npn: str = ANA, sent: str = "2026-01-20", start: str = "02/01/2026", **other: str
) -> list[str]:
    last, first, birth = PEOPLE[subscriber]
    return [
        sent,
        other.get("last", last),
        first,
        f"{birth:%m/%d/%Y}",
        other.get("carrier", "North Star Health"),
        start,
        "A",
        npn,
    ]


def report(folder: Path, *rows: list[str], headings: tuple[str, ...] = HEADINGS) -> Path:
    path = folder / "old.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([headings, *rows])
    return path


def compared(*paths: Path) -> Any:
    out = StringIO()
    call_command("compare", "--json", "--now", NOW.isoformat(), *map(str, paths), stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def kinds(document: Any) -> dict[str, str]:
    return {one["exchange_policy_id"] or f"line {one['line']}": one["kind"] for one in document["differences"]}


def test_each_row_is_the_same_or_says_why_not(market: Path, settings: Settings) -> None:
    settings.AOR_MODE = "shadow"
    document = compared(
        report(
            market,
            row("S1"),
            row("S2", start="01/01/2026"),
            row("S3", npn=BEN),
            row("S4"),
            row("S1", last="NOBODY-AT-ALL-LIKE-THIS"),
            row("S2", carrier="Prairie Dental Trust"),
        )
    )
    assert document["counts"]["same"] == 1
    assert kinds(document) == {
        "P2": "another effective date",
        "P3": "held here",
        "P4": "nobody here",
        "line 6": "consumer not found",
        "line 7": "no enrollment here",
        "P5": "not on the old report",
    }
    why = {one["exchange_policy_id"]: one["because"] for one in document["differences"]}
    assert "appointed" in why["P3"]
    assert why["P5"] == "ready here: goes with the next run"
    assert not Interchange.objects.exists()


def test_days_and_brokers_that_differ_are_told(market: Path) -> None:
    call_command("send", "--carrier", NORTH_STAR, "--now", NOW.isoformat(), stdout=StringIO(), stderr=StringIO())
    document = compared(report(market, row("S1", sent="2026-01-19"), row("S2", npn=BEN)))
    differences = {one["exchange_policy_id"]: one for one in document["differences"]}
    assert differences["P1"]["kind"] == "another day sent"
    assert (differences["P1"]["theirs"], differences["P1"]["ours"]) == ("2026-01-19", "2026-01-20")
    assert differences["P2"]["kind"] == "another broker here"
    assert ANA in differences["P2"]["because"]


def test_a_workbook_is_read_as_a_csv_is(market: Path) -> None:
    book = Workbook()
    assert book.active is not None
    for cells in (HEADINGS, row("S1")):
        book.active.append(cells)
    book["Sheet"]["A2"] = date(2026, 1, 20)
    book["Sheet"]["D2"] = datetime(1984, 5, 2)  # noqa: DTZ001 - as a cell holds it
    book.save(market / "old.xlsx")
    assert compared(market / "old.xlsx")["counts"]["same"] == 1


def test_no_person_is_named_and_reads_are_recorded(market: Path) -> None:
    document = compared(report(market, *(row(subscriber) for subscriber in PEOPLE)))
    told = json.dumps(document) + "".join(str(act) for act in Act.objects.values())
    assert not [last for last, _, _ in PEOPLE.values() if last in told]
    assert Read.objects.filter(purpose="aor compare").count() == len(PEOPLE)


def test_rows_that_cannot_be_read_are_told_by_line(market: Path) -> None:
    (file,) = compared(report(market, row("S1", sent="soon"), row("S2", npn="none"), row("S5")))["files"]
    assert [one["line"] for one in file["refused"]] == [2, 3]
    assert file["rows"] == 1


def test_a_file_that_is_no_report_is_refused_with_a_sentence(market: Path) -> None:
    with pytest.raises(CommandError, match="it has no column date sent"):
        compared(report(market, ["x"], headings=("Something",)))
    with pytest.raises(CommandError, match="there is no file"):
        compared(market / "nothing.csv")


def test_comparing_changes_nothing_and_can_be_done_again(market: Path) -> None:
    path = report(market, row("S1"), row("S3", npn=BEN))
    assert compared(path) == compared(path)
