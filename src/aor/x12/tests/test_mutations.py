"""Whatever is done to a file: no crash, nothing private let through, no wrong count or number accepted."""

from __future__ import annotations

from io import BytesIO

from hypothesis import example, given, settings
from hypothesis import strategies as st

from aor.x12 import acknowledgment, reader
from aor.x12.findings import EdiFinding
from aor.x12.guides import x220a1
from aor.x12.tests import written

ANSWER = written.acknowledgment(
    "AK1*BE*501*005010X220A1",
    "AK2*834*000000001",
    "IK3*NM1*12*2100*8",
    "IK4*3*1035*1",
    "IK5*R*5",
    "AK9*R*1*1*0",
    notes=("TA1*000000501*260105*0600*A*000",),
)
FILES = st.sampled_from([written.ENROLLMENTS, written.AGENTS_OF_RECORD, ANSWER])


def all_events(content: bytes) -> list[object]:
    return [*x220a1.read(BytesIO(content)), *acknowledgment.read(BytesIO(content)), reader.kind_of(BytesIO(content))]


def refused(content: bytes) -> bool:
    return any(isinstance(event, EdiFinding) for event in x220a1.read(BytesIO(content)))


@settings(max_examples=300, deadline=None)
@given(FILES, st.data())
def test_bytes_put_in_or_taken_out_never_crash(content: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content)))
        until = data.draw(st.integers(at, min(len(content), at + 30)))
        content = content[:at] + data.draw(st.binary(max_size=30)) + content[until:]
    all_events(content)


@settings(max_examples=200, deadline=None)
@given(FILES, st.data())
def test_segments_and_elements_changed_never_crash(content: bytes, data: st.DataObject) -> None:
    segments = content.decode().split("~")
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(segments) - 1))
        elements = segments[at].split("*")
        pick = data.draw(st.integers(0, len(elements) - 1))
        elements[pick] = data.draw(st.text(max_size=12) | st.sampled_from(["", "20260231", "34", "SY", "75", "ISA"]))
        segments[at] = data.draw(st.sampled_from(["*".join(elements), "*".join(elements[:pick]), segments[0], "~"]))
    all_events("~".join(segments).encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
@example(b"ISA" * 200)
@example(b"ISA" + b"*" * 103 + b"~")
def test_any_bytes_are_answered_with_a_finding(content: bytes) -> None:
    assert refused(content)


@given(st.integers(0, len(written.ENROLLMENTS) - 1))
def test_a_truncated_file_is_never_accepted(length: int) -> None:
    assert refused(written.ENROLLMENTS[:length])


SEGMENTS = written.ENROLLMENTS.decode().split("~")[:-1]


@given(st.integers(0, len(SEGMENTS) - 1))
def test_a_file_that_lacks_a_segment_is_never_accepted(at: int) -> None:
    assert refused(written.text(*SEGMENTS[:at], *SEGMENTS[at + 1 :]))


@given(st.integers(0, len(SEGMENTS) - 1))
def test_a_file_with_a_segment_twice_is_never_accepted(at: int) -> None:
    assert refused(written.text(*SEGMENTS[: at + 1], *SEGMENTS[at:]))


COUNTED = [at for at, segment in enumerate(SEGMENTS) if segment[:3] in ("SE*", "GE*", "IEA")]


@given(st.sampled_from(COUNTED), st.integers(1, 2), st.integers(0, 10**9))
def test_no_wrong_count_or_control_number_is_accepted(at: int, element: int, number: int) -> None:
    elements = SEGMENTS[at].split("*")
    wrong = int(elements[element]) != number
    elements[element] = str(number)
    assert refused(written.text(*SEGMENTS[:at], "*".join(elements), *SEGMENTS[at + 1 :])) or not wrong
