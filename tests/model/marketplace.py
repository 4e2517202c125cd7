"""The real marketplace and its reference side by side: what every rule of the machine stands on."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.test import override_settings

from aor.acts import load, receive, settle
from aor.associations.models import Open
from aor.associations.operations import ConsentGiven
from aor.calendar import queries as calendar
from aor.enrollments.models import Enrollment
from aor.jobs.checks import all as checks
from aor.policy.report import Sums
from aor.record import queries as record
from aor.terms.actor import Actor, Role, system
from aor.terms.month import Month
from aor.terms.period import ZONE, day_of
from aor.transmissions import rows
from aor.transmissions.ledger import Scope
from aor.transmissions.models import Run
from tests import builders
from tests.builders import Policy, enrollment_file
from tests.model import books
from tests.model.books import Identity
from tests.model.carriers import Carriers, Point, Said, holds, spell
from tests.model.facts import (
    ANA,
    BEN,
    BROKERS,
    CRUZ,
    NAVIGATOR,
    NORTH,
    SOUTH,
    SUBSCRIBERS,
    WAITS,
    Event,
    Facts,
    Life,
    Row,
)

BEGINS = datetime(2025, 10, 20, 15, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MINUTE, ONE = timedelta(minutes=1), timedelta(days=1)
BY = system("model")
CONSUMER = Actor(Role.CONSUMER, "account 1")
CONSENT = ConsentGiven(act="model", shown="Your broker may see …", template_version="1", parties="consumer, broker")
MEMORY = Path("/dev/shm")  # where there is none, the disk does
counted: Counter[str] = Counter()


def furnish() -> None:
    """Carriers and brokers, as every machine finds them."""
    builders.carrier(NORTH)
    builders.carrier(
        SOUTH, name="South Health", tax_id="410000002", x12_id="410000002", send_days="MO;TH", cutoff="15:00",
        wait_after_enrollment=WAITS[SOUTH] // timedelta(hours=1),
    )  # fmt: skip
    builders.broker(ANA, "Ana", "Garcia", certified=(2026,))
    builders.broker(BEN, "Ben", "Lee", certified=(2026,), appointed=())
    builders.broker(CRUZ, "Cruz", "Moua", certified=(2026, 2027), appointed=(NORTH, SOUTH))
    builders.broker(NAVIGATOR, "Nav", "Igator", certified=(), licensed=False, appointed=(), kind="navigator")


def furnished() -> Facts:
    """The same as facts."""
    facts = Facts(calendar.parameters())
    for npn, years, carriers in ((ANA, (2026,), (NORTH,)), (BEN, (2026,), ()), (CRUZ, (2026, 2027), (NORTH, SOUTH))):
        book = facts.books[npn]
        book.certified = {(year, date(year - 1, 9, 1)): None for year in years}
        book.licensed = {date(2020, 1, 1): (None, False)}
        book.appointed = {(carrier, date(2020, 1, 1)): None for carrier in carriers}
    return facts


class Marketplace:
    """One world: the product over a database that is rolled back, the facts as told, the carriers."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self._settings = override_settings(AOR_HOME=self.home)
        self._settings.enable()
        self._undone = transaction.atomic()
        self._undone.__enter__()
        self.now = BEGINS
        self.facts = furnished()
        self.carriers = Carriers(self.home)
        self.record: dict[str, list[Row]] = {}
        self.kept: list[tuple[datetime, list[rows.Row]]] = []
        self.lately: list[tuple[datetime, dict[str, list[Row]]]] = []
        self.versions: dict[str, list[list[Row]]] = {}  # by policy, as the record was one time after another
        self.dirty = False
        self.done = 0
        self.isa13 = 500
        self.closed: Month | None = None
        self.booked: set[Identity] = set()  # in the books of some closed month
        self.by_files: set[Identity] = set()  # told by enrollment files, as runs found
        self.down: set[str] = set()  # carriers whose mailbox was down at their last run

    def leave(self, *, whole: bool) -> None:
        """Checks everything that the product itself can check, if all was well; and forgets the world."""
        try:
            if whole:
                self.verify()
        finally:
            transaction.set_rollback(True)
            self._undone.__exit__(None, None, None)
            self._settings.disable()
            shutil.rmtree(self.home, ignore_errors=True)

    def verify(self) -> None:
        wrong = [one for one in checks.check(now=self.now) if not one.ok and one.invariant != "the journal is whole"]
        if wrong:
            print(self.story())
        assert not wrong, [(one.invariant, list(one.first.values())) for one in wrong]

    def story(self) -> str:
        """Everything told, for whoever has to find out why."""
        lines = [f"now {self.now}", *(f"{one}" for one in self.facts.associations.values())]
        lines += [f"{event}" for own in self.facts.events.values() for event in own]
        lines += [f"{policy} {one}" for policy, own in self.facts.balances.items() for one in own]
        lines += [f"{npn} {book}" for npn, book in self.facts.books.items()]
        lines += [f"{said} {said.verdict}" for said in self.carriers.said()]
        return "\n".join([*lines, f"product {self.product()}", f"expected {self.record}"])

    @property
    def today(self) -> date:
        return day_of(self.now)

    def act(self, name: str) -> None:
        """An operation begins: mostly a minute later, now and then at the same instant."""
        counted[name] += 1
        self.done += 1
        if self.done % 5 or (self.kept and self.kept[-1][0] >= self.now):
            self.now += MINUTE

    # telling the product

    def load(self, kind: str, **cells: object) -> None:
        path = self.home / "news.csv"
        path.write_text(",".join(cells) + "\r\n" + ",".join(f'"{cell}"' for cell in cells.values()))
        receipt = load.load(kind, path, by=BY, now=self.now)
        assert (receipt.refused, receipt.because) == ([], ""), receipt
        settle.settle(now=self.now)
        self.dirty = True

    def receive(self, *policies: Policy, carrier: str, sent: datetime) -> None:
        receiver = "410000001" if carrier == NORTH else "410000002"
        path = self.home / "news.834"
        path.write_bytes(enrollment_file(*policies, sent=sent, isa13=self.isa13, receiver=receiver))
        received = receive.receive(path, by=BY, now=self.now)
        assert received.accepted, received.findings
        self.dirty = True

    # what must be so

    def check(self) -> None:
        """After every operation: the record, the access, and now and then the past."""
        if self.dirty:
            self._told_entries()
            self.record = self.facts.record()
            self.lately.append((self.now, self.record))
            assert self.product() == {policy: own for policy, own in self.record.items() if own}
            for policy, own in self.record.items():
                seen = self.versions.setdefault(policy, [])
                if not seen or seen[-1] != own:
                    seen.append(own)
            self._access()
            self.dirty = False
        if self.done % 16 == 0:
            self._past()

    def product(self) -> dict[str, list[Row]]:
        names = dict(Enrollment.objects.values_list("id", "policy_id"))
        found: dict[str, list[Row]] = {}
        for id, own in record.entries(names).items():
            found[names[id]] = [(e.npn, e.period.start, e.period.until, e.in_standing) for e in own]  # type: ignore[misc]  # coverage ends
        return found

    def _access(self) -> None:
        open_ = dict(Open.objects.values_list("household_key", "association"))
        for subscriber in SUBSCRIBERS:
            one = self.facts.open(subscriber)
            assert open_.get(self.facts.key(subscriber)) == (one and one.id), f"access of {subscriber}"

    def _past(self) -> None:
        """What was known at an instant never changes."""
        self.now += MINUTE
        at = self.now - timedelta(seconds=30)
        self.kept.append((at, list(rows.rows(Scope(), now=at, known_at=at))))
        then, known = self.kept[self.done // 16 * 7 % len(self.kept)]
        assert list(rows.rows(Scope(), now=then, known_at=then)) == known, f"what was known at {then} has changed"
        self._states(self.kept[-1][1])

    def _states(self, now: list[rows.Row]) -> None:
        """The state of every entry, as the readings' table says it."""
        shown = {(row.exchange_policy_id, row.npn, row.effective_from): (row.state, row.sent_on) for row in now}
        expected = {}
        for policy, own in self.record.items():
            points = self.points(policy)
            for npn, start, until, standing in own:
                told = self.telling(policy, points, npn, start)
                day = told[0].day if told else start
                first = next((p.sent_on for p in points if p.stands and (p.npn, p.day) == (npn, day)), None)
                state = self._state(policy, npn, until, standing, told)
                expected[policy, npn, start.isoformat()] = (state, first.isoformat() if first else "")
        assert shown == expected

    def _state(self, policy: str, npn: str, until: date, standing: bool, told: list[Point]) -> str:
        sent = any(point.stands for point in told)
        if told and not sent:
            return "rejected"
        if not sent and standing and self.free(policy, npn):
            return "ready"
        if until <= self.today:
            return "ended"
        if not sent:
            return "held"
        return "accepted" if any(point.accepted for point in told) else "sent"

    # what carriers were told

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
        assert held, f"{what}: it was so"
        # What an earlier run could not hand over goes if it is right now.
        at = said.order[0]
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
    """The entry of the broker in effect on the day, or the first after it if no other's comes between."""
    for row in sorted(entries, key=lambda row: row[1]):
        if row[2] > day and row[0] != npn:
            return None
        if row[2] > day and row[3]:
            return row
    return None


def event(
    kind: str, market: Marketplace, policy: str, subscriber: str, carrier: str, coverage: str, start: date,
    sent: datetime, until: date | None, requested: date, mentions: str = "",
) -> Event:  # fmt: skip
    """An event as told, numbered as its file."""
    return Event(kind, sent, market.isa13, policy, subscriber, carrier, coverage, start, until, requested, mentions)


__all__ = ["BROKERS", "BY", "CONSENT", "CONSUMER", "Marketplace", "counted", "event", "furnish"]
