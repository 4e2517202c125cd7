"""What a carrier was told of one enrollment, what it said, and what is still to be told (readings, R4). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

from aor.policy import holding, timeline
from aor.policy.holding import State
from aor.policy.timeline import Point
from aor.terms.period import Period, day_of, first_of_next_month

ACCEPTED, REJECTED, RECEIVED, UNANSWERED = "accepted", "rejected", "received", ""
AGENT, REMOVAL, CORRECTION = "agent", "removal", "correction"
BY_SET, BY_ENROLLMENT_FILE, BY_OPENING_BALANCE = "set", "enrollment file", "opening balance"

between = lru_cache(maxsize=1 << 14)(Period)  # most coverages are equal


class Entry(NamedTuple):
    """A row of the record: `npn` from `start` up to, not with, `until`; `findings` as JSON, where asked for."""

    id: int
    enrollment: int
    npn: str
    start: date
    until: date
    in_standing: bool
    known_from: datetime
    known_until: datetime | None
    decision: int
    findings: str = ""

    @property
    def period(self) -> Period:
        return between(self.start, self.until)


class Told(NamedTuple):
    """One thing that a carrier was told: from `day` on it is `npn`, "" for nobody; `set_id` 0 came otherwise."""

    at: datetime
    set_id: int
    npn: str
    day: date
    sent_on: date
    known_from: datetime
    verdict: str
    channel: str
    kind: str
    fingerprint: str


class Mention(NamedTuple):
    """An enrollment file of the marketplace that named a broker in loop 1000C."""

    npn: str
    sent_at: datetime
    sent_day: date
    known_from: datetime


class Opening(NamedTuple):
    """What the carrier knew before go-live; `until` None is to the end of coverage."""

    npn: str
    start: date
    until: date | None
    sent_on: date | None


class AnswerRow(NamedTuple):
    """One answer; `answered_at` and `isa13` are those of the interchange that brought it."""

    answered_at: datetime
    isa13: str
    verdict: str
    of_interchange: bool


def verdict(answers: Iterable[AnswerRow]) -> str:
    """What holds of contradictory answers, whatever order they came in: the latest; on a tie the rejection.

    A TA1 that received the interchange accepts no set; it only takes back earlier TA1s that rejected it.
    """
    rows = list(answers)
    received = max(((a.answered_at, a.isa13) for a in rows if a.verdict == RECEIVED), default=None)
    live = [
        a
        for a in rows
        if a.verdict != RECEIVED
        and not (a.of_interchange and received is not None and (a.answered_at, a.isa13) < received)
    ]
    if not live:
        return UNANSWERED
    return max(live, key=lambda a: (a.answered_at, a.isa13, a.verdict == REJECTED)).verdict


def contradictory(answers: Iterable[AnswerRow]) -> bool:
    """Whether a carrier both accepted and rejected."""
    said = {a.verdict for a in answers}
    return REJECTED in said and len(said) > 1


def mentioned(mention: Mention, coverage_start: date, entries: Sequence[Entry]) -> Entry | None:
    """The entry whose first send an enrollment file was: the one of its broker in effect on the day of the file
    (or the coverage start), else the first one after with no other broker's entry between; only in standing.

    It names an agent of record who was decided: one who begins after the first of the next month was not yet (R2).
    """
    day = max(day_of(mention.sent_at), coverage_start)
    for entry in sorted(entries, key=lambda e: e.start):
        if entry.until <= day:
            continue
        if entry.npn != mention.npn or entry.start > first_of_next_month(day):
            return None
        if entry.in_standing:
            return entry
    return None


@dataclass(slots=True)
class Account:
    """One enrollment with what is so and what was told. `coverage` None was never in force.

    `entries` is the record as known, `before` as it was known at the cutoff of the run; `told` ascends.
    """

    enrollment: int
    coverage: Period | None
    entries: list[Entry]
    before: list[Entry]
    told: list[Told] = field(default_factory=list)
    strangers: list[Mention] = field(default_factory=list)


def tell(
    account: Account,
    coverage_start: date,
    mentions: Iterable[Mention],
    openings: Sequence[Opening],
    superseded: Sequence[Entry],
) -> None:
    """Adds to what was told by sets what was told before go-live and by enrollment files.

    `superseded` are earlier versions of the entries: a file that named a broker who was decided then has told the
    carrier, whatever is decided now; also where an entry that came later stands between.
    """
    for mention in mentions:
        entry = mentioned(mention, coverage_start, account.entries)
        if entry is None:
            account.strangers.append(mention)
            known = [*superseded, *account.entries]
            moments = sorted({at for e in known for at in (e.known_from, e.known_until) if at}, reverse=True)
            older = (mentioned(mention, coverage_start, _known_at(known, at)) for at in moments)
            entry = next(filter(None, older), None)
        if entry is not None:
            account.told.append(
                Told(
                    mention.sent_at, 0, mention.npn, entry.start, mention.sent_day,
                    max(mention.known_from, entry.known_from), UNANSWERED, BY_ENROLLMENT_FILE, AGENT, "",
                )
            )  # fmt: skip
    if account.told:
        account.told.sort(key=lambda t: (t.at, t.set_id))
    if openings:
        account.told[:0] = list(_of_openings(openings))


def _known_at(versions: Iterable[Entry], at: datetime) -> list[Entry]:
    return [one for one in versions if one.known_from <= at and (one.known_until is None or at < one.known_until)]


def _of_openings(openings: Sequence[Opening]) -> Iterable[Told]:
    long_ago = datetime(1, 1, 1, tzinfo=UTC)
    for one in sorted(openings, key=lambda o: o.start):
        ends = [(one.start, one.npn, AGENT)]
        if one.until is not None and not any(
            o.start <= one.until and (o.until is None or one.until < o.until) for o in openings
        ):
            ends.append((one.until, "", REMOVAL))
        for day, npn, kind in ends:
            sent_on = one.sent_on or one.start
            yield Told(long_ago, 0, npn, day, sent_on, long_ago, ACCEPTED, BY_OPENING_BALANCE, kind, "")


def told_map(told: Iterable[Told]) -> dict[date, str]:
    """By day, the NPN that the carrier was told and did not reject; `told` ascends."""
    return {one.day: one.npn for one in told if one.verdict != REJECTED}


def spell(told: Iterable[Told], npn: str, day: date) -> list[Told]:
    """The hand-overs of one thing since the carrier was last told otherwise for that day."""
    result: list[Told] = []
    for one in told:
        if one.day != day:
            continue
        if one.npn == npn:
            result.append(one)
        elif one.verdict != REJECTED:
            result.clear()
    return result


def rejected(spelled: Sequence[Told]) -> bool:
    return bool(spelled) and all(one.verdict == REJECTED for one in spelled)


def first_sent(told: Iterable[Told], npn: str, day: date) -> Told | None:
    """The first hand-over that was not rejected: it gives Date Sent, whatever was sent again later."""
    for one in told:  # not `next` of a generator: asked of every row of the record
        if one.day == day and one.npn == npn and one.verdict != REJECTED:
            return one
    return None


def standing_told(account: Account, entry: Entry) -> list[Told]:
    """What told the carrier of an entry: its own hand-overs, or what reaches over the coverage's first day."""
    own = spell(account.told, entry.npn, entry.start)
    if own or account.coverage is None or entry.start != account.coverage.start:
        return own
    before = [one for one in account.told if one.day < entry.start and one.verdict != REJECTED]
    if any(one.day == entry.start and one.verdict != REJECTED for one in account.told) or not before:
        return []
    last = max(before, key=lambda one: one.day)
    return spell(account.told, entry.npn, last.day) if last.npn == entry.npn else []


def agent_on(entries: Iterable[Entry], day: date) -> str:
    """The broker in standing on a day; "" for nobody."""
    for entry in entries:
        if entry.in_standing and entry.start <= day < entry.until:
            return entry.npn
    return ""


type Granted = Callable[[Entry], bool]
type Fingerprint = Callable[[Point], str] | None
"""Of what a set would say today; None where a rejected one is not to be released by a changed fact."""


def to_send(
    account: Account, granted: Granted, fingerprint: Fingerprint, excluded: frozenset[Point] = frozenset()
) -> list[Point]:
    """The sets that go now, ascending: what is so against what was told (R4, every row of its table).

    A rejected one does not go again while its facts are the same; `excluded` ones cannot be written.
    """
    if account.coverage is None or not (account.entries or account.told):
        return []
    if not account.told and len(account.entries) == 1 and account.entries[0].until == account.coverage.until:
        return _first(account, account.entries[0], account.coverage, granted, excluded)
    return changes(account, account.coverage, granted, fingerprint, excluded)


def _first(
    account: Account, entry: Entry, coverage: Period, granted: Granted, excluded: frozenset[Point]
) -> list[Point]:
    """As `changes`, of what nearly all are: one broker up to the end of a coverage of which nothing was told."""
    point = Point(entry.start, entry.npn)
    if entry.start < coverage.start or not entry.in_standing or point in excluded:
        return []
    return [point] if _stood(account, point) and granted(entry) else []


def changes(
    account: Account, coverage: Period, granted: Granted, fingerprint: Fingerprint, excluded: frozenset[Point]
) -> list[Point]:
    """The sets that go now, of whatever was told and is so."""
    told = told_map(account.told)
    so: list[tuple[str, Period]] = []
    for entry in account.entries:
        if not entry.in_standing:
            continue
        if _goes(account, entry, granted, fingerprint, excluded):
            so.append((entry.npn, entry.period))
        elif known := [day for day, npn in told.items() if npn == entry.npn and day in entry.period]:
            # Told of later days than its own, and not free to be told anew: what the carrier knows rightly, stays.
            so.append((entry.npn, Period(min(known), entry.until)))
    if not (so or account.told):
        return []
    so_points = timeline.points(so, coverage)
    going: list[Point] = []
    for point in timeline.to_tell(so_points, told, coverage):
        free = point not in excluded and not _still_rejected(account, point, fingerprint)
        if free and _was_so(account, point, told):
            going.append(point)
            told[point.day] = point.npn
    return going


def _was_so(account: Account, point: Point, told: Mapping[date, str]) -> bool:
    """Whether a point stood at the cutoff already; a removal, whether the broker whom it removes did not."""
    if point.npn:
        return _stood(account, point)
    before = agent_on(account.before, point.day)
    known = told[max(days)] if (days := [day for day in told if day <= point.day]) else ""
    return known not in ("", before)


def _stood(account: Account, point: Point) -> bool:
    """Whether what is so now was so at the cutoff."""
    return account.before is account.entries or agent_on(account.before, point.day) == point.npn


def _goes(
    account: Account, entry: Entry, granted: Granted, fingerprint: Fingerprint, excluded: frozenset[Point]
) -> bool:
    """Told already, or free to go for the first time.

    One that was rejected stands too, though it does not go: its day waits for a person, and the earlier broker is
    not removed meanwhile.
    """
    point = Point(entry.start, entry.npn)
    if account.told and (
        any(one.verdict != REJECTED for one in standing_told(account, entry))
        or _still_rejected(account, point, fingerprint)
    ):
        return True
    return point not in excluded and _stood(account, point) and granted(entry)


def _still_rejected(account: Account, point: Point, fingerprint: Fingerprint) -> bool:
    if not account.told:
        return False
    own = spell(account.told, point.npn, point.day)
    return rejected(own) and (fingerprint is None or own[-1].fingerprint == fingerprint(point))


def kind_of(account: Account, point: Point) -> str:
    """An entry's own set (its first, or one after rejections only), a removal, or a correction."""
    if not point.npn:
        return REMOVAL
    # What told of the day while it began nothing, or before go-live, was nobody's send: the own one is still to go.
    own = [one for one in account.told if one.kind == AGENT and one.channel != BY_OPENING_BALANCE]
    if own and first_sent(own, point.npn, point.day) is not None:
        return CORRECTION
    for entry in account.entries:
        if entry.start == point.day and entry.npn == point.npn:
            return AGENT
    return CORRECTION


class EntryState(NamedTuple):
    """`sent_on` is Date Sent; `told` the hand-overs it rests on."""

    state: State
    sent_on: date | None
    told: list[Told]


def state_of(account: Account, entry: Entry, granted: Granted, day: date) -> EntryState:
    """How one entry stands on a day."""
    first: Told | None = None
    told = account.told
    if told and not (len(told) == 1 and told[0].npn == entry.npn and told[0].day == entry.start):
        told = standing_told(account, entry)
        first = first_sent(account.told, entry.npn, told[0].day if told else entry.start)
    sent = accepted = False
    for one in told:  # plain loops, and a single telling not searched: asked of every row of the record
        if one.verdict != REJECTED:
            first, sent = first or one, True
            accepted = accepted or one.verdict == ACCEPTED
    ready = not sent and granted(entry)
    state = holding.state(
        until=entry.until, day=day, rejected=bool(told) and not sent, sent=sent, accepted=accepted, ready=ready
    )
    return EntryState(state, None if first is None else first.sent_on, told)
