"""The months lived through the product's own commands: files arrive, carriers answer, the month is closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from aor.demo import commands, days, plans, rosters
from aor.demo.carrier import SimulatedCarrier
from aor.demo.market import EnrollmentFile, Market
from aor.terms.month import Month
from aor.terms.period import ONE_DAY

# Rows that nobody can take, in the first roster that comes.
_BAD_BROKERS = ({"npn": "9900A001"}, {"npn": "99000998", "email": "not an address"})
_DAMAGED_IN = Month(2025, 11)  # the first file of that month comes damaged, then whole, then once more


@dataclass
class MonthLived:
    """What happened in one month, as the commands counted it. `held_by` counts by rule not met, so one AOR may
    count twice there; `closed` is what the close answered."""

    month: Month
    enrollments: int = 0
    files: int = 0
    rows: int = 0
    associations: int = 0
    decided: int = 0
    held: int = 0
    held_by: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    accepted: int = 0
    rejected: int = 0
    unknown: int = 0
    resent: int = 0
    delivered: int = 0
    closed: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "month": str(self.month), "held_by": dict(sorted(self.held_by.items()))}


class Living:
    """A marketplace in an AOR_HOME. `folder` keeps the files that came, `mailboxes` is where carriers look.

    `run` runs a command at an instant and gives its document.
    """

    def __init__(
        self,
        market: Market,
        *,
        home: Path,
        seed: int,
        simulated: type[SimulatedCarrier] = SimulatedCarrier,
        run: Callable[..., Any] = commands.run,
    ) -> None:
        self.market = market
        self.run = run
        self.folder = home / "demo"
        self.inbox = self.folder / "inbox"
        self.inbox.mkdir(parents=True, exist_ok=True)
        self.carriers = {
            carrier.hios: simulated(carrier.hios, home / "mailboxes" / carrier.hios, seed)
            for carrier in plans.CARRIERS
        }
        self.news = list(market.news)
        self.files = list(market.files)
        self.now = days.at(days.GO_LIVE, 7)
        self.told = MonthLived(market.months[0])

    def months(self) -> Iterator[MonthLived]:
        """Lives month after month; gives each once it is closed."""
        for month in self.market.months:
            self.told = MonthLived(month)
            for at, act in self._timetable(month):
                self.now = at
                act()
            yield self.told

    def _timetable(self, month: Month) -> list[tuple[datetime, Any]]:
        """When what is done: batches in the morning, runs in the evening, then the close."""
        mornings = [month.first_day.replace(day=day) for day in days.BATCH_DAYS]
        runs = {month.first_day.replace(day=day) for day in days.RUN_DAYS}
        last_days = {days.last_send_day(month, carrier.send_days) for carrier in plans.CARRIERS}
        steps = [(days.at(day, 7), self._morning) for day in mornings]
        steps += [(days.at(day, 20), self._evening) for day in {*runs, *last_days}]
        steps.append((days.at(month.until, 9), self._close))
        if month == self.market.months[0]:
            steps.append((days.at(days.GO_LIVE, 8), self._morning))
        return sorted(steps, key=lambda step: step[0])

    # ------------------------------------------------------------------------------------------------ what comes

    def _morning(self) -> None:
        """Rosters and associations learned by now are imported, enrollment files sent by now received."""
        today = self.now.date()
        kinds: tuple[str, ...] = rosters.OF_CONSUMERS
        if today == days.GO_LIVE or today.day in days.ROSTER_DAYS:
            kinds = rosters.KINDS
        heard = [item for item in self.news if item.day <= today and item.kind in kinds]
        self.news = [item for item in self.news if item.day > today or item.kind not in kinds]
        for kind, rows in rosters.by_kind(heard).items():
            self._import(kind, rows, today)
        came = [file for file in self.files if file.at <= self.now]
        self.files = self.files[len(came) :]
        if came:
            self._receive(came)

    def _import(self, kind: str, rows: list[dict[str, str]], today: date) -> None:
        if kind == "brokers" and today == days.GO_LIVE:
            rows = [*rows, *({**rows[0], **bad} for bad in _BAD_BROKERS)]
        path = self.inbox / f"{today}-{kind}.csv"
        rosters.write(path, rows)
        answer = self.run("import", kind, path, now=self.now)
        self.told.rows += answer["taken"]
        self.told.associations += answer["taken"] if kind == "associations" else 0
        if answer["refused"]:
            count, first = len(answer["refused"]), answer["refused"][0]
            self.told.notes.append(
                f"{count} of {answer['rows']} rows of {kind} refused, the first because {first['because']}"
            )

    def _receive(self, came: list[EnrollmentFile]) -> None:
        paths = [self._put(file.name, file.content()) for file in came]
        damaged = self.told.month == _DAMAGED_IN and not self.told.files
        if damaged:
            broken = self._put(f"damaged-{came[0].name}", came[0].content().replace(b"~SE*", b"~SE*9", 1))
            paths = [broken, *paths, paths[0]]
        for answer in self.run("receive", *paths, now=self.now)["files"]:
            self.told.files += 1
            self.told.enrollments += answer["enrollments"]
            if not answer["accepted"]:
                self.told.notes.append(f"{answer['name']} refused whole: {answer['findings'][0]['because']}")
        if damaged:
            self.told.notes.append(f"{came[0].name} came again whole, and once more, which changed nothing")

    def _put(self, name: str, content: bytes) -> Path:
        path = self.inbox / name
        path.write_bytes(content)
        return path

    # ------------------------------------------------------------------------------------------------ what goes

    def _evening(self) -> None:
        """The carriers' answers are collected, what is ready is sent, and the carriers take it."""
        self._collect()
        sent = self.run("send", now=self.now)
        self.told.sent += sum(one["sets"] for one in sent["interchanges"])
        for carrier in self.carriers.values():
            carrier.take(self.now)

    def _collect(self) -> None:
        if not sum(carrier.answer(self.now) for carrier in self.carriers.values()):
            return
        for answer in self.run("collect", now=self.now)["files"]:
            self.told.accepted += answer["accepted_sets"]
            self.told.rejected += answer["rejected_sets"]
            self.told.unknown += answer["unknown"]

    def _close(self) -> None:
        """On the first morning after the month: answers, the record, the close, the mails; then staff resend."""
        self._collect()
        self._count()
        month = self.told.month
        self.told.closed = self.run("close", month, now=self.now)
        self.now += timedelta(minutes=30)
        self.told.delivered = self.run("deliver", now=self.now)["delivered"]
        self.now += timedelta(hours=4)
        self._resend()

    def _count(self) -> None:
        last_day = self.told.month.until - ONE_DAY
        rows = self.run("record", "--on", last_day, now=self.now)
        held = [row for row in rows if row["state"] == "held"]
        self.told.decided = len(rows)
        self.told.held = len(held)
        for row in held:
            self.told.held_by.update({finding["rule"] for finding in row["findings"] if finding["met"] is not True})

    def _resend(self) -> None:
        """Staff have asked the carriers: refused interchanges go again whole, and every other rejected set."""
        for carrier in self.carriers.values():
            again = [("isa13", isa13) for isa13 in carrier.refused]
            again += [("set", st02) for _, st02 in carrier.rejected if int(st02) % 2]
            carrier.refused, carrier.rejected = [], []  # what it says of these is for the next time
            for option, number in again:
                answer = self.run("resend", f"--{option}", number, now=self.now)
                self.told.resent += sum(one["sets"] for one in answer.get("interchanges", ()))
            carrier.take(self.now)
