"""What is shown before the click comes true after it (readings, R1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from tests import builders
from tests.builders import ANA, BEN, CRUZ, Policy, enrollment_file

from aor.acts import associate, preview, receive
from aor.acts.preview import Effect, Preview
from aor.acts.tests.test_associate import BROKER, CONSUMER, consent
from aor.associations.models import Association, Open
from aor.enrollments.models import Enrollment
from aor.record import queries as record_facts
from aor.terms import actor

START = datetime(2025, 12, 10, 15, tzinfo=UTC)
SPRING = datetime(2026, 3, 10, 15, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def household(tmp_path: Path, settings: LazySettings) -> None:
    """S1 has medical and dental for 2026 and medical for 2027; Ana was designated, then Ben; Cruz is no one's yet."""
    settings.AOR_HOME = tmp_path
    builders.carrier()
    for npn, years in ((ANA, (2026, 2027)), (BEN, (2026, 2027)), (CRUZ, (2026,))):
        builders.broker(npn, certified=years)
    path = tmp_path / "enrollments.834"
    path.write_bytes(
        enrollment_file(
            Policy("P1", "S1"),
            Policy("P2", "S1", coverage="DEN"),
            Policy("P3", "S1", start=date(2027, 1, 1)),
        )
    )
    receive.receive(path, by=actor.system("test"), now=START - timedelta(days=1))
    designate(ANA, START)


def designate(npn: str, now: datetime, plan_year: int | None = None) -> None:
    assert associate.designate(
        subscriber_id="S1", npn=npn, consent=consent(), second_factor=True, by=CONSUMER, now=now, plan_year=plan_year
    ).granted


def agents() -> dict[str, list[tuple[str, date, date | None]]]:
    named = dict(Enrollment.objects.values_list("id", "policy_id"))
    entries = record_facts.entries(named)
    return {
        policy: [(one.npn, one.period.start, one.period.until) for one in entries.get(id, [])]
        for id, policy in named.items()
    }


def agent(entries: list[tuple[str, date, date | None]], day: date) -> str:
    return next((npn for npn, start, until in entries if start <= day and (until is None or day < until)), "")


def held(npn: str) -> int:
    return Association.objects.filter(npn=npn).latest("id").id


def declined() -> None:
    designate(BEN, SPRING)
    associate.decline(subscriber_id="S1", npn=BEN, by=BROKER, now=SPRING)


def scoped() -> None:
    designate(BEN, SPRING, plan_year=2027)


def replaced() -> None:
    designate(BEN, SPRING)


def nothing() -> None:
    """As the household was found."""


NOW = SPRING + timedelta(days=2)


def end(plan_year: int | None = None) -> tuple[Preview, bool]:
    shown = preview.end(subscriber_id="S1", now=NOW, plan_year=plan_year)
    return shown, associate.end(subscriber_id="S1", by=CONSUMER, now=NOW, plan_year=plan_year).granted


def replace(npn: str, plan_year: int | None = None) -> tuple[Preview, bool]:
    shown = preview.replace_by(subscriber_id="S1", npn=npn, now=NOW, plan_year=plan_year)
    designate(npn, NOW, plan_year)
    return shown, True


def undo() -> tuple[Preview, bool]:
    shown = preview.undo(subscriber_id="S1", now=NOW)
    return shown, associate.undo(subscriber_id="S1", by=CONSUMER, now=NOW).granted


def withdraw() -> tuple[Preview, bool]:
    shown = preview.withdraw(subscriber_id="S1", now=NOW)
    opened = Open.objects.get().association.npn
    return shown, associate.withdraw(subscriber_id="S1", npn=opened, by=BROKER, now=NOW).granted


def resume() -> tuple[Preview, bool]:
    shown = preview.resume(subscriber_id="S1", association=held(BEN), now=NOW)
    return shown, associate.resume(subscriber_id="S1", association=held(BEN), by=CONSUMER, now=NOW).granted


def later() -> tuple[Preview, bool]:
    return end(2027)


def by_ben() -> tuple[Preview, bool]:
    return replace(BEN)


def by_ben_later() -> tuple[Preview, bool]:
    return replace(BEN, 2027)


def by_cruz() -> tuple[Preview, bool]:
    return replace(CRUZ)


@pytest.mark.parametrize(
    ("history", "change"),
    [
        *((history, change) for history in (nothing, replaced, scoped) for change in (end, later, withdraw)),
        (replaced, undo),
        (scoped, undo),
        *(
            (history, change)
            for history in (nothing, replaced, scoped, declined)
            for change in (by_ben, by_ben_later, by_cruz)
        ),
        (declined, resume),
    ],
)
def test_what_is_shown_comes_true(history: Callable[[], None], change: Callable[[], tuple[Preview, bool]]) -> None:
    history()
    before, opened = agents(), Open.objects.first()
    shown, done = change()
    assert done
    after, now_open = agents(), Open.objects.first()
    assert shown.access_before == (opened.association.npn if opened else "")
    assert shown.access_after == (now_open.association.npn if now_open else "")
    for effect in shown.effects:
        differ(effect, before[effect.policy_id], after[effect.policy_id])


def differ(
    effect: Effect, before: list[tuple[str, date, date | None]], after: list[tuple[str, date, date | None]]
) -> None:
    """The first day on which the record differs is the one shown, with the brokers shown."""
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(730)]
    first = next((day for day in days if agent(before, day) != agent(after, day)), None)
    assert effect.changes_on == first
    if first is not None:
        assert (effect.before, effect.after) == (agent(before, first), agent(after, first))


def test_ending_shows_that_access_ends_now_and_credit_with_the_month() -> None:
    shown = preview.end(subscriber_id="S1", now=SPRING)
    assert (shown.access_on, shown.access_before, shown.access_after) == (date(2026, 3, 10), ANA, "")
    assert [(one.policy_id, one.changes_on) for one in shown.effects] == [
        ("P1", date(2026, 4, 1)),
        ("P2", date(2026, 4, 1)),
        ("P3", date(2027, 1, 1)),
    ]


def test_a_plan_year_leaves_this_years_enrollments_as_they_are() -> None:
    shown = preview.replace_by(subscriber_id="S1", npn=BEN, now=SPRING, plan_year=2027)
    assert shown.access_after == BEN
    assert [(one.policy_id, one.changes_on, one.after) for one in shown.effects] == [
        ("P1", None, ""),
        ("P2", None, ""),
        ("P3", date(2027, 1, 1), BEN),
    ]


def test_a_broker_not_in_standing_is_shown_as_held_with_the_reasons() -> None:
    shown = preview.replace_by(subscriber_id="S1", npn=CRUZ, now=SPRING)
    by_policy = {one.policy_id: one for one in shown.effects}
    assert by_policy["P1"].held_because == ()
    assert [finding.rule for finding in by_policy["P3"].held_because] == ["CERTIFIED"]


def test_a_preview_changes_nothing() -> None:
    before = agents()
    for _ in (preview.end, preview.undo, preview.withdraw):
        _(subscriber_id="S1", now=SPRING)
    assert agents() == before
    assert Open.objects.get().association.npn == ANA
