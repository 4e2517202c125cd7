"""Brokers as the rules and the report see them: standing, names, addresses, and the carriers' appointments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from aor.brokers import registers
from aor.brokers.models import Agency, Agreement, Appointment, Broker, Cover, Death, Suspension
from aor.brokers.registers import HeldLicense, Registers
from aor.calendar import queries as calendar
from aor.carriers import queries as carrier_rows
from aor.carriers.queries import TradingPartner
from aor.engine import kept
from aor.policy import access as access_rules
from aor.policy import standing as rules
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.terms.period import merged

NAVIGATOR = "navigator"


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
    return {row[0]: RosterBroker(*row) for row in registers.rows(Broker, ROSTER, registers.named(npns), known_at)}


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
    return registers.certifications({npn}, None).get(npn, [])


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
    numbers: dict[str, tuple[date, str]] = {}
    for row in registers.licenses(registers.named(npns), known_at, calendar.parameters(known_at)):
        if (period := row.period) and day in period:
            numbers[row.npn] = max(numbers.get(row.npn, (date.min, "")), (row.effective_date, row.number))
    return {npn: number for npn, (_, number) in numbers.items()}


@kept.once
def carriers(known_at: datetime | None = None) -> dict[str, CarrierFacts]:
    """Every carrier as the rules see it, by HIOS issuer id, with whether any appointment of it is known."""
    return _carriers(carrier_rows.trading_partners(known_at), known_at)


def carriers_of(read: Registers, known_at: datetime | None) -> dict[str, CarrierFacts]:
    """The same where the registers of that instant were read already; once a page."""
    return carriers(known_at) if kept.reads() is not None else _carriers(read.partners, known_at)


def _carriers(partners: Mapping[str, TradingPartner], known_at: datetime | None) -> dict[str, CarrierFacts]:
    companies = registers.Companies(partners)
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
    npns: Iterable[str] | None = None, known_at: datetime | None = None, known: Registers | None = None
) -> dict[str, BrokerStanding]:
    """What is known of each broker named (each gets an answer), or of all; one query a table, once a page.

    `known` are the registers of `known_at`, where they were read already.
    """
    read, wanted = kept.reads(), registers.named(npns)
    if read is None or wanted is None:
        return _standings(wanted, known_at, known or Registers.known(known_at))
    if unread := {npn for npn in wanted if (standings, npn, known_at) not in read}:
        found = _standings(unread, known_at, known or Registers.known(known_at))
        read.update({(standings, npn, known_at): one for npn, one in found.items()})
    return {npn: read[standings, npn, known_at] for npn in sorted(wanted)}


def _standings(wanted: set[str] | None, known_at: datetime | None, known: Registers) -> dict[str, BrokerStanding]:
    on_roster = {npn for (npn,) in registers.rows(Broker, ("npn",), wanted, known_at)}
    certifications = registers.certifications(wanted, known_at)
    licenses: defaultdict[str, list[HeldLicense]] = defaultdict(list)
    for row in registers.licenses(wanted, known_at, known.parameters):
        licenses[row.npn].append(row)
    appointments = registers.appointments(wanted, known_at, known)
    deaths = dict(registers.rows(Death, ("npn", "died_on"), wanted, known_at))
    suspensions = registers.suspensions(wanted, known_at)
    everyone = on_roster.union(certifications, licenses, appointments, deaths) if wanted is None else wanted
    return {
        npn: BrokerStanding(
            npn=npn,
            on_roster=npn in on_roster,
            certifications=tuple(rules.but_suspended(certifications.get(npn, ()), suspensions.get(npn, ()))),
            licenses=tuple(merged(row.period for row in licenses.get(npn, ()) if row.period)),
            appointments=appointments.get(npn, {}),
            ends=registers.ends(
                certifications.get(npn, ()), licenses.get(npn, ()), deaths.get(npn), known.parameters
            ),
        )
        for npn in sorted(everyone)
    }


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
