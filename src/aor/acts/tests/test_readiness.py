"""What ends soon, the directory, and the warnings before the renewal."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from tests import builders
from tests.builders import ANA, BEN, CRUZ, LONG_AGO, NORTH_STAR, Policy, enrollment_file

from aor.acts import associate, readiness, receive, renewals
from aor.acts.tests.test_associate import CONSUMER, OFFICER, consent
from aor.brokers.models import Appointment, Broker, License, Suspension
from aor.notices.models import Notice
from aor.terms import actor

START = datetime(2025, 12, 10, 15, tzinfo=UTC)
SPRING = datetime(2026, 3, 10, 15, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def market(tmp_path: Path, settings: LazySettings) -> None:
    """S1 and S2 with Ana, S3 with Ben."""
    settings.AOR_HOME = tmp_path
    builders.carrier()
    for npn in (ANA, BEN, CRUZ):
        builders.broker(npn)
    path = tmp_path / "enrollments.834"
    path.write_bytes(enrollment_file(*(Policy(f"P{n}", f"S{n}", application=f"A{n}") for n in (1, 2, 3))))
    receive.receive(path, by=actor.system("test"), now=START - timedelta(days=1))
    for subscriber, npn in (("S1", ANA), ("S2", ANA), ("S3", BEN)):
        associate.designate(
            subscriber_id=subscriber, npn=npn, consent=consent(), second_factor=True, by=CONSUMER, now=START
        )


def risks(on: date, until: date, *npns: str) -> list[tuple[str, str, bool, date | None, int]]:
    found = readiness.at_risk(npns or (ANA, BEN, CRUZ), on=on, until=until)
    return [(o.holding.npn, o.holding.what, o.holding.held, o.holding.until, o.agents_of_record) for o in found]


def test_what_ends_soon_is_told_with_the_agents_of_record_that_rest_on_it() -> None:
    on = date(2026, 3, 10)
    assert risks(on, date(2026, 6, 1)) == []
    Appointment.objects.filter(npn=ANA).update(known_until=SPRING)
    Appointment.objects.create(
        npn=ANA, naic_company_code=NORTH_STAR, state="MN", status="Active", known_from=SPRING,
        effective_date=date(2020, 1, 1), termination_date=date(2026, 4, 30),
    )  # fmt: skip
    License.objects.filter(npn=BEN).update(known_until=SPRING)
    assert risks(on, date(2026, 6, 1)) == [
        (BEN, "license", False, None, 1),
        (ANA, "appointment", True, date(2026, 5, 1), 2),
    ]
    assert risks(on, date(2026, 12, 1), ANA)[-1] == (ANA, "certification", True, date(2026, 11, 1), 2)
    assert risks(on, date(2026, 12, 1), CRUZ) == [], "nobody's agent of record is at no risk"
    ready = readiness.holdings([CRUZ], on=on)
    assert [(one.holding.what, one.holding.held) for one in ready] == [
        ("certification", True),
        ("license", True),
        ("appointment", True),
    ]


def test_the_directory_lists_the_willing_who_are_in_standing() -> None:
    def found(**asked: str) -> list[str]:
        return [row.npn for row in readiness.directory(now=SPRING, **asked)]  # type: ignore[arg-type]  # whatever directory takes

    assert found() == []
    listed = {"list_in_directory": True, "city": "Duluth", "zip": "55802", "languages": "en;hmn"}
    for npn, name in ((ANA, "Ana"), (BEN, "Ben"), (CRUZ, "Cruz")):
        Broker.objects.filter(npn=npn).update(known_until=SPRING)
        Broker.objects.create(npn=npn, first_name=name, last_name="Lee", known_from=SPRING, **listed)
    Suspension.objects.create(npn=CRUZ, start=date(2026, 3, 1), known_from=LONG_AGO)
    assert found() == [ANA, BEN]
    assert found(words="ana lee", language="hmn", zip="558", city="duluth") == [ANA]
    assert found(words="nobody") == found(language="so") == found(zip="99") == found(city="Ely") == []
    assert len(readiness.directory(now=SPRING, most=1)) == 1


def test_brokers_are_warned_sixty_thirty_and_seven_days_before_the_renewal_once_each() -> None:
    """Nobody is certified for 2027, so every renewal would be held."""
    warned = []
    for day in (date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3), date(2026, 12, 2), date(2026, 12, 30)):
        now = datetime.combine(day, START.time(), UTC)
        warned.append(renewals.warn(by=OFFICER, now=now))
    assert warned == [0, 2, 0, 2, 2]
    told = Notice.objects.filter(kind="renewals at risk", recipient_id=ANA)
    assert told.count() == 3
    assert "Another 2 will name you only" in told.order_by("id")[0].body


def test_renewals_can_be_asked_of_some_brokers() -> None:
    assert {row.policy_id for row in renewals.renewals(2027, now=SPRING, npns=[BEN])} == {"P3"}
