"""Random months closed one after another over real rows: the books balance, no send is lost, none is told twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aor.close import operations
from aor.close.steps import Wanted
from aor.close.tests import world
from aor.close.tests.world import ANA, BEN, BY, CY, NORTH, SOUTH
from aor.enrollments.models import Enrollment
from aor.reports import queries, sends
from aor.reports.accounting import ALL
from aor.reports.models import Accounted, Line, Report
from aor.terms.month import Month
from aor.terms.period import day_of
from aor.transmissions.models import TransactionSet

MONTHS = [Month(2026, 9), Month(2026, 10), Month(2026, 11), Month(2026, 12)]
BEGIN = datetime(2026, 9, 1, 6, tzinfo=UTC)
hours = st.integers(0, 24 * 118)


@st.composite
def entries(draw: st.DrawFn) -> dict[str, object]:
    """One entry: its broker, carrier and plan year; hand-overs, each but the last rejected after some hours."""
    times = sorted(draw(st.lists(hours, min_size=1, max_size=3, unique=True)))
    gaps = [later - earlier for earlier, later in pairwise(times)]
    rejections = [draw(st.integers(0, gap)) for gap in gaps] + [draw(st.none() | st.integers(1, 24 * 40))]
    return {
        "npn": draw(st.sampled_from([ANA, BEN, CY])),
        "hios": draw(st.sampled_from([NORTH, SOUTH])),
        "start": draw(st.sampled_from([date(2026, 3, 1), date(2027, 1, 1)])),
        "hand_overs": list(zip(times, rejections, strict=True)),
    }


type News = tuple[datetime, Callable[[], object]]


def market(drawn: list[dict[str, object]], runs: list[int], decertified: int | None) -> list[News]:
    """What there is from the start; returned is the news to come, in order."""
    world.carrier(NORTH)
    world.carrier(SOUTH, name="South Dental", send_days="FR")
    for npn, name in ((ANA, "Ana"), (BEN, "Ben"), (CY, "Cy")):
        world.broker(npn, first_name=name, email="" if npn == CY else None)
    news: list[News] = [(at, partial(world.run, at, SOUTH)) for at in map(instant, runs)]
    for number, one in enumerate(drawn):
        of = world.enrolled(f"P{number}", hios=str(one["hios"]), start=one["start"])  # type: ignore[arg-type]  # drawn as such
        world.associated(of, str(one["npn"]))
        world.entry(of, str(one["npn"]))
        for after, rejected in one["hand_overs"]:  # type: ignore[attr-defined]  # drawn as such
            sent: list[TransactionSet] = []
            news.append((instant(after), partial(hand_over, of, instant(after), str(one["npn"]), sent)))
            if rejected is not None:
                news.append((instant(after + rejected), partial(reject, sent, instant(after + rejected))))
    if decertified is not None:
        on = instant(decertified)
        again = on + timedelta(days=40)
        news.append((on, partial(world.decertify, BEN, day_of(on), known_from=on)))
        news.append((again, partial(world.recertify, BEN, day_of(again), 2027, known_from=again)))
    return sorted(news, key=lambda one: one[0])


def instant(after: int) -> datetime:
    return BEGIN + timedelta(hours=after)


def hand_over(of: Enrollment, at: datetime, npn: str, sent: list[TransactionSet]) -> None:
    sent.append(world.handed_over(of, at, npn))


def reject(sent: list[TransactionSet], at: datetime) -> None:
    world.answered(sent[0], at, "rejected")


def check(month: Month, result: operations.Result) -> None:
    assert result.state == "closed", result.blockers
    assert all(one.balanced for one in result.sums.values())
    known = list(sends.hand_overs(result.cut))  # type: ignore[arg-type]  # drawn as such
    assert result.sums[ALL].sent == sum(one.date_sent in month for one in known)
    shown = [line.identity for line in queries.published(month.next) if line.on_month]
    assert len(shown) == len(set(shown)), "told twice"
    accounted = queries.settled(month.next)
    for one in known:
        if one.date_sent < month.until and not one.rejected and one.identity not in shown:
            assert accounted[one.identity].outcome in ("excepted", "carried out")
    for report in Report.objects.all():
        assert set(Line.objects.filter(report=report).values_list("npn", flat=True)) <= {report.npn}
    assert not Accounted.objects.filter(npn=CY, outcome="reported").exists()


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(entries(), min_size=1, max_size=6),
    runs=st.lists(hours, max_size=12),
    delays=st.lists(st.integers(1, 24 * 20), min_size=4, max_size=4),
    decertified=st.none() | hours,
)
def test_months_closed_one_after_another_balance_and_lose_nothing(
    drawn: list[dict[str, object]], runs: list[int], delays: list[int], decertified: int | None
) -> None:
    with transaction.atomic():
        news = market(drawn, runs, decertified)
        began = False
        for month, delay in zip(MONTHS, delays, strict=True):
            now = month.ends + timedelta(hours=delay)
            while news and news[0][0] <= now:
                news.pop(0)[1]()
            waivers = [Wanted("ALL_SENT", "a made-up marketplace", "test")]
            result = operations.close(month, by=BY, now=now, waivers=waivers)
            began = began or result.state == "closed"
            if began:
                check(month, result)
            else:
                assert "nothing was handed over" in result.blockers[0].because
        transaction.set_rollback(True)
