"""The columns of every kind of file (interfaces, import layouts), and what must hold within a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from aor.acts.loads import cells
from aor.acts.loads.cells import Parser
from aor.brokers.models import Agency, Appointment, Broker, Certification, License
from aor.brokers.registers import NEVER_IN_FORCE
from aor.calendar.models import OpenEnrollment
from aor.carriers.models import Carrier
from aor.consumers.models import Membership
from aor.engine.known import KnownFact
from aor.policy.association import Path as AssociationPath
from aor.record.models import Correction
from aor.terms.period import ONE_DAY, day_of
from aor.x12 import profiles

type Values = dict[str, Any]
type Trouble = tuple[str, str] | None  # the column, and why
type Span = tuple[tuple[Any, ...], date, date | None] | None  # what must not overlap itself, and its days

OPENING_BALANCE = "opening balance"
ACTIVE_LICENSE = frozenset({"active"})
CLOSED_LICENSE = frozenset(
    {"lapsed", "expired", "inactive", "surrendered", "revoked", "suspended", "cancelled", "canceled", "terminated"}
)
OPEN_APPOINTMENT = frozenset({"appointed", "active"})
CLOSED_APPOINTMENT = frozenset({"terminated", "inactive", "cancelled", "canceled", "expired"})
_REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Column:
    """`empty` stands for an empty cell, which without it is refused; an `optional` column may be missing."""

    name: str
    parse: Parser
    attribute: str = ""
    empty: Any = _REQUIRED
    optional: bool = False

    @property
    def required(self) -> bool:
        return self.empty is _REQUIRED

    @property
    def goes_to(self) -> str:
        return self.attribute or self.name


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of file. `key` names the attributes that tell rows apart; `model` the known fact that a row becomes.

    `check` finds what is wrong within a row; `complete` adds what no column says, by the instant of the import;
    `carry` takes over from the row known before; `span` gives days that may not overlap; of the columns in
    `either` at least one must be there.
    """

    kind: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    model: type[KnownFact] | None = None
    check: Callable[[Values], Trouble] = lambda values: None
    complete: Callable[[Values, datetime], None] = lambda values, now: None
    carry: Callable[[Mapping[str, Any], Values], None] = lambda before, values: None
    span: Callable[[Values], Span] = lambda values: None
    either: tuple[str, ...] = ()


def _text(name: str, limit: int, **more: Any) -> Column:
    return Column(name, cells.text(limit), **more)


def _maybe(name: str, limit: int, **more: Any) -> Column:
    return Column(name, cells.text(limit), empty="", **more)


NPN = Column("npn", cells.npn)
EMAIL = Column("email", cells.email, empty="")
PLACE = (_maybe("city", 100), _maybe("state", 20), _maybe("zip", 15))


def _profile(cell: str) -> str:
    name = cell.lower()
    _known_profile(name, settings.AOR_OVERLAY)
    return name


@lru_cache(maxsize=64)
def _known_profile(name: str, overlay: str) -> None:
    profiles.load(name, Path(overlay) / "profiles" if overlay else None)


def _status(*allowed: frozenset[str]) -> Parser:
    words = frozenset[str]().union(*allowed)

    def parse(cell: str) -> str:
        if cell.lower() not in words:
            raise ValueError(f"the status {cell[:40]!r} is none of {', '.join(sorted(words))}")
        return cell

    return parse


def _carrier(values: Values) -> Trouble:
    if not (values["x12_id"] or values["tax_id"]):
        return "x12_id", "it is empty, and so is tax_id: nothing could be addressed to the carrier"
    return None


def _certification(values: Values) -> Trouble:
    if values["revoked_on"] and values["revoked_on"] <= values["certified_on"]:
        return "revoked_on", f"revoked on {values['revoked_on']}, not after it began on {values['certified_on']}"
    return None


def _license(values: Values) -> Trouble:
    if values["expiration_date"] and values["expiration_date"] < values["effective_date"]:
        return "expiration_date", f"it expires before it takes effect on {values['effective_date']}"
    return None


def _license_closed(values: Values, now: datetime) -> None:
    """A licence that is no longer active and still has days to come ended, as far as we know, today."""
    last, today = values["expiration_date"], day_of(now)
    closed = values["status"].lower() in CLOSED_LICENSE and (last is None or last >= today)
    values["closed_on"] = today if closed else None


def _license_stays_closed(before: Mapping[str, Any], values: Values) -> None:
    if before["closed_on"] and values["status"].lower() in CLOSED_LICENSE:
        values["closed_on"] = before["closed_on"]


def _license_days(values: Values) -> Span:
    if values["status"].lower() in NEVER_IN_FORCE:
        return None
    last = values["expiration_date"]
    key = tuple(values[name] for name in ("npn", "state", "license_number", "line_of_authority"))
    return key, values["effective_date"], last and last + ONE_DAY


def _appointment(values: Values) -> Trouble:
    last = values["termination_date"]
    if last is None and values["status"].lower() in CLOSED_APPOINTMENT:
        return "termination_date", f"it is empty, but the status is {values['status']}"
    if last is not None and last < values["effective_date"]:
        return "termination_date", f"it was terminated before it took effect on {values['effective_date']}"
    return None


def _calendar(values: Values) -> Trouble:
    if values["last_day"] < values["start"]:
        return "open_enrollment_end", "open enrollment ends before it starts"
    if not 0 <= values["plan_year"] - values["start"].year <= 1:
        return "open_enrollment_start", f"{values['start']} does not open plan year {values['plan_year']}"
    return None


def _membership(values: Values) -> Trouble:
    if values["start"] and values["until"] and values["until"] <= values["start"]:
        return "until", f"until {values['until']} is not after the first day, {values['start']}"
    return None


def _association(values: Values) -> Trouble:
    if not (values["household_id"] or values["subscriber_id"]):
        return "exchange_subscriber_id", "it is empty, and there is no household_id"
    if values["household_id"]:
        values["subscriber_id"] = ""  # the household is what the subscriber was named for
    if values["ended_at"] and values["ended_at"] < values["confirmed_at"]:
        return "ended_at", "it ended before it was confirmed"
    return None


def _opening_balance(values: Values) -> Trouble:
    if values["effective_until"] and values["effective_until"] <= values["effective_from"]:
        return "effective_until", f"it is not after the first day, {values['effective_from']}"
    return None


def _of_opening_balance(values: Values, now: datetime) -> None:
    values |= {"kind": OPENING_BALANCE, "settles_until": _told_on(values)}


def _told_on(values: Values) -> date:
    """What happened to the association after the carrier was told, also before the first day, is news."""
    first: date = values["effective_from"]
    return min(first, values["sent_on"] or first)


def _scope(cell: str) -> int | None:
    return None if cell.lower() == "all" else cells.plan_year(cell)


LAYOUTS = {
    layout.kind: layout
    for layout in (
        Layout(
            "carriers",
            (
                Column("hios_issuer_id", cells.hios_issuer_id),
                _text("name", 200),
                Column("naic_company_code", cells.naic_company_code, empty=""),
                _maybe("holding_group", 200),
                Column("coverages", cells.coverages),
                Column("tax_id", cells.employer_number, empty=""),
                _maybe("x12_id", 15),
                Column("profile", _profile, empty="ffe"),
                Column("unknown_appointment", cells.choice("hold", "send"), empty=""),
                Column("acknowledgment_hours", cells.number(1, 8760), empty=48),
                Column("send_days", cells.run_days, empty="daily", optional=True),
                Column("cutoff", cells.clock, empty="", optional=True),
                Column("mailbox", cells.mailbox, empty="", optional=True),
                Column("wait_after_enrollment", cells.number(0, 8760), empty=0, optional=True),
            ),
            key=("hios_issuer_id",),
            model=Carrier,
            check=_carrier,
        ),
        Layout(
            "agencies",
            (
                NPN,
                _text("name", 200),
                Column("fein", cells.employer_number, empty=""),
                EMAIL,
                _maybe("administrator_name", 200),
                _maybe("phone", 40),
                *PLACE,
            ),
            key=("npn",),
            model=Agency,
        ),
        Layout(
            "brokers",
            (
                NPN,
                _maybe("first_name", 100),
                _text("last_name", 100),
                EMAIL,
                _maybe("phone", 40),
                _maybe("agency_name", 200),
                Column("agency_npn", cells.npn, empty=""),
                *PLACE,
                _maybe("languages", 200),
                Column("list_in_directory", cells.yes_no, empty=False),
                Column("kind", cells.choice("broker", "navigator"), empty="broker", optional=True),
            ),
            key=("npn",),
            model=Broker,
        ),
        Layout(
            "certifications",
            (
                NPN,
                Column("plan_year", cells.plan_year),
                Column("certified_on", cells.day),
                Column("revoked_on", cells.last_day, empty=None),
                _maybe("agreement_version", 40, optional=True),
            ),
            key=("npn", "plan_year", "certified_on"),
            model=Certification,
            check=_certification,
        ),
        Layout(
            "licenses",
            (
                NPN,
                Column("state", cells.state),
                _maybe("license_number", 40),
                _maybe("license_class", 100),
                _maybe("residency", 40),
                _text("line_of_authority", 100),
                Column("status", _status(ACTIVE_LICENSE, CLOSED_LICENSE, NEVER_IN_FORCE)),
                Column("effective_date", cells.day),
                Column("expiration_date", cells.last_day, empty=None),
            ),
            key=("npn", "state", "license_number", "line_of_authority", "effective_date"),
            model=License,
            check=_license,
            complete=_license_closed,
            carry=_license_stays_closed,
            span=_license_days,
        ),
        Layout(
            "appointments",
            (
                NPN,
                _maybe("company_name", 200),
                Column("naic_company_code", cells.naic_company_code),
                Column("state", cells.state),
                _maybe("line_of_authority", 100),
                Column("status", _status(OPEN_APPOINTMENT, CLOSED_APPOINTMENT, NEVER_IN_FORCE)),
                Column("effective_date", cells.day),
                Column("termination_date", cells.last_day, empty=None),
                _maybe("termination_reason", 200),
            ),
            key=("npn", "naic_company_code", "state", "line_of_authority", "effective_date"),
            model=Appointment,
            check=_appointment,
        ),
        Layout(
            "calendar",
            (
                Column("plan_year", cells.plan_year),
                Column("open_enrollment_start", cells.day, "start"),
                Column("open_enrollment_end", cells.day, "last_day"),
            ),
            key=("plan_year",),
            model=OpenEnrollment,
            check=_calendar,
        ),
        Layout(
            "households",
            (
                _text("household_id", 80),
                _text("exchange_subscriber_id", 80),
                Column("is_primary_contact", cells.yes_no, empty=False),
                Column("from", cells.day, "start", empty=None),
                Column("until", cells.last_day, empty=None),
            ),
            key=("household_id", "exchange_subscriber_id", "start"),
            model=Membership,
            check=_membership,
        ),
        Layout(
            "associations",
            (
                _maybe("exchange_subscriber_id", 80, attribute="subscriber_id", optional=True),
                _maybe("household_id", 80, optional=True),
                NPN,
                Column("path", cells.choice(*AssociationPath)),
                Column("confirmed_at", cells.confirmed),
                Column("ended_at", cells.ended, empty=None),
                _maybe("consent_reference", 100),
                Column("method", cells.choice("portal", "electronic", "paper"), empty="portal", optional=True),
                Column("scope", _scope, "plan_year", empty=None, optional=True),
            ),
            key=("household_id", "subscriber_id", "npn", "confirmed_at", "path", "ended_at"),
            check=_association,
            either=("exchange_subscriber_id", "household_id"),
        ),
        Layout(
            "agents-of-record",
            (
                _text("exchange_policy_id", 50, attribute="policy_id"),
                Column("hios_issuer_id", cells.hios_issuer_id),
                NPN,
                Column("effective_from", cells.day),
                Column("effective_until", cells.last_day, empty=None),
                Column("sent_on", cells.day, empty=None),
                _maybe("source", 200),
            ),
            key=("policy_id", "hios_issuer_id", "kind", "effective_from"),
            model=Correction,
            check=_opening_balance,
            complete=_of_opening_balance,
        ),
    )
}
