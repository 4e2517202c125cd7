"""The 834 that tells a carrier its agent of record: a maintenance set, 005010X220A1, in the carrier's dialect.

Source: CMS's X12 834 companion guide 7.2, tables 22, 23 and 30: one set for each entry, the subscriber alone, loop
1000C for the broker, the AOR's day in DTP*303; a removal is the same without loop 1000C.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
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
    "subscriber_id": (2, 50), "member_id": (1, 50), "carrier_tax_id": (2, 80),
    "hios_issuer_id": (5, 5), "coverage": (2, 3), "plan_id": (14, 50), "policy_id": (1, 50), "broker_npn": (2, 10),
    "broker_tax_id": (9, 9), "broker_license": (1, 35), "sex": (1, 1),
}  # fmt: skip
_MAY_BE_EMPTY = {"subscriber_first", "subscriber_middle"}


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


class Draft(NamedTuple):
    """A set's text but for its control numbers (`numbered` says them), and what is wrong with it.

    A set with findings is not sent. Their positions count from its ST.
    """

    text: str
    findings: list[EdiFinding]


def numbered(text: str, st02: str, bgn02: str = "") -> str:
    """A draft's text with its ST02 and its business reference, which is the same where none is given."""
    return text.replace(_ST02, st02).replace(_BGN02, bgn02 or st02)


def group_receiver(profile: Dialect, *, plan_id: str, receiver: str) -> str:
    """GS03 as the profile says; `plan_id` is that of the group's first set, `receiver` ISA08."""
    return plan_id[:14] if profile.group_receiver == "plan" else receiver


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


_OF_BROKER = ("broker_name", "broker_npn", "broker_tax_id", "broker_license")
_OF_SET = (
    "subscriber_name", "subscriber_last", "subscriber_first", "subscriber_middle", "subscriber_id", "member_id",
    "birth_date", "sex", "hios_issuer_id", "coverage", "effective", "benefit_begin", "plan_id", "policy_id",
)  # fmt: skip
# What changes from set to set; all else is filled into the template once.
_CHANGING = _OF_BROKER + _OF_SET
_MOST_BROKERS, _MOST_TEMPLATES = 20_000, 1_000
# Not in X12's set: no text of ours holds them.
_ST02, _BGN02, _BETWEEN = "\x1d", "\x1e", "\x1f"


class _Template(NamedTuple):
    """What the sets of one carrier and moment have in common: text, with what changes to be put in at every second
    place, what picks that, and what is wrong already."""

    text: list[str]
    pick: Callable[[tuple[str, ...]], tuple[str, ...]]
    findings: list[EdiFinding]


class Composer:
    """Writes in one dialect: a set is one formatting of a template, and one pattern finds that it is right."""

    def __init__(self, profile: Dialect) -> None:
        self.profile = profile
        self.end = profile.delimiters.terminator + profile.end_of_line
        self.zone = dates.ZONES[profile.time_zone]
        self.templates: dict[object, _Template] = {}
        self.brokers: dict[Broker, tuple[tuple[str, ...], list[EdiFinding]]] = {}
        self.places: dict[str, tuple[int, str, int]] = {}
        leaving_out = set()
        for position, segment in enumerate(profile.segments, 1):
            for fact, leaves_out, tag, element in dialect.places(segment):
                self.places.setdefault(fact, (position, tag, element))
                if leaves_out:
                    leaving_out.add(fact)
        may_be_empty = _MAY_BE_EMPTY | leaving_out
        self.may_be_empty = [i for i, fact in enumerate(_OF_SET) if fact in may_be_empty]
        self.needed = set(self.places) - may_be_empty
        self.right = re.compile(_BETWEEN.join(map(self._right, _OF_SET)))

    def draft(self, entry: MaintenanceSet) -> Draft:
        """Writes and checks a set."""
        broker, wrong = self.broker(entry.broker)
        of_set = self.of_set(entry)
        empty = tuple([i for i in self.may_be_empty if not of_set[i]])
        key = (entry.carrier_name, entry.carrier_tax_id, entry.composed_at, entry.broker is None, empty)
        template = self.templates.get(key)
        if template is None:
            if len(self.templates) >= _MOST_TEMPLATES:
                self.templates.clear()
            template = self.templates[key] = self._template(entry, {_OF_SET[i] for i in empty})
        findings = template.findings + wrong
        if not self.right.fullmatch(_BETWEEN.join(of_set)):
            findings += self._findings(zip(_OF_SET, of_set, strict=True))
        if entry.effective < entry.benefit_begin:
            because = f"the agent of record would begin on {entry.effective}, before the coverage"
            findings.append(EdiFinding(1, "DTP", 3, "DATE", f"{because} ({entry.benefit_begin})"))
        text = template.text.copy()
        text[1::2] = template.pick(broker + of_set)
        return Draft("".join(text), findings)

    def interchange(
        self,
        sets: Sequence[str],
        *,
        isa13: int,
        gs06: int,
        receiver: str,
        group_receiver: str,
        composed_at: datetime,
    ) -> bytes:
        """One interchange with one group of numbered sets. `receiver` is ISA08, `group_receiver` GS03.

        Raises ValueError for no sets, or control numbers or ids that the envelope cannot hold.
        """
        if not sets:
            raise ValueError("an interchange needs one set at least")
        opening = self.opening(isa13, gs06, receiver, group_receiver, composed_at)
        return "".join([opening, *sets, self.closing(isa13, gs06, len(sets))]).encode("ascii")

    def broker(self, broker: Broker | None) -> tuple[tuple[str, ...], list[EdiFinding]]:
        """The facts of `_OF_BROKER`, and what is wrong with them: a broker who is named must be known whole."""
        if broker is None:
            return ("",) * len(_OF_BROKER), []
        found = self.brokers.get(broker)
        if found is None:
            if len(self.brokers) >= _MOST_BROKERS:
                self.brokers.clear()
            facts = (self._person("broker_name", broker.name), broker.npn, broker.tax_id, broker.license_number)
            wrong = self._findings(zip(_OF_BROKER, facts, strict=True), all_needed=True)
            found = self.brokers[broker] = facts, wrong
        return found

    def of_set(self, entry: MaintenanceSet) -> tuple[str, ...]:
        """The facts of `_OF_SET`, as written in an element."""
        last = self._person("subscriber_last", entry.subscriber_last)
        first = self._person("subscriber_first", entry.subscriber_first)
        return (
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
        return {
            "st02": _ST02,
            "bgn02": _BGN02,
            "sent_day": f"{local:%Y%m%d}",
            "sent_time": f"{local:%H%M%S}",
            "timestamp": f"{local:%Y%m%d%H%M%S}{local.microsecond // 10_000:02d}",
            "carrier_name": self._text("carrier_name", entry.carrier_name, upper=False),
            "carrier_tax_id": entry.carrier_tax_id,
        }

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

    def _template(self, entry: MaintenanceSet, empty: set[str]) -> _Template:
        """For sets of which these facts are empty, and the broker's too where there is none."""
        common = self.common(entry)
        empty |= {fact for fact, value in common.items() if not value}
        if entry.broker is None:
            empty.update(_OF_BROKER)
        lines = [
            line
            for line in self.profile.segments
            if not any(leaves_out and fact in empty for fact, leaves_out, _, _ in dialect.places(line))
        ]
        lines.append(f"SE*{len(lines) + 1}*{{st02}}")
        used: list[int] = []

        def say(place: re.Match[str]) -> str:
            if place[1] in empty or place[1] in common:
                return common.get(place[1], "")
            used.append(_CHANGING.index(place[1]))
            return _BETWEEN

        e = self.profile.delimiters.element
        text = "".join(dialect.PLACE.sub(say, line.replace("*", e)).rstrip(e) + self.end for line in lines)
        whole = [piece for part in text.split(_BETWEEN) for piece in (part, "")][:-1]
        of_carrier = [(fact, common[fact]) for fact in ("carrier_name", "carrier_tax_id")]
        return _Template(whole, itemgetter(*used), self._findings(of_carrier, all_needed=True))

    def _person(self, fact: str, name: str) -> str:
        if name.isascii() and name.isalpha():
            return (name.upper() if self.profile.upper_case else name)[: LONGEST[fact]]
        return self._text(fact, name, upper=self.profile.upper_case)

    def _findings(self, facts: Iterable[tuple[str, str]], *, all_needed: bool = False) -> list[EdiFinding]:
        return [
            EdiFinding(*self.places[fact], "LENGTH" if value else "MISSING", because)
            for fact, value in facts
            if fact in self.places and (because := self._wrong(fact, value, needed=all_needed or fact in self.needed))
        ]

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
