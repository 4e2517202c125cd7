"""Reports of the system before ours against our record: each difference with its reason, and no person named."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from aor.audit import operations as journal
from aor.carriers import queries as carriers
from aor.discrepancies import candidates
from aor.engine.among import among
from aor.enrollments.models import Enrollment
from aor.matching.score import Match, Outcome
from aor.terms.actor import Actor
from aor.terms.month import Month
from aor.terms.npn import Npn
from aor.terms.person import PersonClaim
from aor.transmissions import rows as record
from aor.transmissions.ledger import Scope
from aor.transmissions.rows import Row
from aor.workbooks import typed_dates
from aor.workbooks.carrier_names import CarrierNames
from aor.workbooks.tables import RefusedRow, TableRefused, read_table

COLUMNS = {  # the published ones, as the reader of tables names them; the broker's name is not needed
    "sent": "date_sent",
    "last": "enrollee_last_name",
    "first": "enrollee_first_name",
    "birth": "enrollee_dob",
    "carrier": "medical_carrier_name",
    "effective": "medical_ea_eff_date",
    "npn": "assister_id",
}
OLDEST = date(1900, 1, 1)
AHEAD = timedelta(days=731)  # how far ahead coverage may begin
REPORTED = ("ready", "sent", "accepted", "rejected")  # handed over, or with the next run


class Kind(StrEnum):
    """How a row of the old report and the record differ."""

    SAME = "same"
    ANOTHER_DAY = "another day sent"
    ANOTHER_START = "another effective date"
    ANOTHER_BROKER = "another broker here"
    HELD = "held here"
    ENDED = "ended here"
    NOBODY = "nobody here"
    NO_ENROLLMENT = "no enrollment here"
    NOT_FOUND = "consumer not found"
    NOT_THERE = "not on the old report"


@dataclass(frozen=True, slots=True)
class OldRow:
    """A row of an old report. `carrier` is the HIOS issuer id, "" where the name is nobody's."""

    file: str
    line: int
    sent: date
    person: PersonClaim
    carrier: str
    carrier_name: str
    effective: date
    npn: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One row compared: `theirs` and `ours` are days sent; `line` is 0 where the old report has no row."""

    kind: Kind
    file: str
    line: int
    npn: str
    policy_id: str
    theirs: date | None
    ours: str
    because: str


def read(path: Path, *, today: date) -> tuple[list[OldRow], list[RefusedRow]]:
    """The rows of an old report, and those that cannot be read. Raises TableRefused."""
    table = read_table(path)
    if missing := [column for column in COLUMNS.values() if column not in table.columns]:
        words = ", ".join(one.replace("_", " ") for one in missing)
        table.rows.close()
        raise TableRefused(f"it has no column {words}: the first row names the report's eight columns")
    partners = carriers.trading_partners()
    ours = {partner.name: hios for hios, partner in partners.items()}
    names = CarrierNames(dict.fromkeys(ours, ()))
    found, refused = [], []
    for line, cells in table.rows:
        try:
            one = _row(path.name, line, {name: cells[column] for name, column in COLUMNS.items()}, today)
        except ValueError as wrong:
            refused.append(RefusedRow(line, str(wrong)))
            continue
        carrier = ours.get(names.read(one.carrier_name)[0], "")
        found.append(replace(one, carrier=carrier, person=replace(one.person, hios_issuer_id=carrier)))
    return found, [*table.refused, *refused]


def _row(file: str, line: int, cells: dict[str, str], today: date) -> OldRow:
    """Raises ValueError with a sentence."""
    person = PersonClaim(cells["first"], cells["last"], _day("Enrollee DOB", cells["birth"], today))
    return OldRow(
        file,
        line,
        _day("Date Sent", cells["sent"], today),
        person,
        "",
        cells["carrier"],
        _day("Medical EA Eff Date", cells["effective"], today + AHEAD),
        Npn.parse(cells["npn"]),
    )


def _day(column: str, text: str, latest: date) -> date:
    typed = typed_dates.read(text, earliest=OLDEST, latest=latest)
    if typed.day is None:
        raise ValueError(f"{column} {typed.because or 'is missing'}")
    return typed.day


def compare(old: Sequence[OldRow], *, by: Actor, now: datetime) -> Iterator[Difference]:
    """Each old row with what the record says of it; then what the record says and no old row does."""
    candidates.refresh(now=now)
    matches = candidates.choose_many({number: row.person for number, row in enumerate(old)})
    best = {number: int(match.best.key) for number, match in matches.items() if match.best is not None}
    enrollments = _enrollments(best.values())
    chosen = {}
    for number, subscriber in best.items():
        one = _meant(old[number], enrollments, subscriber)
        if one is not None and (matches[number].outcome is Outcome.DECIDED or _same_person(old[number].person, one)):
            chosen[number] = one
    entries = _entries(chosen.values(), by=by, now=now)
    seen: set[tuple[str, str, str]] = set()
    for number, row in enumerate(old):
        if number not in chosen:
            yield _unknown(row, matches.get(number))
            continue
        one = chosen[number]
        key = one.hios_issuer_id, one.policy_id
        told = _compared(row, one, entries.get(key, ()))
        brokers = {entry.npn for entry in entries[key]} if told.kind is Kind.ANOTHER_BROKER else set()
        seen |= {(*key, npn) for npn in (row.npn, *brokers)}
        yield told
    yield from _not_there(old, seen, now=now)


def _entries(enrollments: Iterable[Enrollment], *, by: Actor, now: datetime) -> dict[tuple[str, str], list[Row]]:
    """The record's rows by carrier and policy; that they were read is recorded."""
    found: dict[tuple[str, str], list[Row]] = {}
    ids = sorted({one.pk for one in enrollments})
    for row in record.rows(Scope(enrollments=tuple(ids)), now=now):
        found.setdefault((row.hios_issuer_id, row.exchange_policy_id), []).append(row)
    subjects = [("enrollment", str(id)) for id in ids]
    journal.record_reads(subjects=subjects, what="compared with an old report", purpose="aor compare", by=by, at=now)
    return found


def _enrollments(subscribers: Iterable[int]) -> dict[int, list[Enrollment]]:
    found: dict[int, list[Enrollment]] = {}
    for one in Enrollment.objects.filter(among("subscriber_id", sorted(set(subscribers)))).order_by("id"):
        found.setdefault(one.subscriber_id, []).append(one)
    return found


def _meant(row: OldRow, enrollments: dict[int, list[Enrollment]], subscriber: int) -> Enrollment | None:
    """The consumer's enrollment with that carrier whose coverage begins nearest; medical before dental."""
    own = [one for one in enrollments.get(subscriber, ()) if one.hios_issuer_id == row.carrier]
    return min(
        own, key=lambda one: (abs(one.start - row.effective), one.coverage_kind != "HLT", one.pk), default=None
    )


def _same_person(said: PersonClaim, one: Enrollment) -> bool:
    """To the letter and the day: surer than any likeness, which among few persons is never sure."""
    names = (said.last_name.casefold(), said.first_name.casefold(), said.birth_date)
    return names == (one.last_name.casefold(), one.first_name.casefold(), one.birth_date)


def _unknown(row: OldRow, match: Match | None) -> Difference:
    if match is None or match.outcome is Outcome.NONE:
        return _difference(Kind.NOT_FOUND, row, because="nobody on file is like this row; perhaps no 834 came")
    if not row.carrier:
        return _difference(
            Kind.NO_ENROLLMENT, row, because=f"no carrier on the roster is called {row.carrier_name!r}"
        )
    if match.outcome is Outcome.REVIEW:
        return _difference(Kind.NOT_FOUND, row, because="somebody on file is like this row, and not surely the same")
    return _difference(Kind.NO_ENROLLMENT, row, because=f"the consumer has no enrollment with carrier {row.carrier}")


def _compared(row: OldRow, one: Enrollment, entries: Sequence[Row]) -> Difference:
    own = [entry for entry in entries if entry.npn == row.npn]
    if not own:
        return _without_own(row, one, entries)
    entry = max(own, key=lambda one: (one.state in REPORTED, bool(one.sent_on), one.effective_from))
    if entry.state == "held":
        return _difference(Kind.HELD, row, one.policy_id, because=_unmet(entry))
    if entry.state not in REPORTED and not entry.sent_on:
        return _difference(Kind.ENDED, row, one.policy_id, because=f"it ended before {entry.effective_until}, unsent")
    if one.start != row.effective:
        because = f"coverage begins {one.start} here, {row.effective} there"
        return _difference(Kind.ANOTHER_START, row, one.policy_id, entry.sent_on, because)
    if entry.sent_on and entry.sent_on != row.sent.isoformat():
        because = f"first handed over on {entry.sent_on} here, on {row.sent} there"
        return _difference(Kind.ANOTHER_DAY, row, one.policy_id, entry.sent_on, because)
    because = f"sent on {entry.sent_on}" if entry.sent_on else "ready here: nothing was sent yet"
    return _difference(Kind.SAME, row, one.policy_id, entry.sent_on, because)


def _without_own(row: OldRow, one: Enrollment, entries: Sequence[Row]) -> Difference:
    if others := sorted({entry.npn for entry in entries if entry.state != "ended"}):
        because = f"NPN {', '.join(others)} is agent of record here; aor why {one.policy_id}"
        return _difference(Kind.ANOTHER_BROKER, row, one.policy_id, because=because)
    because = f"no association of NPN {row.npn} counts for this enrollment; aor why {one.policy_id}"
    return _difference(Kind.NOBODY, row, one.policy_id, because=because)


def _unmet(entry: Row) -> str:
    unmet = [finding["because"] for finding in json.loads(entry.findings) if finding["met"] is not True]
    return "; ".join(unmet) or "held"


def _not_there(old: Sequence[OldRow], seen: set[tuple[str, str, str]], *, now: datetime) -> Iterator[Difference]:
    """Agents of record of the reports' brokers that went in the reports' months, or would go, and have no old row."""
    if not old:
        return
    first, last = Month.of(min(row.sent for row in old)), Month.of(max(row.sent for row in old))
    brokers = {row.npn for row in old}
    for row in record.rows(Scope(), now=now):
        if row.npn not in brokers or (row.hios_issuer_id, row.exchange_policy_id, row.npn) in seen:
            continue
        if row.sent_on and not first <= Month.of(date.fromisoformat(row.sent_on)) <= last:
            continue
        if row.sent_on or row.state in REPORTED:
            because = f"sent on {row.sent_on} here" if row.sent_on else "ready here: goes with the next run"
            policy = row.exchange_policy_id
            yield Difference(Kind.NOT_THERE, "", 0, row.npn, policy, None, row.sent_on, because)


def _difference(kind: Kind, row: OldRow, policy: str = "", ours: str = "", because: str = "") -> Difference:
    return Difference(kind, row.file, row.line, row.npn, policy, row.sent, ours, because)
