"""The simulated carrier answers every interchange as a carrier may, and its answers can be read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

from aor.demo.carrier import SimulatedCarrier
from aor.x12 import acknowledgment, profiles
from aor.x12.acknowledgment import GroupAcknowledgment, InterchangeAcknowledgment
from aor.x12.findings import EdiFinding
from aor.x12.guides import x220a1_maintenance as maintenance

NOW = datetime(2026, 2, 3, 1, tzinfo=UTC)


def interchange(number: int, sets: int = 3) -> bytes:
    """As `aor send` writes it."""
    composer = maintenance.Composer(profiles.load("ffe"))
    entry = maintenance.MaintenanceSet(
        subscriber_first="SOLVEIG", subscriber_last="HAUGEN", subscriber_middle="", subscriber_id="910000010",
        member_id="910000010", birth_date=date(1980, 5, 17), sex="F", carrier_name="North Loon Health",
        carrier_tax_id="419900001", broker=maintenance.Broker("TOU VANG", "99000001"), coverage="HLT",
        effective=date(2026, 3, 1), benefit_begin=date(2026, 1, 1), plan_id="99101MN001000101",
        policy_id="21000041", composed_at=NOW,
    )  # fmt: skip
    text = composer.draft(entry).text
    texts = [
        maintenance.numbered(text, f"{number * 1000 + position:09d}", f"{position:09d}")
        for position in range(1, sets + 1)
    ]
    return composer.interchange(
        texts, isa13=number, gs06=number, receiver="419900001", group_receiver="99101MN0010001",
        composed_at=NOW,
    )  # fmt: skip


def put(mailbox: Path, name: str, content: bytes) -> None:
    (mailbox / "to-carrier").mkdir(parents=True, exist_ok=True)
    (mailbox / "to-carrier" / name).write_bytes(content)


def answers(mailbox: Path) -> list[InterchangeAcknowledgment | GroupAcknowledgment]:
    found: list[InterchangeAcknowledgment | GroupAcknowledgment] = []
    for file in sorted((mailbox / "from-carrier").iterdir()):
        for event in acknowledgment.read(BytesIO(file.read_bytes())):
            assert not isinstance(event, EdiFinding), event
            found.append(event)
    return found


def live_with(mailbox: Path, hios: str, interchanges: int, sets: int = 3) -> SimulatedCarrier:
    carrier = SimulatedCarrier(hios, mailbox, seed=1)
    for number in range(1, interchanges + 1):
        put(mailbox, f"{number}.834", interchange(number, sets))
        assert carrier.take(NOW + timedelta(days=number)) == 1
    carrier.answer(NOW + timedelta(days=interchanges + 20))
    return carrier


def test_the_mailbox_is_emptied_and_answered_when_due(tmp_path: Path) -> None:
    carrier = SimulatedCarrier("99101", tmp_path, seed=1)
    put(tmp_path, "1.834", interchange(1))
    carrier.take(NOW)
    assert [file.name for file in (tmp_path / "to-carrier").iterdir()] == ["taken"]
    assert carrier.answer(NOW) == 0
    assert carrier.answer(NOW + timedelta(days=2)) == 1
    note, group = answers(tmp_path)
    assert isinstance(note, InterchangeAcknowledgment)
    assert (note.isa13, note.code) == ("000000001", "A")
    assert isinstance(group, GroupAcknowledgment)
    assert [one.st02 for one in group.sets] == ["000001001", "000001002", "000001003"]


def test_a_few_sets_are_rejected_with_words_about_a_segment_that_is_there(tmp_path: Path) -> None:
    carrier = live_with(tmp_path, "99404", 10, sets=60)
    said = {
        one.st02: one for group in answers(tmp_path) if isinstance(group, GroupAcknowledgment) for one in group.sets
    }
    rejected = {st02 for st02, one in said.items() if one.accepted is False}
    assert rejected == {st02 for _, st02 in carrier.rejected}
    assert 0 < len(rejected) < 60
    assert all(said[st02].errors for st02 in rejected)


def test_some_answer_late_twice_not_at_all_or_refuse_the_whole(tmp_path: Path) -> None:
    twice = live_with(tmp_path / "a", "99101", 4)
    groups = [one.gs06 for one in answers(tmp_path / "a") if isinstance(one, GroupAcknowledgment)]
    assert groups.count("2") == 2
    assert "999999999" in groups
    assert twice.refused == []
    live_with(tmp_path / "b", "99202", 5)
    assert "5" not in [one.gs06 for one in answers(tmp_path / "b") if isinstance(one, GroupAcknowledgment)]
    refusing = live_with(tmp_path / "c", "99303", 4)
    assert refusing.refused == ["000000004"]
    assert "R" in [one.code for one in answers(tmp_path / "c") if isinstance(one, InterchangeAcknowledgment)]


def test_an_interchange_read_before_is_known_by_its_number(tmp_path: Path) -> None:
    carrier = SimulatedCarrier("99101", tmp_path, seed=1)
    for name in ("1.834", "again.834"):
        put(tmp_path, name, interchange(1))
        carrier.take(NOW)
    assert carrier.answer(NOW + timedelta(days=2)) == 1


def test_a_broken_file_is_refused_by_ta1(tmp_path: Path) -> None:
    carrier = SimulatedCarrier("99101", tmp_path, seed=1)
    put(tmp_path, "1.834", interchange(1).replace(b"SE*31", b"SE*30"))
    carrier.take(NOW)
    carrier.answer(NOW + timedelta(days=2))
    [note] = answers(tmp_path)
    assert isinstance(note, InterchangeAcknowledgment)
    assert note.code == "R"
