"""A waiver stands beside what it waives, and some rules nobody can waive."""

from __future__ import annotations

import pytest

from aor.policy import waivers
from aor.policy.decision import Decision, Finding

UNMET = Finding("ALL_SENT", False, "2 wait", "procedure 1")
MET = Finding("MONTHS_IN_ORDER", True, "next", "R5")


def test_a_waived_rule_is_granted_and_stays_unmet() -> None:
    decision = waivers.waive(Decision.of(UNMET, MET), rule="ALL_SENT", because="carrier down", by="A. Officer")
    assert decision.granted
    assert decision.unmet == (UNMET,)
    assert decision.findings[-1].because == "waived by A. Officer: carrier down"


def test_a_waiver_of_one_rule_does_not_waive_another() -> None:
    other = Finding("ALL_ANSWERED", False, "1 open", "R5")
    assert not waivers.waive(Decision.of(UNMET, other), rule="ALL_SENT", because="x", by="y").granted


@pytest.mark.parametrize("rule", ["BALANCED", "MONTHS_IN_ORDER", "OWN_LINES"])
def test_some_rules_are_never_waived(rule: str) -> None:
    with pytest.raises(ValueError, match=f"{rule} cannot be waived"):
        waivers.waive(Decision.of(Finding(rule, False, "no", "R5")), rule=rule, because="please", by="A. Officer")


@pytest.mark.parametrize(("because", "by"), [("", "A. Officer"), ("down", " ")])
def test_a_waiver_needs_reason_and_name(because: str, by: str) -> None:
    with pytest.raises(ValueError, match="a reason and the name of the officer"):
        waivers.waive(Decision.of(UNMET), rule="ALL_SENT", because=because, by=by)


def test_what_is_met_needs_no_waiver() -> None:
    with pytest.raises(ValueError, match="nothing to waive"):
        waivers.waive(Decision.of(MET), rule="ALL_SENT", because="x", by="y")
