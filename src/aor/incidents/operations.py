"""A consumer who should not be on the list (readings, R9): its own door, which asks for no personal data again.

    opened = incidents.report_rows(lines, npn=npn, by=broker, now=now)        # a page: rows of the broker's reports
    opened = incidents.report_returned(returned, npn=npn, batch=7, by=..., now=now)   # rows marked "not my client"
    incidents.privacy_officer_told(number, by=officer, now=now); incidents.begin(number, ...)
    incidents.attest(number, by=broker, now=now)                              # every copy is deleted
    incidents.assess(number, wrong=True, breach=False, words="...", by=officer, now=now)
    incidents.reissue(number, by=officer, now=now); incidents.close(number, version=1, by=officer, now=now)

Opening withdraws every report that carried a row, at once. What is done about it are steps, each with who and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import batched

from django.db import transaction

from aor.acts import annul
from aor.audit import operations as journal
from aor.calendar import queries as calendar
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.cases.operations import OFFICIALS, Refused
from aor.engine import bulk, faults
from aor.incidents import queries, say
from aor.incidents.models import Affected, Incident, Row, Step
from aor.incidents.queries import (
    ASSESSED,
    ATTESTED,
    BEGUN,
    CONSUMER_TOLD,
    CORRECTED,
    NOT_FOUND,
    PRIVACY_OFFICER,
    RECORD_CORRECTED,
    TO_ANNUL,
    WITHDRAWN,
    File,
)
from aor.policy import incident as rules
from aor.policy.decision import Decision
from aor.reports import operations as reports
from aor.reports.models import Line, Report
from aor.reports.queries import latest_issues, removed_for
from aor.terms.actor import Actor, Role
from aor.terms.period import day_of
from aor.workbooks.returned import Returned

KIND = "incident"
ASSESSMENT = "assessment"  # the clock
AT_ONCE = 500  # associations annulled in one transaction: SQLite has one writer, and none may write over a second
_STEP = ("incident_id", "kind", "about", "at", "by_role", "by_name", "words")
_HOURS = {
    WITHDRAWN: "incident_acknowledged_hours",
    PRIVACY_OFFICER: "incident_privacy_officer_hours",
    ASSESSMENT: "incident_assessment_hours",
}


def report_rows(lines: Iterable[int], *, npn: str, by: Actor, now: datetime) -> tuple[Decision, str]:
    """The broker says that rows of their own reports are not theirs: the decision, and the number ("" where none)."""
    wanted = list(dict.fromkeys(lines))
    found = list(Line.objects.filter(pk__in=wanted, report__npn=npn).order_by("pk"))
    decision = Decision.of(rules.incident_row(bool(wanted) and len(found) == len(wanted)))
    if not decision.granted:
        _journal("incident.refused", ("broker", npn), decision, by=by, now=now)
        return decision, ""
    number = _open([(line, "", 0) for line in found], npn=npn, decision=decision, by=by, now=now)
    return decision, number


@transaction.atomic
def report_returned(returned: Returned, *, npn: str, batch: int, by: Actor, now: datetime) -> list[str]:
    """The rows of a returned file that are marked "not my client"; the incident's number, again for the same file.

    A row of which we cannot tell which it is is kept for an officer to place; none is lost.
    """
    if before := queries.of_batch(batch):
        return before
    rows = returned.incidents
    if not rows:
        return []
    lines = queries.lines_of(npn, rows, returned.report_number)
    told = [(line, row.sheet, row.line) for line, row in zip(lines, rows, strict=True)]
    decision = Decision.of(rules.incident_row(True))
    return [_open(told, npn=npn, decision=decision, batch=batch, by=by, now=now)]


@transaction.atomic
def _open(
    rows: Sequence[tuple[Line | None, str, int]],
    *,
    npn: str,
    decision: Decision,
    by: Actor,
    now: datetime,
    batch: int | None = None,
) -> str:
    actor = Actor(by.role, by.name, npn)
    opened = cases.open_one(kind=KIND, subject=("broker", npn), clocks=_clocks(now), by=actor, now=now)
    incident = Incident.objects.create(case_id=opened.id, npn=npn, at=now, batch=batch)
    placed = set[int]()
    told = []
    for place, (line, sheet, number) in enumerate(rows, 1):
        if line is not None and line.pk in placed:
            continue  # one entry stands on two sheets
        placed.update([] if line is None else [line.pk])
        told.append(Row(incident=incident, place=place, line=line, sheet=sheet[:255], number=number))
    Row.objects.bulk_create(told)
    _journal("incident.opened", ("case", opened.number), decision, by=by, now=now, rows=len(rows), npn=npn)
    say.brokers_told(say.RECEIVED, [npn], number=opened.number, about=opened.number, now=now)
    _withdraw(incident, opened.number, by=by, now=now)
    if say.privacy_officer(opened.number, now=now):
        _step(incident, PRIVACY_OFFICER, by=by, now=now)
        cases.meet(opened.number, name=PRIVACY_OFFICER, now=now)
    return opened.number


def _clocks(now: datetime) -> dict[str, Allowance]:
    parameters, today = calendar.parameters(), day_of(now)
    hours = {clock: Allowance(parameters.number(name, today), Unit.HOURS) for clock, name in _HOURS.items()}
    days = parameters.number("incident_report_business_days", today)
    return {**hours, CORRECTED: Allowance(days, Unit.BUSINESS_DAYS)}


def _withdraw(incident: Incident, number: str, *, by: Actor, now: datetime) -> None:
    """Nobody fetches a report any more that carried a row; whoever has it is asked to delete it."""
    issues = queries.carrying(incident)
    known = set(incident.affected.values_list("report_id", flat=True))
    Affected.objects.bulk_create([Affected(incident=incident, report=one) for one in issues if one.pk not in known])
    gone = reports.withdraw(issues, because=number, now=now)
    for one in gone:
        details = {"because": number}
        journal.write(verb="report.withdrawn", subject=("report", one.number), by=by, at=now, details=details)
        say.brokers_told(say.DELETE, [one.npn], number=number, about=one.number, now=now)
    if not queries.unplaced(incident):
        _step(incident, WITHDRAWN, by=by, now=now)
        cases.meet(number, name=WITHDRAWN, now=now)


@transaction.atomic
def place(number: str, *, row: int, line: int, by: Actor, now: datetime) -> None:
    """An officer says which line of a report a row is; what carried it is withdrawn. Raises Refused."""
    incident = _officers(number, by)
    found = Line.objects.filter(pk=line, report__npn=incident.npn).first()
    if row not in queries.unplaced(incident) or found is None:
        raise Refused(f"{number} has no such row to be placed")
    Row.objects.create(incident=incident, place=row, line=found)
    _withdraw(incident, number, by=by, now=now)
    _journal("incident.row placed", ("case", number), None, by=by, now=now, line=line)


@transaction.atomic
def not_found(number: str, *, row: int, words: str, by: Actor, now: datetime) -> None:
    """An officer says that a row is on no report of the broker: nothing is withdrawn for it. Raises Refused."""
    incident = _officers(number, by)
    if row not in queries.unplaced(incident) or not words.strip():
        raise Refused(f"{number} has no such row to be placed, or nothing says why it cannot be")
    _step(incident, NOT_FOUND, about=str(row), words=words, by=by, now=now)
    _withdraw(incident, number, by=by, now=now)
    _journal("incident.row not found", ("case", number), None, by=by, now=now, row=row)


@transaction.atomic
def privacy_officer_told(number: str, *, words: str = "", by: Actor, now: datetime) -> None:
    """The privacy officer was told. Raises Refused."""
    _do(number, PRIVACY_OFFICER, words=words, by=by, now=now)
    cases.meet(number, name=PRIVACY_OFFICER, now=now)


@transaction.atomic
def begin(number: str, *, words: str = "", by: Actor, now: datetime) -> None:
    """The breach assessment has begun. Raises Refused."""
    _do(number, BEGUN, words=words, by=by, now=now)
    cases.meet(number, name=ASSESSMENT, now=now)


@transaction.atomic
def attest(number: str, *, by: Actor, now: datetime) -> None:
    """A broker who was given a report with the row attests that every copy is deleted. Raises Refused."""
    incident = Incident.objects.select_related("case").filter(case__number=number).first()
    if incident is None or by.npn not in queries.holders(incident):
        raise Refused(f"there is no case {number}")
    if _step(incident, ATTESTED, about=by.npn, by=by, now=now):
        _journal("incident.deletion attested", ("case", number), None, by=by, now=now, npn=by.npn)


@transaction.atomic
def attested_in_writing(number: str, *, npn: str, words: str, by: Actor, now: datetime) -> None:
    """An officer records how a broker who cannot sign in attested, or why nobody can any more. Raises Refused."""
    incident = _officers(number, by)
    if npn not in queries.holders(incident) or not words.strip():
        raise Refused(f"{number} asks no attestation of {npn}, or nothing says how it came")
    if not _step(incident, ATTESTED, about=npn, words=words, by=by, now=now):
        raise Refused(f"{number}: the deletion by {npn} was attested before")
    _journal("incident.deletion attested", ("case", number), None, by=by, now=now, npn=npn)


def assess(number: str, *, wrong: bool, breach: bool, words: str, by: Actor, now: datetime) -> int:
    """What was found: whether the agent of record itself was `wrong`, whether it is a `breach`. Raises Refused.

    A wrong one is taken out of the record, and the carrier corrected with the next run; how many associations were.
    Of a breach the consumers are told.
    """
    if not words.strip():
        raise Refused("the assessment says what was found")
    with transaction.atomic():
        incident = _officers(number, by)
        found = f"{'wrong' if wrong else 'right'}{', a breach' if breach else ''}: {words}"
        _do(number, ASSESSED, words=found, by=by, now=now)
        _step(incident, BEGUN, by=by, now=now)
        cases.meet(number, name=ASSESSMENT, now=now)
        if wrong:
            steps = ((incident.pk, TO_ANNUL, str(id), now, by.role, by.name, "") for id in queries.behind(incident))
            bulk.load(Step, _STEP, steps)
            reports.remove(sorted(queries.identities(incident)), because=number, now=now)
        if breach:
            say.each_consumer_told("privacy incident", queries.people(incident), about=number, now=now)
            _step(incident, CONSUMER_TOLD, by=by, now=now)
    return _correct(incident, now=now)


def correct(*, now: datetime) -> int:
    """Goes on where an assessment was killed while it took associations out of history; how many it took."""
    return sum(_correct(queries.incident(number), now=now) for number in queries.half_corrected())


def _correct(incident: Incident, *, now: datetime) -> int:
    """The associations that made the wrong ones agent of record are annulled, some at a time. Idempotent."""
    behind, done = queries.to_annul(incident), 0
    if not behind:
        return 0
    found = incident.steps.get(kind=ASSESSED)
    by, decision = Actor(Role(found.by_role), found.by_name), Decision.of(rules.incident_row(True))
    for some in batched(behind, AT_ONCE):
        done += annul.annul_many(some, source=f"incident {incident.case.number}", decision=decision, by=by, now=now)
        faults.reached("incident:annulled")
    with transaction.atomic():
        _step(incident, RECORD_CORRECTED, by=by, now=now)
    return done


def reissue(number: str, *, by: Actor, now: datetime) -> list[str]:
    """Corrected issues with new numbers of every latest report withdrawn for it; the numbers. Raises Refused.

    Without the rows where the agent of record was wrong; else with them, as it was right. Each report is a
    transaction of its own; killed on the way, it is done again and goes on.
    """
    incident = _officers(number, by)
    if not incident.steps.filter(kind=ASSESSED).exists():
        raise Refused(f"{number} was not assessed yet")
    _correct(incident, now=now)
    affected, gone = incident.affected.values("report"), removed_for(number)
    for report in latest_issues().filter(pk__in=affected).order_by("month", "npn"):
        with transaction.atomic():
            Incident.objects.select_for_update().get(pk=incident.pk)  # of two officers the second waits
            if latest_issues().filter(pk=report.pk).exists():
                reports.reissue([report], gone, note=_note(number, bool(gone)), now=now)
        faults.reached("incident:reissued")
    reports.render_missing(lambda _: None)
    withdrawn = set(Report.objects.filter(pk__in=affected).values_list("month", "npn"))
    issues = latest_issues().filter(npn__in={npn for _, npn in withdrawn}).order_by("month", "npn")
    numbers = [one.number for one in issues if (one.month, one.npn) in withdrawn]
    with transaction.atomic():
        for one in numbers or [""]:
            _step(incident, CORRECTED, about=one, by=by, now=now)
        cases.meet(number, name=CORRECTED, now=now)
        _journal("incident.reports corrected", ("case", number), None, by=by, now=now, reports=numbers)
    return numbers


def _note(number: str, without: bool) -> str:
    what = "It leaves out what was not yours" if without else "Its rows are as they were: they are yours"
    return f"Replaces a report that was withdrawn for incident {number}. {what}. Delete the earlier one."


@transaction.atomic
def close(number: str, *, version: int, by: Actor, now: datetime) -> Decision:
    """The incident ends when every step is done. Raises Refused for another version."""
    incident = _officers(number, by)
    decision = rules.close(queries.steps_done(incident))
    if decision.granted:
        cases.close(number, version=version, by=by, now=now, note="every step is done")
        say.brokers_told(say.CLOSED, [incident.npn], number=number, about="", now=now)
    verb = "incident.closed" if decision.granted else "incident.closed refused"
    _journal(verb, ("case", number), decision, by=by, now=now)
    return decision


def read_file(number: str, *, purpose: str, by: Actor, now: datetime) -> File:
    """The incident file, for the marketplace; the read is recorded. Raises Refused."""
    incident = _officers(number, by, reading=True)
    journal.record_read(subject=("case", number), what="incident file", purpose=purpose, by=by, at=now)
    return queries.file_of(incident)


def _officers(number: str, by: Actor, *, reading: bool = False) -> Incident:
    allowed = by.role in OFFICIALS or (reading and by.role is Role.AUDITOR)
    incident = Incident.objects.select_related("case").filter(case__number=number).first() if allowed else None
    if incident is None:
        raise Refused(f"there is no case {number}")
    return incident


def _do(number: str, kind: str, *, words: str, by: Actor, now: datetime) -> None:
    incident = _officers(number, by)
    if not _step(incident, kind, words=words, by=by, now=now):
        raise Refused(f"{number}: {kind} was done before")
    _journal(f"incident.{kind}", ("case", number), None, by=by, now=now)


def _step(incident: Incident, kind: str, *, about: str = "", words: str = "", by: Actor, now: datetime) -> bool:
    _, new = Step.objects.get_or_create(
        incident=incident,
        kind=kind,
        about=about,
        defaults={"at": now, "by_role": by.role, "by_name": by.name, "words": words[:500]},
    )
    return new


def _journal(
    verb: str, subject: tuple[str, str], decision: Decision | None, *, by: Actor, now: datetime, **details: object
) -> None:
    version = "" if decision is None else calendar.parameters().version
    journal.write(
        verb=verb, subject=subject, decision=decision, parameters_version=version, by=by, at=now, details=details
    )
