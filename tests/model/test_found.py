"""What the machine found, each as short as it can be told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from aor.acts import settle
from aor.associations.models import Open
from aor.reports.models import Accounted
from tests.model.carriers import holds
from tests.model.facts import ANA, BEN, CRUZ, NORTH, SOUTH
from tests.model.machine import Life
from tests.model.marketplace import furnish

pytestmark = pytest.mark.django_db


@pytest.fixture
def life() -> Iterator[Life]:
    furnish()
    life = Life()
    yield life
    life.m.leave(whole=True)


def test_a_lock_outlives_the_day_on_which_the_household_becomes_known(life: Life) -> None:
    life.designate("S1", CRUZ, None, True)
    life.lock("S1", True)
    life.enroll("S1", NORTH, "HLT", 1, 0, 0, 1, "")
    life.apply("S1", "7000001", True)  # refused, says the reference
    life.m.check()
    assert life.m.facts.open("S1", life.m.today).npn == CRUZ  # type: ignore[union-attr]  # it is open


def test_the_days_of_an_opening_balance_that_yielded_give_nobody_a_day_of_their_own(life: Life) -> None:
    """A cure on the first of a month counts from the month after, unless the agent of record would start then."""
    life.m.now = datetime(2026, 2, 1, 15, tzinfo=UTC)
    life.enroll("S1", SOUTH, "HLT", 1, 0, 0, 1, "")
    life.opening_balance(0, "7000001", 0, 3)  # from 1 March through 31 May
    life.revoke_certifications(CRUZ, 1)
    life.m.load("certifications", npn=CRUZ, plan_year=2026, certified_on=date(2026, 6, 1), revoked_on="")
    life.m.facts.books[CRUZ].certified[2026, date(2026, 6, 1)] = None
    life.assist("S1", CRUZ, True)
    life.m.check()
    assert life.m.record["P1"] == [(CRUZ, date(2026, 7, 1), date(2027, 1, 1), True)]


def test_a_removal_goes_as_things_stood_at_the_cutoff_though_another_broker_came_after_it(life: Life) -> None:
    life.m.now = datetime(2026, 5, 18, 15, tzinfo=UTC)
    life.enroll("S1", SOUTH, "HLT", 2, 0, 0, 1, "")
    life.opening_balance(0, ANA, 3, 0)  # from 1 October
    life.designate("S1", BEN, None, True)  # held: not appointed there
    life.m.check()
    life.m.now = datetime(2026, 6, 2, 12, tzinfo=UTC)  # on Tuesday the run of Monday, 15:00, is made up for
    life.designate("S1", CRUZ, None, True)
    life.m.check()
    life.send("")
    assert [(said.npn, said.day) for said in life.m.carriers.said()] == [("", date(2026, 10, 1))]
    life.m.now = datetime(2026, 6, 4, 21, tzinfo=UTC)
    life.send("")
    assert holds(life.m.points("P1"), date(2026, 12, 1)) == CRUZ


def test_an_entry_that_begins_on_a_day_corrected_before_is_a_send_and_in_a_book(life: Life) -> None:
    """Cruz from March corrects what Ben's balance had ended in April; undone and chosen again, Cruz is from April."""
    life.m.now = datetime(2026, 2, 2, 18, tzinfo=UTC)
    life.enroll("S1", NORTH, "HLT", -1, 0, 0, 40, "")
    life.opening_balance(0, BEN, 2, 1)
    life.designate("S1", CRUZ, None, True)
    life.m.check()
    life.send("")
    life.undo("S1")
    life.m.check()
    life.send("")
    told = [(CRUZ, date(2026, 3, 1)), (CRUZ, date(2026, 4, 1)), ("", date(2026, 3, 1)), ("", date(2026, 4, 1))]
    assert [(said.npn, said.day) for said in life.m.carriers.said()] == told
    life.m.now = datetime(2026, 3, 2, 18, tzinfo=UTC)
    life.designate("S1", CRUZ, None, True)
    life.m.check()
    life.close(waive=False)
    life.m.now = datetime(2026, 4, 2, 18, tzinfo=UTC)
    life.close(waive=False)
    books = Accounted.objects.filter(npn=CRUZ, outcome="reported").values_list("month", "effective_from")
    assert sorted(books) == [("2026-02", date(2026, 3, 1)), ("2026-02", date(2026, 4, 1))]


def test_the_last_word_about_a_lock_holds_though_the_clock_went_back(life: Life) -> None:
    life.lock("S1", True)
    life.the_clock_goes_back_an_hour()
    life.lock("S1", False)
    life.assist("S1", CRUZ, True)
    life.wait(1)
    life.apply("S1", ANA, True)
    life.m.check()
    assert life.m.facts.open("S1", life.m.today).npn == ANA  # type: ignore[union-attr]  # it is open


def test_what_a_household_does_comes_after_what_was_imported_for_it_though_the_clock_went_back(
    life: Life,
) -> None:
    life.move("S1", "H1", "always", 0, 0)
    life.import_association("H1", ANA, 0)
    life.the_clock_goes_back_an_hour()
    life.assist("S1", CRUZ, True)
    life.m.check()
    assert life.m.facts.open("S1", life.m.today).npn == CRUZ  # type: ignore[union-attr]  # it is open


def test_a_broker_whom_an_enrollment_file_named_is_told_though_another_one_came_to_stand_before(life: Life) -> None:
    """The file said Cruz, who was from March; later a balance says Ana from February: Cruz does not go again."""
    life.m.now = datetime(2026, 2, 1, 18, tzinfo=UTC)
    life.designate("S1", CRUZ, None, True)
    life.enroll("S1", NORTH, "HLT", -1, 0, 0, 0, CRUZ)
    life.m.check()
    life.m.now = datetime(2026, 3, 8, 18, tzinfo=UTC)
    life.opening_balance(0, ANA, 1, 3)  # from February through April
    life.m.check()
    life.send("")
    assert [(said.npn, said.day) for said in life.m.carriers.said()] == [(CRUZ, date(2026, 5, 1))]


def test_an_enrollment_file_is_no_send_of_an_association_that_came_months_after_it(life: Life) -> None:
    """It had told of the same broker's entry of then, and of that alone: the later one goes, the earlier one not."""
    life.m.now = datetime(2026, 4, 1, 18, tzinfo=UTC)
    life.designate("S1", CRUZ, None, True)
    life.enroll("S1", NORTH, "HLT", -2, 0, 0, 0, CRUZ)
    life.m.check()
    life.end("S1", None)
    life.m.check()
    life.m.now = datetime(2026, 9, 1, 18, tzinfo=UTC)
    life.designate("S1", CRUZ, None, True)
    life.m.check()
    life.send("")
    assert (CRUZ, date(2026, 10, 1)) in [(said.npn, said.day) for said in life.m.carriers.said()]


def test_nothing_is_open_for_a_household_that_everybody_has_left(life: Life) -> None:
    """It would stay open for who was its broker then, whatever is told of it later; who comes back finds the last."""
    life.move("S2", "H1", "always", 0, 0)
    life.import_association("H1", ANA, 12)
    life.m.check()
    [ana] = Open.objects.values_list("association", flat=True)
    life.move("S2", "H2", "always", 0, 0)
    life.m.check()
    Open.objects.create(household_key="H:H1", association_id=ana)  # as earlier versions left it
    settle.everything(now=life.m.now)
    life.m.dirty = True
    life.m.check()
    life.wait(1)
    life.import_association("H1", BEN, 0)
    life.m.check()
    life.move("S2", "H1", "day", 12, 0)
    life.m.check()
    assert life.m.facts.open("S2", life.m.today).npn == BEN  # type: ignore[union-attr]  # it is open


def test_a_run_is_not_blamed_for_what_it_saw_ended_though_the_clock_had_gone_back(life: Life) -> None:
    """Ready, undone, the clock goes back before that: the run rightly leaves out what was ready by its instant, and
    the same is so again before the next one.
    """
    life.designate("S1", CRUZ, None, True)
    life.enroll("S1", NORTH, "HLT", 1, 0, 0, 1, "")
    life.m.check()
    life.wait(2)
    life.undo("S1")
    life.m.check()
    life.the_clock_goes_back_an_hour()
    life.send("")
    assert not list(life.m.carriers.said())
    life.wait(1)
    life.designate("S1", CRUZ, None, True)
    life.m.check()
    life.m.verify()


def test_who_was_removed_and_told_anew_after_an_opening_balance_stays_whatever_data_comes_later(life: Life) -> None:
    """The balance told of her before go-live, which was nobody's send; the set of her own entry is its first one."""
    life.enroll("S1", NORTH, "HLT", 1, 0, 0, 1, "")
    life.opening_balance(0, ANA, 0, 1)
    life.designate("S1", BEN, None, True)  # held: not appointed there
    life.m.check()
    life.m.now = datetime(2025, 12, 8, 18, tzinfo=UTC)
    life.send("")
    life.designate("S1", ANA, None, True)
    life.m.check()
    life.send("")
    life.revoke_certifications(ANA, 12)
    life.m.check()
    assert life.m.record["P1"] == [(ANA, date(2026, 1, 1), date(2027, 1, 1), True)]


def test_a_removal_that_could_not_be_handed_over_goes_though_a_balance_told_of_nobody_since(life: Life) -> None:
    """Cruz up to July and nobody after was composed; then a balance told of Ana up to April. Cruz goes for April."""
    life.designate("S1", CRUZ, None, True)
    life.m.now = datetime(2026, 6, 1, 15, tzinfo=UTC)
    life.enroll("S1", SOUTH, "HLT", -5, 0, 0, 0, "")
    life.m.check()
    life.designate("S1", BEN, None, True)  # held: not appointed there
    life.m.check()
    assert [row[0] for row in life.m.record["P1"]] == [CRUZ, BEN]
    life.m.now = datetime(2026, 6, 4, 21, tzinfo=UTC)
    life.send_while_a_mailbox_is_down(SOUTH)
    life.opening_balance(0, ANA, 0, 3)  # from January through March
    life.m.check()
    life.send("")
    told = [(said.npn, said.day) for said in life.m.carriers.said()]
    assert told[:2] == [(CRUZ, date(2026, 1, 1)), ("", date(2026, 7, 1))]
    life.m.now = datetime(2026, 6, 8, 21, tzinfo=UTC)
    life.send("")
    assert [holds(life.m.points("P1"), date(2026, month, 1)) for month in (1, 4, 7)] == [CRUZ, CRUZ, ""]
