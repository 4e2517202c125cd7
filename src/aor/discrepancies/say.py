"""What brokers are told by mail: that something waits behind the sign-in, and nothing of what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aor.brokers import queries as brokers
from aor.notices import operations as notices
from aor.terms.period import day_of

SAFELY = (
    "Please never send the name of a consumer by ordinary mail. Sign in to the marketplace, choose Discrepancies, "
    "and upload the workbook or fill in the form there. What you sent was not passed on, and keeps its place."
)


def received(npn: str, batch: int, rows: int, *, now: datetime) -> None:
    """Each case has a receipt, to be seen after signing in."""
    body = f"We received {rows} case{'s' * (rows != 1)} from you. Sign in to the marketplace to see each receipt."
    _to_brokers([npn], "discrepancies received", "We received your discrepancies", body, str(batch), now)


def answered(npns: Iterable[str], *, now: datetime) -> None:
    """Once a day, however many cases were determined."""
    body = "There are determinations on discrepancies that you reported. Sign in to the marketplace to see them."
    _to_brokers(npns, "discrepancies answered", "Determinations are waiting for you", body, str(day_of(now)), now)


def asked(npn: str, message: int, *, now: datetime) -> None:
    """A secure message waits."""
    body = "The marketplace wrote you a secure message about one of your cases. Sign in to read and answer it."
    _to_brokers([npn], "case message", "A secure message is waiting for you", body, str(message), now)


def how_to_send_safely(address: str, npn: str, *, now: datetime) -> None:
    """The answer to an ordinary mail: nothing of it is quoted; once a day to one address."""
    message = notices.Message(
        kind="how to send safely",
        recipient_kind="broker" if npn else "address",
        recipient_id=npn or "unknown",
        address=address,
        subject="How to send us this safely",
        body=SAFELY,
        dedupe_key=f"how to send safely:{address.lower()}:{day_of(now)}"[:200],
    )
    notices.queue([message], now=now)


def _to_brokers(npns: Iterable[str], kind: str, subject: str, body: str, about: str, now: datetime) -> None:
    wanted = sorted(npns)
    addresses = brokers.report_addresses(wanted)
    notices.queue(
        (
            notices.Message(kind, "broker", npn, addresses.get(npn, ""), subject, body, f"{kind}:{npn}:{about}")
            for npn in wanted
        ),
        now=now,
    )
