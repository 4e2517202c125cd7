"""What the registers say of brokers, as the rules see it: certifications, licences, and appointments by carrier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model

from aor.brokers.models import Appointment, Certification, License, Suspension
from aor.calendar import queries as calendar
from aor.carriers import queries as carrier_rows
from aor.carriers.queries import TradingPartner
from aor.engine import bulk
from aor.policy import standing as rules
from aor.policy.association import EndKind
from aor.policy.parameters import Parameters
from aor.terms.period import ONE_DAY, Period, from_inclusive, merged, min_until

MINNESOTA = "MN"
REVOKED = "revoked"
NEVER_IN_FORCE = frozenset({"pending", "denied", "rejected", "withdrawn"})
FEW = 500  # up to so many brokers are asked for by name; beyond, the table is read whole

Ends = tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True)
class Registers:
    """What the standing of every broker is read by: the parameters, and the carriers by HIOS issuer id."""

    parameters: Parameters
    partners: Mapping[str, TradingPartner]

    @classmethod
    def known(cls, known_at: datetime | None = None) -> Registers:
        return cls(calendar.parameters(known_at), carrier_rows.trading_partners(known_at))


@dataclass(frozen=True, slots=True)
class HeldLicense:
    """A licence as the state's register has it."""

    npn: str
    state: str
    line_of_authority: str
    status: str
    number: str
    effective_date: date
    expiration_date: date | None
    closed_on: date | None

    @property
    def until(self) -> date | None:
        """The first day that no longer counts."""
        after = None if self.expiration_date is None else self.expiration_date + ONE_DAY
        return min_until(after, self.closed_on)

    @property
    def period(self) -> Period | None:
        if self.status.lower() in NEVER_IN_FORCE or (self.until is not None and self.until <= self.effective_date):
            return None
        return Period(self.effective_date, self.until)


@dataclass(frozen=True, slots=True)
class _HealthLines:
    """Which lines of authority are health, by the parameter's words."""

    parameters: Parameters

    def line(self, line: str, day: date) -> bool:
        lower = line.lower()
        return any(word in lower for word in self.parameters.words("health_lines_of_authority", day))

    def minnesota(self, row: HeldLicense) -> bool:
        return row.state == MINNESOTA and self.line(row.line_of_authority, row.effective_date)


class Companies:
    """Which carriers an appointment covers: the company's own, and all of its holding group (60K.49, subd. 4)."""

    def __init__(self, partners: Mapping[str, TradingPartner]) -> None:
        self._by_code: defaultdict[str, set[str]] = defaultdict(set)
        self._by_group: defaultdict[str, set[str]] = defaultdict(set)
        groups: defaultdict[str, set[str]] = defaultdict(set)
        for hios, partner in partners.items():
            group = partner.holding_group
            if partner.naic_company_code:
                self._by_code[partner.naic_company_code].add(hios)
                groups[partner.naic_company_code].add(group)
            if group:
                self._by_group[_group(group)].add(hios)
        for code, named in groups.items():
            for group in named:
                self._by_code[code] |= self._by_group.get(_group(group), set())

    def covered(self, naic_company_code: str, company_name: str) -> set[str]:
        """The HIOS issuer ids of the carriers that an appointment by this company covers."""
        by_code, by_group = self._by_code.get, self._by_group.get
        return by_code(naic_company_code, set()).union(
            by_group(_group(naic_company_code), ()), by_group(_group(company_name), ())
        )


def _group(name: str) -> str:
    """A holding group is told apart without case; one named by a code has the code's five digits."""
    return name.zfill(5) if name.isdigit() else name.casefold()


def certifications(wanted: set[str] | None, known_at: datetime | None) -> dict[str, list[rules.Certification]]:
    """As given and taken away, whatever was suspended; in the order of their days."""
    result: defaultdict[str, list[rules.Certification]] = defaultdict(list)
    columns = ("npn", "plan_year", "certified_on", "revoked_on")
    for npn, plan_year, certified_on, revoked_on in rows(Certification, columns, wanted, known_at):
        result[npn].append(rules.Certification(plan_year, certified_on, revoked_on))
    return {npn: sorted(found, key=lambda c: (c.certified_on, c.plan_year)) for npn, found in result.items()}


def suspensions(wanted: set[str] | None, known_at: datetime | None) -> dict[str, list[Period]]:
    """The merged days on which each broker is suspended."""
    result: defaultdict[str, list[Period]] = defaultdict(list)
    for npn, start, until in rows(Suspension, ("npn", "start", "until"), wanted, known_at):
        result[npn].append(Period(start, until))
    return {npn: merged(periods) for npn, periods in result.items()}


def licenses(wanted: set[str] | None, known_at: datetime | None, parameters: Parameters) -> Iterator[HeldLicense]:
    """The Minnesota health licences of some brokers (None: of all)."""
    health = _HealthLines(parameters)
    columns = (
        "npn", "state", "line_of_authority", "status", "license_number",
        "effective_date", "expiration_date", "closed_on",
    )  # fmt: skip
    return filter(health.minnesota, (HeldLicense(*row) for row in rows(License, columns, wanted, known_at)))


def appointments(
    wanted: set[str] | None, known_at: datetime | None, registers: Registers
) -> dict[str, dict[str, tuple[Period, ...]]]:
    """The merged periods of each broker's Minnesota health appointments, by carrier."""
    health, companies = _HealthLines(registers.parameters), Companies(registers.partners)
    found: defaultdict[str, defaultdict[str, list[Period]]] = defaultdict(lambda: defaultdict(list))
    columns = (
        "npn", "naic_company_code", "company_name", "state", "line_of_authority", "status",
        "effective_date", "termination_date",
    )  # fmt: skip
    for npn, naic, company, state, line, status, effective, last in rows(Appointment, columns, wanted, known_at):
        counts = state == MINNESOTA and status.lower() not in NEVER_IN_FORCE
        if counts and (not line or health.line(line, effective)) and (last is None or effective <= last):
            for hios in companies.covered(naic, company):
                found[npn][hios].append(from_inclusive(effective, last))
    return {
        npn: {hios: tuple(merged(periods)) for hios, periods in sorted(by_carrier.items())}
        for npn, by_carrier in found.items()
    }


def ends(
    certified: Sequence[rules.Certification],
    licensed: Sequence[HeldLicense],
    died_on: date | None,
    parameters: Parameters,
) -> Ends:
    """The days on which a broker's associations end: decertified, licence revoked, died (readings, R3)."""
    found: set[tuple[date, str]] = {(died_on, EndKind.DIED)} if died_on else set()
    for one in certified:
        if one.revoked_on and not any(_in_force(other, one.revoked_on, parameters) for other in certified):
            found.add((one.revoked_on, EndKind.DECERTIFIED))
    for license_ in licensed:
        if license_.status.lower() == REVOKED and license_.until is not None:
            day = license_.until
            if not any(other.period and day in other.period for other in licensed):
                found.add((day, EndKind.LICENSE_REVOKED))
    return tuple(sorted(found))


def _in_force(certification: rules.Certification, day: date, parameters: Parameters) -> bool:
    until = min_until(parameters.open_enrollment_start(certification.plan_year + 1), certification.revoked_on)
    return certification.certified_on <= day and (until is None or day < until)


def named(npns: Iterable[str] | None) -> set[str] | None:
    """Whose rows are wanted; None: everybody's."""
    return None if npns is None else set(npns)


def rows(
    model: type[Model], columns: Sequence[str], wanted: set[str] | None, known_at: datetime | None
) -> Iterator[tuple[Any, ...]]:
    """The known rows of the brokers wanted, first column the NPN."""
    known = model.objects.known_at(known_at)  # type: ignore[attr-defined]  # every fact that is known has it
    if wanted is not None and len(wanted) <= FEW:
        yield from bulk.read(known.filter(npn__in=wanted), *columns)
        return
    for row in known.values_list(*columns).iterator(chunk_size=5000):
        if wanted is None or row[0] in wanted:
            yield row
