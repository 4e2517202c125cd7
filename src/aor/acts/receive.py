"""An 834 that the marketplace sent to a carrier is received: whole or not at all, once (readings, R4, R11)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from aor.acts import settle
from aor.audit import operations as journal
from aor.brokers.models import Agency
from aor.calendar import queries as calendar
from aor.engine import faults, locks, store
from aor.enrollments import lifecycle, operations, queries
from aor.enrollments.models import EnrollmentFile, Event
from aor.policy.decision import Finding
from aor.record import operations as record
from aor.terms.actor import Actor
from aor.terms.period import ONE_DAY
from aor.x12 import dates
from aor.x12.findings import EdiFinding
from aor.x12.guides.x220a1 import COVERAGES, EnrollmentSet, MemberEnrollment, read

CITES = "ASC X12N 005010X220A1"
EVENTS_AT_ONCE = 5_000
MOST_NOTES = 100


@dataclass
class Received:
    """What became of one file: `enrollments` counts subscribers' coverages taken."""

    name: str
    accepted: bool = False
    enrollments: int = 0
    findings: list[Finding] = field(default_factory=list)


def receive(path: Path, *, by: Actor, now: datetime) -> Received:
    """Takes one 834 file whole, or refuses it whole with findings by segment; the same file twice changes nothing."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    result = Received(path.name)
    # One file after the other: two at once could not see that they are the same, or use the same control numbers.
    with locks.exclusive("receive", by=by.name, at=now):
        before = queries.accepted_as(sha256)
        if before is not None:
            result.accepted = True
            result.findings.append(_finding("SAME_FILE", True, f"already received as {before.name}; nothing changed"))
        else:
            _take(path, sha256, result, by=by, now=now)
    settle.settle(now=now)
    if before is None and result.accepted:
        waiting = queries.waiting(Event.objects.filter(file__sha256=sha256))
        result.findings += [
            _finding("WAITS", None, f"policy {policy}: its {kind} is kept and waits for its addition (021)")
            for policy, kind, _ in waiting[:MOST_NOTES]
        ]
    return result


def _take(path: Path, sha256: str, result: Received, *, by: Actor, now: datetime) -> None:
    file = operations.begin_file(sha256=sha256, name=path.name, now=now)
    faults.reached("receive:begun")
    reading = _Reading(file)
    with path.open("rb") as stream, store.writing() as kept:
        for rows in reading.batches(stream, kept):
            result.enrollments += operations.stage(rows=rows)
            faults.reached("receive:staged")
    reading.used_before()
    if reading.findings:
        operations.sweep(sha256=sha256)
        result.enrollments, result.findings = 0, [_of_edi(finding) for finding in reading.findings]
        _journal(sha256, result, by=by, now=now)
        return
    result.accepted = True
    result.findings = [_finding("EDI_NOTE", None, note) for note in reading.notes[:MOST_NOTES]]
    with transaction.atomic(), locks.shared("writers"):
        record.refuse_backdated(queries.households_of_file(file), parameters=calendar.parameters(), now=now)
        operations.accept_file(
            file, numbers=reading.numbers, sets=reading.sets, stripped=kept.document.sha256, now=now
        )
        _journal(sha256, result, by=by, now=now)
    faults.reached("receive:accepted")


def _journal(sha256: str, result: Received, *, by: Actor, now: datetime) -> None:
    journal.write(
        verb="enrollments.received" if result.accepted else "enrollments.refused",
        subject=("enrollment file", sha256),
        by=by,
        at=now,
        details={
            "enrollments": result.enrollments,
            "findings": [finding.because for finding in result.findings[:20]],
        },
    )


class _Reading:
    """One file while being read: rows in batches, and what is wrong with it."""

    def __init__(self, file: EnrollmentFile) -> None:
        self.file = file
        self.findings: list[EdiFinding] = []
        self.notes: list[str] = []
        self.numbers: set[tuple[str, str, str]] = set()
        self.sets = 0

    def batches(self, stream: Any, kept: store.Writer) -> Iterator[list[tuple[Any, ...]]]:
        """Rows as `operations.stage` takes them; none any more once something was found wrong."""
        feins = {fein.replace("-", "") for fein in Agency.objects.known_at().values_list("fein", flat=True) if fein}
        rows: list[tuple[Any, ...]] = []
        for item in read(
            stream,
            keep_tax_id=lambda tax_id: tax_id.replace("-", "") in feins,
            stripped=lambda text: kept.write(text.encode()),
        ):
            if isinstance(item, EdiFinding):
                self.findings.append(item)
                rows.clear()
            else:
                self.sets += 1
                self.numbers.add((item.isa06.strip(), item.isa08.strip(), item.isa13))
                if not self.findings:
                    rows.extend(self._rows(item))
            if len(rows) >= EVENTS_AT_ONCE:
                yield rows
                rows = []
        if rows and not self.findings:
            yield rows

    def _rows(self, item: EnrollmentSet) -> Iterator[tuple[Any, ...]]:
        if item.broker_npn_finding:
            self.notes.append(f"set {item.st02} of {item.isa13}: {item.broker_npn_finding}")
        named: dict[str, str] = {}
        for member in item.members:
            if not member.is_subscriber:
                continue  # a dependant's coverage changes no agent of record (readings, R4)
            if member.coverage and member.coverage not in COVERAGES:
                self.notes.append(f"set {item.st02}: coverage {member.coverage} has no agent of record")
                continue
            before = named.setdefault(member.policy_id, member.coverage)
            if before != member.coverage:  # an enrollment is medical or dental (readings, Words)
                both = f"policy {member.policy_id} is named as {before} and as {member.coverage}"
                self.notes.append(f"set {item.st02}: {both}; the last of them holds")
            kind = _kind(member)
            if kind == lifecycle.END and _until(member) is None:
                because = "a termination says neither 357 nor 349, so its end is not known"
                self.findings.append(EdiFinding(item.first_segment, "DTP", None, "MISSING", because))
                continue
            yield _row(self.file.id, item, member, kind)

    def used_before(self) -> None:
        """Repeated control numbers: an interchange that another accepted file already brought."""
        for row in queries.already_used(self.numbers):
            because = (
                f"ISA13 {row.isa13} from {row.isa06} to {row.isa08} was already received "
                f"in another file, {row.file.name}"
            )
            self.findings.append(EdiFinding(1, "ISA", 13, "REPEATED", because))


def _kind(member: MemberEnrollment) -> str:
    if member.maintenance == "024" or member.coverage_maintenance == "024":
        cancels = any(reason.upper().startswith("CANCEL") for reason in member.additional_maintenance_reasons)
        return lifecycle.CANCEL if cancels else lifecycle.END
    return {"021": lifecycle.ADD, "025": lifecycle.REINSTATE}.get(member.maintenance, lifecycle.CHANGE)


def _until(member: MemberEnrollment) -> date | None:
    """The first day that no longer counts; the border's days are inclusive."""
    last = member.eligibility_end or member.benefit_end
    return None if last is None else last + ONE_DAY


def _row(file: int, item: EnrollmentSet, member: MemberEnrollment, kind: str) -> tuple[Any, ...]:
    """One event, in the order of `operations.EVENT_COLUMNS`; text no longer than its column."""
    plan = member.plan_id
    address = (member.line1, member.line2, member.city, member.state, member.zip)
    return (
        file,
        item.sent_at,
        item.sent_day,
        item.isa08.strip(),
        item.isa13,
        item.st02,
        item.issuer_id[:80] if item.issuer_qualifier == "FI" else "",
        kind,
        plan[:5] if len(plan) >= 5 and plan[:5].isdigit() else "",
        member.policy_id[:50],
        member.subscriber_id[:80],
        member.member_id[:80],
        plan[:50],
        member.coverage[:3],
        member.benefit_begin or member.eligibility_begin,
        _until(member),
        _requested_on(member.request_submit_timestamp),
        member.application_id[:50],
        member.last_name[:60],
        member.first_name[:35],
        member.middle_name[:25],
        member.birth_date,
        member.sex[:1],
        ", ".join(filter(None, address))[:300],
        member.phone[:40],
        member.email[:254],
        item.broker_npn[:80],
        item.broker_name[:60],
        "|".join(member.additional_maintenance_reasons)[:60],
    )


def _requested_on(timestamp: str) -> date | None:
    """The first eight digits of REQUEST SUBMIT TIMESTAMP as written (readings, R3)."""
    return dates.day(timestamp[:8])


def _finding(rule: str, met: bool | None, because: str) -> Finding:
    return Finding(rule, met, because, CITES)


def _of_edi(finding: EdiFinding) -> Finding:
    element = f"{finding.tag}{finding.element:02d}" if finding.element else finding.tag
    where = f"segment {finding.segment}, {element}" if element else f"segment {finding.segment}"
    return _finding(f"EDI_{finding.code}", False, f"{where}: {finding.because}")
