"""What brokers and agencies do about themselves: registration, data, membership, agreement, cover for leave."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from aor.acts import say, settle
from aor.acts.loads import affected, known
from aor.acts.loads.layouts import LAYOUTS
from aor.acts.loads.rows import Refused, read
from aor.audit import operations as journal
from aor.brokers import agencies, agreements
from aor.brokers import operations as brokers
from aor.brokers import queries as broker_facts
from aor.brokers.models import Agency, Broker
from aor.calendar import queries as calendar
from aor.engine import locks
from aor.policy import access
from aor.policy import roster as rules
from aor.policy.access import Cover
from aor.policy.decision import Decision
from aor.record import operations as record
from aor.terms.actor import Actor
from aor.terms.period import ONE_DAY, day_of
from aor.workbooks.tables import Table

type Fields = Mapping[str, str]
"""Columns of the import layouts, as text: what a form gives."""

_MODELS: Mapping[str, type[Agency] | type[Broker]] = {"agencies": Agency, "brokers": Broker}


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a form: `changed` when it said something new; `refused` names each field at fault."""

    changed: bool
    refused: tuple[Refused, ...] = ()


def register_agency(fields: Fields, *, by: Actor, now: datetime) -> Registered:
    """An agency's data, new or changed: fields not named stay as they are."""
    return _register("agencies", fields, by=by, now=now)


def register_broker(fields: Fields, *, by: Actor, now: datetime) -> Registered:
    """A broker's data, new or changed: fields not named stay. A new registered address is told to the old one."""
    return _register("brokers", fields, by=by, now=now)


@transaction.atomic
def _register(kind: str, fields: Fields, *, by: Actor, now: datetime) -> Registered:
    layout = LAYOUTS[kind]
    npn = fields.get("npn", "")
    row = {column.name: "" for column in layout.columns} | _as_known(kind, npn) | dict(fields)
    rows = read(layout, Table(tuple(row), _only(row)), now=now)
    changes = []
    if rows.good:
        with locks.shared("writers"):
            changes = known.supersede(layout, rows.good, now=now)
            anew = [values["npn"] for before, values in changes if _on_roster_otherwise(kind, before, values)]
            record.mark_due(affected.of_brokers(anew), cause=f"{kind} registered", now=now)
    journal.write(
        verb=f"{kind}.registered" if rows.good else f"{kind}.registered refused",
        subject=("broker" if kind == "brokers" else "agency", npn[:100]),
        by=by,
        at=now,
        details={"changed": bool(changes), "refused": [one.column for one in rows.refused]},
    )
    for before, values in changes:
        _tell_address(kind, before, values, now)
    settle.settle(now=now)
    return Registered(bool(changes), tuple(rows.refused))


def _as_known(kind: str, npn: str) -> dict[str, str]:
    """The row that is known, as a file would write it."""
    one = _MODELS[kind].objects.known_at().filter(npn=npn).first()
    if one is None:
        return {}
    values = {column.name: getattr(one, column.goes_to) for column in LAYOUTS[kind].columns}
    return {name: ("N", "Y")[value] if isinstance(value, bool) else str(value) for name, value in values.items()}


def _only(row: dict[str, str]) -> Generator[tuple[int, dict[str, str]]]:
    yield 1, row


def _on_roster_otherwise(kind: str, before: Mapping[str, object] | None, after: Mapping[str, object]) -> bool:
    """Whether the record may change: a broker who comes on the roster, or becomes a navigator."""
    return kind == "brokers" and (before is None or before["kind"] != after["kind"])


def _tell_address(kind: str, before: Mapping[str, object] | None, after: Mapping[str, object], now: datetime) -> None:
    old = str(before["email"]) if before else ""
    if old and old != after["email"]:
        recipient = "broker" if kind == "brokers" else "agency"
        say.to_address("address changed", recipient, str(after["npn"]), old, now=now)


@transaction.atomic
def ask_to_join(*, agency_npn: str, npn: str, by: Actor, now: datetime) -> Decision:
    """An agency asks a broker to join it; asked again, the earlier invitation is withdrawn."""
    parameters = calendar.parameters()
    decision = rules.asking_to_join(
        npn=npn, standing=broker_facts.standings([npn])[npn], is_of=_is_of(agency_npn, npn)
    )
    if decision.granted:
        earlier = agencies.agency_invitations(agency_npn=agency_npn, npn=npn, now=now)
        brokers.answer_agency((row.id for row in earlier), kind="withdrawn", at=now)
        until = now + timedelta(days=parameters.number("invitation_days", day_of(now)))
        row = brokers.ask_to_join(agency_npn=agency_npn, npn=npn, now=now, expires_at=until)
        say.to_brokers("agency invitation", [npn], about=str(row.id), now=now, day=day_of(until))
    return _journal("agency.asked", npn, decision, by, now, agency=agency_npn)


@transaction.atomic
def answer_agency(*, invitation: int, npn: str, accepted: bool, by: Actor, now: datetime) -> Decision:
    """The broker asked joins the agency, or does not."""
    found = agencies.agency_invitation(invitation)
    row, state = found if found is not None and found[0].npn == npn else (None, "not found")
    decision = Decision.of(rules.agency_invitation_open(state, row.expires_at if row else now, now))
    if decision.granted and row is not None:
        brokers.answer_agency([row.id], kind="accepted" if accepted else "declined", at=now)
        if accepted:
            _move(npn, row.agency_npn, now)
    verb = "agency.joined" if accepted else "agency.declined"
    return _journal(verb, npn, decision, by, now, agency=row.agency_npn if row else "")


@transaction.atomic
def withdraw_asking(*, invitation: int, agency_npn: str, by: Actor, now: datetime) -> Decision:
    """The agency takes its invitation back."""
    found = agencies.agency_invitation(invitation)
    row, state = found if found is not None and found[0].agency_npn == agency_npn else (None, "not found")
    decision = Decision.of(rules.agency_invitation_open(state, row.expires_at if row else now, now))
    if decision.granted and row is not None:
        brokers.answer_agency([row.id], kind="withdrawn", at=now)
    return _journal("agency.asking withdrawn", row.npn if row else "", decision, by, now, agency=agency_npn)


@transaction.atomic
def remove_from_agency(*, agency_npn: str, npn: str, by: Actor, now: datetime) -> Decision:
    """A broker leaves an agency, by either's word; associations are the broker's and stay (readings, R1)."""
    decision = Decision.of(rules.of_agency(npn, _is_of(agency_npn, npn)))
    if decision.granted:
        _move(npn, "", now)
    return _journal("agency.left", npn, decision, by, now, agency=agency_npn)


def _is_of(agency_npn: str, npn: str) -> bool:
    one = broker_facts.roster([npn]).get(npn)
    return one is not None and one.agency_npn == agency_npn


def _move(npn: str, agency_npn: str, now: datetime) -> None:
    agency = agencies.agency(agency_npn) if agency_npn else None
    row = Broker.objects.known_at().select_for_update().get(npn=npn)
    brokers.supersede(row, now=now, agency_npn=agency_npn, agency_name=agency.name if agency else "")


@transaction.atomic
def sign_agreement(*, npn: str, plan_year: int, version: str, by: Actor, now: datetime) -> Decision:
    """The broker signs the plan year's agreement as it was shown; the words are kept by their hash."""
    text = agreements.current(plan_year)
    decision = Decision.of(
        rules.on_roster(npn, bool(broker_facts.roster([npn]))),
        rules.agreement_current(plan_year, version, text.version if text else ""),
    )
    if decision.granted and text is not None:
        brokers.sign(npn=npn, plan_year=plan_year, version=version, text_sha256=text.sha256, by=by.name, now=now)
    return _journal("agreement.signed", npn, decision, by, now, plan_year=plan_year, version=version)


@transaction.atomic
def lend_cover(*, npn: str, colleague_npn: str, start: date, until: date, by: Actor, now: datetime) -> Decision:
    """A broker on leave lends a colleague access for days, `until` not among them; credit stays (readings, R10)."""
    decision = access.cover(
        lent=Cover(npn, colleague_npn, start, until),
        colleague=broker_facts.standings([colleague_npn])[colleague_npn],
        today=day_of(now),
        parameters=calendar.parameters(),
    )
    if decision.granted:
        brokers.lend(npn=npn, colleague_npn=colleague_npn, start=start, until=until, now=now)
        about = f"{npn}:{start}"
        say.to_brokers("cover", [colleague_npn], about=about, now=now, start=start, last=until - ONE_DAY)
    return _journal("cover.lent", npn, decision, by, now, colleague=colleague_npn, start=str(start), until=str(until))


@transaction.atomic
def end_cover(*, npn: str, by: Actor, now: datetime) -> int:
    """A broker takes back every cover they lend, from today on; how many."""
    ended = brokers.end_cover(npn=npn, day=day_of(now), now=now)
    journal.write(verb="cover.ended", subject=("broker", npn), by=by, at=now, details={"covers": ended})
    return ended


def _journal(verb: str, npn: str, decision: Decision, by: Actor, now: datetime, **details: object) -> Decision:
    journal.write(
        verb=verb if decision.granted else f"{verb} refused",
        subject=("broker", npn),
        decision=decision,
        parameters_version=calendar.parameters().version,
        by=by,
        at=now,
        details=details,
    )
    return decision
