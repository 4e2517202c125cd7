"""Keys are found in any number, as `in` finds them."""

from __future__ import annotations

import pytest

from aor.carriers.models import Carrier
from aor.consumers.models import Household, Subscriber
from aor.engine import bulk
from aor.engine.among import among


@pytest.mark.django_db
def test_keys_of_every_kind_are_found_in_any_number() -> None:
    homes = [Household.objects.create().pk for _ in range(3)]
    names = ["a", 'b"c', "d'e"]
    bulk.load(
        Subscriber,
        ["exchange_subscriber_id", "household_id", "application_id"],
        zip(names, homes, names, strict=False),
    )
    assert set(Household.objects.filter(among("id", homes[1:])).values_list("id", flat=True)) == set(homes[1:])
    found = Subscriber.objects.filter(among("household", range(homes[-1])))
    assert sorted(found.values_list("exchange_subscriber_id", flat=True)) == names[:2]
    found = Subscriber.objects.filter(among("exchange_subscriber_id", [*names, *map(str, range(300_000))]))
    assert found.count() == len(names)
    assert not Carrier.objects.filter(among("hios_issuer_id", [])).exists()
    assert Household.objects.filter(among("subscribers__household__id", homes)).count() == len(homes)
