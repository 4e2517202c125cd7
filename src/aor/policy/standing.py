"""Standing: certified, licensed and appointed, tested on a named day (readings, R3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from aor.policy.decision import Answer, Finding, rule
from aor.policy.parameters import Parameters
from aor.terms.period import Period, merged, min_until

REQUIREMENTS = "Agent of Record, Broker Requirements"


@dataclass(frozen=True, slots=True)
class Certification:
    """A plan year's certification, with its agreement."""

    plan_year: int
    certified_on: date
    revoked_on: date | None = None


@dataclass(frozen=True, slots=True)
class BrokerStanding:
    """What is known of one broker: `licenses` are merged periods; `appointments` periods by HIOS issuer id."""

    npn: str
    on_roster: bool = True
    certifications: tuple[Certification, ...] = ()
    licenses: tuple[Period, ...] = ()
    appointments: Mapping[str, tuple[Period, ...]] = field(default_factory=dict)
    ends: tuple[tuple[date, str], ...] = ()  # (day, decertified | license revoked | died): associations end that day
    _tested: dict[object, tuple[Finding, Finding, Finding]] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class CarrierFacts:
    """A carrier as the rules see it. `known` is False while it is in no roster.

    `appointments_known` is False where the carrier has no appointment data at all; `unknown_appointment` is
    then its own setting, hold or send, or "" while nobody has answered.
    """

    hios_issuer_id: str
    name: str
    known: bool = True
    appointments_known: bool = True
    unknown_appointment: str = ""
    wait_after_enrollment: int = 0  # hours


def but_suspended(certifications: Sequence[Certification], suspensions: Sequence[Period]) -> Iterator[Certification]:
    """Certifications without the days of suspensions (merged, ascending): as a lapse, undone by restoring."""
    for one in certifications:
        start: date | None = one.certified_on
        for away in suspensions:
            if start is None or (away.until is not None and away.until <= start):
                continue
            until = min_until(one.revoked_on, away.start)
            if until is not None and start < until:
                yield Certification(one.plan_year, start, until)
            start = away.until
        if start is not None and (one.revoked_on is None or start < one.revoked_on):
            yield Certification(one.plan_year, start, one.revoked_on)


def certified_periods(standing: BrokerStanding, plan_year: int, parameters: Parameters) -> list[Period]:
    """The days on which some certification counts for coverage of `plan_year`."""
    if not standing.on_roster:
        return []  # a certification that names a broker not yet known waits for the roster
    periods = []
    for certification in standing.certifications:
        if certification.plan_year < plan_year:
            continue
        until = min_until(parameters.open_enrollment_start(certification.plan_year + 1), certification.revoked_on)
        if until is not None and certification.certified_on < until:
            periods.append(Period(certification.certified_on, until))
    return merged(periods)


def appointed_periods(standing: BrokerStanding, carrier: CarrierFacts) -> Sequence[Period]:
    return standing.appointments.get(carrier.hios_issuer_id, ())


def _since(periods: Sequence[Period], day: date) -> date | None:
    """The first day from `day` on that some period contains."""
    lasting = (max(period.start, day) for period in periods if period.until is None or period.until > day)
    return min(lasting, default=None)


def _covers(periods: Sequence[Period], day: date) -> bool:
    return any(day in period for period in periods)


@rule("CERTIFIED", cites=REQUIREMENTS)
def certified(standing: BrokerStanding, plan_year: int, day: date, parameters: Parameters) -> Answer:
    """The broker must hold a marketplace certification that is in force and counts for the coverage's plan year."""
    periods = certified_periods(standing, plan_year, parameters)
    if _covers(periods, day):
        return Answer(True, f"certified for plan year {plan_year} on {day}", "", day)
    if not standing.on_roster:
        return Answer(
            False,
            f"broker {standing.npn} is on no roster",
            "the agency administrator adds the broker to the roster; the broker certifies",
            day,
        )
    since = _since(periods, day)
    cured = f"; certified since {since}" if since else ""
    cure = f"cured on {since}" if since else f"the broker certifies for plan year {plan_year}"
    return Answer(False, f"not certified for plan year {plan_year} on {day}{cured}", cure, day)


@rule("LICENSED", cites=REQUIREMENTS)
def licensed(standing: BrokerStanding, day: date) -> Answer:
    """The broker must hold a Minnesota producer licence for health that is in force."""
    if _covers(standing.licenses, day):
        return Answer(True, f"licensed in Minnesota for health on {day}", "", day)
    since = _since(standing.licenses, day)
    cured = f"; licensed since {since}" if since else ""
    cure = f"cured on {since}" if since else "the broker renews or reinstates the licence with Commerce"
    return Answer(False, f"no Minnesota health licence in force on {day}{cured}", cure, day)


@rule("APPOINTED", cites="Agent of Record, Broker Requirements; Minn. Stat. 60K.49")
def appointed(standing: BrokerStanding, carrier: CarrierFacts, day: date, days_after: int) -> Answer:
    """The carrier must have appointed the broker, at the latest within fifteen days of the enrollment."""
    if not carrier.appointments_known:
        return _appointment_unknown(carrier, day)
    periods = appointed_periods(standing, carrier)
    since = _since(periods, day)
    last = day + timedelta(days=days_after)
    if since is not None and since <= last:
        return Answer(True, f"appointed by {carrier.name} on {since}", "", day)
    when = f"between {day} and {last}" if days_after else f"on {day}"
    cured = f"; appointed since {since}" if since else ""
    cure = f"cured on {since}" if since else f"{carrier.name} appoints the broker with Commerce"
    return Answer(False, f"not appointed by {carrier.name} {when}{cured}", cure, day)


def _appointment_unknown(carrier: CarrierFacts, day: date) -> Answer:
    setting = {"send": "sent", "hold": "held"}.get(carrier.unknown_appointment)
    if setting:
        because = f"no appointment data from {carrier.name}; by its own setting such agents of record are {setting}"
        return Answer(None, because, "" if setting == "sent" else f"{carrier.name} sends its appointments", day)
    return Answer(
        None,
        f"no appointment data from {carrier.name}, and whether to hold or send was never answered",
        f"say for {carrier.name} whether unknown appointments are held or sent, or import its appointments",
        day,
    )


def passes(finding: Finding, carrier: CarrierFacts) -> bool:
    """Met, or not known where the carrier said to send (readings, R3: known bad and not known differ)."""
    return finding.met is True or (
        finding.met is None and finding.rule == "APPOINTED" and carrier.unknown_appointment == "send"
    )


def test(
    standing: BrokerStanding,
    carrier: CarrierFacts,
    plan_year: int,
    day: date,
    parameters: Parameters,
    *,
    at_anchor: bool,
) -> tuple[Finding, Finding, Finding]:
    """All three tests on one day; at the anchor the appointment may come within the days of 60K.49.

    A broker's households ask the same again and again: each question is answered once.
    """
    question = (carrier, plan_year, day, parameters.version, at_anchor)
    tested = standing._tested.get(question)
    if tested is None:
        days_after = parameters.number("appointment_days_after", day) if at_anchor else 0
        tested = standing._tested[question] = (
            certified(standing, plan_year, day, parameters),
            licensed(standing, day),
            appointed(standing, carrier, day, days_after),
        )
    return tested


def whole_since(
    standing: BrokerStanding, carrier: CarrierFacts, plan_year: int, after: date, parameters: Parameters
) -> date | None:
    """The cure: the first day from `after` on with all three in force; None while there is none."""
    joint = [
        both
        for left in certified_periods(standing, plan_year, parameters)
        for right in standing.licenses
        if (both := left.intersect(right))
    ]
    if carrier.appointments_known:
        appointments = appointed_periods(standing, carrier)
        joint = [both for left in joint for right in appointments if (both := left.intersect(right))]
    elif carrier.unknown_appointment != "send":
        return None
    return _since(joint, after)
