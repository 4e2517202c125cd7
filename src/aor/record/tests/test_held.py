"""What is due of a household is forgotten only by whoever decides it afterwards."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from aor.consumers.models import Household
from aor.record import operations as record
from aor.record.models import Due

NOW = datetime(2026, 2, 2, 18, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_news_that_came_while_another_decides_is_still_due() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    household = Household.objects.create().pk
    record.mark_due([household], cause="before", now=NOW)

    def meanwhile() -> None:
        try:
            record.mark_due([household], cause="meanwhile", now=NOW)
        finally:
            connection.close()

    other = threading.Thread(target=meanwhile)
    with transaction.atomic():
        held = record.hold([household])
        other.start()
        other.join(1)  # it waits for us, or has said it before: either way it is not lost
    other.join(20)
    assert held.causes == {household: "before"}
    assert list(Due.objects.values_list("cause", flat=True)) == ["meanwhile"]


@pytest.mark.django_db(transaction=True)
def test_news_of_a_household_due_already_is_waited_for_before_it_is_decided() -> None:
    """Else who decides would take what is due of it, and not see what is told in the very moment."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    household = Household.objects.create().pk
    record.mark_due([household], cause="before", now=NOW)
    marked, decides = threading.Event(), threading.Event()

    def news() -> None:
        try:
            with transaction.atomic():
                Household.objects.create()  # stands for what was told
                record.mark_due([household], cause="news", now=NOW)
                marked.set()
                decides.wait(1)  # nobody says so where they wait for us
        finally:
            connection.close()

    other = threading.Thread(target=news)
    other.start()
    assert marked.wait(20)
    with transaction.atomic():
        record.hold([household])
        decides.set()
        assert Household.objects.count() == 2
    other.join(20)


@pytest.mark.django_db(transaction=True)
def test_two_that_tell_of_a_household_and_decide_it_go_one_after_the_other() -> None:
    """Neither may hold what the other waits for: PostgreSQL would end one of them (deadlock detected)."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    household = Household.objects.create().pk
    both_marked = threading.Barrier(2)
    decided: list[str] = []

    def tell_and_decide(cause: str) -> None:
        try:
            with transaction.atomic():
                record.mark_due([household], cause=cause, now=NOW)
                with suppress(threading.BrokenBarrierError):
                    both_marked.wait(1)  # the other waits for us, and does not come
                decided.append(record.hold([household]).causes[household])
        finally:
            connection.close()

    both = [threading.Thread(target=tell_and_decide, args=(cause,)) for cause in ("9911", "9912")]
    for one in both:
        one.start()
    for one in both:
        one.join(20)
    assert sorted(decided) == ["9911", "9912"]


@pytest.mark.django_db
def test_who_holds_a_household_of_which_nothing_was_due_says_why() -> None:
    first, second = Household.objects.create(last_known=NOW).pk, Household.objects.create().pk
    record.mark_due([second], cause="an import", now=NOW)
    with transaction.atomic():
        held = record.hold([first, second], cause="an act")
    assert held.causes == {first: "an act", second: "an import"}
    assert held.last_known == {first: NOW, second: None}
    assert not Due.objects.exists()
