"""The 834 that tells a carrier its agent of record: a maintenance set, 005010X220A1, in the carrier's dialect.

Source: CMS's X12 834 companion guide 7.2, tables 22, 23 and 30: one set for each entry, the subscriber alone, loop
1000C for the broker, the AOR's day in DTP*303; a removal is the same without loop 1000C.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import chain, islice
from operator import itemgetter
from typing import NamedTuple

from aor.x12 import dates, dialect
from aor.x12.charset import EXTENDED, x12_text
from aor.x12.dialect import Dialect
from aor.x12.findings import EdiFinding

LONGEST = {
    "subscriber_name": 60, "subscriber_last": 60, "subscriber_first": 35, "subscriber_middle": 25,
    "carrier_name": 60, "broker_name": 60,
}  # fmt: skip
_IDENTIFIERS = {
    "st02": (4, 9), "bgn02": (1, 50), "subscriber_id": (2, 50), "member_id": (1, 50), "carrier_tax_id": (2, 80),
    "hios_issuer_id": (5, 5), "coverage": (2, 3), "plan_id": (14, 50), "policy_id": (1, 50), "broker_npn": (2, 10),
    "broker_tax_id": (9, 9), "broker_license": (1, 35), "sex": (1, 1),
}  # fmt: skip
_MAY_BE_EMPTY = {"subscriber_first", "subscriber_middle"}
_SETS_IN_CHUNK = 500


class Broker(NamedTuple):
    """Whom the set names in loop 1000C; a dialect says the NPN, or the tax id and the licence."""

    name: str
    npn: str
    tax_id: str = ""
    license_number: str = ""


class MaintenanceSet(NamedTuple):
    """One entry of an agent of record, or its removal where `broker` is None. `composed_at` is aware.

    `sex` is DMG03 as received (F, M or U); without it U is sent. `coverage` is HD03. `effective` is the day from
    which the broker is agent of record, or no longer is.
    """

    st02: str
    bgn02: str
    subscriber_first: str
    subscriber_last: str
    subscriber_middle: str
    subscriber_id: str
    member_id: str
    birth_date: date | None
    sex: str
    carrier_name: str
    carrier_tax_id: str
    broker: Broker | None
    coverage: str
    effective: date
    benefit_begin: date
    plan_id: str
    policy_id: str
    composed_at: datetime


def check(profile: Dialect, entry: MaintenanceSet) -> list[EdiFinding]:
    """What is wrong with a set, so that it is not sent; empty when it may go. Positions count from its ST."""
    findings = _composer(profile).check(entry)
    if entry.effective < entry.benefit_begin:
        because = f"the agent of record would begin on {entry.effective}, before the coverage ({entry.benefit_begin})"
        findings.append(EdiFinding(1, "DTP", 3, "DATE", because))
    return findings


def compose_interchange(
    profile: Dialect,
    entries: Sequence[MaintenanceSet],
    *,
    isa13: int,
    gs06: int,
    receiver: str,
    composed_at: datetime,
    group_receiver: str = "",
) -> bytes:
    """One interchange with one group. `receiver` is ISA08; GS03 is `group_receiver` or as the profile says.

    Raises ValueError for no entries, or control numbers or ids that the envelope cannot hold. Entries are taken as
    checked (`check`).
    """
    return b"".join(
        interchange_chunks(
            profile,
            entries,
            isa13=isa13,
            gs06=gs06,
            receiver=receiver,
            composed_at=composed_at,
            group_receiver=group_receiver,
        )
    )


def interchange_chunks(
    profile: Dialect,
    entries: Iterable[MaintenanceSet],
    *,
    isa13: int,
    gs06: int,
    receiver: str,
    composed_at: datetime,
    group_receiver: str = "",
) -> Iterator[bytes]:
    """As `compose_interchange`, in pieces, for any number of entries in flat memory."""
    rest = iter(entries)
    first = next(rest, None)
    if first is None:
        raise ValueError("an interchange needs one set at least")
    if not group_receiver:
        group_receiver = first.plan_id[:14] if profile.group_receiver == "plan" else receiver
    composer = _composer(profile)
    yield composer.opening(isa13, gs06, receiver, group_receiver, composed_at).encode("ascii")
    sets = 0
    rest = chain([first], rest)
    while chunk := list(islice(rest, _SETS_IN_CHUNK)):
        sets += len(chunk)
        yield "".join(map(composer.transaction_set, chunk)).encode("ascii")
    yield composer.closing(isa13, gs06, sets).encode("ascii")


def file_name(profile: Dialect, *, hios: str, isa13: int, receiver: str, composed_at: datetime) -> str:
    """The name under which the carrier finds the file; its day and time are those of the profile's zone."""
    local = composed_at.astimezone(dates.ZONES[profile.time_zone])
    return profile.file_name.format(
        hios=hios,
        day=f"{local:%y%m%d}",
        time=f"{local:%H%M%S}{local.microsecond // 1000:03d}",
        isa13=f"{isa13:09d}",
        receiver=receiver,
    )


# What changes from set to set; all else is filled into the template once.
_CHANGING = (
    "st02", "bgn02", "subscriber_name", "subscriber_last", "subscriber_first", "subscriber_middle", "subscriber_id",
    "member_id", "birth_date", "sex", "hios_issuer_id", "coverage", "effective", "benefit_begin", "plan_id",
    "policy_id",
)  # fmt: skip
_MOST_TEMPLATES = 2_000
_BETWEEN = "\x1f"  # no text of ours holds it: not in X12's set


@lru_cache(maxsize=8)
def _composer(profile: Dialect) -> _Composer:
    return _Composer(profile)


def _key(entry: MaintenanceSet) -> object:
    """What the sets of one broker, carrier and moment have in common."""
    return entry.broker, entry.carrier_name, entry.carrier_tax_id, entry.composed_at


class _Composer:
    """Writes sets in one dialect. What a broker's sets have in common is one template; a set is one formatting."""

    def __init__(self, profile: Dialect) -> None:
        self.profile = profile
        self.end = profile.delimiters.terminator + profile.end_of_line
        self.zone = dates.ZONES[profile.time_zone]
        self.empty_end = profile.delimiters.element + profile.delimiters.terminator
        self.templates: dict[object, tuple[str, Callable[[tuple[str, ...]], tuple[str, ...]]]] = {}
        self.checked: dict[object, list[EdiFinding]] = {}
        self.places: dict[str, tuple[int, str, int]] = {}
        leaving_out = set()
        for position, segment in enumerate(profile.segments, 1):
            for fact, leaves_out, tag, element in dialect.places(segment):
                self.places.setdefault(fact, (position, tag, element))
                if leaves_out:
                    leaving_out.add(fact)
        self.leaving_out = [i for i, fact in enumerate(_CHANGING) if fact in leaving_out]
        self.needed = set(self.places) - _MAY_BE_EMPTY - {_CHANGING[i] for i in self.leaving_out}
        self.right = re.compile(_BETWEEN.join(map(self._right, _CHANGING)))

    def check(self, entry: MaintenanceSet) -> list[EdiFinding]:
        key, changing = _key(entry), self.changing(entry)
        if len(self.checked) >= _MOST_TEMPLATES:
            self.checked.clear()
        if key not in self.checked:
            self.checked[key] = [
                self._finding(fact, value, because)
                for fact, value in self.common(entry).items()
                if fact in self.places and not (entry.broker is None and fact.startswith("broker_"))
                if (because := self._wrong(fact, value, needed=True))
            ]
        if self.right.fullmatch(_BETWEEN.join(changing)):
            return self.checked[key].copy()
        return self.checked[key] + [
            self._finding(fact, changing[i], because)
            for i, fact in enumerate(_CHANGING)
            if fact in self.places and (because := self._wrong(fact, changing[i], needed=fact in self.needed))
        ]

    def transaction_set(self, entry: MaintenanceSet) -> str:
        changing = self.changing(entry)
        key = (_key(entry), *[not changing[i] for i in self.leaving_out])
        found = self.templates.get(key)
        if found is None:
            if len(self.templates) >= _MOST_TEMPLATES:
                self.templates.clear()
            found = self.templates[key] = self._template(entry)
        template, pick = found
        text = template % pick(changing)
        while self.empty_end in text:
            text = text.replace(self.empty_end, self.profile.delimiters.terminator)
        return text

    def changing(self, entry: MaintenanceSet) -> tuple[str, ...]:
        """The facts of `_CHANGING`, as written in an element."""
        last = self._person("subscriber_last", entry.subscriber_last)
        first = self._person("subscriber_first", entry.subscriber_first)
        return (
            entry.st02,
            entry.bgn02,
            f"{first} {last}".strip()[:60].rstrip(),
            last,
            first,
            self._person("subscriber_middle", entry.subscriber_middle) if entry.subscriber_middle else "",
            entry.subscriber_id,
            entry.member_id,
            _day(entry.birth_date) if entry.birth_date is not None else "",
            entry.sex or "U",
            entry.plan_id[:5],
            entry.coverage,
            _day(entry.effective),
            _day(entry.benefit_begin),
            entry.plan_id,
            entry.policy_id,
        )

    def common(self, entry: MaintenanceSet) -> dict[str, str]:
        """The other facts."""
        local = entry.composed_at.astimezone(self.zone)
        broker = entry.broker
        return {
            "sent_day": f"{local:%Y%m%d}",
            "sent_time": f"{local:%H%M%S}",
            "timestamp": f"{local:%Y%m%d%H%M%S}{local.microsecond // 10_000:02d}",
            "carrier_name": self._text("carrier_name", entry.carrier_name, upper=False),
            "carrier_tax_id": entry.carrier_tax_id,
            "broker_name": self._person("broker_name", broker.name) if broker else "",
            "broker_npn": broker.npn if broker else "",
            "broker_tax_id": broker.tax_id if broker else "",
            "broker_license": broker.license_number if broker else "",
        }

    def facts(self, entry: MaintenanceSet) -> dict[str, str]:
        """All that a profile's segments may name."""
        return self.common(entry) | dict(zip(_CHANGING, self.changing(entry), strict=True))

    def opening(self, isa13: int, gs06: int, receiver: str, group_receiver: str, composed_at: datetime) -> str:
        """ISA and GS."""
        profile, e = self.profile, self.profile.delimiters.element
        for name, number in (("ISA13", isa13), ("GS06", gs06)):
            if not 1 <= number <= 999_999_999:
                raise ValueError(f"{name} has one to nine digits, not {number}")
        for name, text, least in (("ISA08", receiver, 1), ("GS03", group_receiver, 2)):
            if not (least <= len(text) <= 15 and _clean(text, profile)):
                raise ValueError(f"{name} has {least} to 15 characters of X12's set, not {text!r}")
        local = composed_at.astimezone(self.zone)
        isa = (
            "ISA", "00", " " * 10, "00", " " * 10, profile.sender_qualifier, f"{profile.sender_id:15}",
            profile.receiver_qualifier, f"{receiver:15}", f"{local:%y%m%d}", f"{local:%H%M}",
            profile.delimiters.repetition, "00501", f"{isa13:09d}", profile.acknowledgment_requested, profile.usage,
            profile.delimiters.component,
        )  # fmt: skip
        gs = (
            "GS", "BE", profile.group_sender, group_receiver, f"{local:%Y%m%d}", f"{local:%H%M}", str(gs06), "X",
            "005010X220A1",
        )  # fmt: skip
        return e.join(isa) + self.end + e.join(gs) + self.end

    def closing(self, isa13: int, gs06: int, sets: int) -> str:
        """GE and IEA."""
        e = self.profile.delimiters.element
        return f"GE{e}{sets}{e}{gs06}{self.end}IEA{e}1{e}{isa13:09d}{self.end}"

    def _template(self, entry: MaintenanceSet) -> tuple[str, Callable[[tuple[str, ...]], tuple[str, ...]]]:
        """The text of a set but for what changes, and what picks that, in order of use."""
        facts = self.facts(entry)
        common = self.common(entry)
        lines = [
            line
            for line in self.profile.segments
            if not any(leaves_out and not facts[fact] for fact, leaves_out, _, _ in dialect.places(line))
        ]
        lines.append(f"SE*{len(lines) + 1}*{{st02}}")
        used: list[int] = []

        def say(place: re.Match[str]) -> str:
            if place[1] in common:
                return common[place[1]].replace("%", "%%")
            used.append(_CHANGING.index(place[1]))
            return "%s"

        e = self.profile.delimiters.element
        written = [dialect.PLACE.sub(say, line.replace("%", "%%").replace("*", e)) + self.end for line in lines]
        return "".join(written), itemgetter(*used)

    def _person(self, fact: str, name: str) -> str:
        if name.isascii() and name.isalpha():
            return (name.upper() if self.profile.upper_case else name)[: LONGEST[fact]]
        return self._text(fact, name, upper=self.profile.upper_case)

    def _finding(self, fact: str, value: str, because: str) -> EdiFinding:
        position, tag, element = self.places[fact]
        return EdiFinding(position, tag, element, "LENGTH" if value else "MISSING", because)

    def _wrong(self, fact: str, value: str, *, needed: bool) -> str:
        words = fact.replace("_", " ")
        if not value:
            return f"the {words} is missing" if needed else ""
        if fact == "broker_npn" and not (value.isascii() and value.isdigit()):
            return f"the NPN {value!r} is not a number"
        least, most = _IDENTIFIERS.get(fact, (1, 60))
        if not least <= len(value) <= most:
            return f"the {words} {value!r} has {len(value)} characters; it may have {least} to {most}"
        if not (value.isascii() and value.isalnum()) and (value != value.strip() or not _clean(value, self.profile)):
            return f"the {words} {value!r} has a character that X12 or a delimiter does not allow"
        return ""

    def _right(self, fact: str) -> str:
        """A pattern of the values in which `_wrong` finds nothing."""
        if fact not in self.places:
            return f"[^{_BETWEEN}]*"
        least, most = _IDENTIFIERS.get(fact, (1, 60))
        allowed = "".join(map(re.escape, sorted(EXTENDED - _marks(self.profile))))
        value = f"(?! )[{allowed}]{{{least},{most}}}(?<! )"
        return value if fact in self.needed else f"(?:{value})?"

    def _text(self, fact: str, text: str, *, upper: bool) -> str:
        return x12_text(text, limit=LONGEST[fact], delimiters=self.profile.delimiters, upper=upper)


def _clean(text: str, profile: Dialect) -> bool:
    return set(text) <= EXTENDED - _marks(profile)


def _marks(profile: Dialect) -> set[str]:
    marks = profile.delimiters
    return {marks.element, marks.repetition, marks.component, marks.terminator}


@lru_cache(maxsize=8192)
def _day(day: date) -> str:
    return day.isoformat().replace("-", "")
