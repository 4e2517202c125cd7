"""How one carrier wants its maintenance sets: a profile, checked as it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aor.x12 import dates
from aor.x12.charset import EXTENDED
from aor.x12.separators import Delimiters

# What a profile's segments may name. The last three come from the broker, and are empty in a removal.
FACTS = (
    "st02", "bgn02", "sent_day", "sent_time", "timestamp", "subscriber_name", "subscriber_last", "subscriber_first",
    "subscriber_middle", "subscriber_id", "member_id", "birth_date", "sex", "carrier_name", "carrier_tax_id",
    "hios_issuer_id", "coverage", "effective", "benefit_begin", "plan_id", "policy_id", "broker_name", "broker_npn",
    "broker_tax_id", "broker_license",
)  # fmt: skip

PLACE = re.compile(r"\{(\w+)(\??)\}")

Tables = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A profile. `segments` are one set's, from ST to before SE, written with *, with {facts} still to fill in."""

    name: str
    sender_qualifier: str
    sender_id: str
    receiver_qualifier: str
    acknowledgment_requested: str
    usage: str
    time_zone: str
    delimiters: Delimiters
    end_of_line: str
    group_sender: str
    group_receiver: str
    most_sets: int
    first_isa13: int
    first_gs06: int
    first_st02: int
    file_name: str
    upper_case: bool
    segments: tuple[str, ...]

    def names(self, fact: str) -> bool:
        """Whether a set of this dialect says the fact."""
        return any(place[1] == fact for segment in self.segments for place in PLACE.finditer(segment))


def places(segment: str) -> list[tuple[str, bool, str, int]]:
    """The facts that a segment names: (fact, whether the segment is left out without it, tag, element)."""
    tag, *elements = segment.split("*")
    return [
        (place[1], bool(place[2]), tag, number)
        for number, element in enumerate(elements, 1)
        for place in PLACE.finditer(element)
    ]


def merged(base: Tables, over: Tables) -> dict[str, object]:
    """The tables of `base` with what `over` says otherwise."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def parse(tables: Tables, *, name: str) -> Dialect:
    """A profile from its tables. Raises ValueError with a sentence that names the key."""
    of = _Tables(tables, name)
    interchange, group, numbers = "interchange", "group", "numbers"
    element, terminator = of.text(interchange, "element"), of.text(interchange, "terminator")
    delimiters = Delimiters(
        element, of.text(interchange, "repetition"), of.text(interchange, "component"), terminator
    )
    used = delimiters.element + delimiters.repetition + delimiters.component + delimiters.terminator
    if len(used) != 4 or len(set(used)) != 4 or any(c.isalnum() or c in " .-{}?" for c in used):
        raise ValueError(f"profile {name}: the four delimiters are one character each, all different")
    if of.text(group, "receiver") not in ("plan", "interchange"):
        raise ValueError(f"profile {name}: [group] receiver is plan or interchange")
    if of.text(interchange, "usage") not in ("P", "T"):
        raise ValueError(f"profile {name}: [interchange] usage is P or T")
    if of.text(interchange, "time_zone") not in dates.ZONES:
        raise ValueError(f"profile {name}: [interchange] time_zone is a code of data element 623")
    if of.text(interchange, "end_of_line").strip("\r\n"):
        raise ValueError(f"profile {name}: [interchange] end_of_line is empty or a newline")
    if len(of.text(interchange, "sender_id")) > 15:
        raise ValueError(f"profile {name}: [interchange] sender_id has up to 15 characters")
    return Dialect(
        name=name,
        sender_qualifier=of.text(interchange, "sender_qualifier"),
        sender_id=of.text(interchange, "sender_id"),
        receiver_qualifier=of.text(interchange, "receiver_qualifier"),
        acknowledgment_requested=of.text(interchange, "acknowledgment_requested"),
        usage=of.text(interchange, "usage"),
        time_zone=of.text(interchange, "time_zone"),
        delimiters=delimiters,
        end_of_line=of.text(interchange, "end_of_line"),
        group_sender=of.text(group, "sender"),
        group_receiver=of.text(group, "receiver"),
        most_sets=of.number(group, "most_sets"),
        first_isa13=of.number(numbers, "isa13"),
        first_gs06=of.number(numbers, "gs06"),
        first_st02=of.number(numbers, "st02"),
        file_name=of.text("file", "name"),
        upper_case=of.get("names", "upper_case", bool),
        segments=_segments(of, used),
    )


class _Tables:
    """Reads keys of their type out of TOML's tables."""

    def __init__(self, tables: Tables, name: str) -> None:
        self.tables = tables
        self.name = name

    def table(self, table: str) -> dict[str, object]:
        found = self.tables.get(table, {})
        if not isinstance(found, dict):
            raise ValueError(f"profile {self.name}: [{table}] is a table")
        return found

    def get[T](self, table: str, key: str, kind: type[T]) -> T:
        value = self.table(table).get(key)
        if not isinstance(value, kind):
            raise ValueError(f"profile {self.name}: [{table}] {key} is missing or not of its kind")
        return value

    def text(self, table: str, key: str) -> str:
        return self.get(table, key, str)

    def number(self, table: str, key: str) -> int:
        value = self.get(table, key, int)
        if not 1 <= value <= 999_999_999:
            raise ValueError(f"profile {self.name}: [{table}] {key} has one to nine digits")
        return value


def _segments(of: _Tables, delimiters: str) -> tuple[str, ...]:
    """The set's segments, replacements made, values filled in."""
    lines = _strings(of, of.table("set").get("segments"))
    replace = of.table("set").get("replace", {})
    if not isinstance(replace, dict):
        raise ValueError(f"profile {of.name}: [set.replace] is a table")
    for prefix, instead in replace.items():
        if not any(line.startswith(prefix) for line in lines):
            raise ValueError(f"profile {of.name}: [set.replace] {prefix!r} begins no segment")
        others = _strings(of, instead)
        lines = [new for line in lines for new in (others if line.startswith(prefix) else [line])]
    if not lines or not lines[0].startswith("ST*834*"):
        raise ValueError(f"profile {of.name}: [set] segments begin with ST*834*")
    values = {key: of.text("values", key) for key in of.table("values")}
    values["time_zone"] = of.text("interchange", "time_zone")

    def say(place: re.Match[str]) -> str:
        if place[1] not in values and place[1] not in FACTS:
            raise ValueError(f"profile {of.name}: a segment names {{{place[1]}}}, which is not known")
        return values.get(place[1], place[0])

    whole = tuple(PLACE.sub(say, line) for line in lines)
    allowed = (EXTENDED - set(delimiters)) | {"*"}
    for line in whole:
        if not set(PLACE.sub("", line)) <= allowed:
            raise ValueError(f"profile {of.name}: {line!r} has a character that X12 or a delimiter does not allow")
    return whole


def _strings(of: _Tables, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise ValueError(f"profile {of.name}: [set] segments are a list of texts")
    return value
