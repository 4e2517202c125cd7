"""`aor work`: every due thing is done once, by one worker or by two, and nothing leaves in shadow mode."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from aor.acts import receive
from aor.engine import locks
from aor.gateways import shadow
from aor.gateways.folder import FolderMailbox
from aor.jobs import due, timetable
from aor.notices.models import Notice, State
from aor.terms.actor import system
from aor.transmissions import rows
from aor.transmissions.ledger import Scope
from aor.transmissions.models import Interchange, Run
from tests import builders
from tests.builders import ANA, NORTH_STAR, Policy, enrollment_file

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 5, 15, tzinfo=UTC)  # a Monday, nine in the morning in Minnesota


@pytest.fixture
def market(home: Path) -> Path:
    """A carrier served on weekdays at noon, Ana, and one enrollment of hers that may go."""
    home.mkdir(parents=True, exist_ok=True)
    builders.carrier(send_days="MO;TU;WE;TH;FR", cutoff="12:00", acknowledgment_hours=48, profile="ffe")
    builders.broker(ANA)
    path = home / "enrollments.834"
    sent = START - timedelta(days=1)
    path.write_bytes(enrollment_file(Policy("P1", "S1", start=date(2026, 2, 1)), sent=sent))
    builders.associated("S1", ANA, date(2025, 12, 1))
    receive.receive(path, by=system("test"), now=sent)
    return home


def live(worker: due.Worker, days: int, *, every: timedelta = timedelta(hours=3)) -> Counter[str]:
    """Rounds of work under a clock."""
    done: Counter[str] = Counter()
    now = START
    while now < START + timedelta(days=days):
        done += worker.round(now=now)
        now += every
    return done


def silent(line: str) -> None:
    raise AssertionError(line)


def test_a_month_of_work_sends_once_and_on_send_days_alone(market: Path) -> None:
    live(due.Worker(silent), 30)
    assert Interchange.objects.count() == 1
    assert served() == {MONDAY: 2} | dict.fromkeys(weekdays(30), 1)


MONDAY = START.date()


def served() -> dict[date, int]:
    """How many runs there were on each day; the first Monday takes the Friday before along."""
    return dict(Counter(run.at.date() for run in Run.objects.filter(hios_issuer_id=NORTH_STAR)))


def weekdays(days: int) -> list[date]:
    """The send days after the first Monday."""
    following = (MONDAY + timedelta(days=number) for number in range(1, days))
    return [day for day in following if day.weekday() < 5]


def test_two_workers_do_each_thing_once(market: Path) -> None:
    first, second = due.Worker(silent), due.Worker(silent)
    now = START
    while now < START + timedelta(days=10):
        first.round(now=now)
        second.round(now=now + timedelta(seconds=1))
        now += timedelta(hours=3)
    assert Interchange.objects.count() == 1
    assert served() == {MONDAY: 2} | dict.fromkeys(weekdays(10), 1)


@pytest.mark.usefixtures("committed")
def test_what_another_worker_holds_is_left_to_it(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "locks").mkdir(exist_ok=True)
    said: list[str] = []
    with locks.exclusive("work households decided", by="another worker", at=START):
        pass
    due.Worker(said.append).round(now=START)
    assert said == []


def test_a_carrier_without_a_cutoff_is_served_in_the_evening(market: Path) -> None:
    builders.carrier("85736", naic_company_code="85736", profile="ffe", known_from=START - timedelta(days=3))
    Run.objects.create(hios_issuer_id="85736", at=START, as_of=START, sets=0)
    assert "85736" not in timetable.due(START + timedelta(hours=8))
    assert "85736" in timetable.due(START + timedelta(hours=10))


def test_nothing_leaves_in_shadow_mode(market: Path, settings: Settings) -> None:
    settings.AOR_MODE = "shadow"
    live(due.Worker(silent), 10)
    assert not Interchange.objects.exists()
    assert not Notice.objects.filter(state=State.RELAYED).exists()
    assert Notice.objects.filter(state=State.QUEUED).exists() or not Notice.objects.exists()
    with pytest.raises(shadow.Shadowed):
        FolderMailbox(market / "box").put("a", b"content")
    with pytest.raises(CommandError, match="only watches"):
        call_command("send")
    assert not list((market / "box" / "to-carrier").iterdir())


def test_what_went_before_does_not_go_again_in_shadow_mode(market: Path, settings: Settings) -> None:
    """Nothing is composed and no control number spent: a set of which nobody could say where it is."""
    live(due.Worker(silent), 2)
    (sent,) = Interchange.objects.all()
    settings.AOR_MODE = "shadow"
    with pytest.raises(CommandError, match="only watches"):
        call_command("resend", "--isa13", sent.isa13)
    assert Interchange.objects.count() == 1


def test_what_is_decided_in_shadow_mode_is_decided_all_the_same(market: Path, settings: Settings) -> None:
    settings.AOR_MODE = "shadow"
    live(due.Worker(silent), 2)

    assert [row.state for row in rows.rows(Scope(), now=START + timedelta(days=2))] == ["ready"]
    assert NORTH_STAR in timetable.due(START + timedelta(days=2))
