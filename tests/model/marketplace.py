"""The real marketplace and its reference side by side: what every rule of the machine stands on."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.test import override_settings

from aor.acts import load, receive, settle
from aor.associations.models import Access, Open
from aor.associations.operations import ConsentGiven
from aor.calendar import queries as calendar
from aor.consumers.models import Subscriber
from aor.engine import bulk
from aor.jobs.checks import all as checks
from aor.record.models import Entry
from aor.terms.actor import Actor, Role, system
from aor.terms.period import ZONE
from aor.transmissions import rows
from aor.transmissions.ledger import Scope
from tests import builders
from tests.builders import Policy, enrollment_file
from tests.model.carriers import Point
from tests.model.facts import (
    ANA,
    BEN,
    BROKERS,
    CRUZ,
    NAVIGATOR,
    NORTH,
    SOUTH,
    WAITS,
    Event,
    Facts,
    Row,
)
from tests.model.told import Told

BEGINS = datetime(2025, 10, 20, 15, tzinfo=UTC)
MINUTE, ONE = timedelta(minutes=1), timedelta(days=1)
BACK = timedelta(minutes=59, seconds=47)  # an hour, and no instant comes twice
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


class Marketplace(Told):
    """One world: the product over a database that is rolled back, the facts as told, the carriers."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self._settings = override_settings(AOR_HOME=self.home)
        self._settings.enable()
        self._undone = transaction.atomic()
        self._undone.__enter__()
        super().__init__(self.home, furnished(), BEGINS)
        self.farthest = BEGINS  # where the clock was before it went back
        self.kept: list[tuple[datetime, list[rows.Row]]] = []
        self.dirty = False
        self.done = 0
        self.isa13 = 500

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

    def act(self, name: str) -> None:
        """An operation begins: mostly a minute later, now and then at the same instant."""
        counted[name] += 1
        self.done += 1
        if self.done % 5 or (self.kept and self.kept[-1][0] >= self.now):
            self.now += MINUTE

    def may_go_back(self) -> bool:
        """Once at a time; never over South's cutoff: whether what comes then was in time, nobody can say."""
        before = self.now - BACK
        cutoff = self.now.astimezone(ZONE).replace(hour=15, minute=0, second=0, microsecond=0)
        return before > self.farthest and not before - MINUTE < cutoff <= self.now + MINUTE

    def goes_back(self) -> None:
        """What is learned in the hour that comes again belongs to what was known at its instants."""
        self.farthest = self.now
        self.now -= BACK
        self.kept = [one for one in self.kept if one[0] <= self.now]

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
        if self.done % 16 == 0 and self.now > self.farthest:
            self._past()

    def product(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        entries = Entry.objects.known_at().order_by("enrollment", "effective_from")
        columns = "enrollment__policy_id", "npn", "effective_from", "effective_until", "in_standing"
        for policy, *row in bulk.read(entries, *columns):
            found.setdefault(policy, []).append(tuple(row))
        return found

    def _access(self) -> None:
        """Who is open to whom, household by household; and who may see whom, on which days."""
        keys = set().union(*self.facts.keys().values())
        found = dict(bulk.read(Open.objects.all(), "household_key", "association"))
        open_ = {key: self.facts.open_of(key) for key in keys}  # of a household that everybody has left, nothing
        assert found == {key: one.id for key, one in open_.items() if one}
        seen = bulk.read(Access.objects.all(), "subscriber__exchange_subscriber_id", "npn", "start", "until")
        known = {name for (name,) in bulk.read(Subscriber.objects.all(), "exchange_subscriber_id")}
        assert sorted(seen, key=str) == sorted(
            (
                (subscriber, one.npn, days.start, days.until)
                for subscriber in known
                for days, key in self.facts.memberships(subscriber)
                if (one := open_[key])
            ),
            key=str,
        )

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


def event(
    kind: str, market: Marketplace, policy: str, subscriber: str, carrier: str, coverage: str, start: date,
    sent: datetime, until: date | None, requested: date, mentions: str = "",
) -> Event:  # fmt: skip
    """An event as told, numbered as its file."""
    return Event(kind, sent, market.isa13, policy, subscriber, carrier, coverage, start, until, requested, mentions)


__all__ = ["BROKERS", "BY", "CONSENT", "CONSUMER", "Marketplace", "counted", "event", "furnish"]
