"""When carriers are served, and what dying on the way leaves behind: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path

import pytest
import pyx12.error_handler
import pyx12.params
import pyx12.x12n_document
from django.db import connection
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from aor.engine import faults, locks, store
from aor.enrollments.models import EnrollmentFile
from aor.enrollments.models import Interchange as Others
from aor.transmissions import operations, queries, schedule
from aor.transmissions.models import Counter, Interchange, Run, Step, TransactionSet
from aor.transmissions.tests import builders as given
from aor.transmissions.tests.builders import ANA, BEN, BY, HIOS, LONG_AGO, NOW

MONDAYS = frozenset({0})
DAILY = frozenset(range(7))
EVENING = time(17)


class Died(BaseException):
    """The process was killed here."""


@pytest.fixture
def marketplace(db: None) -> None:
    given.carrier()
    given.broker(ANA)
    given.broker(BEN)


@pytest.fixture
def dying_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """The next arrival at a fault point dies."""

    def arm(name: str) -> None:
        def reached(point: str) -> None:
            if point == name:
                monkeypatch.undo()
                raise Died(point)

        monkeypatch.setattr(faults, "reached", reached)

    return arm


def test_a_clock_that_went_back_sends_nothing_that_became_known_after_it(marketplace: None) -> None:
    given.associated(given.enrollment())
    given.entry(given.enrollment("P2"), known_from=NOW)
    behind = operations.send(by=BY, now=NOW - timedelta(hours=26))
    assert (behind.failed, [one.sets for one in behind.interchanges]) == (True, [1])
    assert behind.findings == [
        "1 sets were not sent: they became known more than 25 hours after 2026-02-01T16:00:00+00:00; check the clock"
    ]
    right = operations.send(by=BY, now=NOW - timedelta(hours=24))
    assert (right.failed, [one.sets for one in right.interchanges]) == (False, [1])


POINTS = ["send:composed", "send:stored", "send:committed", "mailbox written", "mailbox renamed", "send:put"]


@pytest.mark.parametrize("taken_away", [False, True])
@pytest.mark.parametrize("point", [*POINTS, "send:handed-over"])
@pytest.mark.usefixtures("committed")
def test_a_death_anywhere_is_taken_up_and_the_carrier_reads_each_set_once(
    point: str, taken_away: bool, dying_at: Callable[[str], None]
) -> None:
    given.carrier()
    given.broker(ANA)
    given.entry(given.enrollment())
    dying_at(point)
    with pytest.raises(Died):
        operations.send(by=BY, now=NOW)
    read: dict[str, bytes] = {}
    if taken_away:
        read |= carrier_reads()
    operations.send(by=BY, now=given.later())
    operations.send(by=BY, now=given.later(2))
    read |= carrier_reads()
    (content,) = read.values()
    interchange = Interchange.objects.get()
    assert content == store.path_of(interchange.sha256).read_bytes()
    assert Step.objects.filter(kind="handed over").count() == 1
    assert TransactionSet.objects.count() == 1


def carrier_reads() -> dict[str, bytes]:
    """A carrier takes files away and knows an interchange by its ISA13."""
    read = {}
    for file in given.mailbox().glob("*.834"):
        content = file.read_bytes()
        read[content[90:99].decode()] = content
        file.unlink()
    return read


@pytest.mark.usefixtures("committed")
def test_a_file_that_lies_in_the_mailbox_was_handed_over_when_it_was_attempted(
    dying_at: Callable[[str], None],
) -> None:
    given.carrier()
    given.broker(ANA)
    given.entry(given.enrollment())
    dying_at("send:put")
    with pytest.raises(Died):
        operations.send(by=BY, now=NOW)
    operations.send(by=BY, now=NOW + timedelta(days=3))
    step = Step.objects.get(kind="handed over")
    assert (step.at, step.recorded_at) == (NOW, NOW + timedelta(days=3))


@pytest.mark.usefixtures("marketplace")
def test_pyx12_finds_each_file_valid() -> None:
    for number in range(3):
        one = given.enrollment(f"P{number}0", last_name=["Vang", "Łuczak", "Núñez"][number])
        given.entry(one, until=date(2026, 3, 1))
        given.entry(one, BEN, start=date(2026, 4, 1))
    (interchange,) = operations.send(by=BY, now=NOW).interchanges
    assert interchange.sets == 9
    text = store.path_of(interchange.sha256).read_text("ascii")
    assert "NM1*IL*1*LUCZAK*KAYING" in text
    found = StringIO()
    params = pyx12.params.params()
    assert pyx12.x12n_document.x12n_document(params, StringIO(text), found, None, None), found.getvalue()


@pytest.mark.usefixtures("marketplace")
def test_control_numbers_rise_and_skip_what_others_used() -> None:
    file = EnrollmentFile.objects.create(sha256="a" * 64, name="x", received_at=NOW)
    for isa13 in ("009000101", "009000102"):
        Others.objects.create(file=file, isa06="MN0", isa08="410000001", isa13=isa13)
    given.entry(given.enrollment())
    first = operations.send(by=BY, now=NOW).interchanges[0]
    given.entry(given.enrollment("P2"))
    second = operations.send(by=BY, now=given.later()).interchanges[0]
    assert (first.isa13, second.isa13) == ("009000103", "009000104")
    sets = TransactionSet.objects.order_by("id")
    assert [one.st02 for one in sets] == ["000000101", "000000102"]
    assert [one.gs06 for one in sets] == ["9000101", "9000102"]
    assert Counter.objects.count() == 3


@pytest.mark.usefixtures("marketplace")
def test_more_sets_than_an_interchange_may_hold_make_several(settings: object, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay"
    (overlay / "profiles").mkdir(parents=True)
    (overlay / "profiles" / "ffe.toml").write_text('[base]\nprofile = "ffe"\n[group]\nmost_sets = 2\n')
    settings.AOR_OVERLAY = str(overlay)  # type: ignore[attr-defined]  # pytest-django's settings take any name
    for number in range(5):
        given.entry(given.enrollment(f"P{number}"))
    sent = operations.send(by=BY, now=NOW)
    assert [one.sets for one in sent.interchanges] == [2, 2, 1]
    assert Run.objects.get().sets == 5


def another_run() -> str:
    try:
        operations.send(by=BY, now=NOW)
    except locks.Busy as busy:
        return str(busy)
    finally:
        connection.close()
    return "it ran"


@pytest.mark.usefixtures("committed")
def test_of_two_runs_at_once_one_sees_who_the_other_is() -> None:
    with locks.exclusive("send", by="aor send", at=NOW, wait=False), ThreadPoolExecutor(1) as pool:
        assert pool.submit(another_run).result().startswith("send is held by aor send since 2026-02-02")


@pytest.mark.usefixtures("db")
def test_with_a_cutoff_a_run_takes_what_was_ready_then() -> None:
    given.carrier(cutoff="17:00")
    given.broker(ANA)
    given.entry(given.enrollment())
    monday = datetime(2026, 2, 2, 23, 30, tzinfo=UTC)  # half past five in Minnesota
    given.entry(given.enrollment("P2"), known_from=monday - timedelta(minutes=10))
    sent_late = given.enrollment("P3", sent_at=monday - timedelta(minutes=5))
    given.entry(sent_late)
    result = operations.send(by=BY, now=monday)
    taken = {one.enrollment.policy_id for one in TransactionSet.objects.all()}
    assert taken == {"P1"}
    assert result.held == 0
    run = Run.objects.order_by("id").last()
    assert run is not None
    assert run.as_of == datetime(2026, 2, 2, 23, tzinfo=UTC)
    operations.send(by=BY, now=monday + timedelta(days=1))
    assert TransactionSet.objects.count() == 3


@pytest.mark.usefixtures("db")
def test_a_change_known_after_the_cutoff_waits_and_what_is_no_longer_so_stays() -> None:
    given.carrier(cutoff="17:00")
    given.broker(ANA)
    one, other = given.enrollment(), given.enrollment("P2")
    after = datetime(2026, 2, 2, 23, 10, tzinfo=UTC)
    given.close(given.entry(one), after)
    given.entry(one, until=date(2026, 3, 1), known_from=after)
    given.close(given.entry(other), after)
    operations.send(by=BY, now=after + timedelta(minutes=5))
    assert [(s.npn, s.effective_from) for s in TransactionSet.objects.all()] == [(ANA, date(2026, 1, 1))]
    operations.send(by=BY, now=after + timedelta(days=1))
    assert [s.npn for s in TransactionSet.objects.order_by("id")] == [ANA, ""]


@pytest.mark.usefixtures("marketplace")
def test_what_was_ready_at_an_instant_is_known_later() -> None:
    one, other = given.enrollment(), given.enrollment("P2", sent_at=given.later(5))
    for each in (one, other):
        given.entry(each)
        assert each.sent_at
        given.mention(each, "", each.sent_at)
    before = [(one.policy_id, one.npn, one.kind) for one in queries.ready(HIOS, NOW)]
    assert before == [("P1", ANA, "agent")]
    operations.send(by=BY, now=given.later())
    assert [one.policy_id for one in queries.ready(HIOS, NOW)] == ["P1"]
    assert list(queries.ready(None, given.later(2))) == []


def due(now: datetime, *, last_run: datetime | None = None, days: frozenset[int] = DAILY, cutoff: time | None = None,
        known_from: datetime = LONG_AGO) -> datetime | None:  # fmt: skip
    return schedule.due(send_days=days, cutoff=cutoff, known_from=known_from, last_run=last_run, now=now)


def test_without_a_cutoff_a_send_day_serves_at_any_time() -> None:
    assert due(NOW) == NOW
    assert due(NOW, last_run=NOW - timedelta(hours=1)) == NOW


def test_on_no_send_day_only_a_missed_one_is_served() -> None:
    tuesday = NOW + timedelta(days=1)
    assert due(tuesday, days=MONDAYS, last_run=NOW) is None
    assert due(tuesday, days=MONDAYS, last_run=NOW - timedelta(days=7)) == tuesday
    assert due(tuesday, days=MONDAYS, known_from=tuesday - timedelta(hours=1)) is None


def test_with_a_cutoff_the_latest_one_passed_counts() -> None:
    at_five = datetime(2026, 2, 2, 23, tzinfo=UTC)
    assert due(at_five, cutoff=EVENING, days=MONDAYS) == at_five
    assert due(at_five + timedelta(hours=2), cutoff=EVENING, days=MONDAYS, last_run=at_five) == at_five
    assert (
        due(at_five - timedelta(seconds=1), cutoff=EVENING, days=MONDAYS, last_run=at_five - timedelta(days=7))
        is None
    )
    wednesday = at_five + timedelta(days=2)
    assert due(wednesday, cutoff=EVENING, days=MONDAYS, last_run=at_five - timedelta(days=7)) == at_five
    assert due(wednesday, cutoff=EVENING, days=MONDAYS, last_run=at_five) is None


def test_nothing_was_missed_before_the_carrier_was_known() -> None:
    at_noon = datetime(2026, 2, 3, 18, tzinfo=UTC)
    known = datetime(2026, 2, 3, 0, tzinfo=UTC)
    assert due(at_noon, cutoff=EVENING, known_from=known) is None
    assert due(at_noon, cutoff=EVENING, known_from=known - timedelta(days=1)) == datetime(2026, 2, 2, 23, tzinfo=UTC)


@hypothesis_given(st.integers(0, 24 * 365))
def test_a_run_just_made_leaves_none_due_but_on_the_same_day(hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    again = due(now, days=MONDAYS, cutoff=EVENING, last_run=now)
    assert again is None or again <= now < again + timedelta(hours=7)
