"""For the pages of agencies and brokers: what each holds, what ends soon, how many agents of record that touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count

from aor.acts import queries
from aor.brokers import queries as broker_facts
from aor.brokers.models import Broker
from aor.calendar import queries as calendar
from aor.policy import readiness as rules
from aor.policy.readiness import APPOINTMENT, Holding
from aor.record.models import Entry
from aor.terms.period import day_of

BROKERS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A holding with the agents of record in effect that rest on it: by carrier, and in all."""

    holding: Holding
    by_carrier: Mapping[str, int]

    @property
    def agents_of_record(self) -> int:
        return sum(self.by_carrier.values())


def holdings(npns: Iterable[str], *, on: date) -> list[AtRisk]:
    """Everything that each broker holds or lacks on a day, by NPN: the readiness page.

    Appointments are listed for carriers by which the broker is appointed or has an agent of record.
    """
    wanted, parameters = sorted(set(npns)), calendar.parameters()
    standings = broker_facts.standings(wanted)
    counts = _agents_of_record(wanted, on)
    found = []
    for npn in wanted:
        mine = counts.get(npn, {})
        carriers = sorted(mine.keys() | standings[npn].appointments.keys())
        for one in rules.holdings(standings[npn], on, carriers, parameters):
            touched = {one.hios_issuer_id: mine.get(one.hios_issuer_id, 0)} if one.what == APPOINTMENT else mine
            found.append(AtRisk(one, touched))
    return found


def at_risk(npns: Iterable[str], *, on: date, until: date) -> list[AtRisk]:
    """What is not held on a day or ends before another, and rests under an agent of record; the soonest first."""
    soon = (
        one
        for one in holdings(npns, on=on)
        if one.agents_of_record and (not one.holding.held or (one.holding.until or date.max) < until)
    )
    return sorted(soon, key=lambda one: (one.holding.until or on, one.holding.npn, one.holding.what))


def resting(npn: str, *, on: date, until: date) -> list[int]:
    """The enrollments, by row, whose agent of record rests on what `at_risk` finds of one broker."""
    found = at_risk([npn], on=on, until=until)
    carriers = {hios for one in found for hios, count in one.by_carrier.items() if count}
    rows = Entry.objects.known_at().filter(npn=npn, effective_until__gt=on).order_by()
    rows = rows.filter(enrollment__hios_issuer_id__in=carriers)
    return list(rows.values_list("enrollment_id", flat=True).distinct())


def _agents_of_record(npns: Sequence[str], on: date) -> dict[str, dict[str, int]]:
    """How many agents of record are in effect on a day, or begin later, by broker and carrier."""
    rows = Entry.objects.known_at().filter(npn__in=npns, effective_until__gt=on).order_by()
    counted = rows.values("npn", "enrollment__hios_issuer_id").annotate(count=Count("enrollment", distinct=True))
    found: dict[str, dict[str, int]] = {}
    for npn, hios, count in counted.values_list("npn", "enrollment__hios_issuer_id", "count"):
        found.setdefault(npn, {})[hios] = count
    return found


def directory(
    *, words: str = "", language: str = "", zip: str = "", city: str = "", now: datetime, most: int = 200
) -> list[Broker]:
    """The public directory: brokers who want to be listed and are certified and licensed today, by name (R1).

    At most `most`: a page asks for one more than it shows.
    """
    found: list[Broker] = []
    rows = list(broker_facts.directory(words=words, language=language, zip=zip, city=city))
    for place in range(0, len(rows), BROKERS_AT_ONCE):
        some = rows[place : place + BROKERS_AT_ONCE]
        standings = queries.own_standings((row.npn for row in some), day_of(now))
        found += [row for row in some if all(finding.met for finding in standings[row.npn])]
        if len(found) >= most:
            break
    return found[:most]
