"""The marketplace's enrollment file as facts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

from aor.x12.findings import EdiFinding
from aor.x12.guides import x220a1

SAMPLES = Path(__file__).parent / "samples"


def test_the_sample_gives_three_sets_and_keeps_its_text() -> None:
    content = (SAMPLES / "enrollments_to_carrier.834").read_bytes()
    kept: list[str] = []
    events = list(x220a1.read(BytesIO(content), stripped=kept.append))
    sets = [event for event in events if not isinstance(event, EdiFinding)]
    assert [(s.st02, s.broker_npn, s.first_segment) for s in sets] == [
        ("000000001", "", 3),
        ("000000002", "", 35),
        ("000000003", "7000001", 67),
    ]
    assert len(events) == 3
    assert sets[0].sent_at == datetime(2026, 1, 5, 11, tzinfo=UTC)
    [member] = sets[1].members
    assert (member.coverage, member.policy_id, member.benefit_begin) == ("DEN", "21000002", date(2026, 3, 1))
    assert (member.application_id, member.application_origin) == ("5500001", "1")
    assert "".join(kept).encode() == content.strip()
