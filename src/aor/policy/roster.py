"""Who may join an agency, what is signed before a certification, and what an officer may do to a broker's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from aor.policy.decision import Answer, Decision, rule
from aor.policy.parameters import Parameters
from aor.policy.standing import REQUIREMENTS, BrokerStanding, Certification, certified_periods
from aor.terms.period import day_of

ACCESS = "Agent of Record, Portal Association Matters"


@rule("ON_ROSTER", cites=REQUIREMENTS)
def on_roster(npn: str, is_on: bool) -> Answer:
    """The broker must be on the marketplace's roster."""
    if is_on:
        return Answer(True, f"broker {npn} is on the roster")
    return Answer(False, f"broker {npn} is on no roster", "the agency administrator adds the broker to the roster")


@rule("OF_AGENCY", cites=ACCESS)
def of_agency(npn: str, is_of: bool, *, wanted: bool = True) -> Answer:
    """An agency asks brokers who are not of it, and removes those who are."""
    because = f"broker {npn} is {'' if is_of else 'not '}of the agency"
    return Answer(is_of is wanted, because, "" if is_of is wanted else "nothing needs to be done")


@rule("AGENCY_INVITATION_OPEN", cites=ACCESS)
def agency_invitation_open(state: str, expires_at: datetime, now: datetime) -> Answer:
    """A broker answers an agency's invitation while it is open."""
    if state != "open":
        return Answer(False, f"the agency's invitation was already {state}", "the agency may ask again")
    if now >= expires_at:
        return Answer(False, f"the agency's invitation ended on {day_of(expires_at)}", "the agency may ask again")
    return Answer(True, f"the agency's invitation is open until {day_of(expires_at)}")


@rule("AGREEMENT_CURRENT", cites=REQUIREMENTS)
def agreement_current(plan_year: int, version: str, current: str) -> Answer:
    """What is signed is the plan year's agreement as it reads now."""
    if current and version == current:
        return Answer(True, f"version {version} is the agreement of plan year {plan_year}")
    if not current:
        return Answer(False, f"there is no agreement of plan year {plan_year} yet", "the broker team publishes it")
    because = f"version {version} is not the agreement of plan year {plan_year}; version {current} is"
    return Answer(False, because, "the broker reads and signs the version that counts")


@rule("AGREEMENT_SIGNED", cites=REQUIREMENTS)
def agreement_signed(plan_year: int, version: str) -> Answer:
    """A certification includes the year's agreement, signed and versioned."""
    if version:
        return Answer(True, f"the agreement of plan year {plan_year} is signed, version {version}")
    return Answer(False, f"the agreement of plan year {plan_year} is not signed", "the broker signs it in the portal")


@rule("CERTIFICATION_HELD", cites=REQUIREMENTS)
def certification_held(certifications: Sequence[Certification], day: date, *, wanted: bool = True) -> Answer:
    """Only a certification that is held can be suspended or taken away, and only one not held is given."""
    years = sorted({one.plan_year for one in certifications if one.revoked_on is None or one.revoked_on > day})
    held = f"certified for plan year {', '.join(map(str, years))}" if years else "no certification is held"
    return Answer(bool(years) is wanted, held, "", day)


@rule("SUSPENDED", cites=REQUIREMENTS)
def suspended(since: date | None, day: date, *, wanted: bool) -> Answer:
    """Only a broker who is suspended can be restored, and only one who is not can be suspended."""
    because = f"suspended since {since}" if since else "not suspended"
    return Answer((since is not None) is wanted, because, "", day)


def asking_to_join(*, npn: str, standing: BrokerStanding, is_of: bool) -> Decision:
    """An agency asks a broker to join it."""
    return Decision.of(on_roster(npn, standing.on_roster), of_agency(npn, is_of, wanted=False))


def certifying(
    *, standing: BrokerStanding, plan_year: int, agreement: str, day: date, parameters: Parameters
) -> Decision:
    """An officer certifies a broker for a plan year: on the roster, the agreement signed, and not certified yet."""
    held = any(day in period for period in certified_periods(standing, plan_year, parameters))
    already = [Certification(plan_year, day)] if held else []
    return Decision.of(
        on_roster(standing.npn, standing.on_roster),
        agreement_signed(plan_year, agreement),
        certification_held(already, day, wanted=False),
    )


def taking_away(*, certifications: Sequence[Certification], day: date) -> Decision:
    """An officer decertifies a broker."""
    return Decision.of(certification_held(certifications, day))


def suspending(*, certifications: Sequence[Certification], since: date | None, day: date) -> Decision:
    """An officer suspends a broker's certifications."""
    return Decision.of(certification_held(certifications, day), suspended(since, day, wanted=False))


def restoring(*, since: date | None, day: date) -> Decision:
    """An officer ends a suspension. Who was decertified is certified anew, and no association comes back."""
    return Decision.of(suspended(since, day, wanted=True))
