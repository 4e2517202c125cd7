"""Brokers as the rules and the report see them: standing, names, addresses, and the carriers' appointments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower

from aor.brokers.models import (
    Agency,
    Agreement,
    Appointment,
    Broker,
    Certification,
    Cover,
    Death,
    License,
    Suspension,
)
from aor.calendar import queries as calendar
from aor.carriers import queries as carrier_rows
from aor.carriers.queries import TradingPartner
from aor.engine import bulk, kept
from aor.policy import access as access_rules
from aor.policy import standing as rules
from aor.policy.association import EndKind
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.terms.period import ONE_DAY, Period, from_inclusive, merged, min_until

MINNESOTA = "MN"
NAVIGATOR = "navigator"
REVOKED = "revoked"
NEVER_IN_FORCE = frozenset({"pending", "denied", "rejected", "withdrawn"})
FEW = 500  # up to so many brokers are asked for by name; beyond, the table is read whole

Ends = tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True)
class RosterBroker:
    """A broker's row on the roster. `email` is the registered address of the report; "" is none."""

    npn: str
    first_name: str
    last_name: str
    email: str
    agency_name: str
    agency_npn: str
    kind: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


ROSTER = ("npn", "first_name", "last_name", "email", "agency_name", "agency_npn", "kind")


def roster(npns: Iterable[str] | None = None, *, known_at: datetime | None = None) -> dict[str, RosterBroker]:
    """The brokers (and navigators) on the roster, all or those named, by NPN."""
    return {row[0]: RosterBroker(*row) for row in _rows(Broker, ROSTER, _wanted(npns), known_at)}


def how_many() -> int:
    """How many brokers are on the roster."""
    return Broker.objects.known_at().count()


def names(npns: Iterable[str] | None = None, *, known_at: datetime | None = None) -> dict[str, str]:
    """First and last name by NPN; who is on no roster is left out."""
    return {npn: broker.name for npn, broker in roster(npns, known_at=known_at).items()}


def report_addresses(npns: Iterable[str] | None = None, *, known_at: datetime | None = None) -> dict[str, str]:
    """The registered address by NPN; who has none is left out."""
    return {npn: broker.email for npn, broker in roster(npns, known_at=known_at).items() if broker.email}


def addresses(only: Iterable[str] | None = None) -> set[str]:
    """The e-mail addresses of brokers and agencies in small letters: all, or those of some that are any's."""
    found: set[str] = set()
    for model in (Broker, Agency):
        rows = model.objects.known_at().exclude(email="").annotate(small=Lower("email"))
        if only is not None:
            rows = rows.filter(small__in=list(only))
        found.update(rows.values_list("small", flat=True))
    return found


def registered(npn: str) -> Broker | None:
    """A broker's registered data as it is known now."""
    return Broker.objects.known_at().filter(npn=npn).first()


def held_certifications(npn: str) -> list[rules.Certification]:
    """Certifications as given and taken away, whatever was suspended."""
    return _certifications({npn}, None).get(npn, [])


def suspended_since(npn: str) -> date | None:
    """The day since which a broker is suspended."""
    return Suspension.objects.known_at().filter(npn=npn, until=None).values_list("start", flat=True).first()


def agreement_signed(npn: str, plan_year: int) -> str:
    """The version of the plan year's agreement that the broker signed last; "" for none."""
    rows = Agreement.objects.filter(npn=npn, plan_year=plan_year).order_by("-signed_at", "-id")
    return rows.values_list("version", flat=True).first() or ""


def directory(*, words: str = "", language: str = "", zip: str = "", city: str = "") -> QuerySet[Broker]:
    """The brokers who want to be listed, by name; whether each is certified and licensed is asked of `standings`."""
    rows = Broker.objects.known_at().filter(list_in_directory=True).exclude(kind=NAVIGATOR)
    for word in words.split():
        rows = rows.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(agency_name__icontains=word)
        )
    rows = rows.filter(languages__icontains=language) if language else rows
    rows = rows.filter(zip__startswith=zip) if zip else rows
    rows = rows.filter(city__iexact=city) if city else rows
    return rows.order_by("last_name", "first_name", "npn")


def search(words: str) -> QuerySet[Broker]:
    """Brokers on the roster by the beginning of their NPN or of their names, by name."""
    rows = Broker.objects.known_at()
    if words.isdigit():
        return rows.filter(npn__startswith=words).order_by("npn")
    for word in words.split():
        rows = rows.filter(Q(first_name__istartswith=word) | Q(last_name__istartswith=word))
    return rows.order_by("last_name", "first_name", "npn")


@kept.once
def navigators(*, known_at: datetime | None = None) -> frozenset[str]:
    """The NPNs of navigators, who are never agent of record."""
    return frozenset(Broker.objects.known_at(known_at).filter(kind=NAVIGATOR).values_list("npn", flat=True))


def license_numbers(npns: Iterable[str], *, day: date, known_at: datetime | None = None) -> dict[str, str]:
    """The number of each broker's Minnesota health licence in force on a day, by NPN; the latest begun wins."""
    health = _HealthLines(calendar.parameters(known_at))
    numbers: dict[str, tuple[date, str]] = {}
    for row in _licenses(_wanted(npns), known_at):
        if health.minnesota(row) and (period := row.period) and day in period:
            numbers[row.npn] = max(numbers.get(row.npn, (date.min, "")), (row.effective_date, row.number))
    return {npn: number for npn, (_, number) in numbers.items()}


@dataclass(frozen=True, slots=True)
class Registers:
    """What the standing of every broker is read by: the parameters, and the carriers by HIOS issuer id."""

    parameters: Parameters
    partners: Mapping[str, TradingPartner]

    @classmethod
    def known(cls, known_at: datetime | None = None) -> Registers:
        return cls(calendar.parameters(known_at), carrier_rows.trading_partners(known_at))


@kept.once
def carriers(known_at: datetime | None = None) -> dict[str, CarrierFacts]:
    """Every carrier as the rules see it, by HIOS issuer id, with whether any appointment of it is known."""
    return _carriers(carrier_rows.trading_partners(known_at), known_at)


def carriers_of(registers: Registers, known_at: datetime | None) -> dict[str, CarrierFacts]:
    """The same where the registers of that instant were read already; once a page."""
    return carriers(known_at) if kept.reads() is not None else _carriers(registers.partners, known_at)


def _carriers(partners: Mapping[str, TradingPartner], known_at: datetime | None) -> dict[str, CarrierFacts]:
    companies = _Companies(partners)
    pairs = Appointment.objects.known_at(known_at).values_list("naic_company_code", "company_name").distinct()
    heard = {hios for naic, company in pairs.order_by() for hios in companies.covered(naic, company)}
    return {
        hios: CarrierFacts(
            hios_issuer_id=hios,
            name=partner.name,
            appointments_known=hios in heard,
            unknown_appointment=partner.unknown_appointment,
            wait_after_enrollment=partner.wait_after_enrollment,
        )
        for hios, partner in partners.items()
    }


def standings(
    npns: Iterable[str] | None = None, known_at: datetime | None = None, registers: Registers | None = None
) -> dict[str, BrokerStanding]:
    """What is known of each broker named (each gets an answer), or of all; one query a table, once a page.

    `registers` are those of `known_at`, where they were read already.
    """
    read, wanted = kept.reads(), _wanted(npns)
    if read is None or wanted is None:
        return _standings(wanted, known_at, registers or Registers.known(known_at))
    if unread := {npn for npn in wanted if (standings, npn, known_at) not in read}:
        found = _standings(unread, known_at, registers or Registers.known(known_at))
        read.update({(standings, npn, known_at): one for npn, one in found.items()})
    return {npn: read[standings, npn, known_at] for npn in sorted(wanted)}


def _standings(wanted: set[str] | None, known_at: datetime | None, registers: Registers) -> dict[str, BrokerStanding]:
    parameters = registers.parameters
    on_roster = {npn for (npn,) in _rows(Broker, ("npn",), wanted, known_at)}
    certifications = _certifications(wanted, known_at)
    health = _HealthLines(parameters)
    licenses: defaultdict[str, list[_License]] = defaultdict(list)
    for row in _licenses(wanted, known_at):
        if health.minnesota(row):
            licenses[row.npn].append(row)
    appointments = _appointments(wanted, known_at, health, _Companies(registers.partners))
    deaths = dict(_rows(Death, ("npn", "died_on"), wanted, known_at))
    suspensions = _suspensions(wanted, known_at)
    everyone = on_roster.union(certifications, licenses, appointments, deaths) if wanted is None else wanted
    return {
        npn: BrokerStanding(
            npn=npn,
            on_roster=npn in on_roster,
            certifications=tuple(rules.but_suspended(certifications.get(npn, ()), suspensions.get(npn, ()))),
            licenses=tuple(merged(row.period for row in licenses.get(npn, ()) if row.period)),
            appointments=appointments.get(npn, {}),
            ends=_ends(certifications.get(npn, ()), licenses.get(npn, ()), deaths.get(npn), parameters),
        )
        for npn in sorted(everyone)
    }


@dataclass(frozen=True, slots=True)
class _License:
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

    def minnesota(self, row: _License) -> bool:
        return row.state == MINNESOTA and self.line(row.line_of_authority, row.effective_date)


class _Companies:
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


def covers(npns: Iterable[str], day: date) -> list[access_rules.Cover]:
    """The covers of a day in which one of the brokers named lends access, or is lent it."""
    wanted = list(npns)
    rows = Cover.objects.known_at().filter(Q(npn__in=wanted) | Q(colleague_npn__in=wanted))
    found = rows.filter(start__lte=day, until__gt=day).order_by("start", "id")
    return [access_rules.Cover(*row) for row in found.values_list("npn", "colleague_npn", "start", "until")]


def covers_lent(npns: Iterable[str], day: date) -> list[access_rules.Cover]:
    """The covers that brokers lend, on a day or later, by their first day."""
    found = Cover.objects.known_at().filter(npn__in=list(npns), until__gt=day).order_by("start", "id")
    return [access_rules.Cover(*row) for row in found.values_list("npn", "colleague_npn", "start", "until")]


def _certifications(wanted: set[str] | None, known_at: datetime | None) -> dict[str, list[rules.Certification]]:
    result: defaultdict[str, list[rules.Certification]] = defaultdict(list)
    columns = ("npn", "plan_year", "certified_on", "revoked_on")
    for npn, plan_year, certified_on, revoked_on in _rows(Certification, columns, wanted, known_at):
        result[npn].append(rules.Certification(plan_year, certified_on, revoked_on))
    return {npn: sorted(found, key=lambda c: (c.certified_on, c.plan_year)) for npn, found in result.items()}


def _suspensions(wanted: set[str] | None, known_at: datetime | None) -> dict[str, list[Period]]:
    result: defaultdict[str, list[Period]] = defaultdict(list)
    for npn, start, until in _rows(Suspension, ("npn", "start", "until"), wanted, known_at):
        result[npn].append(Period(start, until))
    return {npn: merged(periods) for npn, periods in result.items()}


def _licenses(wanted: set[str] | None, known_at: datetime | None) -> Iterator[_License]:
    columns = (
        "npn", "state", "line_of_authority", "status", "license_number",
        "effective_date", "expiration_date", "closed_on",
    )  # fmt: skip
    return (_License(*row) for row in _rows(License, columns, wanted, known_at))


def _appointments(
    wanted: set[str] | None, known_at: datetime | None, health: _HealthLines, companies: _Companies
) -> dict[str, dict[str, tuple[Period, ...]]]:
    """The merged periods of each broker's Minnesota health appointments, by carrier."""
    found: defaultdict[str, defaultdict[str, list[Period]]] = defaultdict(lambda: defaultdict(list))
    columns = (
        "npn", "naic_company_code", "company_name", "state", "line_of_authority", "status",
        "effective_date", "termination_date",
    )  # fmt: skip
    for npn, naic, company, state, line, status, effective, last in _rows(Appointment, columns, wanted, known_at):
        counts = state == MINNESOTA and status.lower() not in NEVER_IN_FORCE
        if counts and (not line or health.line(line, effective)) and (last is None or effective <= last):
            for hios in companies.covered(naic, company):
                found[npn][hios].append(from_inclusive(effective, last))
    return {
        npn: {hios: tuple(merged(periods)) for hios, periods in sorted(by_carrier.items())}
        for npn, by_carrier in found.items()
    }


def _ends(
    certifications: Sequence[rules.Certification],
    licenses: Sequence[_License],
    died_on: date | None,
    parameters: Parameters,
) -> Ends:
    """The days on which a broker's associations end: decertified, licence revoked, died (readings, R3)."""
    ends: set[tuple[date, str]] = {(died_on, EndKind.DIED)} if died_on else set()
    for one in certifications:
        if one.revoked_on and not any(_in_force(other, one.revoked_on, parameters) for other in certifications):
            ends.add((one.revoked_on, EndKind.DECERTIFIED))
    for license_ in licenses:
        if license_.status.lower() == REVOKED and license_.until is not None:
            day = license_.until
            if not any(other.period and day in other.period for other in licenses):
                ends.add((day, EndKind.LICENSE_REVOKED))
    return tuple(sorted(ends))


def _in_force(certification: rules.Certification, day: date, parameters: Parameters) -> bool:
    until = min_until(parameters.open_enrollment_start(certification.plan_year + 1), certification.revoked_on)
    return certification.certified_on <= day and (until is None or day < until)


def _wanted(npns: Iterable[str] | None) -> set[str] | None:
    return None if npns is None else set(npns)


def _rows(
    model: type[Model], columns: Sequence[str], wanted: set[str] | None, known_at: datetime | None
) -> Iterator[tuple[Any, ...]]:
    """The known rows of the brokers wanted, first column the NPN."""
    rows = model.objects.known_at(known_at)  # type: ignore[attr-defined]  # every fact that is known has it
    if wanted is not None and len(wanted) <= FEW:
        yield from bulk.read(rows.filter(npn__in=wanted), *columns)
        return
    for row in rows.values_list(*columns).iterator(chunk_size=5000):
        if wanted is None or row[0] in wanted:
            yield row
