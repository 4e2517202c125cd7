"""The mark by which a rejected set is known to say something else now: of another text, each would go once more."""

from __future__ import annotations

from datetime import date
from hashlib import blake2b

import pytest

from aor.audit import keys
from aor.carriers import queries as carriers
from aor.policy.timeline import Point
from aor.transmissions.compose import Desk
from aor.transmissions.ledger import Enrolled
from aor.transmissions.tests import builders as given
from aor.transmissions.tests.builders import ANA, HIOS, NOW

pytestmark = pytest.mark.django_db
ONE = Enrolled(
    7, "P1", HIOS, "S1", "HLT", date(2026, 1, 1), date(2027, 1, 1), False, NOW, f"{HIOS}MN001000104", "M1",
    "Ó'Brien", 'Ann "Annie"', "", date(1984, 2, 29), "F",
)  # fmt: skip


@pytest.fixture
def desk() -> Desk:
    given.carrier()
    given.broker(ANA)
    return Desk.of(carriers.trading_partners()[HIOS], now=NOW)


@pytest.mark.parametrize(
    "enrolled", [ONE, ONE._replace(birth_date=None, member_id=""), ONE._replace(last_name="Xiong\\", first_name="龍")]
)
@pytest.mark.parametrize("npn", [ANA, ""])
def test_it_is_of_the_same_text_as_ever(desk: Desk, enrolled: Enrolled, npn: str) -> None:
    point, partner = Point(date(2026, 3, 1), npn), desk.partner
    said = (*enrolled[1:5], *enrolled[9:11], enrolled.start, *enrolled[11:], point.day)
    of_carrier = (desk.broker(npn), partner.name, partner.tax_id, partner.x12_id, partner.profile)
    text = f"{repr(said)[:-1]}, {repr(of_carrier)[1:]}"
    hashed = blake2b(text.encode(), digest_size=16, key=keys.named("transaction-sets.key"))
    assert desk.fingerprint(enrolled, point) == hashed.hexdigest()


def test_it_changes_with_what_is_said_and_with_nothing_else(desk: Desk) -> None:
    point = Point(date(2026, 3, 1), ANA)
    before = desk.fingerprint(ONE, point)
    assert desk.fingerprint(ONE._replace(id=8, until=date(2026, 7, 1), cancelled=True, sent_at=None), point) == before
    for change in ({"last_name": "Other"}, {"birth_date": date(1984, 3, 1)}, {"plan_id": "X"}, {"member_id": ""}):
        assert desk.fingerprint(ONE._replace(**change), point) != before
    assert desk.fingerprint(ONE, Point(date(2026, 4, 1), ANA)) != before
    assert desk.fingerprint(ONE, Point(date(2026, 3, 1), "")) != before
