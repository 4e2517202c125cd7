"""`aor send --test`: a carrier's way is tried, and the carrier's own answer comes back to the test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from aor.demo.carrier import SimulatedCarrier
from aor.jobs.tests.programs import aor

NOW = datetime(2026, 2, 2, 18, tzinfo=UTC)
LATER = datetime(2026, 2, 12, 18, tzinfo=UTC)
CARRIERS = (
    "hios_issuer_id,name,naic_company_code,holding_group,coverages,tax_id,x12_id,profile,unknown_appointment,"
    "acknowledgment_hours\n31616,North Star Health,12345,,HLT;DEN,410000001,410000001,colorado,hold,48\n"
)


def test_a_test_goes_there_and_its_answer_comes_back(tmp_path: Path) -> None:
    home, roster = tmp_path / "home", tmp_path / "carriers.csv"
    roster.write_text(CARRIERS)
    at = ("--now", NOW.isoformat())
    aor(home, "import", "carriers", roster, *at)
    (told,) = aor(home, "send", "--test", "--carrier", "31616", *at)["tests"]
    carrier = SimulatedCarrier("31616", home / "mailboxes" / "31616", seed=1)
    assert carrier.take(NOW) == 1
    assert carrier.seen == {told["isa13"]}
    assert carrier.answer(LATER)
    later = ("--now", LATER.isoformat())
    (file,) = aor(home, "collect", *later)["files"]
    assert (file["accepted_sets"], file["rejected_sets"], file["unknown"]) == (0, 0, 0)
    assert file["tests"] == 2 + told["sets"]  # the TA1, the group, each set
    assert aor(home, "exceptions", *later)["exceptions"] == []
    aor(home, "verify", *later)


def test_a_test_names_its_carrier(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert "one carrier" in aor(home, "send", "--test", code=2)["because"]
    assert "no roster" in aor(home, "send", "--test", "--carrier", "31616", code=2)["because"]
