"""What the questions of a close are asked of: the order of months, and what each carrier still waits for."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Min, Model

from aor.audit.models import Block
from aor.brokers.models import Appointment, Broker, Certification, License
from aor.calendar.models import OpenEnrollment
from aor.carriers.models import Carrier
from aor.close.models import Close, Waiver
from aor.consumers.models import Household
from aor.enrollments.models import EnrollmentFile
from aor.policy.report import Order, Waiting
from aor.record.models import Correction, Entry
from aor.reports import sends
from aor.terms.month import Month
from aor.transmissions.models import Answer, Step

CLOSED = "closed"
KNOWN: tuple[tuple[type[Model], str], ...] = (
    (Household, "last_known"),
    (Entry, "known_from"),
    (Correction, "known_from"),
    (EnrollmentFile, "accepted_at"),
    (Step, "recorded_at"),
    (Answer, "recorded_at"),
    (Carrier, "known_from"),
    (Broker, "known_from"),
    (Certification, "known_from"),
    (License, "known_from"),
    (Appointment, "known_from"),
    (OpenEnrollment, "known_from"),
)
NAMED = 20  # policies named of those that wait for one carrier


def close_of(month: Month) -> Close | None:
    return Close.objects.filter(month=str(month)).first()


def close_before(month: Month) -> Close | None:
    """The close of the latest earlier month."""
    return Close.objects.filter(month__lt=str(month)).order_by("-month").first()


def order(now: datetime) -> Order:
    """The last month closed; before the first close, the months of the first hand-overs.

    A close that was begun and not finished comes before every other month.
    """
    begun = Close.objects.exclude(state=CLOSED).order_by("month").first()
    if begun is not None:
        unfinished = Month.parse(begun.month)
        return Order(first=unfinished, first_live=unfinished)
    last = Close.objects.aggregate(last=Max("month"))["last"]
    if last is not None:
        return Order(last_closed=Month.parse(last))
    return _of_first_hand_overs(now)


def _of_first_hand_overs(now: datetime) -> Order:
    """Asks no further once one is of the earliest month there can be: nothing comes before it."""
    go_live = EnrollmentFile.objects.aggregate(at=Min("accepted_at"))["at"]
    earliest = sends.earliest_month()
    first = first_live = None
    for one in sends.hand_overs(now):
        if one.opening:
            continue
        month = Month.of(one.date_sent)
        first = min(first or month, month)
        if go_live is None or one.handed_over_at >= go_live:
            first_live = min(first_live or month, month)
        if first_live is not None and first_live == earliest:
            break
    return Order(first=first, first_live=first_live)


def waiting(month: Month, now: datetime) -> tuple[dict[str, Waiting], dict[str, list[str]]]:
    """The carriers whose month has not gone, and by carrier the policies that wait."""
    found: dict[str, Waiting] = {}
    policies: dict[str, list[str]] = {}
    for hios, last in sends.last_runs(month, known_at=now).items():
        if not last.ran and last.as_of > now:  # without a run, the end of its last send day
            found[hios] = Waiting(last.day, 0, to_come=True)
            continue
        still = sends.waiting(hios, as_of=last.as_of, now=now)
        if still:
            found[hios] = Waiting(last.day, len(still), to_come=False)
            policies[hios] = still[:NAMED]
    return found, policies


def all_known(now: datetime) -> datetime:
    """Now, or the latest instant at which something became known that a report rests on: clocks go back too."""
    instants: list[datetime | None] = [
        model._default_manager.aggregate(at=Max(column))["at"] for model, column in KNOWN
    ]
    return max([now, *filter(None, instants)])


def journal_head() -> str:
    """The root of the journal's last block; "" while nothing is sealed."""
    return Block.objects.order_by("-number").values_list("root", flat=True).first() or ""


def waivers_of(month: Month) -> list[Waiver]:
    return list(Waiver.objects.filter(month=str(month)).order_by("rule"))
