"""Addresses as they are typed."""

from __future__ import annotations

import pytest

from aor.matching import addresses
from aor.matching.addresses import Address, Place

FILED = "924 TAMARACK TRL, SAINT PAUL, MN 55104"


def test_an_address_is_read() -> None:
    assert addresses.read("12 Second Avenue South, Saint Paul MN 55104-1234") == Address(
        "12", ("second", "ave", "s", "st", "paul", "mn"), "55104"
    )
    assert addresses.read("Saint Paul") == Address("", (), "")


@pytest.mark.parametrize(
    ("claimed", "place"),
    [
        ("924 Tamarack Trail, St. Paul 55104-0001", Place.SAME),
        ("924 Tamarak Trl", Place.SAME),
        ("924 Tamarack Trl, Duluth 55802", Place.OTHER),
        ("17 Tamarack Trl 55104", Place.ZIP),
        ("924 Birch St, 55104", Place.ZIP),
        ("924", Place.OTHER),
        ("924 Birch St", Place.OTHER),
        ("Saint Paul 55104", Place.ZIP),
        ("Duluth 55802", Place.OTHER),
        ("Saint Paul", Place.MISSING),
        ("", Place.MISSING),
    ],
)
def test_places(claimed: str, place: Place) -> None:
    assert addresses.compare(addresses.read(claimed), addresses.read(FILED)) is place
