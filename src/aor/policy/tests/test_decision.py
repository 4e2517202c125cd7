"""Findings and decisions: what a rule answers, kept as JSON and read back."""

from __future__ import annotations

from datetime import date

import pytest

from aor.policy.decision import RULES, Answer, Decision, Finding, finding_from_json, rule

MET = Finding("A", True, "fine", "text", tested_on=date(2026, 1, 8))
UNMET = Finding("B", False, "not fine", "text", "do something")
UNKNOWN = Finding("C", None, "nobody knows", "text")


def test_a_decision_is_granted_when_every_finding_is_met_and_not_known_is_not_met() -> None:
    assert Decision.of(MET).granted
    assert not Decision.of(MET, UNKNOWN).granted
    assert Decision.of(MET, UNMET, UNKNOWN).unmet == (UNMET, UNKNOWN)


@pytest.mark.parametrize("finding", [MET, UNMET, UNKNOWN])
def test_a_finding_comes_back_from_json(finding: Finding) -> None:
    assert finding_from_json(finding.as_json()) == finding


def test_a_finding_is_written_with_the_keys_that_others_read() -> None:
    assert MET.as_json() == {
        "rule": "A",
        "met": True,
        "because": "fine",
        "cites": "text",
        "cure": "",
        "tested_on": "2026-01-08",
    }
    assert UNMET.as_json()["tested_on"] is None


def _silent() -> Answer:
    return Answer(True, "it is")


def test_a_rule_has_one_code_a_sentence_and_a_citation() -> None:
    def described() -> Answer:
        """One must be."""
        return Answer(True, "it is", tested_on=date(2026, 1, 8))

    try:
        found = rule("TEST_RULE", cites="a law")(described)
        assert found() == Finding("TEST_RULE", True, "it is", "a law", tested_on=date(2026, 1, 8))
        assert RULES["TEST_RULE"].sentence == "One must be."
        with pytest.raises(ValueError, match="registered twice"):
            rule("TEST_RULE", cites="a law")(described)
        for function, cites in ((_silent, "a law"), (described, "")):
            with pytest.raises(ValueError, match="a sentence and a citation"):
                rule("OTHER_RULE", cites=cites)(function)
        assert _silent().met
    finally:
        del RULES["TEST_RULE"]


def test_every_rule_has_a_sentence_that_can_be_said() -> None:
    assert RULES
    for one in RULES.values():
        assert one.sentence.endswith(".")
        assert one.cites
