"""An agency's people: brokers are asked to join, added to the roster where they are on none, or many from a file.

Nobody becomes a member by another's word: a broker on the roster, old or new, answers for themselves (readings, R1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from aor.accounts import invitations
from aor.accounts import queries as accounts
from aor.accounts.models import RoleName
from aor.acts import roster
from aor.brokers import queries as broker_facts
from aor.policy.decision import Decision
from aor.terms.actor import Actor
from aor.terms.npn import Npn

COLUMNS = ("npn", "first_name", "last_name", "email")
MEMBER, ASKED, NEW = "member", "asked", "new"


@dataclass(frozen=True, slots=True)
class Row:
    """A broker of a roster file; `becomes`: MEMBER already, ASKED to join, or NEW on the roster and asked."""

    npn: str
    first_name: str
    last_name: str
    email: str
    becomes: str


@transaction.atomic
def ask_broker(*, agency_npn: str, npn: str, by: Actor, now: datetime) -> Decision:
    """Asks a broker to join; one without an account gets a code for it at the registered address."""
    decision = roster.ask_to_join(agency_npn=agency_npn, npn=npn, by=by, now=now)
    if decision.granted and npn not in accounts.of_brokers([npn]):
        one = broker_facts.roster([npn])[npn]
        if one.email:
            invitations.invite(one.email, name=one.name, role=RoleName.BROKER, subject=npn, by=by, now=now)
    return decision


@transaction.atomic
def add_broker(
    *, agency_npn: str, npn: str, first_name: str, last_name: str, email: str, by: Actor, now: datetime
) -> str:
    """Asks a broker to join, after putting who is on no roster on it; returns why not, "" when asked.

    The data of a broker who is on the roster already stay as they are.
    """
    if npn not in broker_facts.roster([npn]):
        fields = {"npn": npn, "first_name": first_name, "last_name": last_name, "email": email}
        done = roster.register_broker(fields, by=by, now=now)
        if done.refused:
            return done.refused[0].because
    decision = ask_broker(agency_npn=agency_npn, npn=npn, by=by, now=now)
    return "" if decision.granted else decision.unmet[0].because


def understood(
    agency_npn: str, rows: Iterable[tuple[int, Mapping[str, str]]]
) -> tuple[list[Row], list[tuple[int, str]]]:
    """What a roster file would do, before the click: rows that are understood, and lines that are not, with why."""
    read: dict[str, dict[str, str]] = {}
    refused: list[tuple[int, str]] = []
    for line, cells in rows:
        row = {name: cells[name].strip() for name in COLUMNS}
        try:
            row["npn"] = Npn.parse(row["npn"])
        except ValueError as because:
            refused.append((line, str(because)))
            continue
        if row["npn"] in read:
            refused.append((line, f"NPN {row['npn']} is in the file twice"))
        else:
            read[row["npn"]] = {**row, "line": str(line)}
    known = broker_facts.roster(read)
    found = []
    for npn, row in read.items():
        one = known.get(npn)
        if one is not None:
            becomes = MEMBER if one.agency_npn == agency_npn else ASKED
            found.append(Row(npn, one.first_name, one.last_name, "", becomes))
        elif lacking := [name for name in COLUMNS[1:] if not row[name]]:
            refused.append((int(row["line"]), f"{npn} is on no roster, and {lacking[0]} is empty"))
        elif "@" not in row["email"]:
            refused.append((int(row["line"]), "the e-mail address is not one"))
        else:
            found.append(Row(npn, row["first_name"], row["last_name"], row["email"], NEW))
    return found, sorted(refused)


@transaction.atomic
def take(agency_npn: str, rows: Sequence[Row], *, by: Actor, now: datetime) -> list[tuple[str, str]]:
    """Asks everyone of a roster file who is no member; returns NPN and reason of those who could not be asked."""
    trouble = []
    for row in rows:
        if row.becomes == MEMBER:
            continue
        person = {"first_name": row.first_name, "last_name": row.last_name, "email": row.email}
        if because := add_broker(agency_npn=agency_npn, npn=row.npn, **person, by=by, now=now):
            trouble.append((row.npn, because))
    return trouble
