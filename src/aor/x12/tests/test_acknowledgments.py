"""What carriers answer, and how a simulated carrier writes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from io import BytesIO

import pytest

from aor.x12 import acknowledgment, reader
from aor.x12.acknowledgment import GroupAcknowledgment, InterchangeAcknowledgment
from aor.x12.envelope import Interchange
from aor.x12.findings import EdiFinding
from aor.x12.guides import x231a1
from aor.x12.guides.x231a1 import GroupVerdict, SegmentError, SetVerdict
from aor.x12.tests import judge, written
from aor.x12.tests.written import group, interchange, text, transaction

AT = datetime(2026, 2, 2, 6, tzinfo=UTC)


def read(content: bytes) -> list[object]:
    return list(acknowledgment.read(BytesIO(content)))


def answered() -> Interchange:
    first = next(reader.read_interchanges(BytesIO(written.AGENTS_OF_RECORD)))
    assert isinstance(first, Interchange)
    return first


def answer(*segments: str, **shape: str) -> GroupAcknowledgment:
    [one] = read(written.acknowledgment(*segments, **shape))  # type: ignore[arg-type]  # whatever an acknowledgment has
    assert isinstance(one, GroupAcknowledgment)
    return one


def test_a_partial_answer_is_read_set_by_set() -> None:
    errors = (SegmentError("NM1", 12, "8", "2100", 3, "1035", "1"), SegmentError("REF", 7, "3", "2000"))
    verdict = GroupVerdict("9000101", (SetVerdict("000000101"), SetVerdict("000000102", "R", errors)))
    content = x231a1.compose_999(answered(), [verdict], isa13=7, gs06=8, composed_at=AT)
    assert judge.valid(content)
    note, one = read(content)
    assert note == InterchangeAcknowledgment(
        "410000001", "MN0", "009000101", date(2026, 2, 1), time(18), "A", "000", "no error"
    )
    assert isinstance(one, GroupAcknowledgment)
    assert (one.sender, one.receiver) == ("410000001", "MN0")
    assert (one.functional_code, one.gs06, one.version, one.code) == ("BE", "9000101", "005010X220A1", "P")
    assert (one.sets_included, one.received, one.accepted, one.errors, one.doubts) == (2, 2, 1, (), ())
    assert [(s.st01, s.st02, s.code, s.accepted) for s in one.sets] == [
        ("834", "000000101", "A", True),
        ("834", "000000102", "R", False),
    ]
    assert one.sets[1].errors == (
        "NM1 in position 12: required element NM103 missing",
        "REF in position 7: required segment REF is missing",
    )


@pytest.mark.parametrize(("codes", "code"), [("AA", "A"), ("AE", "E"), ("AR", "P"), ("RR", "R")])
def test_the_group_is_answered_as_its_sets_are(codes: str, code: str) -> None:
    errors = (SegmentError("N1", 6, "8", "1000C", 4, "67", "7", "A1"),)
    verdicts = tuple(
        SetVerdict(f"{n:04d}", given, errors if given != "A" else ()) for n, given in enumerate(codes, 1)
    )
    content = x231a1.compose_999(answered(), [GroupVerdict("1", verdicts)], isa13=7, gs06=8, composed_at=AT, ta1=None)
    assert judge.valid(content)
    [one] = read(content)
    assert isinstance(one, GroupAcknowledgment)
    assert (one.code, one.doubts) == (code, ())
    assert "".join(s.code for s in one.sets) == codes


def test_several_groups_are_answered_in_one_file() -> None:
    groups = [GroupVerdict("1", (SetVerdict("0001"),)), GroupVerdict("2", (SetVerdict("0001"),))]
    content = x231a1.compose_999(answered(), groups, isa13=7, gs06=8, composed_at=AT)
    assert [one.gs06 for one in read(content) if isinstance(one, GroupAcknowledgment)] == ["1", "2"]


def test_a_ta1_alone_is_read() -> None:
    content = x231a1.compose_ta1(answered(), isa13=9, composed_at=AT, code="R", note="025")
    [one] = read(content)
    assert isinstance(one, InterchangeAcknowledgment)
    assert (one.isa13, one.code) == ("009000101", "R")
    assert one.note_words == "the interchange control number was used before"


def test_many_ta1s_and_unknown_notes_are_read() -> None:
    notes = ("TA1*000000501*260105*0600*A*000", "TA1*502*260231*2500*E*099")
    first, second = read(text(*interchange(notes=notes)))
    assert isinstance(first, InterchangeAcknowledgment)
    assert isinstance(second, InterchangeAcknowledgment)
    assert (second.isa13, second.date, second.time) == ("000000502", None, None)
    assert second.note_words == "error 099"


def test_a_997_is_read_as_a_999() -> None:
    one = answer(
        "AK1*BE*501", "AK2*834*0001", "AK3*N1*6*1000C*8", "AK4*4:1*67*7*A1", "AK4*3**99",
        "AK5*R*5*23", "AK9*R*1*1*0*2", st01="997", gs08="004010", st03="",
    )  # fmt: skip
    assert one.sets[0].errors == (
        "N1 in position 6: element N104-1 has a code that is not known ('A1')",
        "N1 in position 6: error 99",
        "the set control number is used twice in the group",
    )
    assert one.errors == ("the version of the group is not supported",)


def test_contexts_of_an_error_are_passed_over() -> None:
    one = answer(
        "AK1*BE*501*005010X220A1",
        "AK2*834*0001*005010X220A1",
        "IK3*REF*8*2000*I6",
        "CTX*SITUATIONAL TRIGGER*INS*7**3",
        "CTX*SUBSCRIBER NUMBER:910000001",
        "IK5*E*I5",
        "AK9*E*1*1*1",
        gs08="005010X231",
        st03="005010X231",
    )
    assert one.sets[0].accepted is True
    assert one.sets[0].errors == ("REF in position 8: segment REF is missing where the guide needs it",)


def test_a_rejection_without_reason_says_so_in_its_set() -> None:
    one = answer("AK1*BE*501", "AK2*834*0001", "IK5*R*5", "AK9*R*1*1*0")
    assert one.sets[0].errors == ("one or more segments are in error",)


def test_a_group_rejected_as_a_whole_has_no_sets() -> None:
    one = answer("AK1*BE*501", "AK9*R*2*2*0*1*6*77")
    assert (one.sets, one.code, one.doubts) == ((), "R", ())
    assert one.errors == (
        "the functional group is not supported",
        "the group control number is malformed",
        "error 77",
    )


@pytest.mark.parametrize(
    ("segments", "doubt"),
    [
        (("AK9*Q*0*0*0",), "AK901 says Q, which is no answer that we know"),
        (("AK9*",), "AK901 says nothing, which is no answer that we know"),
        (("AK9*A*x*1*1",), "AK902 to AK904 do not count the sets"),
        (("AK2*834*0001", "IK5*A", "AK9*A*0*0*0"), "1 sets are answered, AK902 and AK903 say 0 and 0"),
        (
            ("AK2*834*0001", "IK5*R", "AK9*A*1*1*1"),
            "1 sets are answered as rejected, AK904 says that 1 of 1 were accepted",
        ),
        (("AK9*A*1*1*2",), "0 sets are answered as rejected, AK904 says that 2 of 1 were accepted"),
        (("AK2*834*0001", "AK9*A*1*1*1"), "1 sets have no answer that we know (IK501)"),
        (("IK3*X", "IK4*1", "IK5*A", "AK9*Z*0*0*0"), "AK901 says Z, which is no answer that we know"),
    ],
)
def test_what_does_not_add_up_is_a_doubt(segments: tuple[str, ...], doubt: str) -> None:
    assert doubt in answer("AK1*BE*501", *segments).doubts


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (written.acknowledgment("AK9*A*1*1*1"), "the acknowledgment does not say which group it answers (AK1)"),
        (written.acknowledgment("AK1*BE*", "AK9*A"), "the acknowledgment does not say which group it answers (AK1)"),
        (
            written.acknowledgment("AK1*BE*501"),
            "the acknowledgment of group 501 does not say how it was taken (AK9)",
        ),
        (
            text(*interchange(notes=("TA1*X*260105*0600*A*000",))),
            "TA101 says X, which is no interchange control number",
        ),
        (
            text(*interchange(notes=("TA1*1*260105*0600*Z*000",))),
            "TA104 says Z; it may say A (accepted), E (with errors) or R (rejected)",
        ),
        (text(*interchange(group(transaction("BGN")))), "a set 834 stands among acknowledgments"),
        (b"", "the file is empty"),
    ],
)
def test_what_cannot_be_told_refuses_the_file(content: bytes, because: str) -> None:
    assert because in [event.because for event in read(content) if isinstance(event, EdiFinding)]


def test_an_answer_to_many_sets_is_read() -> None:
    sets = tuple(SetVerdict(f"{n:09d}", "R" if n % 10 == 0 else "A") for n in range(1, 20_001))
    content = x231a1.compose_999(answered(), [GroupVerdict("1", sets)], isa13=7, gs06=8, composed_at=AT)
    one = read(content)[1]
    assert isinstance(one, GroupAcknowledgment)
    assert (len(one.sets), one.accepted, one.doubts) == (20_000, 18_000, ())
