"""A close asked for on a page is run once by a worker, and says how it went."""

from __future__ import annotations

import pytest

from aor.close import asked
from aor.close.models import Asked, Close, Waiver
from aor.close.steps import Wanted
from aor.close.tests import world
from aor.close.tests.closing import OCTOBER, at
from aor.close.tests.world import BY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]


def test_a_worker_closes_what_was_asked_for_once() -> None:
    world.sold("P1", at("10-05"))
    assert asked.ask(OCTOBER, waivers=[], by=BY, now=at("11-02"))
    assert not asked.ask(OCTOBER, waivers=[], by=BY, now=at("11-02"))
    assert (asked.run(now=at("11-02")), asked.run(now=at("11-02"))) == (1, 0)
    assert Close.objects.get().state == Asked.objects.get().state == "closed"


def test_a_close_that_is_blocked_says_why_and_can_be_asked_for_again_with_a_waiver() -> None:
    world.sold("P1", at("10-05"))
    asked.ask(OCTOBER, waivers=[], by=BY, now=at("10-20"))
    asked.run(now=at("10-20"))
    blocked = asked.latest(OCTOBER)
    assert blocked is not None
    assert (blocked.state, Close.objects.count()) == ("blocked", 0)
    assert "still to come" in blocked.words
    waiver = Wanted("ALL_SENT", "the carrier is closed", "ola, consented by lea")
    assert asked.ask(OCTOBER, waivers=[waiver], by=BY, now=at("10-20"))
    asked.run(now=at("10-20"))
    assert (Close.objects.get().state, Waiver.objects.get().by) == ("closed", "ola, consented by lea")


def test_a_close_that_died_is_taken_up() -> None:
    world.sold("P1", at("10-05"))
    asked.ask(OCTOBER, waivers=[], by=BY, now=at("11-02"))
    Asked.objects.update(state="running")
    assert asked.run(now=at("11-02")) == 1
    assert Close.objects.get().state == "closed"
