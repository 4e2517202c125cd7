"""The record as the doors show it: one row an entry, with its state, Date Sent and findings, streamed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from aor.policy.decision import Finding
from aor.terms.period import day_of
from aor.transmissions import lifecycle
from aor.transmissions.ledger import Enrolled, Ledger, Scope
from aor.transmissions.lifecycle import Account

_iso = lru_cache(maxsize=1 << 14)(date.isoformat)  # most days are equal

COLUMNS = (
    "exchange_policy_id", "exchange_subscriber_id", "hios_issuer_id", "coverage", "npn", "effective_from",
    "effective_until", "state", "sent_on", "findings",
)  # fmt: skip


class Row(NamedTuple):
    """Days are ISO, `effective_until` the first that no longer counts; `findings` is JSON text; "" is no day."""

    exchange_policy_id: str
    exchange_subscriber_id: str
    hios_issuer_id: str
    coverage: str
    npn: str
    effective_from: str
    effective_until: str
    state: str
    sent_on: str
    findings: str

    def as_json(self) -> str:
        """The object of `interfaces`, as text."""
        policy, subscriber = json.dumps(self.exchange_policy_id), json.dumps(self.exchange_subscriber_id)
        sent_on = f'"{self.sent_on}"' if self.sent_on else "null"
        return (
            f'{{"exchange_policy_id": {policy}, "exchange_subscriber_id": {subscriber}, '
            f'"hios_issuer_id": "{self.hios_issuer_id}", "coverage": "{self.coverage}", "npn": "{self.npn}", '
            f'"effective_from": "{self.effective_from}", "effective_until": "{self.effective_until}", '
            f'"state": "{self.state}", "sent_on": {sent_on}, "findings": {self.findings}}}'
        )


def rows(scope: Scope, *, now: datetime, on: date | None = None, known_at: datetime | None = None) -> Iterator[Row]:
    """Every entry known, also ended ones; with `on` only those in effect that day. Ascending by enrollment."""
    at = now if known_at is None else min(now, known_at)
    ledger = Ledger(scope, now=at, known_at=known_at, findings=True)
    day = on or day_of(now)
    for enrolled, account in ledger.accounts():
        for entry in account.entries:
            if (on is None or entry.start <= on < entry.until) and (not scope.npn or entry.npn == scope.npn):
                yield _row(ledger, enrolled, account, entry, day)


def _row(ledger: Ledger, enrolled: Enrolled, account: Account, entry: lifecycle.Entry, day: date) -> Row:
    state, sent_on, told = lifecycle.state_of(account, entry, ledger.granted(enrolled), day)
    findings = entry.findings
    if not told:
        findings = joined(findings, ledger.decision(enrolled, entry).findings)
    return Row(
        enrolled.policy_id,
        enrolled.subscriber_id,
        enrolled.hios_issuer_id,
        enrolled.coverage_kind,
        entry.npn,
        _iso(entry.start),
        _iso(entry.until),
        state,
        "" if sent_on is None else _iso(sent_on),
        findings,
    )


def joined(stored: str, sending: tuple[Finding, ...]) -> str:
    """The findings of the record with what the sending day adds to them, as one JSON list.

    A rule met on the sending day and already met in the record adds nothing.
    """
    added = [text for met, text in _texts(sending) if text not in stored and not (met and met in stored)]
    return f"[{', '.join([stored[1:-1], *added]).lstrip(', ')}]"


@lru_cache(maxsize=4096)
def _texts(findings: tuple[Finding, ...]) -> tuple[tuple[str, str], ...]:
    """Each finding as JSON, with the beginning that says that its rule is met ("" where it is not)."""
    return tuple(
        (
            f'"rule": "{finding.rule}", "met": true' if finding.met else "",
            json.dumps(finding.as_json(), ensure_ascii=False),
        )
        for finding in findings
    )
