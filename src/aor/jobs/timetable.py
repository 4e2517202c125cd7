"""Which carriers are to be served now, by their send days and cutoffs, when nobody asks for a run by hand."""

from __future__ import annotations

from datetime import datetime, time

from aor.carriers import queries as carriers
from aor.transmissions import queries as transmissions
from aor.transmissions import schedule

EVENING = time(18)  # a carrier without a cutoff is served once a send day, after the day's work


def due(now: datetime) -> list[str]:
    """The carriers (HIOS issuer ids) that have had no run since the latest cutoff that passed."""
    last, partners = transmissions.last_runs(), carriers.trading_partners()
    known = carriers.known_since()
    found = []
    for hios, partner in sorted(partners.items()):
        passed = schedule.latest_cutoff(partner.send_days, partner.cutoff or EVENING, now)
        if passed is not None and last.get(hios, known[hios]) < passed:
            found.append(hios)
    return found
