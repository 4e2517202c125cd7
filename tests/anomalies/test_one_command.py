"""One command killed at one point and repeated, in a town of six: small, so that planted faults are soon found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from aor.demo.carrier import Manner, SimulatedCarrier
from aor.x12.envelope import TransactionSet
from aor.x12.guides.x231a1 import SegmentError, SetVerdict
from tests.anomalies import town
from tests.anomalies.market import differences
from tests.anomalies.program import Place, Program, Ran, copied
from tests.anomalies.town import NOW

SEND = ("send", "--carrier", town.CARRIER.hios)
LATER = NOW + timedelta(days=11)


@contextmanager
def lived(empty: Place, folder: Path) -> Iterator[Program]:
    """A town of six, of which nothing was sent yet."""
    folder.mkdir()
    with copied(empty, folder / "home") as place, Program(place) as program:
        town.found(program, folder / "files", count=6, associated=True)
        yield program


def killed(program: Program, *words: object, point: str) -> None:
    ran = program.aor(*words, now=NOW, fault=point)
    assert ran.killed, ran.err
    program.place.wait_for_the_dead()


def done(ran: Ran) -> Any:
    assert ran.code == 0, ran.out + ran.err
    return ran.document


def outcome(program: Program) -> dict[str, Any]:
    """What stands once the month is closed."""
    done(program.aor("send", now=NOW + timedelta(hours=1)))
    closed = done(program.aor("close", "2026-01", now=LATER))
    stands = program.call("tests.anomalies.standing:standing")
    del stands["enrollments"], stands["workbooks"], stands["cuts"]
    files = program.place.home.glob("mailboxes/*/to-carrier/*")
    done(program.aor("verify", now=LATER + timedelta(hours=1)))
    return {**stands, "closed": closed, "files": {file.name: file.read_bytes() for file in files}}


POINTS = [
    "send:composed", "send:stored", "send:committed", "send:attempted", "mailbox written", "mailbox renamed",
    "send:put", "send:handed-over",
]  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(empty: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with lived(empty, tmp_path_factory.mktemp("undisturbed") / "town") as program:
        done(program.aor(*SEND, now=NOW))
        return outcome(program)


@pytest.mark.parametrize("point", POINTS)
def test_send_killed_hands_over_once(point: str, empty: Place, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    with lived(empty, tmp_path / "town") as program:
        killed(program, *SEND, point=point)
        done(program.aor(*SEND, now=NOW))
        found = outcome(program)
    assert not differences(undisturbed, found)
    [content] = found["files"].values()
    assert content.count(b"~ST*834*") == 6


@pytest.mark.parametrize("point", ["receive:begun", "receive:accepted", "settle:folded", "settle:attributed"])
def test_receive_killed_leaves_every_household_decided_and_the_receipt_journaled(
    point: str, empty: Place, tmp_path: Path
) -> None:
    more = tmp_path / "more.834"
    more.write_bytes(town.enrollments([20, 21], isa13=777, sent_at=town.SOLD))
    told = []
    for name, faults in (("undisturbed", []), ("killed", [point])):
        with lived(empty, tmp_path / name) as program:
            chosen = [town.association(number, town.BROKERS[0], "2026-01-10") for number in (20, 21)]
            town.learn(program, tmp_path, "associations", chosen, now=NOW)
            for fault in faults:
                killed(program, "receive", more, point=fault)
            done(program.aor("receive", more, now=NOW))
            told.append(outcome(program))
    assert len(told[0]["entries"]) == 8
    assert not differences(*told)


@pytest.mark.parametrize("point", ["send:stored", "send:committed", "mailbox written", "send:put"])
def test_resend_killed_sends_no_second_interchange(point: str, empty: Place, tmp_path: Path) -> None:
    with lived(empty, tmp_path / "town") as program:
        [first] = done(program.aor(*SEND, now=NOW))["interchanges"]
        killed(program, "resend", "--isa13", first["isa13"], point=point)
        program.aor("resend", "--isa13", first["isa13"], now=NOW)
        done(program.aor("send", now=NOW + timedelta(hours=1)))
        files = list(program.place.home.glob("mailboxes/*/to-carrier/*"))
        assert [file.read_bytes().count(b"~ST*834*") for file in files] == [6, 6]
        done(program.aor("verify", now=LATER))


@dataclass
class Refuser(SimulatedCarrier):
    """Rejects every set but the first, within a day."""

    def _manner(self, random: Random) -> Manner:
        return Manner.PROMPT

    def _verdict(self, isa13: str, one: TransactionSet, random: Random) -> SetVerdict:
        if not self.rejected:
            self.rejected.append((isa13, one.st02))
            return SetVerdict(one.st02)
        return SetVerdict(one.st02, "R", (SegmentError("REF", 5, "8", "", 2, "127", "7", "X"),))


@pytest.mark.parametrize("point", ["close:correct", "close:publish"])
def test_close_killed_corrects_what_was_published_before_once(point: str, empty: Place, tmp_path: Path) -> None:
    march = datetime.fromisoformat("2026-03-03T16:00:00Z")
    told = []
    for name, faults in (("undisturbed", []), ("killed", [point])):
        with lived(empty, tmp_path / name) as program:
            done(program.aor(*SEND, now=NOW))
            done(program.aor("close", "2026-01", now=LATER))
            carrier = Refuser(town.CARRIER.hios, program.place.home / "mailboxes" / town.CARRIER.hios, 1)
            assert carrier.take(LATER) == 1
            assert carrier.answer(LATER + timedelta(days=2)) == 1
            program.aor("collect", now=LATER + timedelta(days=2))
            for fault in faults:
                ran = program.aor("close", "2026-02", now=march, fault=fault)
                assert ran.killed, ran.out + ran.err
                program.place.wait_for_the_dead()
            closed = done(program.aor("close", "2026-02", now=march))
            done(program.aor("verify", now=march + timedelta(hours=1)))
            stands = program.call("tests.anomalies.standing:standing")
            del stands["enrollments"], stands["workbooks"], stands["cuts"]
            told.append({**stands, "closed": closed["state"]})
    assert len({number for number, issue, *_ in told[0]["reports"] if issue > 1}) > 1
    assert not differences(*told)


def returned(program: Program, folder: Path) -> Path:
    """The broker's report of the month, with a row that is not theirs and one that is missing."""
    done(program.aor("report", "2026-01", "--npn", town.BROKERS[0], "--out", folder, now=LATER))
    [path] = folder.glob("*.xlsx")
    book = openpyxl.load_workbook(path)
    ledger, claims = book.worksheets[0], book["Report a discrepancy"]
    ledger.cell(2, 9, "Yes")
    for column, text in enumerate(("Nemo", "Ulysses", "1955-01-31", "2025-12-05"), 1):
        claims.cell(2, column, text)
    claims.cell(2, 6, town.CARRIER.name)
    book.save(path)
    return path


def test_a_returned_workbook_whose_intake_was_killed_is_taken_in_once(empty: Place, tmp_path: Path) -> None:
    """The claims are in and the incident is not, when it dies; the same file again finishes the work."""
    told = []
    with lived(empty, tmp_path / "town") as program:
        done(program.aor(*SEND, now=NOW))
        done(program.aor("close", "2026-01", now=LATER))
        words = ("discrepancies", "receive", returned(program, tmp_path / "returned"), "--npn", town.BROKERS[0])
        for name in ("undisturbed", "killed"):
            with copied(program.place, tmp_path / name) as place, Program(place) as other:
                if name == "killed":
                    ran = other.aor(*words, now=LATER, fault="discrepancies:received")
                    assert ran.killed, ran.out + ran.err
                    place.wait_for_the_dead()
                document = done(other.aor(*words, now=LATER))
                assert document.pop("again") == (name == "killed")
                assert (document["rows"], len(document["receipts"]), len(document["incidents"])) == (1, 1, 1)
                done(other.aor("verify", now=LATER + timedelta(hours=1)))
                stands = other.call("tests.anomalies.standing:standing")
                queue = done(other.aor("discrepancies", "queue", now=LATER + timedelta(hours=2)))
                told.append({**stands, "document": document, "queue": queue})
    assert not differences(*told)
