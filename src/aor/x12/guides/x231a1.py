"""Acknowledgments written, 999 005010X231A1 and TA1, as a carrier answers: for a simulated one, and for tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aor.x12.envelope import Interchange

GUIDE = "005010X231A1"


@dataclass(frozen=True, slots=True)
class SegmentError:
    """An IK3, with an IK4 where `element` says which. `code` is IK304, `element_code` IK403, `reference` IK402."""

    tag: str
    position: int
    code: str
    loop: str = ""
    element: int | None = None
    reference: str = ""
    element_code: str = ""
    copy: str = ""


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """How one set was taken: A, E or R."""

    st02: str
    code: str = "A"
    errors: tuple[SegmentError, ...] = ()
    st01: str = "834"
    st03: str = "005010X220A1"


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """How one group was taken, set by set."""

    gs06: str
    sets: tuple[SetVerdict, ...]
    functional_code: str = "BE"
    version: str = "005010X220A1"


def compose_ta1(
    answered: Interchange, *, isa13: int, composed_at: datetime, code: str = "A", note: str = "000"
) -> bytes:
    """An interchange with a TA1 alone."""
    return _interchange(answered, isa13, composed_at, [_ta1(answered, code, note)], groups=0)


def compose_999(
    answered: Interchange,
    groups: Sequence[GroupVerdict],
    *,
    isa13: int,
    gs06: int,
    composed_at: datetime,
    ta1: tuple[str, str] | None = ("A", "000"),
) -> bytes:
    """An interchange with one 999 for each group answered and, between ISA and GS, a TA1 (code, note) unless None."""
    segments = [] if ta1 is None else [_ta1(answered, *ta1)]
    day, clock = f"{composed_at:%Y%m%d}", f"{composed_at:%H%M}"
    segments.append(f"GS*FA*{answered.isa08}*{answered.isa06}*{day}*{clock}*{gs06}*X*{GUIDE}")
    for number, group in enumerate(groups, 1):
        body = [f"ST*999*{number:04d}*{GUIDE}", *_group(group)]
        segments += [*body, f"SE*{len(body) + 1}*{number:04d}"]
    segments.append(f"GE*{len(groups)}*{gs06}")
    return _interchange(answered, isa13, composed_at, segments, groups=1)


def _ta1(answered: Interchange, code: str, note: str) -> str:
    return f"TA1*{answered.isa13}*{answered.isa09}*{answered.isa10}*{code}*{note}"


def _group(group: GroupVerdict) -> Iterable[str]:
    yield f"AK1*{group.functional_code}*{group.gs06}*{group.version}"
    for verdict in group.sets:
        yield f"AK2*{verdict.st01}*{verdict.st02}*{verdict.st03}"
        for error in verdict.errors:
            # IK303 holds four characters, so that a loop such as 1000C goes unsaid.
            yield f"IK3*{error.tag}*{error.position}*{error.loop if len(error.loop) <= 4 else ''}*{error.code}"
            if error.element is not None:
                element = f"IK4*{error.element}*{error.reference}*{error.element_code}*{error.copy}"
                yield element.rstrip("*")
        yield f"IK5*{verdict.code}" + ("*5" if verdict.code != "A" and verdict.errors else "")
    taken = [verdict.code in ("A", "E") for verdict in group.sets]
    accepted = sum(taken)
    if accepted == len(taken):
        code = "E" if any(verdict.code == "E" for verdict in group.sets) else "A"
    else:
        code = "P" if accepted else "R"
    yield f"AK9*{code}*{len(taken)}*{len(taken)}*{accepted}"


def _interchange(
    answered: Interchange, isa13: int, composed_at: datetime, segments: list[str], *, groups: int
) -> bytes:
    sender = f"{answered.isa07}*{answered.isa08:15}"
    receiver = f"{answered.isa05}*{answered.isa06:15}"
    isa = (
        f"ISA*00*{'':10}*00*{'':10}*{sender}*{receiver}*{composed_at:%y%m%d}*{composed_at:%H%M}"
        f"*^*00501*{isa13:09d}*0*{answered.isa15}*:"
    )
    return "".join(f"{s}~" for s in (isa, *segments, f"IEA*{groups}*{isa13:09d}")).encode("ascii")
