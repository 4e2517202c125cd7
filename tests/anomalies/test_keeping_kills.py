"""Encrypting anew and disposing that die anywhere: run again, they end as if nothing had happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.anomalies import town
from tests.anomalies.program import Place, Program
from tests.anomalies.town import NOW

KEY = "5a" * 32
OLD = datetime(2045, 3, 1, 18, tzinfo=UTC)
DISPOSE = ("dispose", "--confirm", "--by", "officer ann", "--second", "lead bo")


@pytest.mark.parametrize("point", ["rekey:written", "rekey:named"])
def test_documents_are_readable_wherever_encrypting_them_died(point: str, place: Place, tmp_path: Path) -> None:
    with Program(place) as program:
        town.found(program, tmp_path / "files", count=3, associated=True)
    with Program(place, AOR_DOCUMENT_KEYS=KEY) as program:
        assert program.aor("rekey", now=NOW, fault=point).killed
        place.wait_for_the_dead()
        halfway = program.aor("verify", now=NOW + timedelta(minutes=1))
        assert halfway.code == 0, halfway.out
        assert program.aor("rekey", now=NOW + timedelta(minutes=2)).code == 0
        checked = program.aor("verify", now=NOW + timedelta(minutes=3))
        assert checked.code == 0, checked.out
    documents = [file for file in (place.home / "documents").rglob("*") if file.is_file()]
    assert documents
    assert all(file.read_bytes().startswith(b"aor-aes1") for file in documents)


@pytest.mark.parametrize("point", ["dispose:portion", "dispose:removed"])
def test_a_disposal_that_died_is_gone_on_with(point: str, place: Place, tmp_path: Path) -> None:
    with Program(place) as program:
        town.found(program, tmp_path / "files", count=3, associated=True)
        due = program.aor("dispose", now=OLD).document
        assert program.aor(*DISPOSE, now=OLD, fault=point).killed
        place.wait_for_the_dead()
        ran = program.aor(*DISPOSE, now=OLD + timedelta(minutes=1))
        assert ran.code == 0, ran.out + ran.err
        left = program.aor("dispose", now=OLD + timedelta(minutes=2)).document
        checked = program.aor("verify", now=OLD + timedelta(minutes=3))
        assert checked.code == 0, checked.out
    assert due != left, (due, left)
