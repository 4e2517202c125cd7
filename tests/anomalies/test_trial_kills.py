"""A test of a carrier's way that dies anywhere: nothing is wrong afterwards, and the next one has new numbers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aor.demo.carrier import SimulatedCarrier
from tests.anomalies import town
from tests.anomalies.program import Place, Program
from tests.anomalies.town import NOW

HIOS = town.CARRIER.hios
TEST = ("send", "--test", "--carrier", HIOS)
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=12)


@pytest.mark.parametrize(("point", "lies_there"), [("trial:composed", 0), ("trial:put", 1)])
def test_a_test_killed_leaves_nothing_wrong_and_is_sent_anew(
    point: str, lies_there: int, place: Place, tmp_path: Path
) -> None:
    with Program(place) as program:
        town.found(program, tmp_path / "files", count=2, associated=True)
        assert program.aor(*TEST, now=NOW, fault=point).killed
        place.wait_for_the_dead()
        mailbox = place.home / "mailboxes" / HIOS
        assert len(list((mailbox / "to-carrier").glob("*"))) == lies_there
        ran = program.aor(*TEST, now=SOON)
        assert ran.code == 0, ran.out + ran.err
        names = sorted(file.name for file in (mailbox / "to-carrier").glob("*.834"))
        assert len({name.split(".")[-2] for name in names}) == lies_there + 1
        carrier = SimulatedCarrier(HIOS, mailbox, seed=7)
        carrier.take(SOON)
        carrier.answer(LATER)
        files = program.aor("collect", now=LATER).document["files"]
        assert {file["unknown"] + file["accepted_sets"] + file["rejected_sets"] for file in files} <= {0}
        assert sum(file["tests"] for file in files) >= lies_there + 1
        checked = program.aor("verify", now=LATER)
        assert checked.code == 0, checked.out
