"""A consumer who should not be on a report (readings, R9): what was reported, given to whom, and what is to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.audit import operations as journal
from aor.cases import queries as cases
from aor.cases.models import State
from aor.cases.queries import ClockFacts
from aor.incidents import queries
from aor.incidents.models import Incident
from aor.reports import queries as reports
from aor.reports.models import Line, Report
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import Column, Event, Fact, NavItem, Table, Task, link
from aor.web.staff import team
from aor.web.staff.incident_steps import NAMES, possible
from aor.web.templatetags.components import day, instant, tag

MOST = 100
FIRST = 3  # steps that come before the assessment begins


@access.allow(*team.READERS)
@require_safe
def incidents(request: PortalRequest) -> HttpResponse:
    """Those that are open, the oldest first, each with the clock that runs out next; or the closed ones."""
    closed = request.GET.get("state") == "closed"
    rows = queries.incidents(opened=not closed)
    shown = list(rows.filter(case__state=State.CLOSED).order_by("-pk")[:MOST] if closed else rows[:MOST])
    clocks = cases.clocks([one.case_id for one in shown])
    cells = [
        (
            link(one.case.number, reverse("staff:incident", args=[one.case.number])),
            link(one.npn, reverse("staff:broker", args=[one.npn])),
            instant(one.at),
            *_next(clocks.get(one.case_id, ()), request.now),
        )
        for one in shown
    ]
    columns = [Column(one) for one in (_("Incident"), _("Reported by"), _("On"), _("Next clock"), _("Due"))]
    empty = _("No incident is closed.") if closed else _("No incident is open.")
    other = NavItem(_("Closed incidents"), "?state=closed") if not closed else NavItem(_("Open incidents"), "?")
    context = {
        "title": _("Closed incidents") if closed else _("Incidents"),
        "table": Table(_("Incidents"), columns, cells, empty=empty, show_caption=False),
        "lead": _("A broker says that a row of their report is not their client. The report is withdrawn already."),
        "crumbs": [NavItem(_("Tasks"), reverse("staff:dashboard")), NavItem(_("Incidents"))],
        "links": [other],
    }
    return render(request, "staff/list.html", context)


def _next(clocks: Sequence[ClockFacts], now: datetime) -> tuple[object, object]:
    running = sorted((one for one in clocks if one.met_at is None and not one.stopped), key=lambda one: one.due_at)
    if not running:
        return _("none runs"), ""
    return running[0].name.capitalize(), _due(running[0], now)


def _due(clock: ClockFacts, now: datetime) -> SafeString:
    if not clock.overdue(now):
        return format_html("{}", instant(clock.due_at))
    late = tag(_("done late"), "warning") if clock.met_at else tag(_("overdue"), "error")
    return format_html("{} {}", instant(clock.due_at), late)


@access.allow(*team.READERS)
@require_safe
def incident(request: PortalRequest, incident: str) -> HttpResponse:
    """One incident, by keys and numbers, without a name of a consumer; that it was read is recorded."""
    row = of(incident)
    journal.record_read(
        subject=("case", incident), what="incident file", purpose=request.holder.label, by=request.actor,
        at=request.now,
    )  # fmt: skip
    issues = queries.carrying(row)
    context = {
        "title": _("Incident %(number)s") % {"number": incident},
        "crumbs": [NavItem(_("Incidents"), reverse("staff:incidents")), NavItem(incident)],
        "facts": _facts(row),
        "clocks": _clocks(row, request.now),
        "tasks": _tasks(row, writes=isinstance(request.holder, team.WRITERS)),
        "tables": [
            (_("What was reported"), _rows(row)),
            (_("Reports that showed it"), _reports(issues)),
            (_("Who was given them"), _given(issues)),
        ],
        "events": _events(row),
        "links": [NavItem(_("Messages, documents and who works on it"), reverse("staff:case", args=[incident]))],
    }
    return render(request, "staff/incident.html", context)


def of(number: str) -> Incident:
    """The incident of a case number, or 404."""
    try:
        return queries.incident(number)
    except Incident.DoesNotExist:
        raise Http404 from None


def _facts(row: Incident) -> list[Fact]:
    unplaced = len(queries.unplaced(row))
    lines = [
        Fact(_("State"), row.case.state),
        Fact(_("Reported by broker"), link(row.npn, reverse("staff:broker", args=[row.npn]))),
        Fact(_("Reported"), row.at),
        Fact(_("Rows reported"), len(set(row.rows.values_list("place", flat=True)))),
        Fact(_("Claimed by"), team.who([row.case.assigned_to])[row.case.assigned_to] or _("nobody")),
    ]
    return [*lines, Fact(_("Rows still to be told apart"), unplaced)] if unplaced else lines


def _clocks(row: Incident, now: datetime) -> Table:
    cells = [
        (one.name.capitalize(), _due(one, now), instant(one.met_at) if one.met_at else tag(_("runs"), "info"))
        for one in cases.clocks([row.case_id]).get(row.case_id, ())
    ]
    columns = [Column(_("Clock")), Column(_("Due")), Column(_("Done"))]
    return Table(_("Clocks"), columns, cells, show_caption=False)


def _tasks(row: Incident, *, writes: bool) -> list[Task]:
    """The steps in their order; what can be done now is a link to its form."""
    able = possible(row) if writes else {}
    done = queries.steps_done(row)
    begun = {queries.BEGUN: row.steps.filter(kind=queries.BEGUN).exists()}
    before = dict(list(done.items())[:FIRST])
    found = []
    for name, is_done in {**before, **begun, **done}.items():
        url = able.get(name, "")
        status = _("done") if is_done else _("to do") if url else _("waits")
        label = str(NAMES.get(name, name))
        found.append(Task(label[:1].upper() + label[1:], status, url, tone="success" if is_done else "warning"))
    end = able.get("close", "")
    closed = row.case.state == State.CLOSED
    status = _("done") if closed else _("to do") if end else _("waits")
    last = Task(_("Close the incident"), status, end, tone="success" if closed else "warning")
    return [*found, last]


def _rows(row: Incident) -> Table:
    """Each entry that is said not to be theirs: the policy by its number, never a name."""
    told = row.rows.select_related("line__report").order_by("place", "pk")
    known = {one.place for one in told if one.line is not None}
    none = dict(row.steps.filter(kind=queries.NOT_FOUND).values_list("about", "words"))
    cells = [
        _row(one.place, one.line, f"{one.sheet} {one.number or ''}".strip(), none.get(str(one.place), ""))
        for one in told
        if one.line is not None or one.place not in known
    ]
    columns = [Column(one) for one in (_("Row"), _("Policy"), _("From"), _("Last shown on"), _("Carrier"))]
    return Table(_("What was reported"), columns, cells, show_caption=False)


def _row(place: int, line: Line | None, where: str, none: str) -> tuple[object, ...]:
    if line is None:
        return place, none or _("not known yet (%(where)s)") % {"where": where or _("row")}, "", "", ""
    policy = link(line.policy_id, reverse("staff:enrollment", args=[line.enrollment_id]))
    return place, policy, day(line.effective_from), line.report.number, line.carrier_name


def _reports(issues: Sequence[Report]) -> Table:
    gone = reports.withdrawn(one.pk for one in issues)
    cells = [
        (
            one.number,
            link(one.npn, reverse("staff:broker", args=[one.npn])),
            one.month,
            tag(_("withdrawn"), "success") if one.pk in gone else tag(_("not withdrawn"), "error"),
            _replaced(one),
        )
        for one in issues
    ]
    columns = [Column(one) for one in (_("Report"), _("Broker"), _("Month"), _("State"), _("Replaced by"))]
    return Table(_("Reports that showed it"), columns, cells, empty=_("None is known yet."), show_caption=False)


def _replaced(one: Report) -> str:
    later = [each.number for each in reports.of_broker(one.npn) if each.month == one.month and each.issue > one.issue]
    return later[0] if later else _("nothing yet")


def _given(issues: Sequence[Report]) -> Table:
    given = queries.given(issues)
    called = team.who(one.name for one in given)
    cells = [(one.report, instant(one.at), f"{called[one.name]} ({one.role})", one.npn, one.purpose) for one in given]
    columns = [Column(one) for one in (_("Report"), _("When"), _("Who"), _("NPN"), _("What for"))]
    return Table(_("Who was given them"), columns, cells, empty=_("Nobody fetched one."), show_caption=False)


def _events(row: Incident) -> list[Event]:
    steps = list(row.steps.exclude(kind=queries.TO_ANNUL).order_by("-at", "-pk"))
    called = team.who(one.by_name for one in steps)
    whose = {one.pk: f"{called[one.by_name]} ({one.by_role})" for one in steps}
    return [Event(one.at, f"{one.kind} {one.about}".strip().capitalize(), whose[one.pk], one.words) for one in steps]
