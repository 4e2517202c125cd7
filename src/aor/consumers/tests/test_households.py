"""Who shares a household on which days, and which subscribers are kept together, in any order of news."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from aor.consumers import operations as consumers
from aor.consumers import queries
from aor.consumers.models import Household, Membership, Subscriber
from aor.terms.period import Period

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
Stay = tuple[str, str, date | None, date | None]


def stays(*rows: Stay) -> None:
    Membership.objects.bulk_create(
        Membership(household_id=h, exchange_subscriber_id=s, start=start, until=until, known_from=NOW)
        for h, s, start, until in rows
    )
    consumers.join(household_ids={row[0] for row in rows}, now=NOW)


def household_of(name: str) -> int:
    return Subscriber.objects.get(exchange_subscriber_id=name).household_id


@pytest.mark.django_db
def test_a_subscriber_alone_is_a_household_of_their_own() -> None:
    consumers.learn([("P1", "", NOW)], now=NOW)
    assert queries.memberships_of(["P1"]) == {"P1": ((Period(date.min), "S:P1"),)}


@pytest.mark.django_db
def test_the_latest_application_id_names_the_household() -> None:
    consumers.learn([("P1", "A2", NOW), ("P1", "A1", NOW - timedelta(1))], now=NOW)
    consumers.learn([("P1", "A0", NOW - timedelta(2))], now=NOW)
    consumers.learn([("P1", "", NOW + timedelta(2))], now=NOW)
    assert queries.memberships_of(["P1"]) == {"P1": ((Period(date.min), "A:A2"),)}


@pytest.mark.django_db
def test_an_imported_membership_goes_before_the_application_and_a_leaver_is_alone() -> None:
    consumers.learn([("P1", "A2", NOW)], now=NOW)
    stays(("H1", "P1", date(2026, 1, 1), date(2026, 6, 1)))
    assert queries.memberships_of(["P1"])["P1"] == (
        (Period(date.min, date(2026, 6, 1)), "H:H1"),
        (Period(date(2026, 6, 1)), "S:P1"),
    )


@pytest.mark.django_db
def test_of_two_households_at_once_the_later_begun_wins() -> None:
    stays(("H1", "P1", None, None), ("H2", "P1", date(2026, 3, 1), date(2026, 5, 1)))
    keys = queries.memberships_of(["P1"])["P1"]
    assert [key for _, key in keys] == ["H:H1", "H:H2", "H:H1"]
    assert queries.key_on(keys, date(2026, 4, 30)) == "H:H2"
    assert queries.key_on(keys, date(2026, 5, 1)) == "H:H1"


@pytest.mark.django_db
def test_everyone_is_covered_without_naming_them() -> None:
    stays(("H1", "P1", None, None))
    consumers.learn([("P2", "A1", NOW)], now=NOW)
    assert queries.memberships_of(None) == queries.memberships_of(["P1", "P2"])


@pytest.mark.django_db
def test_merging_moves_everyone_and_keeps_the_last_known_instant() -> None:
    consumers.learn([("P1", "A1", NOW), ("P2", "A1", NOW), ("P3", "A2", NOW)], now=NOW)
    first, second = household_of("P1"), household_of("P3")
    assert first == household_of("P2") != second
    Household.objects.filter(pk=max(first, second)).update(last_known=NOW)
    Membership.objects.create(household_id="H1", exchange_subscriber_id="P2", known_from=NOW)
    Membership.objects.create(household_id="H1", exchange_subscriber_id="P3", known_from=NOW)
    touched = consumers.join(household_ids=["H1"], now=NOW)
    assert touched == {min(first, second)} == {household_of(name) for name in ("P1", "P2", "P3")}
    assert Household.objects.get(pk=min(first, second)).last_known == NOW
    assert consumers.join(household_ids=["H1"], subscribers=["P1"], now=NOW) == touched


@pytest.mark.django_db
def test_households_are_found_by_those_who_hold_associations() -> None:
    stays(("H1", "P1", None, None), ("H1", "P2", None, None))
    consumers.learn([("P3", "", NOW)], now=NOW)
    together, alone = household_of("P1"), household_of("P3")
    assert queries.households_of(household_ids=["H1", "H9"]) == {together}
    assert queries.households_of(subscriber_ids=["P3", "P9"]) == {alone}


names = st.sampled_from(["P1", "P2", "P3", "P4", "P5"])
news = st.one_of(
    st.tuples(st.just("member"), names, st.sampled_from(["H1", "H2", "H3"])),
    st.tuples(st.just("applies"), names, st.sampled_from(["A1", "A2", "A3"])),
)


DAYS = {"H1": (None, None), "H2": (date(2026, 1, 1), date(2026, 7, 1)), "H3": (date(2026, 5, 1), None)}
News = tuple[str, str, str, datetime]


class AnyOrder(TestCase):
    @given(st.lists(news, min_size=1, max_size=9, unique=True), st.permutations(range(9)))
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_keys_are_the_same_and_who_shares_a_key_shares_a_household(
        self, told: list[tuple[str, str, str]], order: list[int]
    ) -> None:
        dated = [(kind, name, what, NOW + timedelta(hours=hour)) for hour, (kind, name, what) in enumerate(told)]
        shuffled = [dated[place] for place in order if place < len(dated)]
        assert self._keys(dated) == self._keys(dated[::-1]) == self._keys(shuffled)

    def _keys(self, order: list[News]) -> dict[str, queries.Memberships]:
        with transaction.atomic():
            for kind, name, what, at in order:
                if kind == "member":
                    stays((what, name, *DAYS[what]))
                else:
                    consumers.learn([(name, what, at)], now=NOW)
            keys = queries.memberships_of(None)
            together: dict[str, set[int]] = {}
            for name, periods in keys.items():
                for _, key in periods:
                    together.setdefault(key, set()).add(household_of(name))
            assert all(len(found) == 1 for found in together.values())
            transaction.set_rollback(True)
        return keys


@pytest.mark.django_db
def test_components_of_memberships_are_the_same_in_any_order() -> None:
    rows: list[Stay] = [
        ("H1", "P1", None, None),
        ("H1", "P2", None, None),
        ("H2", "P2", None, None),
        ("H2", "P3", None, None),
    ]
    for number, order in enumerate(permutations(rows)):
        for household, name, start, until in order:
            stays((f"{household}-{number}", f"{name}-{number}", start, until))
        assert len({household_of(f"{name}-{number}") for name in ("P1", "P2", "P3")}) == 1
