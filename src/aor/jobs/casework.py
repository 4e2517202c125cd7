"""What is due of cases: disputes and transfers whose day has come, signals, the index of persons, clocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from aor.accounts import queries as accounts
from aor.cases import queries as cases
from aor.discrepancies import candidates
from aor.incidents import disputes, signals
from aor.incidents import operations as incidents
from aor.notices import operations as notices
from aor.notices import words
from aor.notices.models import Notice
from aor.notices.operations import Message
from aor.terms.period import day_of
from aor.transfers import entering


def index_persons(*, now: datetime) -> int:
    """The index of persons follows the enrollment files, so that no broker waits for it."""
    return candidates.refresh(now=now)


def remind_officers(*, now: datetime) -> int:
    """Once a day officers are told how many clocks of cases run out soon, or have; how many officers were."""
    due = cases.due_reminders(now)
    if not due:
        return 0
    overdue = sum(one.overdue for one in due)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(one.kind for one in due).items()))
    where = words.address("/staff/")
    body = f"Clocks of cases run out soon: {len(due)} ({kinds}); {overdue} of them have. Sign in: {where}"
    messages = {
        f"clocks:{one.pk}:{day_of(now)}": Message(
            kind="clocks",
            recipient_kind="officer",
            recipient_id=str(one.pk),
            address=one.email,
            subject="Cases wait for you",
            body=body,
            dedupe_key=f"clocks:{one.pk}:{day_of(now)}",
        )
        for one in accounts.officers()
        if one.email
    }
    said = set(Notice.objects.filter(dedupe_key__in=messages).values_list("dedupe_key", flat=True))
    notices.queue([message for key, message in messages.items() if key not in said], now=now)
    return len(messages.keys() - said)


WORK: dict[str, Callable[..., int]] = {
    "persons indexed": index_persons,
    "disputes opened or restored": disputes.due,
    "incidents corrected": incidents.correct,
    "signals found": signals.find,
    "households moved": entering.due,
    "officers reminded": remind_officers,
}
EVERY = {
    "persons indexed": timedelta(minutes=5),
    "signals found": timedelta(hours=1),
    "officers reminded": timedelta(hours=1),
}
