"""What was found of claims, kept as it was found, with its decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aor.audit import operations as journal
from aor.discrepancies.assess import Assessed
from aor.discrepancies.models import Assessment
from aor.engine import bulk
from aor.terms.actor import Actor, system

RULE = system("first finding")


def record(assessed: Mapping[int, Assessed], version: str, *, by: Actor, now: datetime, confirmed: bool) -> None:
    """Keeps what was found of claims, each with its decision."""
    decisions = journal.store_decisions(
        [one.proposal.decision for one in assessed.values()], parameters_version=version
    )
    rows = []
    for (claim, one), decision in zip(assessed.items(), decisions, strict=True):
        told = one.proposal.told
        rows.append((
            claim, now, confirmed, by.role.value, by.name, one.found.value, one.subscriber, one.policy_id,
            one.hios_issuer_id, one.comparison, one.proposal.determination.value, one.proposal.clear, decision,
            told.says, told.because, told.what_to_do, told.disclosure.value,
        ))  # fmt: skip
    columns = (
        "claim_id", "at", "confirmed", "by_role", "by_name", "found", "subscriber_id", "policy_id", "hios_issuer_id",
        "comparison", "determination", "clear", "decision_id", "told_says", "told_because", "told_to_do",
        "disclosure",
    )  # fmt: skip
    bulk.load(Assessment, columns, rows)
