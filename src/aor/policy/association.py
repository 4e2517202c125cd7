"""Who was associated with a household, and the rules of every way in and out (readings, R1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from aor.policy.decision import Answer, Decision, Finding, rule
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, certified, licensed
from aor.terms.period import day_of, end_of

ESTABLISHING = "Agent of Record, Establishing AOR"


class Path(StrEnum):
    DESIGNATED = "designated"
    INVITED = "invited"
    APPLICATION = "application"
    ASSISTED = "assisted"
    TRANSFERRED = "transferred"


class EndKind(StrEnum):
    """Why an association ended; the last three take it out of history as if it had never been."""

    ENDED = "ended"  # the consumer ended it
    REPLACED = "replaced"  # another was confirmed
    DECERTIFIED = "decertified"
    LICENSE_REVOKED = "license revoked"
    DIED = "died"
    MOVED = "moved"  # the household was merged into another
    WITHDRAWN = "withdrawn"  # the broker ended it
    DECLINED = "declined"  # by the broker in time: annulled, the earlier broker stays ended
    DECLINED_RESUMED = "declined, earlier broker resumed"  # and the consumer said yes: no gap
    UNDONE = "undone"  # by the consumer: the earlier broker is restored without a gap


_BY_STRENGTH = (EndKind.UNDONE, EndKind.DECLINED_RESUMED, EndKind.DECLINED)
ANNULLING = frozenset(_BY_STRENGTH)


@dataclass(frozen=True, slots=True)
class End:
    """An end as told: `plan_year` None ends all coverage, else from that plan year on."""

    at: datetime
    kind: EndKind
    plan_year: int | None = None


@dataclass(frozen=True, slots=True)
class Association:
    """A household and a broker, agreed. `plan_year` None is for all coverage, else from that plan year on."""

    id: int
    npn: str
    path: str
    confirmed_at: datetime
    plan_year: int | None = None
    navigator: bool = False
    ends: tuple[End, ...] = ()

    @property
    def order(self) -> tuple[datetime, datetime, str, int, str, int]:
        """The order of confirmation; for the same instant one that ended comes first, then the lower NPN."""
        last = min((end.at for end in self.ends), default=datetime.max.replace(tzinfo=self.confirmed_at.tzinfo))
        return (self.confirmed_at, last, self.npn, self.plan_year or 0, self.path, self.id)

    def annulled_by(self) -> EndKind | None:
        """A restored earlier broker comes before a decline that restored nobody: the consumer said yes later."""
        kinds = {end.kind for end in self.ends}
        return next((kind for kind in _BY_STRENGTH if kind in kinds), None)


@dataclass(frozen=True, slots=True)
class Opening:
    """An association open at the end of each day from `since` up to, not with, `until`."""

    association: Association
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Reach:
    """The enrollment that an association or an end may or may not reach: its plan year, its enrollment date."""

    plan_year: int
    enrolled_on: date
    navigator_displaces: bool = True

    def by(self, association: Association) -> bool:
        if association.plan_year is not None and self.plan_year < association.plan_year:
            return False
        # Naming a navigator leaves the AOR of an existing enrollment (readings, R1).
        return not association.navigator or (
            self.navigator_displaces and day_of(association.confirmed_at) < self.enrolled_on
        )

    def by_end(self, end: End) -> bool:
        return end.plan_year is None or self.plan_year >= end.plan_year


EVERYTHING: Reach | None = None  # access: every association and every end counts


def openings(
    associations: Iterable[Association],
    standings: Sequence[BrokerStanding],
    reach: Reach | None = EVERYTHING,
) -> list[Opening]:
    """Whose association was open when, for one enrollment (or, without `reach`, for access).

    A pure fold over confirmations and ends in the order they took place, so the order of news never matters
    (readings, R2). At most one is open at a time; a later confirmed one ends the earlier at that instant.
    """
    events = _events(associations, standings)
    spans: list[tuple[Association, datetime, datetime | None]] = []
    current: tuple[Association, datetime] | None = None
    last: Association | None = None  # the one open for access, whatever it reaches
    for at, _, association, end in events:
        closes = False
        if end is None:
            last = association
            closes = reach is None or reach.by(association)
        elif end.kind in _BROKER_ENDS:
            closes = current is not None and current[0].npn == association.npn
        elif reach is None or reach.by_end(end):
            # The consumer who ends all coverage ends also the broker that a scoped replacement had left in place.
            closes = current is not None and (
                current[0] is association
                or (association is last and end.kind is EndKind.ENDED and end.plan_year is None)
            )
        if not closes:
            continue
        if current is not None:
            spans.append((*current, at))
            current = None
        if end is None and association.annulled_by() is None:
            current = (association, at)
    if current is not None:
        spans.append((*current, None))
    return [
        Opening(association, day_of(since), None if until is None else day_of(until))
        for association, since, until in spans
        if until is None or day_of(since) < day_of(until)
    ]


_BROKER_ENDS = frozenset({EndKind.DECERTIFIED, EndKind.LICENSE_REVOKED, EndKind.DIED})
_Event = tuple[datetime, int, Association, End | None]


def _events(associations: Iterable[Association], standings: Sequence[BrokerStanding]) -> list[_Event]:
    """Confirmations and ends in the order they took place; ends come before a confirmation of the same instant.

    But its own end comes after it, and so do the ends that come with the day: such a one is not open at its end.
    """
    ordered = sorted(
        (a for a in associations if a.annulled_by() not in (EndKind.DECLINED_RESUMED, EndKind.UNDONE)),
        key=lambda a: a.order,
    )
    events: list[_Event] = []
    for position, association in enumerate(ordered):
        events.append((association.confirmed_at, 1, association, None))
        for end in association.ends:
            if end.kind in ANNULLING or end.at < association.confirmed_at:
                continue
            if end.kind is EndKind.REPLACED or _told_twice(end, ordered[position + 1 :]):
                continue
            events.append((end.at, 2 if end.at == association.confirmed_at else 0, association, end))
    brokers = {association.npn: association for association in ordered}
    for standing in standings:
        if standing.npn in brokers:
            for day, kind in standing.ends:
                at = end_of(day) - timedelta(microseconds=1)
                events.append((at, 2, brokers[standing.npn], End(at, EndKind(kind))))
    order = {id(association): position for position, association in enumerate(ordered)}
    events.sort(key=lambda event: (event[0], event[1], order[id(event[2])]))
    return events


def _told_twice(end: End, later: Sequence[Association]) -> bool:
    """An end of all coverage, on a day on which another had just been confirmed, is that replacement told twice."""
    return end.plan_year is None and any(
        other.confirmed_at <= end.at and day_of(other.confirmed_at) == day_of(end.at) for other in later
    )


def open_at(spans: Sequence[Opening], day: date) -> Association | None:
    """The association open at the end of a Minnesota day."""
    for opening in spans:
        if opening.since <= day and (opening.until is None or day < opening.until):
            return opening.association
    return None


# The ways in and out -------------------------------------------------------------------------------------------


@rule("CONSENT_RECORDED", cites="45 CFR 155.220(j)(2)(ii); Agent of Record, Establishing AOR")
def consent_recorded(recorded: bool) -> Answer:
    """The consumer's own act must have given consent, and what was shown must be on file."""
    if recorded:
        return Answer(True, "the consumer's consent is on file")
    return Answer(False, "no consent act of the consumer is on file", "the consumer gives consent themselves")


@rule("INVITATION_OPEN", cites=ESTABLISHING)
def invitation_open(state: str, expires_at: datetime, now: datetime) -> Answer:
    """An invitation is open for fourteen days, until it is confirmed, declined or withdrawn."""
    if state != "open":
        return Answer(False, f"the invitation was already {state}", "the broker may send it again", day_of(now))
    if now >= expires_at:
        return Answer(
            False,
            f"the invitation ended on {day_of(expires_at)}",
            "the broker may send it again",
            day_of(now),
        )
    return Answer(True, f"the invitation is open until {day_of(expires_at)}", "", day_of(now))


@rule("CONTACT_HELD", cites=ESTABLISHING)
def contact_held(held_before: bool) -> Answer:
    """The confirming code goes only to a contact that the marketplace held before the invitation."""
    if held_before:
        return Answer(True, "the code goes to a contact that the marketplace held before")
    return Answer(
        False,
        "the marketplace held no contact of its own for this consumer",
        "the consumer designates the broker in their account, or the broker team records an assisted association",
    )


@rule("SECOND_FACTOR", cites=ESTABLISHING)
def second_factor(replaces: bool, given: bool) -> Answer:
    """Replacing another broker needs a second factor from the consumer."""
    if given or not replaces:
        return Answer(True, "a second factor was given" if given else "no broker is replaced")
    return Answer(False, "another broker would be replaced without a second factor", "the consumer confirms by code")


@rule("UNLOCKED", cites=ESTABLISHING)
def unlocked(locked: bool) -> Answer:
    """A consumer can lock their broker; nobody else can change it then."""
    if not locked:
        return Answer(True, "the consumer has not locked their broker")
    return Answer(False, "the consumer has locked their broker", "the consumer unlocks it in their account")


@rule("ASSOCIATION_OPEN", cites=ESTABLISHING)
def association_open(is_open: bool) -> Answer:
    """Only an association that is open can be ended, declined or undone."""
    if is_open:
        return Answer(True, "the association is open")
    return Answer(False, "the association is not open", "")


@rule("IN_TIME", cites=ESTABLISHING)
def in_time(what: str, confirmed_at: datetime, days: int, now: datetime) -> Answer:
    """A broker may decline within fourteen days; a consumer may undo within thirty."""
    last = day_of(confirmed_at) + timedelta(days=days)
    if day_of(now) <= last:
        return Answer(True, f"{what} is possible until {last}", "", day_of(now))
    return Answer(False, f"{what} was possible until {last}", "the association can be ended instead", day_of(now))


@rule("IDENTITY_CHECKED", cites=ESTABLISHING)
def identity_checked(checked: bool) -> Answer:
    """An officer who records an association for a consumer checks identity and reads the consent back."""
    if checked:
        return Answer(True, "the officer checked identity and read the consent back")
    return Answer(False, "identity check or read-back is missing", "the officer completes both with the consumer")


def broker_may_open(standing: BrokerStanding, day: date, parameters: Parameters) -> tuple[Finding, Finding]:
    """A path that a broker opens is refused while the broker is not certified or not licensed (readings, R1)."""
    return certified(standing, day.year, day, parameters), licensed(standing, day)


def designation(*, consent: bool, replaces: bool, second: bool) -> Decision:
    """The consumer names a broker in their own account: complete at once."""
    return Decision.of(consent_recorded(consent), second_factor(replaces, second))


def invitation(*, standing: BrokerStanding, contact: bool, now: datetime, parameters: Parameters) -> Decision:
    """The broker asks; only the consumer can complete it."""
    return Decision.of(*broker_may_open(standing, day_of(now), parameters), contact_held(contact))


def confirmation(
    *,
    state: str,
    expires_at: datetime,
    consent: bool,
    replaces: bool,
    second: bool,
    locked: bool,
    now: datetime,
) -> Decision:
    """The consumer accepts the broker's invitation."""
    return Decision.of(
        invitation_open(state, expires_at, now),
        consent_recorded(consent),
        second_factor(replaces, second),
        unlocked(locked),
    )


def application(
    *,
    standing: BrokerStanding,
    consent: bool,
    locked: bool,
    now: datetime,
    parameters: Parameters,
    replaces: bool = False,
    second: bool = False,
) -> Decision:
    """The application that the broker started is submitted with the consumer's own consent act."""
    return Decision.of(
        *broker_may_open(standing, day_of(now), parameters),
        consent_recorded(consent),
        second_factor(replaces, second),
        unlocked(locked),
    )


def assistance(*, consent: bool, checked: bool) -> Decision:
    """An officer records an association for a consumer without account or e-mail."""
    return Decision.of(consent_recorded(consent), identity_checked(checked))


def decline(*, is_open: bool, confirmed_at: datetime, now: datetime, parameters: Parameters) -> Decision:
    """The broker declines a designation; later than the window it is an end."""
    days = parameters.number("decline_days", day_of(now))
    return Decision.of(association_open(is_open), in_time("declining", confirmed_at, days, now))


def undo(*, is_open: bool, confirmed_at: datetime, now: datetime, parameters: Parameters) -> Decision:
    """The consumer takes back a change; the earlier broker is restored without a gap."""
    days = parameters.number("undo_days", day_of(now))
    return Decision.of(association_open(is_open), in_time("undoing", confirmed_at, days, now))
