"""Incidents and disputes read: which rows, which reports carried them, who was given what, what is still to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, QuerySet

from aor.audit import models as journal_rows
from aor.cases import queries as cases
from aor.cases.models import Case, State
from aor.cases.queries import ClockFacts
from aor.incidents.models import Dispute, Incident, NpnCorrection, Row, Signal, Step
from aor.record import queries as record_facts
from aor.reports import queries as reports
from aor.reports.accounting import Identity
from aor.reports.models import Line, Report
from aor.workbooks.returned import ReturnedRow

WITHDRAWN, PRIVACY_OFFICER, BEGUN, ASSESSED, ATTESTED, CORRECTED, CONSUMER_TOLD = (
    "report withdrawn", "privacy officer told", "assessment begun", "assessed", "deletion attested",
    "corrected report", "consumer told",
)  # fmt: skip
NOT_FOUND = "row not found"
TO_ANNUL, RECORD_CORRECTED = "association to annul", "record corrected"  # `about` is the association


@dataclass(frozen=True, slots=True)
class Given:
    """A report was given to somebody: by the journal, who took it, when and what for."""

    report: str
    at: datetime
    role: str
    name: str
    npn: str
    purpose: str


@dataclass(frozen=True, slots=True)
class File:
    """The incident file: everything that was found and done, by keys and numbers, without a name of a consumer."""

    number: str
    npn: str
    opened_at: datetime
    state: str
    rows: tuple[Identity, ...]
    unplaced: int
    reports: tuple[str, ...]
    given: tuple[Given, ...]
    steps: tuple[Step, ...]
    clocks: tuple[ClockFacts, ...]


def incident(number: str) -> Incident:
    """The incident of a case number. Raises Incident.DoesNotExist."""
    return Incident.objects.select_related("case").get(case__number=number)


def incidents(*, opened: bool = True) -> QuerySet[Incident]:
    """Incidents that are not closed, or all; the oldest first."""
    rows = Incident.objects.select_related("case").order_by("pk")
    return rows.exclude(case__state=State.CLOSED) if opened else rows


def identities(row: Incident) -> frozenset[Identity]:
    """The entries whose rows are said not to be theirs."""
    lines = row.rows.exclude(line=None)
    return frozenset(lines.values_list("line__enrollment_id", "line__npn", "line__effective_from"))


def unplaced(row: Incident) -> list[int]:
    """The places of rows of which it is not known which they are, and of which no officer said that none is."""
    placed = set(row.rows.exclude(line=None).values_list("place", flat=True))
    none = {int(about) for about in row.steps.filter(kind=NOT_FOUND).values_list("about", flat=True)}
    return sorted(set(row.rows.values_list("place", flat=True)) - placed - none)


def carrying(row: Incident) -> list[Report]:
    """Every issue of a report that showed one of the rows."""
    return [one for one in reports.carrying(sorted(identities(row))) if row.case.number not in one.note]


def behind(row: Incident) -> list[int]:
    """The associations that made the rows' brokers agents of record, as far as they are."""
    said = identities(row)
    known = record_facts.entries({one[0] for one in said})
    return sorted(
        {
            entry.association
            for enrollment, npn, day in said
            for entry in known.get(enrollment, ())
            if (entry.npn, entry.period.start) == (npn, day) and entry.association is not None
        }
    )


def to_annul(row: Incident) -> list[int]:
    """The associations that an assessment found wrong, while not all of them are annulled."""
    kinds = row.steps.filter(kind__in=(TO_ANNUL, RECORD_CORRECTED)).order_by("pk").values_list("kind", "about")
    found = list(kinds)
    return [] if (RECORD_CORRECTED, "") in found else [int(about) for _, about in found]


def half_corrected() -> list[str]:
    """The numbers of incidents whose wrong associations are not all annulled yet: somebody was killed over it."""
    done = Step.objects.filter(kind=RECORD_CORRECTED).values("incident")
    begun = Step.objects.filter(kind=TO_ANNUL).exclude(incident__in=done)
    return sorted(set(begun.values_list("incident__case__number", flat=True)))


def people(row: Incident) -> list[str]:
    """The subscribers whose rows they are."""
    lines = row.rows.exclude(line=None)
    return sorted(set(lines.values_list("line__enrollment__subscriber__exchange_subscriber_id", flat=True)))


def given(issues: Iterable[Report]) -> list[Given]:
    """Who was given which of some reports, and when, as the journal has it."""
    numbers = [one.number for one in issues]
    reads = journal_rows.Read.objects.filter(subject_kind="report", subject_id__in=numbers).order_by("at", "id")
    columns = ("subject_id", "at", "actor_role", "actor_name", "actor_npn", "purpose")
    return [Given(*one) for one in reads.values_list(*columns)]


def lines_of(npn: str, rows: Iterable[ReturnedRow], report_number: str = "") -> list[Line | None]:
    """Which line of a broker's own reports each returned row is: by its signed id, else by what it says."""
    return [_by_id(npn, one) or _by_words(npn, one, report_number) for one in rows]


def _by_id(npn: str, row: ReturnedRow) -> Line | None:
    """A signed id names an entry: `ENROLLMENT-DAY`."""
    if row.row_id is None:
        return None
    enrollment, _, day = row.row_id[1].partition("-")
    if not (enrollment.isdigit() and len(day) == len("20260101") and day.isdigit()):
        return None
    return line_of((int(enrollment), npn, date.fromisoformat(day)))


def _by_words(npn: str, row: ReturnedRow, report_number: str) -> Line | None:
    """The one line of the report named, or of all the broker's, that has these names and this birth date."""
    said = row.fields
    if not all(said.get(name) for name in ("last_name", "first_name", "birth_date")):
        return None
    lines = Line.objects.filter(
        npn=npn,
        last_name__iexact=said["last_name"],
        first_name__iexact=said["first_name"],
        birth_date=date.fromisoformat(said["birth_date"]),
    )
    lines = lines.filter(report__number=report_number) if report_number else lines
    found = {(one.enrollment_id, one.npn, one.effective_from): one for one in lines.order_by("-pk")}
    return next(iter(found.values())) if len(found) == 1 else None


def line_of_policy(npn: str, policy: str) -> Line | None:
    """The latest line of a broker's reports about a policy (the exchange's number of it)."""
    return Line.objects.filter(report__npn=npn, policy_id=policy).order_by("-pk").first()


def line_of(identity: Identity) -> Line | None:
    """The latest published line of an entry."""
    enrollment, npn, day = identity
    return Line.objects.filter(enrollment=enrollment, npn=npn, effective_from=day).order_by("-pk").first()


def reported(npn: str, lines: Iterable[int]) -> set[int]:
    """Of some lines those that this broker has reported in an incident that is not closed."""
    rows = Row.objects.filter(incident__npn=npn, line__in=list(lines)).exclude(incident__case__state=State.CLOSED)
    return {line for line in rows.values_list("line_id", flat=True) if line is not None}


def of_batch(batch: int) -> list[str]:
    """The numbers of the incidents that came with a returned file."""
    return list(Incident.objects.filter(batch=batch).order_by("pk").values_list("case__number", flat=True))


def holders(row: Incident) -> list[str]:
    """The brokers who were given a report with such a row, and whoever reported it: each attests the deletion."""
    return sorted({one.npn for one in carrying(row)} | {row.npn})


def steps_done(row: Incident) -> dict[str, bool]:
    """Each step that an incident needs, and whether it is done."""
    kinds = set(row.steps.values_list("kind", "about"))
    done = {kind for kind, _ in kinds}
    attested = {about for kind, about in kinds if kind == ATTESTED}
    return {
        "every row placed": not unplaced(row),
        WITHDRAWN: WITHDRAWN in done,
        PRIVACY_OFFICER: PRIVACY_OFFICER in done,
        ASSESSED: ASSESSED in done,
        **{f"deletion attested by {npn}": npn in attested for npn in holders(row)},
        CORRECTED: CORRECTED in done,
    }


def file_of(row: Incident) -> File:
    """The incident file."""
    issues = carrying(row)
    return File(
        number=row.case.number,
        npn=row.npn,
        opened_at=row.at,
        state=row.case.state,
        rows=tuple(sorted(identities(row))),
        unplaced=len(unplaced(row)),
        reports=tuple(one.number for one in issues),
        given=tuple(given(issues)),
        steps=tuple(row.steps.exclude(kind=TO_ANNUL).order_by("at", "pk")),
        clocks=cases.clocks([row.case_id]).get(row.case_id, ()),
    )


# Disputes, signals, corrections -----------------------------------------------------------------------------------


def disputes() -> QuerySet[Dispute]:
    """Disputes that nobody has decided, the oldest first."""
    return Dispute.objects.filter(ruling=None).select_related("case", "association").order_by("pk")


def dispute(number: str) -> Dispute:
    """The dispute of a case number. Raises Dispute.DoesNotExist."""
    return Dispute.objects.select_related("case", "association").get(case__number=number)


def to_review() -> QuerySet[Signal]:
    """Signals that nobody has looked at, the oldest first."""
    return Signal.objects.filter(review=None).select_related("association").order_by("pk")


def signals_waiting() -> dict[str, int]:
    """How many signals nobody has looked at, by rule."""
    rows = Signal.objects.filter(review=None).order_by()
    return dict(rows.values_list("rule").annotate(Count("id")))


def signal(id: int) -> Signal | None:
    """A signal by its row, if there is one."""
    return Signal.objects.select_related("association", "review").filter(pk=id).first()


def npn_correction(number: str) -> NpnCorrection | None:
    """The NPN correction of a case number, if there is one."""
    return NpnCorrection.objects.select_related("case").filter(case__number=number).first()


def npn_corrections() -> QuerySet[NpnCorrection]:
    """NPN corrections that wait for a second officer."""
    waiting = Case.objects.exclude(state=State.CLOSED)
    return NpnCorrection.objects.filter(case__in=waiting).select_related("case").order_by("pk")
