"""What is due of cases is done once: by the worker's rounds, whoever opened it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from tests.builders import ANA, BEN

from aor.accounts.models import Grant, User
from aor.acts import associate
from aor.cases.models import Case
from aor.incidents.tests import market
from aor.incidents.tests.market import CONSUMER, HOUR, MARCH_10
from aor.jobs import casework
from aor.notices.models import Notice

pytestmark = pytest.mark.django_db
MARCH_20 = MARCH_10 + timedelta(days=10)


@pytest.fixture(autouse=True)
def town(tmp_path: Path, settings: LazySettings) -> None:
    settings.AOR_HOME = tmp_path
    market.open_market(tmp_path)
    market.designate("S1", BEN, market.JANUARY_10)
    market.designate("S1", ANA, MARCH_10)


def round_of(now: object) -> dict[str, int]:
    return {name: work(now=now) for name, work in casework.WORK.items()}


def test_a_round_opens_what_was_disowned_reminds_of_it_and_restores_in_the_end() -> None:
    user = User.objects.create(name="ola", email="ola@example.org", created_at=MARCH_10)
    Grant.objects.create(user=user, role="officer", known_from=MARCH_10)
    associate.disown(subscriber_id="S1", by=CONSUMER, now=MARCH_20)
    first = round_of(MARCH_20 + HOUR)
    assert (first["persons indexed"], first["disputes opened or restored"], first["officers reminded"]) == (3, 1, 0)
    assert round_of(MARCH_20 + 2 * HOUR)["persons indexed"] == 0
    later = MARCH_20 + timedelta(days=6)
    assert (round_of(later)["officers reminded"], round_of(later)["officers reminded"]) == (1, 0)
    notice = Notice.objects.get(kind="clocks")
    assert "1 dispute" in notice.body
    assert round_of(MARCH_20 + timedelta(days=8))["disputes opened or restored"] == 1
    assert Case.objects.get(kind="dispute").state == "closed"
    assert market.entries()[-1][0] == BEN
