"""Whatever brokers and officers do: no row lost, no clock wrong, nothing determined without a finding."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.builders import ANA

from aor.cases import operations as cases
from aor.cases import queries as case_facts
from aor.cases.models import OURS, Case, Clock, Event, State, Stop
from aor.cases.operations import Refused
from aor.discrepancies import candidates, intake, queries
from aor.discrepancies import operations as discrepancies
from aor.discrepancies.models import Assessment, Claim
from aor.discrepancies.tests import market
from aor.discrepancies.tests.market import BROKER, NOON, OLA, PER
from aor.policy.discrepancy import SILENCE, Disclosure
from aor.terms.actor import Actor
from aor.terms.period import day_of
from aor.workbooks.returned import REQUIRED, ReturnedRow

OFFICERS = st.sampled_from([OLA, PER])
PEOPLE = [*market.PEOPLE.values(), market.NOBODY]
SPRING = {date(2026, 2, 16), date(2026, 5, 25), date(2026, 6, 19), date(2026, 7, 3), date(2026, 9, 7)}
PICK = st.integers(0, 50)
HOURS = st.integers(1, 200)
ROWS = st.lists(st.tuples(st.sampled_from(PEOPLE), st.booleans()), min_size=2, max_size=4)


def returned(person: dict[str, str], lacks: bool) -> ReturnedRow:
    fields = {name: text for name, text in market.row(person).items() if not (lacks and name == "birth_date")}
    return ReturnedRow("", 2, fields, missing=tuple(name for name in REQUIRED if name not in fields))


def works(day: date) -> bool:
    return day.weekday() < 5 and day not in SPRING


class Lives(RuleBasedStateMachine):
    """Claims of one broker, two officers, and a clock that only moves forward."""

    @initialize(people=ROWS)
    def begin(self, people: list[tuple[dict[str, str], bool]]) -> None:
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now, self.rows = NOON, 0
        self.receive(people, 1)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def case(self, pick: int, *states: State) -> Case | None:
        """One of the cases, mostly of those in the states named."""
        rows = list(Case.objects.order_by("id"))
        rows = [row for row in rows if row.state in states or pick % 5 == 0 or not states]
        return rows[pick % len(rows)] if rows else None

    @rule(people=ROWS, hours=HOURS)
    def receive(self, people: list[tuple[dict[str, str], bool]], hours: int) -> None:
        self.now += timedelta(hours=hours)
        rows = [returned(person, lacks) for person, lacks in people]
        intake.submit(rows, npn=ANA, by=BROKER, now=self.now)
        self.rows += len(rows)

    @rule(officer=OFFICERS)
    def confirm_all_that_is_clear(self, officer: Actor) -> None:
        versions = {claim.case.number: claim.case.version for claim, one in queries.queue() if one.clear}
        discrepancies.confirm_many(versions, by=officer, now=self.now)

    @rule(pick=PICK, officer=OFFICERS, stale=st.booleans())
    def confirm_one(self, pick: int, officer: Actor, stale: bool) -> None:
        if one := self.case(pick, *OURS):
            before = Event.objects.count()
            with suppress(Refused):
                discrepancies.confirm(one.number, version=one.version - stale, by=officer, now=self.now)
                assert not stale
            if stale:
                assert Event.objects.count() == before

    @rule(pick=PICK, officer=OFFICERS, what=st.sampled_from([cases.claim, cases.release]))
    def take_or_give_back(self, pick: int, officer: Actor, what: object) -> None:
        if one := self.case(pick):
            with suppress(Refused):
                what(one.number, version=one.version, by=officer, now=self.now)  # type: ignore[operator]  # one of the steps, chosen by name

    @rule(pick=PICK, officer=OFFICERS, hours=HOURS)
    def ask(self, pick: int, officer: Actor, hours: int) -> None:
        self.now += timedelta(hours=hours)
        if one := self.case(pick, *OURS):
            with suppress(Refused):
                discrepancies.ask_more(one.number, version=one.version, body="which form?", by=officer, now=self.now)

    @rule(pick=PICK, whole=st.booleans(), hours=HOURS)
    def more(self, pick: int, whole: bool, hours: int) -> None:
        self.now += timedelta(hours=hours)
        if one := self.case(pick, State.WAITING):
            row = returned(market.KAYING, lacks=not whole)
            with suppress(Refused):
                discrepancies.more_received(one.number, by=BROKER, now=self.now, row=row, body="here")

    @rule(pick=PICK, what=st.sampled_from(["agree", "disagree", "withdraw"]))
    def broker_says(self, pick: int, what: str) -> None:
        if one := self.case(pick, State.ANSWERED):
            with suppress(Refused):
                if what == "disagree":
                    discrepancies.disagree(one.number, body="no", by=BROKER, now=self.now)
                else:
                    getattr(discrepancies, what)(one.number, by=BROKER, now=self.now)

    @invariant()
    def no_row_is_lost(self) -> None:
        claims = queries.of_broker(ANA)
        told = queries.as_told(claims)
        assert len(claims) == len(told) == Case.objects.count() == getattr(self, "rows", 0)
        assert len({one.receipt for one in told}) == len(told)
        for case in Case.objects.all():
            assert [event.version for event in case_facts.story(case)] == list(range(1, case.version + 1))

    @invariant()
    def the_queue_is_in_the_order_received(self) -> None:
        ours = list(Case.objects.filter(state__in=OURS).order_by("opened_at", "id").values_list("id", flat=True))
        assert case_facts.places(queries.KIND) == {id: place for place, id in enumerate(ours, 1)}

    @invariant()
    def no_clock_is_wrong(self) -> None:
        for clock in Clock.objects.select_related("case"):
            if clock.met_at is None:
                assert (clock.case.state == State.WAITING) == (clock.stopped_at is not None)
                assert clock.case.state in (State.WAITING, *OURS)
            stood = sum(
                works(day_of(stop.stopped_at) + timedelta(days=n))
                for stop in Stop.objects.filter(clock=clock)
                for n in range((day_of(stop.resumed_at) - day_of(stop.stopped_at)).days)
            )
            last = day_of(clock.due_at - timedelta(microseconds=1))
            days = (day_of(clock.started_at) + timedelta(days=n + 1) for n in range(10_000))
            worked = 0
            for day in days:
                worked += works(day)
                if worked == clock.amount + stood:
                    break
            assert last == day
        for case in Case.objects.filter(state__in=OURS):
            assert Clock.objects.filter(case=case, met_at=None).count() == 1

    @invariant()
    def nothing_is_determined_without_a_finding(self) -> None:
        for one in Assessment.objects.select_related("decision", "claim__case"):
            assert json.loads(one.decision.findings)
            assert one.by_role == ("officer" if one.confirmed else one.by_role)
        for claim in Claim.objects.filter(case__state__in=[State.ANSWERED, State.ESCALATED]):
            assert claim.assessments.filter(confirmed=True).exists()

    @invariant()
    def what_may_not_be_told_reads_alike(self) -> None:
        claims = queries.of_broker(ANA)
        latest = queries.latest(claim.pk for claim in claims)
        told = zip(claims, queries.as_told(claims), strict=True)
        silent = {
            (one.determination, one.because, one.what_to_do)
            for claim, one in told
            if latest[claim.pk].disclosure == Disclosure.NOTHING and one.state in ("in review", "answered")
        }
        assert len(silent) <= 1
        assert all(says == SILENCE for says, _, _ in silent)


@pytest.mark.django_db
def test_lives_of_cases(tmp_path: Path) -> None:
    market.opened(tmp_path / "enrollments.834")
    candidates.refresh(now=NOON)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=20,
            stateful_step_count=15,
            deadline=None,
            phases=[Phase.generate],  # a life is found in seconds and made shorter in minutes
            suppress_health_check=checks,
        ),
    )
