"""Interchanges, groups and sets: what is taken, what is refused, and in which words."""

from __future__ import annotations

from io import BytesIO

import pytest

from aor.x12 import reader
from aor.x12.envelope import FunctionalGroup, Interchange, InterchangeNote, Numbers, TransactionSet
from aor.x12.findings import EdiFinding
from aor.x12.tests import written
from aor.x12.tests.written import ENROLLMENTS, enrollment, group, interchange, text, transaction


class Dripping(BytesIO):
    """A stream that gives a few bytes at a time, as sockets do."""

    def __init__(self, content: bytes, pace: int) -> None:
        super().__init__(content)
        self.pace = pace

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self.pace)


def events(content: bytes) -> list[object]:
    return list(reader.read_interchanges(BytesIO(content)))


def findings(content: bytes) -> list[EdiFinding]:
    return [event for event in events(content) if isinstance(event, EdiFinding)]


def words(content: bytes) -> list[str]:
    return [finding.because for finding in findings(content)]


def sets(content: bytes) -> list[TransactionSet]:
    return [event for event in events(content) if isinstance(event, TransactionSet)]


GOOD = interchange(group(enrollment("INS*Y"), enrollment("INS*N", st02="000000002")))


def test_headers_come_before_what_they_enclose() -> None:
    kinds = [type(event) for event in events(text(*GOOD))]
    assert kinds == [Interchange, FunctionalGroup, TransactionSet, TransactionSet]


def test_positions_count_from_one_over_the_whole_file() -> None:
    assert [one.segment for one in sets(ENROLLMENTS)] == [3, 35, 67]


@pytest.mark.parametrize("pace", [1, 7, 105, 106, 107, 1000])
def test_a_stream_may_be_cut_anywhere(pace: int) -> None:
    content = text(*GOOD, *interchange(group(enrollment("INS*Y")), isa13="000000502"), end="~\r\n")
    whole = events(content)
    assert list(reader.read_interchanges(Dripping(content, pace))) == whole
    assert not any(isinstance(event, EdiFinding) for event in whole)


@pytest.mark.parametrize("end", ["~", "~\n", "~\r\n", "~ ", "~ \n", "\n", "\r\n", "\r", "\x1c", "'", "|"])
def test_segments_end_as_the_isa_says(end: str) -> None:
    assert [one.segments for one in sets(text(*GOOD, end=end))] == [one.segments for one in sets(text(*GOOD))]


def test_the_last_newline_may_be_missing_where_newlines_end_segments() -> None:
    assert len(sets(text(*GOOD, end="\n").rstrip())) == 2
    assert not findings(text(*GOOD, end="\n").rstrip())
    padded = text(*GOOD, end="\n") + b"\n\n"
    assert not findings(padded)
    assert list(reader.read_interchanges(Dripping(padded, 1))) == events(padded)


def test_any_element_separator_is_taken() -> None:
    content = text(*GOOD).replace(b"*", b"|").replace(b":", b">").replace(b"~", b"\x1d")
    assert not findings(content)
    assert sets(content)[0].segments == [written.BGN.replace("*", "|"), "INS|Y"]


def test_every_interchange_has_its_own_delimiters() -> None:
    others = [text(*interchange(group(enrollment("INS*Y")), isa13=f"00000060{n}")) for n in range(3)]
    others[0] = others[0].translate(bytes.maketrans(b"*:^~", b"~|!*"))
    others[1] = others[1].translate(bytes.maketrans(b"*:^~", b":*~|"))
    content = text(*GOOD) + b"\n" + b"\r\n".join(others)
    assert not findings(content)
    assert [one.segments[1] for one in sets(content)] == ["INS*Y", "INS*N", "INS~Y", "INS:Y", "INS*Y"]


def test_a_byte_order_mark_and_blanks_before_and_after_are_passed_over() -> None:
    assert not findings(b"\xef\xbb\xbf" + text(*GOOD))
    assert not findings(b"\r\n  " + text(*GOOD) + b"\r\n\x00\x00\x1a")


def test_text_is_utf_8_or_what_windows_writes_or_any_byte() -> None:
    content = text(*interchange(group(transaction("NM1*AA", "NM1*BB", "NM1*CC", "NM1*DD"))))
    content = content.replace(b"AA", "Muñoz".encode()).replace(b"BB", b"Mu\xf1oz").replace(b"CC", b"Mu\x81")
    names = [segment.rpartition("*")[2] for segment in sets(content)[0].segments]
    assert names == ["Muñoz", "Muñoz", "Mu\x81", "DD"]


def test_many_interchanges_groups_and_sets_are_taken() -> None:
    one = interchange(group(enrollment("INS*Y")), group(enrollment("INS*Y"), gs06="502"))
    two = interchange(group(enrollment("INS*Y")), isa13="000000502")
    assert not findings(text(*one, *two))
    assert len(sets(text(*one, *two))) == 3


def test_a_version_without_repetition_is_taken() -> None:
    content = text(*interchange(version="00401", repetition="U"))
    [head] = events(content)
    assert isinstance(head, Interchange)
    assert head.delimiters.repetition == ""


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (ENROLLMENTS, "834"),
        (written.acknowledgment("AK1*BE*1"), "999"),
        (written.acknowledgment("AK1*BE*1", notes=("TA1*000000501*260105*0600*A*000",)), "999"),
        (text(*interchange(notes=("TA1*000000501*260105*0600*A*000",))), "TA1"),
        (text(*interchange()), ""),
        (b"PK\x03\x04", ""),
        (text(*interchange(group(gs01="HC"))), ""),
    ],
)
def test_a_file_tells_its_kind(content: bytes, kind: str) -> None:
    assert reader.kind_of(BytesIO(content)) == kind


def test_notes_stand_before_and_after_groups() -> None:
    note = "TA1*000000501*260105*0600*A*000"
    lines = interchange(group(enrollment("INS*Y")), notes=(note,))
    lines.insert(-1, note)
    assert sum(isinstance(event, InterchangeNote) for event in events(text(*lines))) == 2
    assert not findings(text(*lines))


def changed(old: str, new: str) -> bytes:
    content = text(*GOOD).decode()
    assert old in content
    return content.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (b"", "the file is empty"),
        (b" \r\n\x00", "the file is empty"),
        (b"\xff\xfeI\x00S\x00A\x00", "the file does not begin with an ISA segment; it is not an X12 file"),
        (b"PK\x03\x04" + b"\x00\xff" * 500, "the file does not begin with an ISA segment; it is not an X12 file"),
        (b"ISA*00*", "the file ends within its ISA segment"),
        (text(*GOOD)[:-1], "the file ends in the middle of a segment"),
        (text(*GOOD)[:-30], "the file ends in the middle of a segment"),
        (text(*GOOD) + b"ISA*00*", "the file ends in the middle of a segment"),
        (text(*GOOD, end="\n") + b"ISA*00*", "an ISA segment does not have its sixteen elements"),
        (changed("MN0            *", "MN0*"), "the ISA segment does not have its fixed layout of 106 characters"),
        (changed("*T*:", "*T*^"), "the ISA segment declares the same character for two delimiters"),
        (changed("*T*:", "*T*Q"), "the ISA segment declares a letter, digit or space as delimiter"),
        (
            changed("*T*:", "*T*\x80").replace(b"\xc2", b""),
            "the ISA segment declares a letter, digit or space as delimiter",
        ),
        (b" " * 20_000, "no segment ends within 8192 characters"),
        (text(*GOOD) + b"A" * 300_000, "no segment ends within 8192 characters"),
    ],
)
def test_what_cannot_be_read_is_told(content: bytes, because: str) -> None:
    assert because in words(content)


@pytest.mark.parametrize(
    ("old", "new", "because", "segment"),
    [
        ("SE*4*000000001", "SE*5*000000001", "SE01 says 5, the set has 4 segments", 6),
        ("SE*4*000000001", "SE**000000001", "SE01 says nothing, the set has 4 segments", 6),
        ("SE*4*000000001", "SE", "SE02 says nothing, ST02 says 000000001", 6),
        ("SE*4*000000001", "SE*4*000000009", "SE02 says 000000009, ST02 says 000000001", 6),
        ("SE*4*000000001", "SE*4*1", "SE02 says 1, ST02 says 000000001", 6),
        ("GE*2*501", "GE*1*501", "GE01 says 1, the group has 2 transaction sets", 11),
        ("GE*2*501", "GE*2*502", "GE02 says 502, GS06 says 501", 11),
        ("GE*2*501", "GE*2*²", "GE02 says ², GS06 says 501", 11),
        ("IEA*1*", "IEA*2*", "IEA01 says 2, the interchange has 1 groups", 12),
        ("IEA*1*000000501", "IEA*1*000000502", "IEA02 says 000000502, ISA13 says 000000501", 12),
        (
            "ST*834*000000002",
            "ST*834*000000001",
            "the set control number 000000001 (ST02) is used twice in this group",
            7,
        ),
        ("ST*834*000000002", "ST*834*2", "ST02 says '2'; a control number has four to nine characters", 7),
        ("ST*834*000000002", "ST*271*000000002", "ST01 says '271', which does not belong in a group BE", 7),
        ("2*005010X220A1", "2*005010X220", "ST03 says '005010X220', GS08 says '005010X220A1'", 7),
        ("SE*4*000000001~", "", "the transaction set 000000001 is not closed by an SE", 6),
        ("SE*4*000000002~", "", "the transaction set 000000002 is not closed by an SE", 10),
        ("GE*2*501~", "", "the group 501 is not closed by a GE", 11),
        ("IEA*1*000000501~", "", "the interchange 000000501 is not closed by an IEA", 11),
        (
            "ST*834*000000002*005010X220A1~",
            "",
            "a segment 'BGN' stands between transaction sets, where none may stand",
            7,
        ),
        ("ST*834*000000002*005010X220A1~", "", "an SE closes a transaction set that was not opened", 9),
        ("GS*BE", "GX*BE", "a segment 'GX' stands between groups, where none may stand", 2),
        ("GS*BE", "GX*BE", "a transaction set begins outside of a group", 3),
        ("GS*BE", "GX*BE", "a GE closes a group that was not opened", 11),
        ("GS*BE", "GS*HC", "GS01 says 'HC'; we read BE (enrollments) and FA (acknowledgments)", 2),
        ("X*005010X220A1", "X*005010X222A1", "GS08 says '005010X222A1', a guide that we do not read", 2),
        ("*20260105*0600*501", "*20260231*0600*501", "GS04 says '20260231', which is not a day (CCYYMMDD)", 2),
        ("*20260105*0600*501", "*20260105*2460*501", "GS05 says '2460', which is not a time (HHMM)", 2),
        ("0600*501*X", "0600*A*X", "GS06 says 'A', not one to nine digits", 2),
        ("*260105*0600*^", "*261305*0600*^", "ISA09 says '261305', which is not a day (YYMMDD)", 1),
        ("*260105*0600*^", "*260105*06:0*^", "ISA10 says '06:0', which is not a time (HHMM)", 1),
        ("*00501*", "*00301*", "ISA12 says version '00301'; we read 00501 and 00401", 1),
        ("*000000501*1*T", "*00000050A*1*T", "ISA13 says '00000050A', which is not nine digits", 1),
        ("*1*T*", "*1*X*", "ISA15 says 'X'; it may say P or T", 1),
        ("INS*Y", "TA1*1", "a TA1 may stand only in an interchange and outside of its groups", 5),
        ("INS*Y", "TA1X*1", "'TA1X' is not a segment that we know", 5),
        ("IEA*1*000000501~", "IEA*1*000000501~IEA*1*1~", "an IEA closes an interchange that was not opened", 13),
        (
            "IEA*1*000000501~",
            "IEA*1*000000501~TA1*1~",
            "a TA1 may stand only in an interchange and outside of its groups",
            13,
        ),
        ("IEA*1*000000501~", "IEA*1*000000501~GS*BE~", "a group begins outside of an interchange", 13),
        ("INS*Y", "INS*Y*" + "A" * 1100, "the segment or one of its elements is too long (1106 characters)", 5),
        ("INS*Y", "INS*Y" + "*" * 8190, "the segment or one of its elements is too long (8195 characters)", 5),
    ],
)
def test_an_envelope_that_does_not_balance_is_told(old: str, new: str, because: str, segment: int) -> None:
    assert (because, segment) in [(finding.because, finding.segment) for finding in findings(changed(old, new))]


def test_a_long_segment_of_short_elements_is_fine() -> None:
    assert not findings(changed("INS*Y", "INS*Y" + "*A" * 1000))


def test_control_numbers_are_not_used_twice() -> None:
    one = interchange(group(enrollment("INS*Y")), group(enrollment("INS*Y")))
    assert "the group control number 501 (GS06) is used twice in this interchange" in words(text(*one))
    assert "the interchange control number 000000501 (ISA13) is used twice in this file" in words(text(*GOOD, *GOOD))
    other = interchange(group(enrollment("INS*Y")), sender="WI0")
    assert not findings(text(*GOOD, *other))


def test_numbers_are_remembered_in_any_order() -> None:
    numbers = Numbers()
    given = ["5", "6", "7", "20", "21", "3", "6", "21", "3", "0007", "8", "30", "8", "AB", "AB", "19"]
    assert [numbers.repeats(number) for number in given] == [
        False, False, False, False, False, False, True, True, True, True, False, False, True, False, True, False,
    ]  # fmt: skip


def test_reading_stops_after_a_hundred_findings() -> None:
    content = text(*interchange(["NTE*X"] * 500))
    told = words(content)
    assert len(told) == 101
    assert told[-1] == "reading stopped after 100 findings; there may be more"


def test_an_empty_segment_within_a_set_counts() -> None:
    assert "SE01 says 4, the set has 5 segments" in words(changed("INS*Y~", "INS*Y~~"))


def test_a_set_without_end_is_given_up() -> None:
    content = text(*interchange(group(enrollment(*["LX"] * 1_000_000))))
    assert words(content)[:1] == ["the transaction set has more than 1000000 segments"]
