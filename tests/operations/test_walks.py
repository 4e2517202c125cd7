"""Three runbooks walked as they are written, in a home that lived two months: restore, a silent carrier, a report."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.operations.test_runbooks import RUNBOOKS, shell

NOW = "2025-12-05T18:00:00+00:00"
LATER = "2025-12-09T18:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who reads a runbook and types what stands there."""

    home: Path
    runbook: str
    programs: Path

    def types(self, written: str, *, meant: str = "", now: str = NOW, code: int = 0, says: str = "") -> str:
        """A command of the runbook; `meant` where that names an example. What it said; `says` the runbook has too."""
        text = (RUNBOOKS / self.runbook).read_text()
        assert f"aor {written}" in text, f"{self.runbook} does not say: aor {written}"
        assert says in text, f"{self.runbook} does not show: {says}"
        done = shell(
            f"aor {meant or written} --now {now}", self.programs, AOR_HOME=str(self.home), AOR_TIME_TRAVEL="1"
        )
        told = done.stdout + done.stderr
        assert done.returncode == code, f"aor {meant or written}: {done.returncode}\n{told}"
        assert "Traceback" not in told
        assert says in told, f"aor {meant or written} says: {told}"
        return done.stdout or done.stderr

    def record(self, state: str) -> list[dict[str, Any]]:
        return [one for one in json.loads(self.types("record --json")) if one["state"] == state]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("walks") / "lived"
    words = "aor demo --no-serve --households 40 --brokers 5 --months 2 --seed 3"
    done = shell(words, home.parent, AOR_HOME=str(home), AOR_TIME_TRAVEL="1")
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def home(lived: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of one's own, also of what its database has not written through."""
    shutil.copytree(lived, tmp_path / "home")
    yield tmp_path / "home"
    shutil.rmtree(tmp_path / "home")


def test_a_home_is_restored_as_written(home: Path, tmp_path: Path) -> None:
    backup = tmp_path / "aor.tar"
    old = Operator(home, "restore.md", tmp_path)
    old.types("backup /safe/aor-$(date", meant=f"backup {backup}")
    silent = Operator(home, "a-carrier-does-not-answer.md", tmp_path)
    rejected = silent.record("rejected")[0]
    set_ = sent_set(home, rejected["exchange_policy_id"])[1]
    silent.types("resend --set ST02", meant=f"resend --set {set_}", now=LATER)  # goes after the copy was made
    new = Operator(tmp_path / "new", "restore.md", tmp_path)
    shutil.copytree(home / "mailboxes", new.home / "mailboxes")
    restore, meant = "restore /safe/aor-….tar", f"restore {backup}"
    said = new.types(restore, meant=meant, now=LATER, says="went after the copy was made; it is in the ledger again")
    assert f"restored as of {NOW}" in said
    assert "every invariant holds" in said
    new.types(restore, meant=meant, now=LATER, code=1, says="is not empty")
    new.types("doctor", now=LATER)
    assert json.loads(new.types("collect", meant="collect --json", now=LATER))["files"] == []
    new.types("send --dry-run", now=LATER)
    new.types("send", now=LATER)
    assert sorted(path.name for path in (home / "mailboxes").rglob("*.834")) == sorted(
        path.name for path in (new.home / "mailboxes").rglob("*.834")
    ), "what went after the copy went again"


def asked(home: Path, query: str, *given: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(home / "aor.sqlite3")) as database:
        return database.execute(query, given).fetchall()


def sets_of(home: Path, policy: str) -> list[tuple[str, ...]]:
    """Of every set of a policy, ascending, ISA13, BGN02 and ST02."""
    query = (
        "SELECT i.isa13, s.bgn02, s.st02 FROM transmissions_transactionset s JOIN transmissions_interchange i"
        " ON i.id = s.interchange_id JOIN enrollments_enrollment e ON e.id = s.enrollment_id"
        " WHERE e.policy_id = ? ORDER BY s.id"
    )
    return asked(home, query, policy)


def sent_set(home: Path, policy: str) -> tuple[str, str]:
    """ISA13 and ST02 of the latest set of a policy."""
    isa13, _, st02 = sets_of(home, policy)[-1]
    return isa13, st02


def test_a_silent_carrier_is_dealt_with_as_written(home: Path, tmp_path: Path) -> None:
    one = Operator(home, "a-carrier-does-not-answer.md", tmp_path)
    rejected = one.record("rejected")[0]
    carrier, policy = rejected["hios_issuer_id"], rejected["exchange_policy_id"]
    assert "the carrier rejected" in one.types("why POLICY", meant=f"why {policy}")
    isa13, _ = sent_set(home, policy)
    mailbox = home / "mailboxes" / carrier
    mailbox.rename(tmp_path / "away")
    mailbox.write_text("a share that is not mounted")
    one.types("collect", code=1, says="the mailbox of carrier ")
    again = f"resend --isa13 {isa13}"
    one.types("resend --isa13 009001104", meant=again, code=1, says="the mailbox of carrier ")
    assert f"mailbox {carrier}: " in one.types("doctor", code=1, says="fail")
    mailbox.unlink()
    (tmp_path / "away").rename(mailbox)
    composed = sent_set(home, policy)[0]
    told = one.types("send", meant=f"send --carrier {carrier}", says=": 1 sets for carrier ")
    assert f".{composed}.834" in told, "the same file goes under the same name, with the same control number"
    assert [row["exchange_policy_id"] for row in one.record("sent")] == [policy]
    assert "nothing to send" in one.types("send", meant=f"send --carrier {carrier}")
    one.types("collect", now=LATER)
    one.types("resend --isa13 009001104", meant=f"resend --isa13 {composed}", now=LATER, says=": 1 sets for carrier ")
    first, second = sets_of(home, policy)[-2:]
    assert first[0] != second[0], "new numbers"
    assert first[1] == second[1], "the same business reference"


def test_a_report_that_went_wrong_is_dealt_with_as_written(home: Path, tmp_path: Path) -> None:
    one = Operator(home, "a-report-went-wrong.md", tmp_path)
    policy = Operator(home, "a-carrier-does-not-answer.md", tmp_path).record("accepted")[0]["exchange_policy_id"]
    assert "certified for plan year" in one.types("why POLICY", meant=f"why {policy}")
    month, npn = asked(home, "SELECT month, npn FROM reports_report ORDER BY id")[0]
    out = tmp_path / "out"
    again = f"report {month} --npn {npn} --out {out}"
    one.types("report 2026-10 --npn 1234567 --out /srv/aor-out", meant=again)
    (first,) = out.glob("*.xlsx")
    content = first.read_bytes()
    first.unlink()
    one.types("report 2026-10 --npn 1234567 --out /srv/aor-out", meant=again)
    assert first.read_bytes() == content
    one.types("verify")
    one.types("deliver")
    before = one.types("close MONTH", meant=f"close {month} --json")
    one.types("doctor --decide-anew")
    assert json.loads(one.types("close MONTH", meant=f"close {month} --json")) == json.loads(before)
    one.types("verify")
