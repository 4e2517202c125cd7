"""What acts say to people: notices without personal data, queued in the act's own transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from aor.accounts import queries as accounts
from aor.associations.models import Association, Invitation
from aor.brokers import queries as broker_facts
from aor.consumers import queries as consumer_facts
from aor.notices import operations as notices
from aor.notices import words
from aor.notices.operations import Message
from aor.terms.period import day_of


def changed(
    kind: str, *, people: Collection[str], before: Association | None, after: Association | None, now: datetime
) -> None:
    """Consumer, former and new broker are told the same day; who follows a broker is never said (readings, R11).

    `people` are the subscribers of the household, `kind` what they are told (notices.words).
    """
    same = before is not None and after is not None and before.npn == after.npn
    if before is not None and not same:
        to_brokers("association ended", [before.npn], about=str(before.id), now=now)
    if after is not None and not same:
        to_brokers("association began", [after.npn], about=str(after.id), now=now)
    to_consumers(kind, people, about=str((after or before or _Nobody).id), now=now)


class _Nobody:
    id = 0


def disowned(row: Association, *, people: Collection[str], now: datetime) -> None:
    """The broker is told that access is closed, and the consumer that it was done (readings, R12)."""
    to_brokers("association disowned", [row.npn], about=str(row.id), now=now)
    to_consumers("broker disowned", people, about=str(row.id), now=now)


def invited(row: Invitation, code: str, *, now: datetime) -> None:
    """The code goes to the contact that was held, and nowhere else (readings, R1)."""
    language = consumer_facts.languages_of([row.subscriber_id]).get(row.subscriber_id, "en")
    said = words.to_consumer("invitation", language=language, day=_last_day(row))
    notices.queue([_to_held(row, "invitation", said, row.contact, f"invitation:{row.id}", code)], now=now)


def reminded(rows: Collection[Invitation], *, now: datetime) -> None:
    """Who was invited and has not answered is reminded of the code they were sent."""
    languages = consumer_facts.languages_of({row.subscriber_id for row in rows})
    messages = []
    for row in rows:
        said = words.to_consumer(
            "invitation reminder",
            language=languages.get(row.subscriber_id, "en"),
            sent=day_of(row.sent_at),
            day=_last_day(row),
        )
        key = f"invitation reminder:{row.id}:{day_of(now)}"
        messages.append(_to_held(row, "invitation reminder", said, row.contact, key))
    notices.queue(messages, now=now)


def _last_day(row: Invitation) -> date:
    return day_of(row.expires_at)


def _to_held(
    row: Invitation, kind: str, said: words.Words, address: str, dedupe_key: str, secret: str = ""
) -> Message:
    return Message(
        kind=kind,
        recipient_kind="subscriber",
        recipient_id=row.subscriber_id,
        address=address,
        subject=said.subject,
        body=said.body,
        dedupe_key=dedupe_key,
        secret=secret,
    )


def to_consumers(kind: str, people: Iterable[str], *, about: str, now: datetime, address: str = "") -> None:
    """Tells the subscribers of a household, each in their language and at the address held: once an address.

    Where none is held, one is listed as not addressed. `address` is another than the one held, as an old one.
    """
    together = sorted(people)
    held = {together[0]: address} if address else None
    to_households(kind, {about: together}, now=now, held=held)


def to_households(
    kind: str,
    households: Mapping[str, Sequence[str]],
    *,
    now: datetime,
    held: Mapping[str, str] | None = None,
    **values: object,
) -> None:
    """The same for many households at once, by what each is told about."""
    everyone = [name for people in households.values() for name in people]
    addresses = consumer_facts.emails_of(everyone) if held is None else held
    languages = consumer_facts.languages_of(everyone)
    said = {
        language: words.to_consumer(kind, language=language, **values) for language in {"en", *languages.values()}
    }
    notices.queue(
        (
            Message(
                kind=kind,
                recipient_kind="subscriber",
                recipient_id=name,
                address=addresses.get(name, ""),
                subject=said[languages.get(name, "en")].subject,
                body=said[languages.get(name, "en")].body,
                dedupe_key=f"{kind}:{about}:{name}:{now.isoformat()}"[:200],
            )
            for about, people in households.items()
            for name in _once_an_address(people, addresses)
        ),
        now=now,
    )


def _once_an_address(people: Sequence[str], addresses: Mapping[str, str]) -> Sequence[str]:
    return list({addresses[name]: name for name in people if name in addresses}.values()) or people[:1]


def to_brokers(
    kind: str, npns: Iterable[str], *, about: str, now: datetime, once: bool = False, **values: object
) -> None:
    """Tells brokers, each at their registered address; with `once`, only the first time that `about` is said."""
    wanted = sorted(set(npns))
    addresses = broker_facts.report_addresses(wanted)
    said = words.to_broker(kind, **values)
    when = "" if once else f":{now.isoformat()}"
    notices.queue(
        (
            Message(
                kind=kind,
                recipient_kind="broker",
                recipient_id=npn,
                address=addresses.get(npn, ""),
                subject=said.subject,
                body=said.body,
                dedupe_key=f"{kind}:{about}:{npn}{when}"[:200],
            )
            for npn in wanted
        ),
        now=now,
    )


def to_managers(kind: str, agency_npn: str, *, about: str, now: datetime, **values: object) -> None:
    """Tells those who keep an agency, each at their account's address."""
    said = words.to_broker(kind, **values)
    notices.queue(
        (
            Message(
                kind=kind,
                recipient_kind="account",
                recipient_id=f"account {one.pk}",
                address=one.email or "",
                subject=said.subject,
                body=said.body,
                dedupe_key=f"{kind}:{about}:account {one.pk}:{now.isoformat()}"[:200],
            )
            for one in accounts.managers(agency_npn)
        ),
        now=now,
    )


def to_address(kind: str, recipient_kind: str, recipient_id: str, address: str, *, now: datetime) -> None:
    """Tells an address that is no longer the registered one."""
    said = words.to_broker(kind)
    message = Message(
        kind=kind,
        recipient_kind=recipient_kind,
        recipient_id=recipient_id,
        address=address,
        subject=said.subject,
        body=said.body,
        dedupe_key=f"{kind}:{recipient_id}:{now.isoformat()}",
    )
    notices.queue([message], now=now)
