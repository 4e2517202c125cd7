"""An NPN that was written wrongly: one officer proposes, another approves, as if it had always been right."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from aor.acts import move, say
from aor.associations.models import Association
from aor.brokers import queries as brokers
from aor.calendar import queries as calendar
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.cases.operations import ANSWER, OFFICIALS, Refused
from aor.incidents.models import NpnCorrection
from aor.policy import incident as rules
from aor.policy import roster
from aor.policy.association import ANNULLING
from aor.policy.decision import Decision
from aor.record.models import Entry
from aor.terms.actor import Actor

KIND = "npn correction"
DAYS = 10  # business days for the second officer; our own


@dataclass(frozen=True, slots=True)
class Moved:
    """One agent of record that would be another: policy, carrier (HIOS), first and last day."""

    policy_id: str
    hios_issuer_id: str
    effective_from: date
    effective_until: date


@dataclass(frozen=True, slots=True)
class Preview:
    """What a correction would do: `stay` are opening balances and retroactive approvals, decided by themselves."""

    associations: int
    moved: tuple[Moved, ...]
    stay: int

    @property
    def carriers(self) -> dict[str, int]:
        """How many policies of each carrier (HIOS)."""
        return dict(sorted(Counter(one.hios_issuer_id for one in self.moved).items()))


def preview(*, wrong: str) -> Preview:
    """Every agent of record under an NPN that follows from an association."""
    annulled = [kind.value for kind in ANNULLING]
    rows = Entry.objects.known_at().filter(npn=wrong).order_by("enrollment__policy_id", "effective_from")
    columns = ("enrollment__policy_id", "enrollment__hios_issuer_id", "effective_from", "effective_until")
    return Preview(
        Association.objects.filter(npn=wrong).exclude(endings__kind__in=annulled).count(),
        tuple(Moved(*one) for one in rows.exclude(association=None).values_list(*columns)),
        rows.filter(association=None).count(),
    )


@transaction.atomic
def propose(*, wrong: str, right: str, because: str, by: Actor, now: datetime) -> tuple[Decision, str]:
    """An officer says that the associations under one NPN are another's; the number of the case, "" where refused."""
    if by.role not in OFFICIALS or wrong == right or not because.strip():
        raise Refused("an officer names two NPNs and says why")
    decision = Decision.of(roster.on_roster(right, bool(brokers.roster([right]))))
    if not decision.granted:
        return decision, ""
    clocks = {ANSWER: Allowance(DAYS, Unit.BUSINESS_DAYS)}
    opened = cases.open_one(kind=KIND, subject=("broker", wrong), clocks=clocks, by=by, now=now)
    NpnCorrection.objects.create(
        case_id=opened.id, wrong_npn=wrong, right_npn=right, because=because[:500], at=now, by_name=by.name
    )
    return decision, opened.number


def approve(number: str, *, version: int, by: Actor, now: datetime) -> Decision:
    """Another officer approves: the record and carriers follow, and both brokers are told. Raises Refused."""
    with transaction.atomic():
        row = NpnCorrection.objects.select_related("case").filter(case__number=number).first()
        if row is None or by.role not in OFFICIALS:
            raise Refused(f"there is no case {number}")
        decision = Decision.of(rules.second_officer(row.by_name, by.name))
        if not decision.granted:
            return decision
        cases.close(number, version=version, by=by, now=now, note="approved")
        move.correct_npn(
            wrong=row.wrong_npn,
            right=row.right_npn,
            source=f"NPN correction {number}",
            decision=decision,
            parameters_version=calendar.parameters().version,
            by=by,
            now=now,
        )
        say.to_brokers("association ended", [row.wrong_npn], about=number, now=now)
        say.to_brokers("association began", [row.right_npn], about=number, now=now)
    move.settled(now=now)
    return decision


def refuse(number: str, *, version: int, by: Actor, now: datetime) -> None:
    """An officer does not approve it. Raises Refused."""
    if by.role not in OFFICIALS or not NpnCorrection.objects.filter(case__number=number).exists():
        raise Refused(f"there is no case {number}")
    cases.close(number, version=version, by=by, now=now, note="not approved")
