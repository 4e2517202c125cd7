"""A close that an officer asked for on a page: kept as a row, run by a worker, told step by step."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from aor.audit import operations as journal
from aor.close import operations
from aor.close.models import Asked
from aor.close.operations import Result
from aor.close.steps import CLOSED, Wanted
from aor.terms.actor import Actor, Role
from aor.terms.month import Month

WAITING, RUNNING = "waiting", "running"


def ask(month: Month, *, waivers: Sequence[Wanted], by: Actor, now: datetime) -> bool:
    """Asks for the close of a month; False where somebody has asked and it is not done."""
    given = json.dumps([[one.rule, one.because, one.by] for one in waivers])
    try:
        with transaction.atomic():
            Asked.objects.create(month=str(month), by_role=by.role, by_name=by.name, at=now, waivers=given)
            journal.write(verb="month.close asked", subject=("month", str(month)), by=by, at=now)
    except IntegrityError:
        return False
    return True


def latest(month: Month) -> Asked | None:
    """The last time that the close of a month was asked for."""
    return Asked.objects.filter(month=str(month)).order_by("-id").first()


def run(*, now: datetime) -> int:
    """Runs the closes that were asked for; how many came to an end. Raises locks.Busy while another close runs."""
    done = 0
    for row in Asked.objects.filter(state__in=[WAITING, RUNNING]).order_by("id"):
        Asked.objects.filter(pk=row.pk).update(state=RUNNING, words="begun")
        result = _run(row, now=now)
        words = "" if result.state == CLOSED else "; ".join(one.because for one in result.blockers)
        Asked.objects.filter(pk=row.pk).update(state=result.state, words=words[:500], ended_at=now)
        done += 1
    return done


def _run(row: Asked, *, now: datetime) -> Result:
    def progress(words: str) -> None:
        Asked.objects.filter(pk=row.pk).update(words=words[:500])

    return operations.close(
        Month.parse(row.month),
        by=Actor(Role(row.by_role), row.by_name),
        now=now,
        waivers=[Wanted(*one) for one in json.loads(row.waivers)],
        progress=progress,
    )
