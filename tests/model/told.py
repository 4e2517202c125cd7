"""What carriers were told, as the reference reckons it: what may go, what must not, what the books hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from aor.policy.report import Sums
from aor.terms.month import Month
from aor.terms.period import ZONE, day_of
from aor.transmissions.models import Run
from tests.model import books
from tests.model.books import Identity
from tests.model.carriers import Carriers, Point, Said, holds, spell
from tests.model.facts import SOUTH, WAITS, Facts, Life, Row

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Told:
    """The facts, the carriers, and the record as the reference had it at every instant so far."""

    def __init__(self, home: Path, facts: Facts, now: datetime) -> None:
        self.now = now
        self.facts = facts
        self.carriers = Carriers(home)
        self.record: dict[str, list[Row]] = {}
        self.lately: list[tuple[datetime, dict[str, list[Row]]]] = []
        self.versions: dict[str, list[list[Row]]] = {}  # by policy, as the record was one time after another
        self.closed: Month | None = None
        self.booked: set[Identity] = set()  # in the books of some closed month
        self.by_files: set[Identity] = set()  # told by enrollment files, as runs found
        self.down: set[str] = set()  # carriers whose mailbox was down at their last run

    @property
    def today(self) -> date:
        return day_of(self.now)

    def points(self, policy: str) -> list[Point]:
        """Everything that a carrier was told of an enrollment, in the order it was told."""
        found = []
        balances = self.facts.balances.get(policy, [])
        for place, one in enumerate(sorted(balances, key=lambda c: c.period.start)):
            sent_on = self.facts.balances_sent[one.id]
            found.append(Point((LONG_AGO, 2 * place), one.period.start, one.npn, True, True, sent_on))
            until = one.period.until
            if until and not any(until in other.period for other in balances):
                found.append(Point((LONG_AGO, 2 * place + 1), until, "", True, True, sent_on))
        for said in self.carriers.told(policy):
            accepted = said.verdict == "accepted"
            found.append(Point(said.order, said.day, said.npn, said.stands, accepted, said.sent_on))
        found += self._mentioned(policy)
        return sorted(found, key=lambda p: p.order)

    def _mentioned(self, policy: str) -> Iterator[Point]:
        """Enrollment files that carried the agent of record decided: each is a first send of that entry (R4)."""
        for event in self.facts.events[policy]:
            if not event.mentions or event.sent_at > self.now:
                continue
            day = max(day_of(event.sent_at), self.lives[policy].start)
            for entries in reversed(self.versions[policy]):
                row = _of_mention(event.mentions, day, entries)
                if row:
                    yield Point((event.sent_at, 0), row[1], row[0], True, False, event.sent_at.date())
                    break

    def telling(self, policy: str, points: list[Point], npn: str, start: date) -> list[Point]:
        """What told the carrier of an entry: of its own day, or what reaches over the first day of coverage."""
        own = spell(points, npn, start)
        if own or start != self.lives[policy].start or any(p.day == start and p.stands for p in points):
            return own
        before = [p for p in points if p.day < start and p.stands]
        last = max(before, key=lambda p: (p.day, p.order), default=None)
        return spell(points, npn, last.day) if last and last.npn == npn else []

    @property
    def lives(self) -> dict[str, Life]:
        return self.facts.lives()

    def free(self, policy: str, npn: str, at: datetime | None = None) -> bool:
        """Whether an entry in standing may go for the first time at an instant (now)."""
        at = at or self.now
        sent_at = self.lives[policy].sent_at + WAITS[self.facts.events[policy][0].carrier]
        return sent_at <= at and self.facts.granted(npn, policy, day_of(at))

    def _told_entries(self) -> None:
        sets = {(one.policy, one.npn, one.day) for one in self.carriers.said() if one.own and one.npn and one.stands}
        self.facts.told = sets | self.by_files

    def has_run(self, at: datetime) -> None:
        """The runs of an instant took note of what enrollment files had told."""
        for carrier in Run.objects.filter(at=at).values_list("hios_issuer_id", flat=True):
            for policy in (p for p, own in self.facts.events.items() if own[0].carrier == carrier):
                self.by_files |= {(policy, p.npn, p.day) for p in self._mentioned(policy)}

    def agent_on(self, policy: str, day: date) -> str:
        return agent_on(self.record[policy], day)

    def handed_over(self, said: Said, *, again: bool = False) -> None:
        """What must hold of every set, as it goes."""
        one = self.lives[said.policy]
        what = f"policy {said.policy}: {said.npn or 'nobody'} from {said.day}"
        assert not one.cancelled, f"{what}: the coverage was never in force"
        assert one.start <= said.day < one.until, f"{what}: outside of the coverage"
        before = [p for p in self.points(said.policy) if p.order < said.order]
        if said.npn:
            assert self.agent_on(said.policy, said.day) == said.npn, f"{what}: it is not so"
        elif not again:
            self._removed(said, before, what)
        own = spell(before, said.npn, said.day)
        assert again or not own, f"{what}: handed over twice"
        said.again = again
        said.own = any((npn, start) == (said.npn, said.day) for npn, start, _, _ in self.record[said.policy])
        if said.npn and said.own and not any(p.stands for p in before if (p.npn, p.day) == (said.npn, said.day)):
            told = self.telling(said.policy, before, said.npn, said.day)
            assert any(p.stands for p in told) or self.free(said.policy, said.npn), f"{what}: not free to go today"

    def _removed(self, said: Said, before: list[Point], what: str) -> None:
        """A removal goes where the carrier holds a broker who was not it at the run's cutoff, and none may go now."""
        held = holds(before, said.day)
        if not held and said.carrier in self.down:
            # Composed by an earlier run; since then an opening balance told of nobody for days of the broker before.
            held = agent_on(self.may_go(said.policy, before), said.day - timedelta(days=1))
        assert held, f"{what}: it was so"
        # What an earlier run could not hand over goes if it is right now. None is said to have gone before another
        # that went: where the clock was set back, its run was at what is now.
        at = min(said.order[0], self.now)
        instants = {*self.cutoffs(said.carrier, at), *([at] if said.carrier in self.down else [])}
        assert any(self._is_removed(said, before, held, as_of) for as_of in instants), f"{what}: it was not so"

    def _is_removed(self, said: Said, before: list[Point], held: str, cutoff: datetime) -> bool:
        then = self.record_at(cutoff).get(said.policy, [])
        may_go = [
            row
            for row in self.may_go(said.policy, before)
            if any(p.stands for p in self.telling(said.policy, before, row[0], row[1]))
            or (agent_on(then, row[1]) == row[0] and self.free(said.policy, row[0], cutoff))
        ]
        return not agent_on(may_go, said.day) and agent_on(then, said.day) != held

    def cutoffs(self, carrier: str, at: datetime) -> Iterator[datetime]:
        """As of when a carrier's run of an instant took what was ready; South's is Mondays, Thursdays, 15:00."""
        for as_of in Run.objects.filter(hios_issuer_id=carrier, at=at).values_list("as_of", flat=True):
            if as_of != at:
                local = as_of.astimezone(ZONE)
                assert (carrier, local.hour, local.minute) == (SOUTH, 15, 0)
                assert local.weekday() in (0, 3)
                assert timedelta() <= at - as_of < timedelta(days=4, hours=1)
            yield as_of

    def record_at(self, at: datetime) -> dict[str, list[Row]]:
        """The record as the reference had it at an instant."""
        return next((record for when, record in reversed(self.lately) if when <= at), {})

    def may_go(self, policy: str, points: list[Point]) -> list[Row]:
        """The entries in standing that the carrier was told of, or may be today; what it knows rightly, stays."""
        told = {p.day: p.npn for p in sorted(points, key=lambda p: p.order) if p.stands}
        found = []
        for npn, start, until, standing in self.record[policy]:
            known = [day for day, of in told.items() if of == npn and start <= day < until]
            if not standing:
                continue
            if any(p.stands for p in self.telling(policy, points, npn, start)) or self.free(policy, npn):
                found.append((npn, start, until, standing))
            elif known:
                found.append((npn, min(known), until, standing))
        return found

    def may_go_again(self, said: Said) -> bool:
        """Whether a set may be handed over again when somebody asks (R4)."""
        points = self.points(said.policy)
        own = spell(points, said.npn, said.day)
        mine = [p for p in own if p.order == said.order]
        if said.verdict == "accepted" or not mine or any(p.stands for p in own if p.order != said.order):
            return False
        one = self.lives[said.policy]
        inside = not one.cancelled and one.start <= said.day < one.until
        if not inside or self.agent_on(said.policy, said.day) != said.npn:
            return False
        entry = any((npn, start) == (said.npn, said.day) for npn, start, _, _ in self.record[said.policy])
        return said.stands or not (said.npn and said.own and entry) or self.free(said.policy, said.npn)

    # the month

    @property
    def sends(self) -> dict[Identity, date]:
        """Every first hand-over of an entry with its Date Sent: the first not rejected, else the latest."""
        found: dict[Identity, list[tuple[Point, bool]]] = {}
        for policy in self.lives:
            own = {said.order for said in self.carriers.told(policy) if said.own}
            before = {(p.npn, p.day) for p in self.points(policy) if p.order[0] == LONG_AGO}
            for point in self.points(policy):
                if point.npn and (point.npn, point.day) not in before:
                    kept = found.setdefault((policy, point.npn, point.day), [])
                    kept.append((point, point.order in own or point.order[1] == 0))
        return {
            identity: next((p.sent_on for p, _ in told if p.stands), told[-1][0].sent_on) or date.min
            for identity, told in found.items()
            if any(own for _, own in told)
        }

    @property
    def month_to_close(self) -> Month | None:
        """The next month in order, once it is over."""
        if self.closed is None and not self.sends:
            return None
        month = self.closed.next if self.closed else Month.of(min(self.sends.values()))
        return month if month.until <= self.today else None

    def books_are_right(self, month: Month, sums: Sums) -> None:
        sends = self.sends
        books.right(sends, month, sums, self.booked)
        self.booked |= sends.keys()

    def everything_told(self, carrier: str) -> None:
        """After a run each carrier holds what is so, of all that may go."""
        for policy, one in self.lives.items():
            points = self.points(policy)
            if self.facts.events[policy][0].carrier != carrier or one.cancelled:
                continue
            if any(not p.stands and not any(q.stands for q in spell(points, p.npn, p.day)) for p in points):
                continue  # rejected: a person or a changed fact releases it
            so = self.may_go(policy, points)
            edges = {one.start, *(p.day for p in points), *(d for _, start, until, _ in so for d in (start, until))}
            for day in sorted(d for d in edges if one.start <= d < one.until):
                agent = agent_on(so, day)
                assert holds(points, day) == agent, f"policy {policy}: the carrier holds another for {day}"


def agent_on(own: Iterable[Row], day: date) -> str:
    """The broker in standing on a day; "" for nobody."""
    return next((npn for npn, start, until, standing in own if standing and start <= day < until), "")


def _of_mention(npn: str, day: date, entries: Iterable[Row]) -> Row | None:
    """The entry of the broker in effect on the day, or that begins by the first of the month after it."""
    latest = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    for row in sorted(entries, key=lambda row: row[1]):
        if row[2] > day and (row[0] != npn or row[1] > latest):
            return None
        if row[2] > day and row[3]:
            return row
    return None
