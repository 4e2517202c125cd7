"""`aor discrepancies`: the whole round by command."""

from __future__ import annotations

import io
import json
import smtplib
from email.message import EmailMessage
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings
from tests.builders import ANA

from aor.discrepancies.models import Claim, Reply
from aor.discrepancies.tests import market
from aor.discrepancies.tests.market import KAYING, NOBODY, NOON, TOU, row
from aor.gateways.secure_mail import Courier
from aor.gateways.tests import smtp_server
from aor.notices import operations as notices
from aor.notices.models import Notice
from aor.transmissions import sending

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def town(tmp_path: Path, settings: Settings) -> None:
    settings.AOR_TIME_TRAVEL = True
    market.opened(tmp_path / "enrollments.834")


def aor(*words: str) -> object:
    out = StringIO()
    call_command("discrepancies", *words, "--json", "--now", NOON.isoformat(), stdout=out)
    return json.loads(out.getvalue())


def test_the_whole_round(tmp_path: Path) -> None:
    sending.send(by=market.OLA, now=NOON)
    path = tmp_path / "returned.csv"
    path.write_bytes(market.table(row(KAYING), row(TOU), row(NOBODY, submission_method="PDF"), row(TOU, carrier="")))
    received = aor("receive", str(path), "--npn", ANA)
    assert isinstance(received, dict)
    assert (received["rows"], received["refused"], received["again"]) == (4, [], False)
    assert [set(one) >= {"receipt", "sheet", "line", "state", "finding", "determination", "expected_on"}
            for one in received["receipts"]] == [True] * 4  # fmt: skip
    assert [one["determination"] for one in received["receipts"]] == [
        "already sent", "no association with you found", "no association with you found", "more information needed",
    ]  # fmt: skip
    assert [one["finding"]["met"] for one in received["receipts"]] == [True, False, False, None]
    queue = aor("queue")
    assert isinstance(queue, list)
    assert [(one["determination"], one["clear"]) for one in queue] == [
        ("already sent", True), ("no association found", True), ("enrollment not found", False),
    ]  # fmt: skip
    confirmed = aor("confirm", "--by", "ola")
    assert isinstance(confirmed, dict)
    assert (len(confirmed["confirmed"]), confirmed["refused"]) == (2, [])
    refused = aor("confirm", queue[2]["receipt"], "D-2026-009999", "--by", "ola")
    assert isinstance(refused, dict)
    assert [one["receipt"] for one in refused["refused"]] == ["D-2026-009999", queue[2]["receipt"]]
    answer = aor("answer", "--npn", ANA, "--out", str(tmp_path / "out"))
    assert isinstance(answer, dict)
    assert (answer["cases"], answer["determined"]) == (4, 1)  # Tou's is shown together with the PDF's
    sheet = openpyxl.load_workbook(answer["file"]).active
    assert sheet is not None
    assert [cells[0] for cells in sheet.iter_rows(min_row=2, max_row=5, values_only=True)] == [
        one["receipt"] for one in received["receipts"]
    ]
    assert aor("receive", str(path), "--npn", ANA)["again"]  # type: ignore[index]  # a document of --json


def test_a_broker_who_is_on_no_roster_returns_and_is_answered_nothing(tmp_path: Path) -> None:
    path = tmp_path / "returned.csv"
    path.write_bytes(market.table(row(KAYING)))
    for words in (["receive", str(path)], ["answer", "--out", str(tmp_path / "out")]):
        with pytest.raises(CommandError, match="broker 5550000 is on no roster"):
            aor(*words, "--npn", "5550000")
    assert not Claim.objects.exists()
    assert not (tmp_path / "out").exists()


def test_rows_that_are_not_theirs_alone_say_what_happened(tmp_path: Path) -> None:
    path = tmp_path / "returned.csv"
    lines = market.table(row(KAYING)).splitlines()
    path.write_bytes(lines[0] + b",Not my client?\n" + lines[1] + b",Yes\n")
    out = StringIO()
    call_command("discrepancies", "receive", str(path), "--npn", ANA, "--now", NOON.isoformat(), stdout=out)
    assert "no row asks for a determination" in out.getvalue()
    assert "I-2026-000001: rows that are not theirs" in out.getvalue()
    (told,) = Notice.objects.filter(recipient_id=ANA)
    assert (told.subject, "I-2026-000001" in told.body) == ("We received rows that are not your clients", True)


def test_a_mail_is_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "reply.eml"
    path.write_text("From: ana@example.org\nSubject: Re: report\n\nKaying Vang is mine\n")
    assert aor("mail", str(path)) == {"receipt": "D-2026-000001"}


def test_a_reply_to_a_notice_comes_and_is_answered_over_the_wire(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real mail server takes it and hands it over, as its owner's alias says; the answer goes back by it."""
    said = EmailMessage()
    said["From"], said["To"], said["Subject"] = "Ána <ana@example.org>", "brokers@marketplace.example", "Re: Kaying"
    said["Message-ID"] = "<9@example.org>"
    said.set_content(
        ".\n..Kaying Väng, born 1984-05-02, SSN 123-45-6789, is mine\n> Your report is ready\n", cte="8bit"
    )
    said.add_alternative("<p>Kaying V&auml;ng</p>", subtype="html")
    with smtp_server.relaying() as relay:
        settings.MAILERS, settings.AOR_MAIL_FROM = relay.mailers, "no-reply@marketplace.example"
        with smtplib.SMTP("127.0.0.1", relay.port) as program:
            program.send_message(said)
        (arrived,) = relay.taken
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(arrived.as_bytes())))
        (receipt,) = aor("mail", "-").values()  # type: ignore[attr-defined]  # a document
        with Courier() as courier:
            assert notices.deliver(courier=courier, now=NOON).relayed == 1
        answer = relay.taken[-1]
    assert answer["To"] == "ana@example.org"
    assert not any(word in answer.as_string() for word in ("Kaying", "1984", "6789", "Your report is ready"))
    kept = Reply.objects.get(case__number=receipt)
    assert "..Kaying Väng" in kept.body
    assert "6789" not in kept.body


@pytest.mark.parametrize(
    ("words", "because"),
    [
        ((), "say receive"),
        (("receive", "/nowhere.xlsx", "--npn", ANA), "there is no file"),
        (("mail", "/nowhere.eml"), "there is no file"),
        (("answer", "--npn", "x", "--out", "/tmp"), "an NPN has digits only"),
    ],
)
def test_what_is_called_wrongly_is_told(words: tuple[str, ...], because: str) -> None:
    with pytest.raises(CommandError, match=because):
        aor(*words)


def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "returned.xlsx"
    path.write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(CommandError, match=r"returned\.xlsx: "):
        aor("receive", str(path), "--npn", ANA)
    with pytest.raises(CommandError, match="from whom"):
        aor("mail", str(path))
