"""`aor doctor` says of each thing whether it is well, and what cures it."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from aor.audit import triggers
from aor.audit.models import Act
from aor.engine import vault
from aor.enrollments import operations as enrollments
from aor.jobs import sealed
from aor.jobs.tests.programs import AS_A_USER, aor
from aor.terms.actor import system
from aor.transmissions import after_restore
from aor.transmissions.tests import builders

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 18, tzinfo=UTC)


def examined(*options: str, code: int = 0) -> dict[str, tuple[str, str, str]]:
    out = StringIO()
    with pytest.raises(CommandError) if code else nullcontext():
        call_command("doctor", "--json", *options, stdout=out, stderr=StringIO())
    document = json.loads(out.getvalue())
    assert document["ok"] == (code == 0)
    assert all(line["cure"] for line in document["lines"] if line["state"] != "ok")
    return {line["what"]: (line["state"], line["says"], line["cure"]) for line in document["lines"]}


def test_a_home_in_order_is_ok_throughout(settings: Settings) -> None:
    settings.AOR_ENV = "production"
    settings.AOR_DOCUMENT_KEYS = vault.parsed("a1" * 32)
    builders.carrier()
    lines = examined()
    assert {state for state, _, _ in lines.values()} == {"ok", "warn"}
    warned = {what for what, (state, _, _) in lines.items() if state == "warn"}
    assert warned - {"durability"} == {"mail"}, "a server for tests does not fsync"
    assert {"home", "disk", "database", "migrations", "triggers", "clock", "keys", "mailbox 31616"} <= set(lines)


def test_a_trial_is_said_to_be_one(settings: Settings) -> None:
    settings.AOR_TIME_TRAVEL = True
    state, says, _ = examined()["settings"]
    assert state == "warn"
    assert "AOR_TIME_TRAVEL" in says


def test_a_home_that_cannot_be_written_fails(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    assert examined(code=1)["home"][0] == "fail"


def test_a_trigger_that_is_gone_fails() -> None:
    triggers.lift()
    state, says, cure = examined(code=1)["triggers"]
    assert state == "fail"
    assert "a-row-was-changed.md" in cure
    assert "is missing" in says
    assert examined("--mend")["triggers"][0] == "ok"
    assert Act.objects.filter(verb="triggers.installed").count() == 1
    assert examined("--mend")["triggers"][0] == "ok"
    assert Act.objects.filter(verb="triggers.installed").count() == 1


def test_a_clock_behind_the_last_act_fails() -> None:
    after_restore.restored(by=system("test"), now=datetime.now(UTC) + timedelta(days=2), details={})
    lines = examined(code=1)
    assert "ahead of this clock" in lines["clock"][1]
    assert lines["restored"][0] == "warn"


def test_a_key_that_others_may_read_fails_and_so_does_one_that_is_gone(home: Path) -> None:
    builders.carrier()
    enrollment = builders.enrollment()
    builders.opening_balance(enrollment, builders.ANA, start=enrollment.start)
    assert list(sealed.seal_what_is_new(now=NOW)) == []
    key = home / "keys" / "private-tables.key"
    key.chmod(0o644)
    assert "private-tables.key" in examined(code=1)["keys"][1]
    key.unlink()
    state, says, cure = examined(code=1)["keys"]
    assert state == "fail"
    assert "restore it from the backup" in says
    assert "restore.md" in cure


def test_a_relay_that_answers_not_fails(settings: Settings) -> None:
    settings.AOR_SMTP_HOST = "127.0.0.1"
    options = {"port": 1, "username": "", "password": ""}
    settings.MAILERS = {"default": {"BACKEND": "x", "OPTIONS": options}}
    assert examined(code=1)["mail"][0] == "fail"


def test_a_mailbox_that_cannot_be_opened_fails(home: Path) -> None:
    builders.carrier(mailbox="sftp://aor@127.0.0.1:1/in")
    builders.carrier("22222", unknown_appointment="")
    builders.carrier("33333", profile="klingon")
    lines = examined(code=1)
    assert lines["mailbox 31616"][0] == "fail"
    assert "a-carrier-does-not-answer" in lines["mailbox 31616"][2]
    assert lines["mailbox 22222"][0] == "warn"
    assert "klingon" in lines["mailbox 33333"][1]


def test_a_file_read_in_part_is_told() -> None:
    enrollments.begin_file(sha256="a" * 64, name="a.834", now=NOW)
    state, says, _ = examined()["staging"]
    assert (state, says) == ("warn", "a.834 was read in part and never accepted")


def test_a_mistyped_overlay_fails(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "parameters.toml").write_text("[nonsense]\n", encoding="utf-8")
    settings.AOR_OVERLAY = str(tmp_path)
    assert "nonsense" in examined(code=1)["parameters"][1]


def test_a_database_that_is_away_is_told_without_a_traceback(tmp_path: Path) -> None:
    answer = aor(tmp_path / "home", "doctor", code=1, database="postgres://nobody@127.0.0.1:1/x")
    assert answer["lines"][-1]["what"] == "database"


@pytest.mark.parametrize(
    ("closed", "mode", "what"),
    [
        ("aor.sqlite3", 0o400, "database"),
        ("aor.sqlite3", 0o000, "database"),
        ("documents", 0o500, "documents"),
        ("keys/private-tables.key", 0o000, "keys"),
        ("mailboxes/31616/to-carrier", 0o000, "mailbox 31616"),
    ],
)
def test_what_the_user_of_aor_may_not_open_is_named_with_its_cure(
    tmp_path: Path, closed: str, mode: int, what: str
) -> None:
    home = tmp_path / "home"
    rows = "hios_issuer_id,name,naic_company_code,holding_group,coverages,tax_id,x12_id,profile,unknown_appointment,"
    (tmp_path / "c.csv").write_text(
        f"{rows}acknowledgment_hours\n31616,A,12345,,HLT,410000001,410000001,ffe,hold,48\n"
    )
    (tmp_path / "b.csv").write_text(
        "npn,first_name,last_name,email,phone,agency_name,agency_npn,city,state,zip,"
        "languages,list_in_directory\n7000001,Ana,Garcia,a@example.org,,,,,MN,,,N\n"
    )
    aor(home, "import", "carriers", str(tmp_path / "c.csv"))
    aor(home, "import", "brokers", str(tmp_path / "b.csv"))
    for made in ("documents", "mailboxes/31616/to-carrier"):
        (home / made).mkdir(parents=True, exist_ok=True)
    (home / closed).chmod(mode)
    answer = aor(home, "doctor", code=1, before=AS_A_USER)
    (home / closed).chmod(0o700)
    failed = {line["what"]: line for line in answer["lines"] if line["state"] == "fail"}
    assert what in failed
    assert closed in failed[what]["says"] + failed[what]["cure"]


def test_a_damaged_file_of_sqlite_is_to_be_restored(tmp_path: Path) -> None:
    (tmp_path / "aor.sqlite3").write_bytes(b"no database" * 1_000)
    line = aor(tmp_path, "doctor", code=1)["lines"][-1]
    assert (line["what"], line["state"]) == ("database", "fail")
    assert "restore.md" in line["cure"]


def test_a_home_not_made_yet_is_told(tmp_path: Path) -> None:
    answer = aor(tmp_path / "home", "doctor")
    assert answer["lines"][-1]["what"] == "migrations"
