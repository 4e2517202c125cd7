"""A book that moves on a day on which the clock went back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from tests import builders
from tests.builders import ANA, BEN, CRUZ

from aor.acts import associate, move, settle
from aor.acts.move import Moving
from aor.associations.models import Association, Open
from aor.associations.operations import ConsentGiven
from aor.consumers import operations as consumers
from aor.consumers.models import Membership
from aor.record.models import Due
from aor.terms.actor import Actor, Role, system

pytestmark = pytest.mark.django_db
BY, CONSUMER = system("test"), Actor(Role.CONSUMER, "account 17")
CONSENT = ConsentGiven(act="letter", shown="…", template_version="1", parties="household, broker")
NOON = datetime(2026, 5, 31, 17, tzinfo=UTC)
BEFORE = NOON - timedelta(hours=1)
PLACE = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def brokers() -> None:
    for npn in (ANA, BEN, CRUZ):
        builders.broker(npn)


def designate(name: str, npn: str, now: datetime) -> None:
    assert associate.designate(
        subscriber_id=name, npn=npn, consent=CONSENT, second_factor=True, by=CONSUMER, now=now
    ).granted


def moved(*names: str, now: datetime) -> dict[str, datetime]:
    """They go to Ben; when each is held to have agreed."""
    with transaction.atomic():
        move.enter([Moving(name, CONSENT) for name in names], npn=BEN, source="transfer T-1", by=BY, now=now)
    move.settled(now=now)
    rows = Association.objects.filter(path="transferred", npn=BEN, subscriber_id__in=names)
    assert all(row.consent and row.consent.given_at == row.confirmed_at == row.recorded_at for row in rows)
    return {row.subscriber_id: row.confirmed_at for row in rows}


def brokers_now() -> set[str]:
    return set(Open.objects.values_list("association__npn", flat=True))


def test_who_moves_after_the_clock_went_back_moves_after_what_they_went_through() -> None:
    designate("S1", ANA, NOON)
    designate("S2", ANA, NOON - timedelta(days=9))
    designate("S2", CRUZ, NOON)
    assert associate.end(subscriber_id="S2", by=CONSUMER, now=NOON).granted
    designate("S3", ANA, NOON - timedelta(days=9))
    assert moved("S1", "S2", "S3", "S4", now=BEFORE) == {
        "S1": NOON + PLACE, "S2": NOON + PLACE, "S3": BEFORE, "S4": BEFORE,
    }  # fmt: skip
    assert brokers_now() == {BEN}
    assert not Due.objects.exists()


def test_what_a_household_went_through_is_what_any_of_its_people_did_and_its_case() -> None:
    designate("S1", ANA, BEFORE)
    for name in ("S1", "S2"):
        Membership.objects.create(
            exchange_subscriber_id=name, household_id="H1", start=date(2026, 1, 1), known_from=BEFORE
        )
    consumers.join(household_ids=["H1"], now=BEFORE)
    designate("S2", ANA, NOON)
    assert moved("S1", now=BEFORE) == {"S1": NOON + PLACE}
    Association.objects.create(
        household_id="H1", npn=CRUZ, path="designated", confirmed_at=BEFORE, recorded_at=NOON + timedelta(hours=1)
    )
    assert moved("S2", now=BEFORE) == {"S2": NOON + timedelta(hours=1) + PLACE}
    settle.everything(now=NOON)
    assert brokers_now() == {BEN}
