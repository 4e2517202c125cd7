"""Standing at its edges, and the sending day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from aor.policy import holding, standing
from aor.policy.holding import SendFacts, State
from aor.policy.standing import CarrierFacts, Certification
from aor.policy.tests.facts import HEALTHCO, PARAMETERS, A, at
from aor.policy.tests.facts import standing as broker
from aor.terms.period import Period

DAY = date(2026, 2, 10)
SEPTEMBER = date(2025, 9, 1)


@pytest.mark.parametrize(
    ("certification", "plan_year", "periods"),
    [
        (Certification(2026, SEPTEMBER), 2026, [Period(SEPTEMBER, date(2026, 11, 1))]),
        (Certification(2026, SEPTEMBER), 2025, [Period(SEPTEMBER, date(2026, 11, 1))]),
        (Certification(2026, SEPTEMBER), 2027, []),
        (Certification(2026, SEPTEMBER, date(2026, 3, 1)), 2026, [Period(SEPTEMBER, date(2026, 3, 1))]),
        (
            Certification(2026, SEPTEMBER, date(2026, 12, 1)),
            2026,
            [Period(SEPTEMBER, date(2026, 11, 1))],
        ),
        (Certification(2026, date(2026, 11, 1)), 2026, []),
    ],
)
def test_a_certification_runs_to_the_day_before_the_next_open_enrollment(
    certification: Certification, plan_year: int, periods: list[Period]
) -> None:
    assert standing.certified_periods(broker(A, certifications=(certification,)), plan_year, PARAMETERS) == periods


@pytest.mark.parametrize(("days", "met"), [(0, True), (15, True), (16, False)])
def test_the_appointment_may_come_within_fifteen_days(days: int, met: bool) -> None:
    late = broker(A, appointments={"10001": (Period(DAY + timedelta(days)),)})
    assert standing.appointed(late, HEALTHCO, DAY, 15).met is met
    assert standing.appointed(late, HEALTHCO, DAY, 0).met is (days == 0)


def test_an_appointment_that_ended_before_the_day_does_not_count() -> None:
    ended = broker(A, appointments={"10001": (Period(date(2025, 1, 1), DAY),)})
    assert not standing.appointed(ended, HEALTHCO, DAY, 15).met
    assert standing.appointed(ended, HEALTHCO, DAY - timedelta(1), 15).met


@pytest.mark.parametrize(
    ("setting", "passes", "whole"), [("send", True, DAY), ("hold", False, None), ("", False, None)]
)
def test_where_no_appointment_data_is_known_the_carrier_decides(
    setting: str, passes: bool, whole: date | None
) -> None:
    silent = CarrierFacts("10001", "Silent", appointments_known=False, unknown_appointment=setting)
    finding = standing.appointed(broker(A), silent, DAY, 15)
    assert finding.met is None
    assert standing.passes(finding, silent) is passes
    assert standing.whole_since(broker(A), silent, 2026, DAY, PARAMETERS) == whole


def test_only_the_appointment_can_pass_unknown() -> None:
    silent = CarrierFacts("10001", "Silent", appointments_known=False, unknown_appointment="send")
    assert not standing.passes(standing.licensed(broker(A, licenses=()), DAY), silent)


def test_the_cure_is_the_first_day_with_all_three_in_force_together() -> None:
    pieces = broker(
        A,
        certifications=(Certification(2026, date(2026, 2, 15)),),
        licenses=(Period(date(2026, 1, 1), date(2026, 2, 20)), Period(date(2026, 3, 5))),
        appointments={"10001": (Period(date(2026, 2, 20), date(2026, 3, 1)), Period(date(2026, 4, 1)))},
    )
    assert standing.whole_since(pieces, HEALTHCO, 2026, DAY, PARAMETERS) == date(2026, 4, 1)
    assert standing.whole_since(pieces, HEALTHCO, 2026, date(2026, 5, 2), PARAMETERS) == date(2026, 5, 2)
    assert standing.whole_since(pieces, HEALTHCO, 2027, DAY, PARAMETERS) is None


def test_the_order_of_periods_does_not_matter() -> None:
    periods = (Period(date(2026, 4, 1)), Period(date(2026, 2, 20), date(2026, 3, 1)))
    for own in (periods, periods[::-1]):
        assert standing.appointed(broker(A, appointments={"10001": own}), HEALTHCO, DAY, 15).met


NOW = at("2026-02-10T18")


@pytest.mark.parametrize(
    ("sent_at", "wait", "because"),
    [
        (None, 0, "the enrollment was not yet sent to Slow"),
        (at("2026-02-11T18"), 0, "the enrollment goes to Slow on 2026-02-11"),
        (
            at("2026-02-10T17"),
            2,
            "the enrollment went to Slow on 2026-02-10, which waits 2 hours before agents of record",
        ),
        (at("2026-02-10T16"), 2, ""),
        (at("2026-02-10T18"), 0, ""),
    ],
)
def test_the_enrollment_must_have_been_sent_and_the_wait_be_over(sent_at: object, wait: int, because: str) -> None:
    slow = CarrierFacts("10001", "Slow", wait_after_enrollment=wait)
    finding = holding.enrollment_sent(sent_at, slow, NOW)  # type: ignore[arg-type]  # any fact
    assert finding.met is (because == "")
    assert because in finding.because


@pytest.mark.parametrize(
    ("change", "granted"),
    [
        ({}, True),
        ({"in_standing": False}, False),
        ({"standing": None}, False),
        ({"standing": broker(A, licenses=())}, False),
        ({"enrollment_sent_at": None}, False),
        ({"carrier": CarrierFacts("10001", "Stranger", known=False)}, False),
    ],
)
def test_ready_needs_all_of_the_sending_day_and_the_anchor(change: dict[str, object], granted: bool) -> None:
    plain: dict[str, object] = {
        "npn": A,
        "plan_year": 2026,
        "carrier": HEALTHCO,
        "enrollment_sent_at": NOW,
        "in_standing": True,
        "standing": broker(A),
    }
    decision = holding.holding(SendFacts(**plain | change), NOW, PARAMETERS)  # type: ignore[arg-type]  # any fact
    assert decision.granted is granted
    assert len(decision.findings) == 5


@pytest.mark.parametrize(
    ("until", "rejected", "sent", "accepted", "ready", "expected"),
    [
        (DAY, True, False, False, False, State.REJECTED),
        (DAY, False, False, False, True, State.READY),
        (DAY, False, True, True, False, State.ENDED),
        (DAY, False, False, False, False, State.ENDED),
        (DAY + timedelta(1), False, False, False, False, State.HELD),
        (None, False, True, False, False, State.SENT),
        (None, False, True, True, False, State.ACCEPTED),
    ],
)
def test_the_states_seen_from_outside(
    until: date | None, rejected: bool, sent: bool, accepted: bool, ready: bool, expected: State
) -> None:
    state = holding.state(until=until, day=DAY, rejected=rejected, sent=sent, accepted=accepted, ready=ready)
    assert state is expected


def test_who_is_on_no_roster_is_not_certified_whatever_else_is_known() -> None:
    """Such rows wait for the broker: without a name nothing could be sent."""
    whole = broker(A)
    assert standing.certified(whole, 2026, DAY, PARAMETERS).met
    unknown = replace(whole, on_roster=False)
    finding = standing.certified(unknown, 2026, DAY, PARAMETERS)
    assert (finding.met, finding.because) == (False, f"broker {A} is on no roster")
    assert standing.whole_since(unknown, HEALTHCO, 2026, DAY, PARAMETERS) is None
