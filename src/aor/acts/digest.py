"""The daily digest of an agency: that something waits, in counts, for the managers who asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from aor.accounts import queries as accounts
from aor.acts import readiness
from aor.brokers import agencies
from aor.notices import operations as notices
from aor.notices import queries as notice_facts
from aor.notices import words
from aor.notices.operations import Message
from aor.terms.period import day_of

AHEAD = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Attention:
    """What of an agency needs somebody: brokers with something missing or ending, and what did not arrive."""

    at_risk: tuple[readiness.AtRisk, ...]
    undelivered: tuple[notice_facts.Told, ...]
    invitations: int

    @property
    def brokers(self) -> int:
        return len({one.holding.npn for one in self.at_risk})

    @property
    def agents_of_record(self) -> int:
        """With one carrier the most that rests on one thing: certification, licence and appointment are one's."""
        most: dict[tuple[str, str], int] = {}
        for one in self.at_risk:
            for hios, count in one.by_carrier.items():
                most[one.holding.npn, hios] = max(most.get((one.holding.npn, hios), 0), count)
        return sum(most.values())


def attention(agency_npn: str, *, now: datetime) -> Attention:
    """What needs somebody now, the soonest first."""
    today = day_of(now)
    npns = [one.npn for one in agencies.members(agency_npn)]
    return Attention(
        tuple(readiness.at_risk(npns, on=today, until=today + AHEAD)),
        tuple(notice_facts.undelivered_to("broker", npns)),
        len(agencies.agency_invitations(agency_npn=agency_npn, now=now)),
    )


def queue(*, now: datetime) -> int:
    """Queues today's digests, once a day each, where there is something to say; how many there are today."""
    messages = list(_messages(now))
    notices.queue(messages, now=now)
    return len(messages)


def _messages(now: datetime) -> Iterator[Message]:
    found: dict[str, Attention] = {}
    wanted = accounts.digests()
    said = notice_facts.said({_key(one.user_id, one.agency_npn, now) for one in wanted})
    for one in wanted:
        key = _key(one.user_id, one.agency_npn, now)
        if key in said:
            continue
        if one.agency_npn not in found:
            found[one.agency_npn] = attention(one.agency_npn, now=now)
        about = found[one.agency_npn]
        if not (about.at_risk or about.undelivered or about.invitations):
            continue
        lines = (
            f"Brokers with something missing or ending within 60 days: {about.brokers}.",
            f"Agents of record that rest on it: {about.agents_of_record}.",
            f"Mails that did not arrive: {len(about.undelivered)}. Invitations open: {about.invitations}.",
            f"Sign in to the marketplace to see more: {words.address('/agency/')}",
        )
        yield Message(
            kind="agency digest",
            recipient_kind="account",
            recipient_id=f"account {one.user_id}",
            address=one.user.email or "",
            subject="Your agency today",
            body="\n\n".join(lines),
            dedupe_key=key,
        )


def _key(account: int, agency_npn: str, now: datetime) -> str:
    return f"agency digest:{agency_npn}:{account}:{day_of(now)}"
