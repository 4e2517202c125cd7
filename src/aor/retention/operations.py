"""Legal holds placed and released, and disposal by the rules of retention, under two names.

Disposal empties personal columns and removes documents; numbers, days, decisions and the journal stay. A row's leaf
is kept as it is afterwards, so that the journal's chain can be checked, and the row still cannot be changed unseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import transaction
from django.db.models import Exists, OuterRef

from aor.audit import operations as journal
from aor.audit import seal, triggers
from aor.audit.models import Act
from aor.calendar import queries as calendar
from aor.cases.models import Case
from aor.discrepancies.models import PersonKey
from aor.engine import bulk, faults, locks, store
from aor.engine.among import among
from aor.policy import retention as rules
from aor.policy.retention import Kind, What
from aor.retention import models, queries
from aor.retention.candidates import Candidate
from aor.retention.schedule import PERSONAL, SIGN_IN
from aor.terms.actor import Actor, Role, system
from aor.terms.period import Period, day_of

SUBJECT, CARRIED_OUT = "disposal", "disposal.carried out"
LOCK = "documents"  # that `aor rekey` holds as well: it would put back what is removed meanwhile


class Refused(Exception):
    """Why a hold or a disposal was refused, in a sentence."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was disposed of of a class: things, their rows; `held` are those under a legal hold."""

    what: What
    things: int
    rows: int
    held: int


@transaction.atomic
def place(*, kind: Kind, subject: str, period: Period | None, because: str, by: Actor, now: datetime) -> int:
    """Places a legal hold; returns its number. Raises Refused."""
    if not because.strip():
        raise Refused("a legal hold has a reason")
    if (kind is Kind.PERIOD) != (period is not None) or (kind is Kind.PERIOD) == bool(subject):
        raise Refused("a hold on a period has its days, every other hold names what it is on")
    if period is not None and period.until is None:
        raise Refused("a hold on a period has a last day")
    if not queries.is_known(kind, subject):
        raise Refused(f"no {kind} is known by {subject}")
    days = (period.start, period.until) if period else (None, None)
    row = models.Hold.objects.create(
        kind=kind, subject=subject, start=days[0], until=days[1], because=because,
        at=now, by_role=by.role, by_name=by.name,
    )  # fmt: skip
    details = {"kind": kind, "subject": subject, "start": str(days[0] or ""), "until": str(days[1] or "")}
    journal.write(verb="hold.placed", subject=("hold", str(row.pk)), by=by, at=now, details=details)
    return row.pk


@transaction.atomic
def release(*, hold: int, because: str, by: Actor, now: datetime) -> None:
    """Releases a legal hold. Raises Refused for one that is not in force."""
    row = models.Hold.objects.select_for_update().filter(pk=hold).first()  # of two at once the second waits
    if row is None or models.Release.objects.filter(hold=row).exists():
        raise Refused(f"the legal hold {hold} is not in force")
    if not because.strip():
        raise Refused("the release of a legal hold has a reason")
    models.Release.objects.create(hold=row, because=because, at=now, by_role=by.role, by_name=by.name)
    journal.write(verb="hold.released", subject=("hold", str(hold)), by=by, at=now)


def dispose(*, asked_by: str, by: Actor, now: datetime) -> list[Done]:
    """Disposes of all that is due and under no hold: `asked_by` asked, `by` consented.

    Each portion is one transaction; the documents go after it. Killed, it is run again and goes on. Raises Refused;
    locks.Busy while another disposal or `aor rekey` is at work.
    """
    if not asked_by or asked_by == by.name:
        raise Refused("two officers dispose of data: one asks, another consents")
    done = []
    with locks.exclusive(LOCK, by=by.name, at=now, wait=False):
        remove_documents()
        for what in What:
            things = rows = held = 0
            for some, back in queries.ready(what, now=now):
                things, held = things + len(some), held + back
                rows += _portion(what, some, asked_by=asked_by, by=by, now=now) if some else 0
            remove_documents()
            done.append(Done(what, things, rows, held))
    return done


@transaction.atomic
def _portion(what: What, some: Sequence[Candidate], *, asked_by: str, by: Actor, now: datetime) -> int:
    """Empties the rows of some things and says so; returns how many rows."""
    rows: dict[str, set[int]] = defaultdict(set)
    for one in some:
        for label, ids in one.rows.items():
            rows[label] |= set(ids) - queries.disposed_among(label, ids)
    count = sum(map(len, rows.values()))
    years, parameters = queries.years_of(what, day_of(now)), calendar.parameters()
    disposal = models.Disposal.objects.create(
        what=what, at=now, before=rules.ended_by(day_of(now), years), years=years, things=len(some), rows=count,
        cites=f"{rules.EXCHANGE_RECORDS}; {rules.SCHEDULE}", parameters_version=parameters.version,
        by_name=asked_by, second_name=by.name,
    )  # fmt: skip
    _empty(rows)
    bulk.load(
        models.Disposed,
        ("disposal_id", "table", "row", "leaf"),
        (
            (disposal.pk, label, id, leaf)
            for label, ids in sorted(rows.items())
            for id, leaf in _leaves(label, ids)
        ),
    )  # fmt: skip
    details = {"what": what, "years": years, "things": len(some), "rows": count, "asked_by": asked_by}
    journal.write(verb="data.disposed", subject=("disposal", str(disposal.pk)), by=by, at=now, details=details)
    faults.reached("dispose:portion")
    return count


def _empty(rows: dict[str, set[int]]) -> None:
    """Empties personal columns, and what was derived of them."""
    tables = {label: apps.get_model(label) for label in rows if label in PERSONAL}
    with triggers.updating({model._meta.db_table for model in tables.values()}):
        for label, model in tables.items():
            model._default_manager.filter(among("pk", rows[label])).update(**PERSONAL[label])
    enrollments = apps.get_model("enrollments.Enrollment")._default_manager.filter(
        among("pk", rows.get("enrollments.Enrollment", set()))
    )
    PersonKey.objects.filter(subscriber__in=enrollments.values("subscriber")).delete()
    for label in SIGN_IN if "accounts.User" in rows else ():
        apps.get_model(label)._default_manager.filter(user__in=rows["accounts.User"]).delete()


def _leaves(label: str, ids: Iterable[int]) -> list[tuple[int, str]]:
    now = seal.leaves_now(label, list(ids))
    return [(id, now.get(id, "")) for id in sorted(ids)]


def dispose_as_consented(*, now: datetime) -> int:
    """Disposes for every request that has its consent and was not carried out; returns how many rows."""
    rows = 0
    done = Act.objects.filter(verb=CARRIED_OUT, subject_kind="case", subject_id=OuterRef("number"))
    asked = Case.objects.filter(kind="second consent", subject_kind=SUBJECT, events__note="consented")
    for case in asked.filter(~Exists(done)).order_by("id"):
        lead = case.events.get(note="consented")
        done_ = dispose(asked_by=case.opened_name, by=Actor(Role(lead.by_role), lead.by_name), now=now)
        rows += sum(one.rows for one in done_)
        journal.write(verb=CARRIED_OUT, subject=("case", case.number), by=system("aor work"), at=now)
    return rows


def remove_documents() -> int:
    """Removes the files of documents that only disposed rows name; returns how many were still there."""
    removed = 0
    for sha256 in sorted(queries.gone_documents()):
        removed += store.remove(sha256)
        faults.reached("dispose:removed")
    return removed
