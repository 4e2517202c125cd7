"""`aor import`: exit codes, JSON, and the record decided anew."""

from __future__ import annotations

import json
from contextlib import nullcontext
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from aor.acts.tests.files import GOOD, csv_of, row
from aor.brokers.models import Broker
from aor.record.models import Due

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _travel(settings: Settings) -> None:
    settings.AOR_TIME_TRAVEL = True


def answered(*args: Any, code: int = 0) -> tuple[str, str]:
    """What the command said on standard output, and for a code other than 0 its last words."""
    out, err = StringIO(), StringIO()
    leaving = pytest.raises(CommandError) if code else nullcontext()
    with leaving as left:
        call_command("import", *map(str, args), "--now", "2026-03-10T12:00:00Z", stdout=out, stderr=err)
    assert left is None or left.value.returncode == code
    return out.getvalue(), err.getvalue() if left is None else str(left.value)


def written(folder: Path, *rows: dict[str, str], kind: str = "brokers") -> Path:
    path = folder / f"{kind}.csv"
    path.write_text(csv_of(list(rows) or GOOD[kind]), encoding="utf-8")
    return path


def test_refused_rows_are_in_the_json_and_the_command_is_done(tmp_path: Path) -> None:
    out, _ = answered("brokers", written(tmp_path, row("brokers"), row("brokers", npn="x")), "--json")
    document = json.loads(out)
    assert (document["kind"], document["rows"], document["taken"]) == ("brokers", 2, 1)
    (refused,) = document["refused"]
    assert (refused["line"], refused["column"]) == (3, "npn")
    assert "digits" in refused["because"]


def test_refused_rows_are_told_in_words(tmp_path: Path) -> None:
    out, _ = answered("brokers", written(tmp_path, row("brokers", npn="x")))
    assert "1 rows, 0 taken" in out
    assert "line 2, npn:" in out


def test_strict_takes_nothing_and_leaves_with_one(tmp_path: Path) -> None:
    path = written(tmp_path, row("brokers"), row("brokers", npn="x"))
    out, err = answered("brokers", path, "--strict", "--json", code=1)
    assert json.loads(out)["taken"] == 0
    assert "nothing was taken" in err
    assert not Broker.objects.exists()


def test_a_trial_leaves_nothing(tmp_path: Path) -> None:
    out, _ = answered("brokers", written(tmp_path), "--dry-run", "--json")
    assert (json.loads(out)["taken"], Broker.objects.exists()) == (1, False)


def test_a_file_that_is_no_table_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "brokers.csv"
    path.write_bytes(b"%PDF-1.7")
    out, err = answered("brokers", path, "--json", code=1)
    assert "PDF" in json.loads(out)["because"]
    assert "Traceback" not in err


def test_a_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    _, err = answered("brokers", tmp_path / "none.csv", code=2)
    assert "there is no file" in err


def test_the_record_is_decided_anew(tmp_path: Path) -> None:
    for kind in GOOD:
        answered(kind, written(tmp_path, kind=kind))
    assert not Due.objects.exists()
