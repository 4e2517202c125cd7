"""The story on the terminal: a line a month, what was odd in it, and where to look further. Calm and plain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from aor.demo.lived import MonthLived

_WORDS = {
    "APPOINTED": "not appointed",
    "CARRIER_KNOWN": "carrier on no roster",
    "CERTIFIED": "not certified",
    "ENROLLMENT_SENT": "enrollment not yet sent",
    "LICENSED": "not licensed",
}
_MARGIN = " " * 9

HEADINGS = (
    f"{'':9}{'enrollments':>12}{'agents of record':>18}{'sets to carriers':>30}   the close of the month",
    f"{'month':9}{'received':>12}{'decided':>11}{'held':>7}{'sent':>10}{'accepted':>10}{'rejected':>10}"
    "   sent + carried in = reported + excepted + carried out",
)


def month(lived: MonthLived) -> Iterator[str]:
    """The line of a month, then what was odd."""
    yield (
        f"{lived.month!s:9}{lived.enrollments:12,}{lived.decided:11,}{lived.held:7,}{lived.sent:10,}"
        f"{lived.accepted:10,}{lived.rejected:10,}   {_balance(lived.closed)}"
    )
    if lived.held_by:
        causes = ", ".join(f"{_WORDS.get(rule, rule)} {count}" for rule, count in lived.held_by.most_common())
        yield f"{_MARGIN}held: {causes}"
    if lived.unknown:
        yield f"{_MARGIN}answers to {lived.unknown} groups or sets that were never sent: kept and shown"
    if lived.resent:
        yield f"{_MARGIN}rejected, then sent again with new control numbers: {lived.resent}"
    if corrected := lived.closed.get("corrected"):
        yield f"{_MARGIN}published reports issued anew, because a carrier answered no afterwards: {corrected}"
    for note in lived.notes:
        yield f"{_MARGIN}{note}"


def _balance(closed: dict[str, Any]) -> str:
    if closed.get("state") != "closed":
        return "not closed: " + "; ".join(finding["because"] for finding in closed.get("blockers", ()))
    sums = [closed[name] for name in ("sent", "carried_in", "reported", "excepted", "carried_out")]
    return "{:,} + {:,} = {:,} + {:,} + {:,}".format(*sums)


def totals(months: Sequence[MonthLived]) -> dict[str, int]:
    """Sums over all months."""
    names = ("enrollments", "files", "rows", "associations", "sent", "accepted", "rejected", "resent", "delivered")
    return {name: sum(getattr(lived, name) for lived in months) for name in names} | {
        "reports": sum(lived.closed.get("reports", 0) for lived in months),
        "months_closed": sum(lived.closed.get("state") == "closed" for lived in months),
    }


def ending(document: dict[str, Any]) -> Iterator[str]:
    """Totals, where the files are, and what to try."""
    sums = document["totals"]
    yield ""
    yield (
        f"In all: {sums['enrollments']:,} enrollments in {sums['files']:,} files, "
        f"{sums['associations']:,} associations, {sums['sent']:,} sets sent, {sums['accepted']:,} accepted and "
        f"{sums['rejected']:,} rejected; {sums['months_closed']} months closed, {sums['reports']:,} reports, "
        f"{sums['delivered']:,} mails."
    )
    yield ""
    yield "Where things are"
    for words, place in document["files"].items():
        yield f"  {words:42}{place}"
    yield ""
    yield "Try"
    for suggestion in document["try"]:
        yield f"  {suggestion['command']}"
        yield f"      {suggestion['because']}"
    yield ""
