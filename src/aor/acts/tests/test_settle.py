"""What settling leaves open follows the household, however it comes to be known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from tests import builders
from tests.builders import ANA, Policy, enrollment_file

from aor.acts import associate, load, receive, settle
from aor.acts.tests.test_associate import CONSUMER, consent
from aor.associations.models import Open
from aor.terms import actor

START = datetime(2025, 12, 10, 15, tzinfo=UTC)


@pytest.mark.django_db
def test_access_moves_with_a_household_that_comes_to_be_known_as_a_case(
    tmp_path: Path, settings: LazySettings
) -> None:
    settings.AOR_HOME = tmp_path
    builders.carrier()
    builders.broker(ANA)
    enrollments = tmp_path / "enrollments.834"
    enrollments.write_bytes(enrollment_file(Policy("P1", "S1")))
    receive.receive(enrollments, by=actor.system("test"), now=START - timedelta(days=1))
    associate.designate(subscriber_id="S1", npn=ANA, consent=consent(), second_factor=True, by=CONSUMER, now=START)
    before = Open.objects.get()
    assert not before.household_key.startswith("H:")

    cases = tmp_path / "households.csv"
    cases.write_text("household_id,exchange_subscriber_id,is_primary_contact,from,until\n17,S1,Y,2025-01-01,\n")
    load.load("households", cases, by=actor.system("test"), now=START + timedelta(days=1))
    settle.settle(now=START + timedelta(days=1))
    after = Open.objects.get()
    assert after.household_key == "H:17"
    assert after.association_id == before.association_id
