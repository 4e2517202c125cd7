"""What is not told is explained, to the microsecond; what files told is known, though its day moves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from aor.audit import operations as journal
from aor.jobs.checks import Seen, carriers
from aor.transmissions import operations
from aor.transmissions.models import Run
from aor.transmissions.tests import builders as given
from aor.transmissions.tests.builders import ANA, BY, HIOS, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def marketplace() -> None:
    given.carrier()
    given.broker(ANA)


@pytest.mark.parametrize(("before", "left"), [(timedelta(microseconds=1), 1), (timedelta(), 0)])
def test_what_was_so_before_a_run_and_did_not_go_is_named_what_came_in_its_very_instant_is_not(
    before: timedelta, left: int
) -> None:
    """Nobody can tell whether the latter came before the run or after it: the next one takes it."""
    one = given.enrollment()
    given.mention(one, "", NOW - timedelta(days=3))  # its enrollment file names nobody
    given.entry(one, known_from=NOW - before)
    Run.objects.create(hios_issuer_id=HIOS, at=NOW, as_of=NOW, sets=0)
    wrong = list(carriers.untold_is_explained(Seen(now=given.later())))
    assert [one.because for one in wrong] == ["policy P1 was ready at the run of 2026-02-02 and did not go"] * left
    assert len(operations.send(by=BY, now=given.later()).interchanges) == 1
    assert not list(carriers.untold_is_explained(Seen(now=given.later(2))))


@pytest.mark.parametrize(("earlier", "left"), [(timedelta(hours=1), 0), (timedelta(), 1)])
def test_what_came_after_a_run_by_a_clock_that_went_back_is_not_held_against_it(
    earlier: timedelta, left: int
) -> None:
    operations.send(by=BY, now=NOW)
    one = given.enrollment()
    given.mention(one, "", NOW - timedelta(days=3))
    given.entry(one, known_from=NOW - timedelta(hours=1))
    journal.write(verb="made up", subject=("household", "1"), by=BY, at=NOW - earlier)
    assert len(list(carriers.untold_is_explained(Seen(now=given.later())))) == left
    assert len(operations.send(by=BY, now=given.later()).interchanges) == 1
    assert not list(carriers.untold_is_explained(Seen(now=given.later(2))))


def test_what_a_file_told_is_known_as_told_also_when_its_entry_begins_another_day() -> None:
    one = given.enrollment()
    later = given.entry(one, start=date(2026, 3, 1))
    given.mention(one, ANA, NOW - timedelta(days=3))
    operations.send(by=BY, now=NOW)  # notes that the file told of March
    given.close(later, given.later())
    given.entry(one, start=date(2026, 2, 1), known_from=given.later())
    operations.send(by=BY, now=given.later(2))
    assert not list(carriers.told_is_known_as_told(Seen(now=given.later(3))))
