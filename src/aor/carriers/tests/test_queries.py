"""Carriers as trading partners."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from aor.carriers import queries as carriers
from aor.carriers.models import Carrier

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.django_db
def test_a_row_becomes_a_trading_partner_and_the_tax_id_stands_in_for_the_x12_id() -> None:
    Carrier.objects.create(
        hios_issuer_id="11111", name="HealthCo", coverages="HLT;DEN", tax_id="411111111", send_days="MO;FR",
        cutoff="17:30", known_from=NOW,
    )  # fmt: skip
    Carrier.objects.create(hios_issuer_id="10000", name="Other", coverages="DEN", x12_id="X9", known_from=NOW)
    partners = carriers.trading_partners()
    assert list(partners) == ["10000", "11111"]
    one, other = partners["11111"], partners["10000"]
    assert (one.x12_id, one.send_days, one.cutoff) == ("411111111", frozenset({0, 4}), time(17, 30))
    assert one.coverages == ("HLT", "DEN")
    assert (other.x12_id, other.send_days, other.cutoff) == ("X9", frozenset(range(7)), None)


def test_send_days_are_daily_or_two_letter_days() -> None:
    assert carriers.send_days(" mo ; SU") == {0, 6}
    with pytest.raises(ValueError, match="'XX'"):
        carriers.send_days("MO;XX")


def test_a_carrier_on_no_roster_is_told_by_its_number() -> None:
    facts = carriers.unknown("99999")
    assert (facts.known, facts.name) == (False, "carrier 99999")
