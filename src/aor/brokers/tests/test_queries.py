"""Standing, carriers and names as they are read from the rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aor.brokers import queries as brokers
from aor.brokers.models import Appointment, Broker, Certification, Death, License
from aor.carriers.models import Carrier
from aor.policy.standing import Certification as CertificationFact
from aor.terms.period import Period

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 1, 1, tzinfo=UTC)
START, LAST = date(2025, 3, 1), date(2027, 2, 28)


def licensed(npn: str = "17", **changes: Any) -> License:
    given: dict[str, Any] = {
        "state": "MN", "license_number": "L1", "line_of_authority": "Accident & Health or Sickness",
        "status": "Active", "effective_date": START, "expiration_date": LAST,
    } | changes  # fmt: skip
    return License.objects.create(npn=npn, known_from=THEN, **given)


def appointed(naic: str = "00111", npn: str = "17", **changes: Any) -> Appointment:
    given: dict[str, Any] = {"state": "MN", "status": "Appointed", "effective_date": START} | changes
    return Appointment.objects.create(npn=npn, naic_company_code=naic, known_from=THEN, **given)


def carrier(hios: str, naic: str = "", group: str = "") -> None:
    Carrier.objects.create(
        hios_issuer_id=hios, name=f"Carrier {hios}", naic_company_code=naic, holding_group=group,
        coverages="HLT", tax_id="41", known_from=THEN,
    )  # fmt: skip


def certified(plan_year: int, on: date, until: date | None = None, npn: str = "17") -> None:
    Certification.objects.create(npn=npn, plan_year=plan_year, certified_on=on, revoked_on=until, known_from=THEN)


def licenses_of(npn: str = "17") -> tuple[Period, ...]:
    return brokers.standings([npn])[npn].licenses


def test_a_broker_nobody_knows_is_on_no_roster() -> None:
    standing = brokers.standings(["99"])["99"]
    assert not standing.on_roster
    assert (standing.certifications, standing.licenses, dict(standing.appointments)) == ((), (), {})


@pytest.mark.parametrize("status", ["Active", "lapsed", "Expired", "Inactive", "Surrendered", "Revoked"])
def test_a_license_counts_its_days_whatever_became_of_it(status: str) -> None:
    licensed(status=status)
    assert licenses_of() == (Period(START, LAST + timedelta(1)),)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "Pending"}, {"status": "denied"}, {"state": "WI"}, {"line_of_authority": "Property"},
        {"closed_on": START},
    ],
)  # fmt: skip
def test_a_license_that_never_was_in_force_for_health_here_does_not_count(changes: dict[str, Any]) -> None:
    licensed(**changes)
    assert licenses_of() == ()


def test_the_last_day_of_a_license_counts_and_the_next_does_not() -> None:
    licensed()
    (period,) = licenses_of()
    assert LAST in period
    assert LAST + timedelta(1) not in period


def test_a_license_closed_without_a_date_of_its_own_ends_when_we_heard() -> None:
    licensed(status="Lapsed", closed_on=date(2026, 5, 6))
    assert licenses_of() == (Period(START, date(2026, 5, 6)),)


def test_an_appointment_covers_its_company_and_the_companies_holding_group() -> None:
    carrier("11111", "00111", "Big Group")
    carrier("22222", "00222", "big group")
    carrier("33333", "00333")
    carrier("44444", "00111")
    appointed("00111", effective_date=date(2026, 1, 1), termination_date=date(2026, 6, 30))
    standing = brokers.standings(["17"])["17"]
    days = (Period(date(2026, 1, 1), date(2026, 7, 1)),)
    assert standing.appointments == {"11111": days, "22222": days, "44444": days}
    known = {hios: facts.appointments_known for hios, facts in brokers.carriers().items()}
    assert known == {"11111": True, "22222": True, "33333": False, "44444": True}


def test_an_appointment_by_the_holding_groups_own_name_covers_its_carriers() -> None:
    carrier("11111", "00111", "Big Group")
    appointed("00999", company_name="BIG GROUP")
    assert set(brokers.standings(["17"])["17"].appointments) == {"11111"}


@pytest.mark.parametrize("changes", [{"state": "WI"}, {"line_of_authority": "Life"}, {"status": "Denied"}])
def test_an_appointment_elsewhere_or_for_other_lines_does_not_count_but_is_known(
    changes: dict[str, Any],
) -> None:
    carrier("11111", "00111")
    appointed(**changes)
    assert not brokers.standings(["17"])["17"].appointments
    assert brokers.carriers()["11111"].appointments_known


def test_decertified_ends_associations_unless_another_certification_is_in_force() -> None:
    certified(2026, date(2025, 10, 1), date(2026, 3, 1))
    assert brokers.standings(["17"])["17"].ends == ((date(2026, 3, 1), "decertified"),)
    certified(2027, date(2026, 2, 1))
    assert brokers.standings(["17"])["17"].ends == ()
    assert CertificationFact(2027, date(2026, 2, 1)) in brokers.standings(["17"])["17"].certifications


def test_a_certification_that_ran_out_does_not_undo_a_decertification() -> None:
    certified(2025, date(2024, 10, 1))
    certified(2026, date(2025, 10, 1), date(2026, 3, 1))
    assert brokers.standings(["17"])["17"].ends == ((date(2026, 3, 1), "decertified"),)


def test_a_revoked_license_ends_associations_unless_another_is_in_force() -> None:
    licensed(status="Revoked", expiration_date=date(2026, 3, 31))
    assert brokers.standings(["17"])["17"].ends == ((date(2026, 4, 1), "license revoked"),)
    licensed(license_number="L2")
    assert brokers.standings(["17"])["17"].ends == ()


def test_death_ends_associations() -> None:
    Death.objects.create(npn="17", died_on=date(2026, 4, 4), known_from=THEN)
    assert brokers.standings(["17"])["17"].ends == ((date(2026, 4, 4), "died"),)


def test_what_was_known_then_is_answered_as_then() -> None:
    old = licensed(status="Pending")
    later = THEN + timedelta(days=10)
    old.known_until = later
    old.save()
    License.objects.create(
        npn="17", state="MN", license_number="L1", line_of_authority="Health", status="Active",
        effective_date=START, known_from=later,
    )  # fmt: skip
    assert brokers.standings(["17"], known_at=later - timedelta(seconds=1))["17"].licenses == ()
    assert brokers.standings(["17"], known_at=later)["17"].licenses == (Period(START),)
    assert brokers.standings(["17"], known_at=THEN - timedelta(1))["17"].licenses == ()


def test_all_brokers_and_many_brokers_take_as_many_queries_as_one() -> None:
    for number in range(1, 700):
        certified(2026, START, npn=str(number))
    with CaptureQueriesContext(connection) as one:
        brokers.standings(["17"])
    with CaptureQueriesContext(connection) as many:
        named = brokers.standings([str(number) for number in range(1, 800)])
    with CaptureQueriesContext(connection) as everyone:
        all_of_them = brokers.standings()
    assert len(one) == len(many) == len(everyone)
    assert (len(named), len(all_of_them)) == (799, 699)
    assert {npn: named[npn] for npn in all_of_them} == all_of_them


def test_the_roster_gives_names_addresses_and_navigators() -> None:
    for npn, kind, email in [("17", "broker", "a@example.org"), ("18", "navigator", "")]:
        Broker.objects.create(npn=npn, first_name="Ada", last_name=f"B{npn}", email=email, kind=kind, known_from=THEN)
    assert brokers.names(["17", "99"]) == {"17": "Ada B17"}
    assert brokers.names() == {"17": "Ada B17", "18": "Ada B18"}
    assert brokers.report_addresses(["17", "18"]) == {"17": "a@example.org"}
    assert brokers.navigators() == {"18"}


def test_the_license_number_of_a_day_is_that_of_the_license_in_force() -> None:
    licensed()
    licensed(license_number="L2", effective_date=date(2027, 3, 1), expiration_date=None)
    assert brokers.license_numbers(["17"], day=date(2026, 1, 1)) == {"17": "L1"}
    assert brokers.license_numbers(["17"], day=date(2027, 4, 1)) == {"17": "L2"}
    assert brokers.license_numbers(["17"], day=date(2020, 4, 1)) == {}
