"""What is said about incidents and disputes: notices without personal data, queued in the act's own transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from aor.acts import say
from aor.brokers import queries as brokers
from aor.notices import operations as notices
from aor.notices.operations import Message

RECEIVED = (
    "We received rows that are not your clients",
    "They opened the privacy incident {number}. Sign in to the marketplace to see what is done about it, and to say "
    "that your copies are deleted.",
)
DELETE = (
    "Please delete copies of a report",
    "Report {about} is withdrawn. Delete every copy that you kept or passed on, then sign in to the marketplace and "
    "say so under incident {number}. A corrected report will follow.",
)
CLOSED = ("An incident is closed", "Incident {number} is closed. Sign in to the marketplace to see what was done.")
REOPENED = (
    "Your access to a household is open again",
    "The broker team has decided: the household did ask for your help. Sign in to the marketplace.",
)
RESTORED = (
    "Your access to a household stays closed",
    "The broker team has decided: the household did not ask for your help. Sign in to the marketplace.",
)


def brokers_told(what: tuple[str, str], npns: Iterable[str], *, number: str, about: str, now: datetime) -> None:
    """Brokers are told that something waits behind the sign-in; each once."""
    subject, body = what
    wanted = sorted(set(npns))
    addresses = brokers.report_addresses(wanted)
    notices.queue(
        (
            Message(
                kind="incident",
                recipient_kind="broker",
                recipient_id=npn,
                address=addresses.get(npn, ""),
                subject=subject,
                body=body.format(number=number, about=about),
                dedupe_key=f"{subject}:{number}:{about}:{npn}"[:200],
            )
            for npn in wanted
        ),
        now=now,
    )


def privacy_officer(number: str, *, now: datetime) -> bool:
    """The privacy officer is told of an incident; False where the marketplace has named no address."""
    address = str(getattr(settings, "AOR_PRIVACY_OFFICER", ""))
    message = Message(
        kind="privacy incident",
        recipient_kind="officer",
        recipient_id="privacy officer",
        address=address,
        subject=f"Privacy incident {number}",
        body=f"A broker says that rows of a report are not theirs. The incident file of {number} says what was done.",
        dedupe_key=f"privacy officer:{number}",
    )
    notices.queue([message], now=now)
    return bool(address)


def each_consumer_told(kind: str, people: Iterable[str], *, about: str, now: datetime) -> None:
    """The same, each for themselves: of an incident nobody is told through somebody else."""
    say.to_households(kind, {f"{about}:{name}": [name] for name in people}, now=now)


def consumers_told(kind: str, people: Iterable[str], *, about: str, now: datetime) -> None:
    """Consumers are told in their language."""
    say.to_consumers(kind, people, about=about, now=now)
