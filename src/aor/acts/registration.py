"""An account registers an agency. One that may be another's already waits for the broker team: nobody takes an
agency over by typing its NPN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from aor.accounts import operations as accounts
from aor.accounts.models import RoleName, User
from aor.acts import roster
from aor.acts.loads.rows import Refused
from aor.audit import operations as journal
from aor.brokers import agencies
from aor.brokers import operations as brokers
from aor.brokers import queries as broker_facts
from aor.brokers.models import Registration
from aor.cases import correspondence
from aor.cases import operations as cases
from aor.cases import queries as case_facts
from aor.cases.clocks import Allowance, Unit
from aor.notices import operations as notices
from aor.notices.operations import Message
from aor.terms.actor import Actor

KIND = "agency registration"
ANSWER_WITHIN = Allowance(5, Unit.BUSINESS_DAYS)
GRANTED, WAITING, REFUSED = "granted", "waiting", "refused"
FIELDS = ("npn", "name", "fein", "email", "administrator_name", "phone", "city", "state", "zip")


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a form: the row, or the fields at fault."""

    row: Registration | None
    refused: tuple[Refused, ...] = ()


@transaction.atomic
def register(fields: Mapping[str, str], *, user: User, by: Actor, now: datetime) -> Asked:
    """Registers an agency and makes the account its manager; or lets it wait for the broker team.

    Asked again while it waits, the first request stands.
    """
    npn = fields["npn"]
    waiting = agencies.registrations(account=user.pk, npn=npn, outcome=WAITING)
    if waiting:
        return Asked(waiting[0])
    values = {name: fields.get(name, "") for name in FIELDS}
    if because := _may_be_anothers(values):
        case = cases.open_one(
            kind=KIND, subject=("agency", npn), clocks={cases.ANSWER: ANSWER_WITHIN}, by=by, now=now
        )
        body = f"{because}\n\n" + "\n".join(f"{name}: {value}" for name, value in values.items() if value)
        correspondence.post(case.number, to=cases.DESK, body=body, by=by, now=now)
        row = brokers.register(values, account=user.pk, outcome=WAITING, case_number=case.number, now=now)
    else:
        done = roster.register_agency(values, by=by, now=now)
        if done.refused:
            return Asked(None, done.refused)
        row = brokers.register(values, account=user.pk, outcome=GRANTED, case_number="", now=now)
        accounts.grant(user, role=RoleName.AGENCY_MANAGER, subject=npn, by=by, now=now)
    _journal(row, by, now)
    return Asked(row)


@transaction.atomic
def decide(registration: int, *, granted: bool, because: str = "", by: Actor, now: datetime) -> str:
    """The broker team's word on one that waits; returns why not, "" when done. An agency known keeps its data.

    A refusal says why, to the person: who is refused may ask again, and is looked at anew.
    """
    if not granted and not because.strip():
        return "say why it is refused: the person reads it"
    row = Registration.objects.select_for_update().filter(pk=registration, outcome=WAITING).first()
    user = User.objects.filter(pk=row.account).first() if row else None
    if row is None or user is None:
        return "this registration does not wait for an answer"
    if granted:
        if agencies.agency(row.npn) is None:
            done = roster.register_agency({name: getattr(row, name) for name in FIELDS}, by=by, now=now)
            if done.refused:
                return done.refused[0].because
        accounts.grant(user, role=RoleName.AGENCY_MANAGER, subject=row.npn, by=by, now=now)
    row.outcome = GRANTED if granted else REFUSED
    row.because = "" if granted else because.strip()[:500]
    row.save(update_fields=["outcome", "because"])
    case = case_facts.cases([row.case_number]).get(row.case_number)
    if case is not None and case.state != "closed":
        cases.close(row.case_number, version=case.version, by=by, now=now, note=row.outcome)
    notices.queue([_answered(row, user.email or "")], now=now)
    _journal(row, by, now)
    return ""


def _may_be_anothers(values: Mapping[str, str]) -> str:
    """Why somebody must look: the NPN, tax number or name is known, or brokers are already of the agency."""
    npn = values["npn"]
    if agencies.agency(npn) is not None:
        return f"An agency with NPN {npn} is known already."
    if agencies.members(npn):
        return f"Brokers on the roster name {npn} as their agency."
    if broker_facts.roster([npn]):
        return f"NPN {npn} is a broker's."
    if alike := agencies.agencies_like(name=values["name"], fein=values["fein"]):
        return f"An agency with this name or tax number is known already: NPN {', '.join(alike)}."
    return ""


def _answered(row: Registration, address: str) -> Message:
    return Message(
        kind="agency registration",
        recipient_kind="account",
        recipient_id=f"account {row.account}",
        address=address,
        subject="Your registration of an agency was answered",
        body="The broker team has answered your registration. Sign in to the marketplace to see it.",
        dedupe_key=f"agency registration:{row.pk}",
    )


def _journal(row: Registration, by: Actor, now: datetime) -> None:
    journal.write(
        verb=f"agency registration {row.outcome}",
        subject=("agency", row.npn),
        by=by,
        at=now,
        details={"registration": row.pk, "account": row.account, "case": row.case_number},
    )
