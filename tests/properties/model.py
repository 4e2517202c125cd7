"""A naive model of who is agent of record, day by day, written from the readings (R1 to R3) and nothing else.

It asks of every day of coverage who counted as associated on the day that decides it, looking back from that day at
the last thing that the consumer did; and it tests standing by walking through the days. Slow and plain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from aor.policy.association import Association, End, EndKind
from aor.policy.attribution import Correction, EnrollmentFacts, HouseholdFacts
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding
from aor.terms.period import day_of, end_of

ONE = timedelta(days=1)
RESTORED = (EndKind.UNDONE, EndKind.DECLINED_RESUMED)


def days(start: date, until: date) -> Iterator[date]:
    while start < until:
        yield start
        start += ONE


def first_after(day: date) -> date:
    """The first of the month after a day."""
    while True:
        day += ONE
        if day.day == 1:
            return day


def in_order(associations: Sequence[Association]) -> list[Association]:
    """Of the same instant one that ended comes first, then the lower NPN; undone ones never were."""

    def key(one: Association) -> tuple[object, ...]:
        ended = sorted(end.at.timestamp() for end in one.ends)
        return (one.confirmed_at, ended[0] if ended else 1e12, one.npn, one.plan_year or 0, one.path, one.id)

    return sorted((one for one in associations if not {end.kind for end in one.ends} & {*RESTORED}), key=key)


@dataclass
class Model:
    """One household's facts; `agents` answers (NPN, first day, until, in standing) for one enrollment."""

    facts: HouseholdFacts
    parameters: Parameters
    _counted: dict[tuple[int, date], Association | None] = field(default_factory=dict)
    _changes: dict[tuple[int, date], list[date]] = field(default_factory=dict)

    # who counts as associated

    def counted(self, e: EnrollmentFacts, day: date) -> Association | None:
        """Whose association counts for an enrollment at the end of a day."""
        if (e.id, day) not in self._counted:
            key = next(key for period, key in e.memberships if day in period)
            history = in_order(self.facts.associations.get(key, ()))
            self._counted[e.id, day] = self._last(e, history, end_of(day))
        return self._counted[e.id, day]

    def _last(self, e: EnrollmentFacts, history: list[Association], before: datetime) -> Association | None:
        reaching = [one for one in history if one.confirmed_at < before and self._reaches(e, one)]
        if not reaching:
            return None
        last = reaching[-1]
        if any(end.kind is EndKind.DECLINED for end in last.ends):
            return None
        for one in history:
            for end in self._ends(history, one):
                if end.at < before and self._closes(e, history, last, one, end):
                    return None
        broker = self.facts.standings.get(last.npn)
        gone = [day for day, _ in broker.ends] if broker else []
        if any(day_of(last.confirmed_at) <= day and end_of(day) <= before for day in gone):
            return None
        return last

    def _reaches(self, e: EnrollmentFacts, one: Association) -> bool:
        if one.plan_year is not None and e.told_coverage.start.year < one.plan_year:
            return False
        enrolled_on = self.enrolled_on(e, e.told_coverage.start)
        if one.navigator:
            displaces = self.parameters.on("navigator_displaces_broker", enrolled_on)
            return bool(displaces) and day_of(one.confirmed_at) < enrolled_on
        return True

    def _ends(self, history: list[Association], one: Association) -> list[End]:
        """Those that are acts of their own: not a replacement, not one before the confirmation."""
        later = history[history.index(one) + 1 :]
        result = []
        for end in one.ends:
            same_day = [z for z in later if day_of(z.confirmed_at) == day_of(end.at) and z.confirmed_at <= end.at]
            if end.kind not in (EndKind.ENDED, EndKind.MOVED, EndKind.WITHDRAWN) or end.at < one.confirmed_at:
                continue
            if end.plan_year is None and same_day:
                continue
            result.append(end)
        return result

    def _closes(
        self, e: EnrollmentFacts, history: list[Association], last: Association, one: Association, end: End
    ) -> bool:
        """Whether an end of `one` ends `last`, which was confirmed last of those that reach the enrollment."""
        if end.plan_year is not None and end.plan_year > e.told_coverage.start.year:
            return False
        if one is last:
            return True
        if end.at <= last.confirmed_at:
            return False
        # The consumer acts again: who ends all with the newest broker ends also the one that was left in place.
        newest = [x for x in history if x.confirmed_at < end.at or (x is one and x.confirmed_at == end.at)]
        return end.kind is EndKind.ENDED and end.plan_year is None and newest[-1] is one

    # cancel and replace

    def enrolled_on(self, e: EnrollmentFacts, day: date) -> date:
        """The enrollment date that counts for a day: the earliest of those it replaces on that day."""
        before = [o for o in self.facts.enrollments if self._place(o) < self._place(e) and self._replaces(e, o)]
        shared = [o for o in before if day in o.told_coverage and day in e.told_coverage]
        return min([e.enrolled_on, *(self.enrolled_on(o, day) for o in shared)])

    def _place(self, e: EnrollmentFacts) -> tuple[object, ...]:
        return (e.enrolled_on, e.told_coverage.start, e.policy_id, e.id)

    def _replaces(self, e: EnrollmentFacts, other: EnrollmentFacts) -> bool:
        common = max(e.told_coverage.start, other.told_coverage.start)
        if common not in e.told_coverage or common not in other.told_coverage:
            return False
        if (e.carrier.hios_issuer_id, e.coverage_kind) != (other.carrier.hios_issuer_id, other.coverage_kind):
            return False
        if len({key for x in (e, other) for period, key in x.memberships if common in period}) > 1:
            return False
        if other.coverage is None:
            return True
        end = other.coverage.until
        return other.coverage != other.told_coverage and (end is None or e.told_coverage.start <= end)

    # what decides each day

    def decided_by(self, e: EnrollmentFacts, day: date) -> date:
        """The last day of the month before, or the first day of coverage where that is later."""
        assert e.coverage is not None
        return max(e.coverage.start, day.replace(day=1) - ONE)

    def reason(self, e: EnrollmentFacts, day: date) -> Association | Correction | None:
        decided_by = self.decided_by(e, day)
        standing = [
            c
            for c in e.corrections
            if day in c.period and not any(c.settles_until < x <= decided_by for x in self.changes(e, decided_by))
        ]
        if standing:
            return max(standing, key=lambda c: (c.settles_until, c.period.start, c.id))
        counted = self.counted(e, decided_by)
        return None if counted is None or counted.navigator else counted

    def changes(self, e: EnrollmentFacts, until: date) -> list[date]:
        """The days up to `until` at whose end another association counted than at the end of the day before."""
        if (e.id, until) in self._changes:
            return self._changes[e.id, until]
        acts = {day_of(at) for held in self.facts.associations.values() for a in held for at in _instants(a)}
        acts |= {day for broker in self.facts.standings.values() for day, _ in broker.ends}
        acts |= {period.start for period, _ in e.memberships if period.start > date.min}
        found = [d for d in sorted(acts) if d <= until and self.counted(e, d) is not self.counted(e, d - ONE)]
        self._changes[e.id, until] = found
        return found

    # standing, by walking through the days

    def certified(self, broker: BrokerStanding, year: int, day: date) -> bool:
        return any(
            c.plan_year >= year
            and c.certified_on <= day < self.parameters.open_enrollment_start(c.plan_year + 1)
            and (c.revoked_on is None or day < c.revoked_on)
            for c in broker.certifications
        )

    def appointed(self, broker: BrokerStanding, e: EnrollmentFacts, day: date) -> bool:
        if not e.carrier.appointments_known:
            return e.carrier.unknown_appointment == "send"
        return any(day in period for period in broker.appointments.get(e.carrier.hios_issuer_id, ()))

    def from_when(self, e: EnrollmentFacts, reason: Association, own: date, until: date) -> date | None:
        """The day from which an association gives its broker the enrollment; None while held."""
        if not e.carrier.known:
            return None
        broker = self.facts.standings.get(reason.npn, BrokerStanding(reason.npn))
        year = e.told_coverage.start.year
        anchor = max(self.enrolled_on(e, own), day_of(reason.confirmed_at))

        def two(day: date) -> bool:
            return self.certified(broker, year, day) and any(day in period for period in broker.licenses)

        if two(anchor) and any(self.appointed(broker, e, d) for d in days(anchor, anchor + 16 * ONE)):
            return own
        cure = next((d for d in days(anchor, until) if two(d) and self.appointed(broker, e, d)), None)
        if cure is None:
            return None
        begins = own if cure <= own else first_after(cure)
        return begins if begins < until else None

    # the answer

    def agents(self, e: EnrollmentFacts) -> list[tuple[str, date, date, bool]]:
        if e.coverage is None:
            return []
        assert e.coverage.until is not None
        result = []
        for npn, own in _runs(list(days(e.coverage.start, e.coverage.until)), lambda day: self.reason(e, day)):
            until = own[-1][0] + ONE
            starts: list[date] = []
            for place, (day, reason) in enumerate(own):
                if place and own[place - 1][1] is reason:
                    continue
                start = day if isinstance(reason, Correction) else self.from_when(e, reason, day, until)
                starts += [] if start is None else [start]
            starts += [day for told, day in e.told if told == npn and own[0][0] <= day < until]
            result.append((npn, min(starts, default=own[0][0]), until, bool(starts)))
        return result


Reason = Association | Correction


def _runs(
    own: Sequence[date], reason: Callable[[date], Reason | None]
) -> Iterator[tuple[str, list[tuple[date, Reason]]]]:
    """Runs of days of the same broker, each day with its reason."""
    run: list[tuple[date, Reason]] = []
    for day in own:
        why = reason(day)
        if run and (why is None or why.npn != run[0][1].npn):
            yield run[0][1].npn, run
            run = []
        if why is not None:
            run.append((day, why))
    if run:
        yield run[0][1].npn, run


def _instants(one: Association) -> list[datetime]:
    return [one.confirmed_at, *(end.at for end in one.ends)]
