"""Enrollments with what is so of them and what carriers were told: read in order, some thousands at a time.

A few queries for some thousands of enrollments, whatever is asked; memory stays flat.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache, partial
from itertools import batched, starmap
from typing import Any, NamedTuple

from django.db.models import Max, Q, QuerySet

from aor.brokers import queries as brokers
from aor.calendar import queries as calendar
from aor.engine import bulk
from aor.enrollments import lifecycle as enrollments
from aor.enrollments.models import Enrollment, Event
from aor.policy.decision import Decision
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.record.models import Correction, Entry
from aor.terms.npn import Npn
from aor.terms.period import day_of
from aor.transmissions import lifecycle
from aor.transmissions.lifecycle import AnswerRow, Mention, Opening, Told
from aor.transmissions.models import Answer, Step, TransactionSet
from aor.transmissions.sending_day import SendingDay

AT_ONCE = 4_000
HANDED_OVER, ATTEMPT, FAILED, DISCARDED = "handed over", "attempt", "failed", "discarded"


class Enrolled(NamedTuple):
    """An enrollment's row, as far as the record says it; plan, member and person only where a set is written."""

    id: int
    policy_id: str
    hios_issuer_id: str
    subscriber_id: str
    coverage_kind: str
    start: date
    until: date
    cancelled: bool
    sent_at: datetime | None
    plan_id: str = ""
    member_id: str = ""
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    birth_date: date | None = None
    sex: str = ""


_ENROLLED = (
    "id", "policy_id", "hios_issuer_id", "subscriber__exchange_subscriber_id", "coverage_kind", "start",
    "until", "cancelled", "sent_at",
)  # fmt: skip
_WRITTEN = ("plan_id", "member_id", "last_name", "first_name", "middle_name", "birth_date", "sex")
_ENTRY = (
    "id", "enrollment_id", "npn", "effective_from", "effective_until", "in_standing", "known_from", "known_until",
    "decision_id",
)  # fmt: skip
_verdict = lru_cache(maxsize=1 << 12)(lifecycle.verdict)  # one 999 answers thousands alike
_SET = ("id", "enrollment_id", "interchange_id", "npn", "effective_from", "kind", "fingerprint")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which enrollments: all of them, a carrier's, those of a policy id, or those with a broker's entries."""

    hios_issuer_id: str = ""
    policy_id: str = ""
    npn: str = ""
    enrollments: tuple[int, ...] = ()
    without: tuple[str, ...] = ()  # carriers

    def rows(self) -> QuerySet[Enrollment]:
        rows = Enrollment.objects.order_by("id")
        if self.hios_issuer_id:
            rows = rows.filter(hios_issuer_id=self.hios_issuer_id)
        if self.policy_id:
            rows = rows.filter(policy_id=self.policy_id)
        if self.npn:
            rows = rows.filter(id__in=Entry.objects.filter(npn=self.npn).values("enrollment_id"))
        if self.without:
            rows = rows.exclude(hios_issuer_id__in=self.without)
        return rows

    def brokers(self) -> set[str] | None:
        """Whose standing is needed where few enrollments are asked about; None: everybody's."""
        if self.policy_id or 0 < len(self.enrollments) <= AT_ONCE:
            rows = self.rows().filter(id__in=self.enrollments) if self.enrollments else self.rows()
            return set(Entry.objects.filter(enrollment__in=rows.order_by()).values_list("npn", flat=True))
        return None

    @property
    def few(self) -> bool:
        """Whether they are found by an index of their own."""
        return bool(self.policy_id or self.npn or self.enrollments)

    def within(self, ids: Sequence[int]) -> dict[str, object]:
        """Conditions on what belongs to these enrollments, ascending: by their range where it holds few others."""
        if self.few:
            return {"enrollment__in": ids}
        of_carrier = {"enrollment__hios_issuer_id": self.hios_issuer_id} if self.hios_issuer_id else {}
        return {"enrollment__gte": ids[0], "enrollment__lte": ids[-1], **of_carrier}


class Ledger:
    """What is so and what was told, as known at `known_at` (None: the latest), for a run that takes `as_of`."""

    def __init__(
        self, scope: Scope, *, now: datetime, known_at: datetime | None = None, findings: bool = False
    ) -> None:
        self.scope, self.now, self.known_at = scope, now, known_at
        self.today = day_of(now)
        self._enrolled = _ENROLLED if findings else _ENROLLED + _WRITTEN
        self._entry = (*_ENTRY, "decision__findings") if findings else _ENTRY
        self._standings: Mapping[str, BrokerStanding] | None = None
        self._days: dict[datetime, SendingDay] = {}
        self._handed = self._hand_overs()
        self._of_interchanges = self._interchange_answers()
        self._openings = Correction.objects.known_at(known_at).filter(kind="opening balance")
        self._mentions = self._events().exclude(broker_npn="")
        self._has_openings, self.has_mentions = self._openings.exists(), self._mentions.exists()

    @cached_property
    def carriers(self) -> Mapping[str, CarrierFacts]:
        return brokers.carriers(self.known_at)

    def accounts(self, as_of: datetime | None = None) -> Iterator[tuple[Enrolled, lifecycle.Account]]:
        """Every enrollment of the scope, ascending by id."""
        for named in batched(self.scope.enrollments, AT_ONCE) if self.scope.enrollments else ((),):
            yield from self._accounts(self.scope.rows().filter(id__in=named) if named else self.scope.rows(), as_of)

    def _accounts(
        self, rows: QuerySet[Enrollment], as_of: datetime | None
    ) -> Iterator[tuple[Enrolled, lifecycle.Account]]:
        for found in self._enrolled_of(rows):
            yield from self._some([*starmap(Enrolled, found)], as_of or self.now)

    def _enrolled_of(self, rows: QuerySet[Enrollment]) -> Iterator[list[tuple[Any, ...]]]:
        """Some thousands at a time, by ranges of keys: for the next ones after a key a database may read all that
        are left. A range is as wide as the last one was dense.
        """
        last, span = 0, AT_ONCE
        highest = math.inf if self.scope.few else Enrollment.objects.aggregate(last=Max("id"))["last"] or 0
        while last < highest:
            some = rows.filter(id__gt=last) if self.scope.few else rows.filter(id__gt=last, id__lte=last + span)
            found = bulk.read(some[:AT_ONCE], *self._enrolled)
            if found:
                yield found
            if len(found) == AT_ONCE:
                last, span = found[-1][0], max(found[-1][0] - last, AT_ONCE)
            elif self.scope.few:
                return
            else:
                last, span = last + span, span * min(4, AT_ONCE // max(len(found), 1))

    def decision(self, enrolled: Enrolled, entry: lifecycle.Entry, at: datetime | None = None) -> Decision:
        """The sending day's findings of an entry, at an instant (now)."""
        return self._day(at or self.now).decision(entry, enrolled.hios_issuer_id, enrolled.start, enrolled.sent_at)

    def granted(self, enrolled: Enrolled, as_of: datetime | None = None) -> lifecycle.Granted:
        """Whether an entry is free to go now, and was so already at the cutoff."""
        return partial(self._free, enrolled, as_of or self.now)

    def _free(self, enrolled: Enrolled, then: datetime, entry: lifecycle.Entry) -> bool:
        asked = entry, enrolled.hios_issuer_id, enrolled.start, enrolled.sent_at
        return self._day(self.now).granted(*asked) and (then == self.now or self._day(then).granted(*asked))

    def _day(self, at: datetime) -> SendingDay:
        day = self._days.get(at)
        if day is None:
            if self._standings is None:  # all that were told already ask for nobody's
                self._standings = brokers.standings(self.scope.brokers(), self.known_at)
            day = self._days[at] = SendingDay(at, calendar.parameters(self.known_at), self.carriers, self._standings)
        return day

    def _some(self, some: Sequence[Enrolled], as_of: datetime) -> Iterator[tuple[Enrolled, lifecycle.Account]]:
        within = self.scope.within([one.id for one in some])
        current, before = self._entries(within, as_of)
        told = self._told(within)
        openings = self._opening_balances(some) if self._has_openings else {}
        mentions = self._mentioned(some) if self.has_mentions else {}
        superseded = self._superseded(some, mentions)
        sent = self._sent_then(some) if self.known_at is not None else {}
        for enrolled in some:
            if self.known_at is not None:
                enrolled = enrolled._replace(sent_at=sent.get((enrolled.policy_id, enrolled.hios_issuer_id)))
            own = current.get(enrolled.id, [])
            account = lifecycle.Account(
                enrolled.id,
                None if enrolled.cancelled else lifecycle.between(enrolled.start, enrolled.until),
                own,
                own if before is None else before.get(enrolled.id, []),
                told.get(enrolled.id, []),
            )
            if mentions or openings:
                key = (enrolled.policy_id, enrolled.hios_issuer_id)
                if key in mentions or key in openings:
                    lifecycle.tell(
                        account,
                        enrolled.start,
                        mentions.get(key, ()),
                        openings.get(key, ()),
                        superseded.get(enrolled.id, ()),
                    )
            yield enrolled, account

    def _entries(
        self, within: dict[str, object], as_of: datetime
    ) -> tuple[dict[int, list[lifecycle.Entry]], dict[int, list[lifecycle.Entry]] | None]:
        """The record as known, and as it was known at the cutoff (None: the same)."""
        same = self.known_at is not None or as_of >= self.now
        wanted = Entry.objects.known_at(self.known_at)
        if not same:
            wanted = Entry.objects.filter(Q(known_until=None) | Q(known_until__gt=as_of))
        current: defaultdict[int, list[lifecycle.Entry]] = defaultdict(list)
        before: defaultdict[int, list[lifecycle.Entry]] = defaultdict(list)
        rows = bulk.read(wanted.filter(**within).order_by("enrollment_id", "effective_from"), *self._entry)
        if same:
            for row in rows:
                current[row[1]].append(lifecycle.Entry(*row))
            return current, None
        for entry in starmap(lifecycle.Entry, rows):
            if entry.known_until is None:
                current[entry.enrollment].append(entry)
            if entry.known_from <= as_of:
                before[entry.enrollment].append(entry)
        return current, before

    def _hand_overs(self) -> dict[int, tuple[datetime, datetime, date]]:
        """When each interchange was handed over, since when that is known, and on which day."""
        steps = Step.objects.filter(kind=HANDED_OVER)
        if self.known_at is not None:
            steps = steps.filter(recorded_at__lte=self.known_at)
        rows = bulk.read(steps, "interchange_id", "at", "recorded_at")
        return {id: (at, recorded_at, day_of(at)) for id, at, recorded_at in rows}

    def _answers(self) -> QuerySet[Answer]:
        rows = Answer.objects.all()
        return rows if self.known_at is None else rows.filter(recorded_at__lte=self.known_at)

    def _interchange_answers(self) -> dict[int, list[AnswerRow]]:
        found: dict[int, list[AnswerRow]] = {}
        rows = self._answers().filter(interchange__isnull=False, transaction_set__isnull=True)
        for id, *one in bulk.read(rows, "interchange_id", "answered_at", "isa13", "verdict"):
            found.setdefault(id, []).append(AnswerRow(one[0], one[1], one[2], True))
        return found

    def _told(self, within: dict[str, object]) -> dict[int, list[Told]]:
        """What sets told, ascending by hand-over, with what holds of the answers."""
        known = TransactionSet.objects.filter(**within).order_by("enrollment_id", "id")
        handed = self._handed
        sets = [row for row in bulk.read(known, *_SET) if row[2] in handed]
        if not sets:
            return {}
        answers: dict[int, list[AnswerRow]] = {}
        about = {f"transaction_set__{key}": value for key, value in within.items()}
        rows = self._answers().filter(**about)
        for id, *one in bulk.read(rows, "transaction_set_id", "answered_at", "isa13", "verdict"):
            answers.setdefault(id, []).append(AnswerRow(one[0], one[1], one[2], False))
        whole = {id: _verdict(tuple(said)) for id, said in self._of_interchanges.items()}
        told: defaultdict[int, list[Told]] = defaultdict(list)
        for id, enrollment, interchange, npn, day, kind, fingerprint in sets:
            at, recorded_at, sent_on = handed[interchange]
            if id in answers:
                verdict = _verdict((*answers[id], *self._of_interchanges.get(interchange, ())))
            else:
                verdict = whole.get(interchange, lifecycle.UNANSWERED)
            what = Told(at, id, npn, day, sent_on, recorded_at, verdict, lifecycle.BY_SET, kind, fingerprint)
            told[enrollment].append(what)
        for own in told.values():
            if len(own) > 1:
                own.sort(key=lambda one: (one.at, one.set_id))
        return told

    def _events(self) -> QuerySet[Event]:
        rows = Event.objects.filter(file__accepted_at__isnull=False, sent_at__lte=self.known_at or self.now)
        return rows if self.known_at is None else rows.filter(file__accepted_at__lte=self.known_at)

    def _opening_balances(self, some: Sequence[Enrolled]) -> dict[tuple[str, str], list[Opening]]:
        found: dict[tuple[str, str], list[Opening]] = {}
        rows = self._openings.filter(policy_id__in=[one.policy_id for one in some])
        columns = ("policy_id", "hios_issuer_id", "npn", "effective_from", "effective_until", "sent_on")
        for policy, hios, *opening in bulk.read(rows, *columns):
            found.setdefault((policy, hios), []).append(Opening(*opening))
        return found

    def _mentioned(self, some: Sequence[Enrolled]) -> dict[tuple[str, str], list[Mention]]:
        """Who enrollment files named in 1000C; what is no NPN is nobody."""
        kinds = (enrollments.ADD, enrollments.CHANGE, enrollments.REINSTATE)
        rows = self._mentions.filter(policy_id__in=[one.policy_id for one in some], kind__in=kinds)
        found: dict[tuple[str, str], list[Mention]] = {}
        columns = ("policy_id", "hios_issuer_id", "broker_npn", "sent_at", "sent_day", "file__accepted_at")
        for policy, hios, text, *sent in bulk.read(rows.order_by("sent_at", "id"), *columns):
            try:
                npn = Npn.parse(text)
            except ValueError:
                continue
            found.setdefault((policy, hios), []).append(Mention(str(npn), *sent))
        return found

    def _superseded(
        self, some: Sequence[Enrolled], mentions: dict[tuple[str, str], list[Mention]]
    ) -> dict[int, list[lifecycle.Entry]]:
        """Earlier versions of the entries of enrollments that a file named a broker for."""
        if not mentions:
            return {}
        ids = [one.id for one in some if (one.policy_id, one.hios_issuer_id) in mentions]
        rows = Entry.objects.filter(enrollment__in=ids, known_until__isnull=False)
        if self.known_at is not None:
            rows = rows.filter(known_until__lte=self.known_at)
        found: dict[int, list[lifecycle.Entry]] = {}
        for row in bulk.read(rows.order_by("known_from", "id"), *_ENTRY) if ids else ():
            found.setdefault(row[1], []).append(lifecycle.Entry(*row))
        return found

    def _sent_then(self, some: Sequence[Enrolled]) -> dict[tuple[str, str], Any]:
        """When each enrollment had first been sent, as known then."""
        events = Event.objects.filter(
            kind=enrollments.ADD,
            unsent=None,
            start__isnull=False,
            file__accepted_at__lte=self.known_at,
            policy_id__in=[one.policy_id for one in some],
        )
        rows = bulk.read(events.order_by("-sent_at"), "policy_id", "hios_issuer_id", "sent_at")
        return {(policy, hios): sent_at for policy, hios, sent_at in rows}
