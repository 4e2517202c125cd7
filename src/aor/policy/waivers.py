"""A waiver is a finding of its own: rule, officer, authority, reason."""

from __future__ import annotations

from dataclasses import replace

from aor.policy.decision import Decision, Finding

# The books must balance: nobody can waive that (readings, R12). A month out of order would break the next one's.
NEVER_WAIVED = frozenset({"BALANCED", "MONTHS_IN_ORDER", "OWN_LINES"})


def waive(decision: Decision, *, rule: str, because: str, by: str) -> Decision:
    """The decision with one unmet rule waived by an officer. Raises ValueError with a plain sentence.

    The unmet finding stays as it was found; the waiver stands beside it under the same rule.
    """
    if rule in NEVER_WAIVED:
        raise ValueError(f"{rule} cannot be waived")
    if not because.strip() or not by.strip():
        raise ValueError("a waiver needs a reason and the name of the officer")
    waived = [finding for finding in decision.findings if finding.rule == rule and not finding.met]
    if not waived:
        raise ValueError(f"there is nothing to waive: {rule} is not among the unmet findings")
    waiver = Finding(
        f"WAIVED:{rule}", True, f"waived by {by}: {because}", waived[0].cites, tested_on=waived[0].tested_on
    )
    findings = (*decision.findings, waiver)
    return replace(decision, findings=findings, granted=_granted(findings))


def _granted(findings: tuple[Finding, ...]) -> bool:
    waivers = {finding.rule.removeprefix("WAIVED:") for finding in findings if finding.rule.startswith("WAIVED:")}
    return all(finding.met or finding.rule in waivers for finding in findings)
