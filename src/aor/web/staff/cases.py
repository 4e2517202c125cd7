"""All cases by kind, with their age; and the workbench on which clear claims are confirmed many at a time."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aor.brokers import queries as brokers
from aor.cases import queries as case_facts
from aor.cases.models import Case, State
from aor.discrepancies import operations as claims
from aor.discrepancies import queries as claim_facts
from aor.discrepancies.models import Assessment, Claim
from aor.policy.discrepancy import Found
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.components import Column, CountCard, Fact, NavItem, NextStep, Pages, Table, link, query_url
from aor.web.forms import Form, Submitted, numbered
from aor.web.staff import team
from aor.web.staff.dashboard import KINDS
from aor.web.templatetags.components import day, instant, tag

AT_ONCE = 50


class Sent(Submitted, Form):
    """Carries only the token of this showing."""


@access.allow(*team.READERS)
@require_safe
def cases(request: PortalRequest) -> HttpResponse:
    """The cases that are not closed, the oldest first; a card a kind."""
    kind = request.GET.get("kind", "") if request.GET.get("kind") in KINDS else ""
    state = request.GET.get("state", "") if request.GET.get("state") in State.values else ""
    rows = case_facts.opened(kind, state)
    if kind != "message":
        rows = rows.exclude(kind="message")  # conversations are read by their two sides alone
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__gt=int(after))
    found = list(rows[: AT_ONCE + 1])
    shown = found[:AT_ONCE]
    counted = case_facts.counts()
    cards = [
        CountCard(words, counted.get(one, 0), query_url({}, kind=one), current=one == kind)
        for one, words in KINDS.items()
        if counted.get(one) or one in ("discrepancy", "retro")
    ]
    context = {
        "title": KINDS[kind] if kind else _("Cases"),
        "cards": cards,
        "table": _table(request, shown),
        "ageing": _ageing(case_facts.ageing(kind, request.now)) if kind else None,
        "pages": Pages(next=query_url(request.GET, after=shown[-1].pk) if len(found) > AT_ONCE else ""),
        "workbench": kind == "discrepancy",
    }
    return render(request, "staff/cases.html", context)


def _table(request: PortalRequest, rows: list[Case]) -> Table:
    clocks = case_facts.clocks([row.pk for row in rows])
    called = team.who(row.assigned_to for row in rows if row.assigned_to)
    cells = []
    for row in rows:
        running = [one for one in clocks.get(row.pk, ()) if one.met_at is None and not one.stopped]
        due = min((one.last_day for one in running), default=None)
        late = any(one.overdue(request.now) for one in running)
        cells.append(
            (
                link(row.number, reverse("staff:case", args=[row.number])),
                KINDS.get(row.kind, row.kind),
                tag(row.state, "warning" if row.state == State.ESCALATED else "neutral"),
                row.opened_npn,
                instant(row.opened_at),
                format_html("{} {}", day(due), tag(_("overdue"), "error") if late else ""),
                called.get(row.assigned_to, ""),
            )
        )
    headings = (_("Case"), _("Kind"), _("State"), _("NPN"), _("Opened"), _("Answer due"), _("Whose"))
    return Table(
        _("Cases"), [Column(one) for one in headings], cells, empty=_("No case is open."), show_caption=False
    )


def _ageing(found: case_facts.Ageing) -> Table:
    """How old the open cases of a kind are."""
    columns = [Column(_("Age")), Column(_("Cases"), numeric=True)]
    return Table(_("Age of the open cases"), columns, [*found.by_age.items(), (_("overdue"), found.overdue)])


@access.allow(*team.READERS)
@require_safe
def workbench(request: PortalRequest) -> HttpResponse:
    """The oldest claims with what was found of each; the clear ones can be confirmed together."""
    queue = Claim.objects.filter(case__in=case_facts.queue(claim_facts.KIND)).select_related("case")
    rows = list(queue.order_by("case_id")[:AT_ONCE])
    found = claim_facts.latest(row.pk for row in rows)
    claim_facts.record_reads(rows, purpose=request.holder.label, by=request.actor, now=request.now)
    may = isinstance(request.holder, team.WRITERS)
    names = brokers.names({row.npn for row in rows})
    said = claim_facts.current_fields(rows)
    cells = [_claim(row, found[row.pk], said[row.pk][0], names.get(row.npn, ""), may=may) for row in rows]
    headings = (_("Claim"), _("Broker"), _("Consumer"), _("Found"), _("What the broker is told"), _("Confirm"))
    table = Table(
        _("Claims"), [Column(one) for one in headings], cells, empty=_("No claim waits."), show_caption=False
    )
    context = {
        "title": _("Claims to determine"),
        "crumbs": [
            NavItem(KINDS["discrepancy"], f"{reverse('staff:cases')}?kind=discrepancy"),
            NavItem(_("Workbench")),
        ],
        "table": table,
        "may": may and any(one.clear for one in found.values()),
        "form": Sent(),
    }
    return render(request, "staff/workbench.html", context)


def _claim(row: Claim, one: Assessment, fields: Mapping[str, str], name: str, *, may: bool) -> tuple[object, ...]:
    return (
        link(row.case.number, reverse("staff:case", args=[row.case.number])),
        f"{name}, {row.npn}",
        f"{fields.get('last_name', '')}, {fields.get('first_name', '')}",
        format_html("{} {}", one.determination, "" if one.clear else tag(_("not clear"), "warning")),
        one.told_says,
        _box(row, ticked=one.found != Found.NONE) if may and one.clear else "",
    )


def _box(row: Claim, *, ticked: bool) -> SafeString:
    """Ticks one claim in the version that was seen; where nobody was found an officer ticks it, having looked."""
    return format_html(
        '<span class="usa-checkbox"><input class="usa-checkbox__input" type="checkbox" name="claim" id="c{}" '
        'value="{}:{}" form="confirm" {}><label class="usa-checkbox__label" for="c{}">'
        '<span class="usa-sr-only">{}</span></label></span>',
        row.pk,
        row.case.number,
        row.case.version,
        "checked" if ticked else "",
        row.pk,
        row.case.number,
    )


@access.allow(*team.WRITERS)
@require_POST
@once.effect
def confirm_many(request: PortalRequest) -> HttpResponse:
    """Confirms the proposals of the claims ticked; each that changed since is named."""
    versions: dict[str, int] = {}
    for one in request.POST.getlist("claim")[:AT_ONCE]:
        number, _colon, version = one.partition(":")
        if seen := numbered(version):
            versions[number] = seen
    refused = claims.confirm_many(versions, by=request.actor, now=request.now) if versions else {}
    done = sorted(set(versions) - set(refused))
    request.session["confirmed"] = [done, sorted(refused.items())]
    return HttpResponseRedirect(reverse("staff:confirmed"))


@access.allow(*team.WRITERS)
@require_safe
def confirmed(request: PortalRequest) -> HttpResponse:
    """The receipt of the last claims that were confirmed together: each by its number, and each that was not."""
    if "confirmed" not in request.session:
        raise Http404
    done, refused = request.session["confirmed"]
    numbers = [link(one, reverse("staff:case", args=[one])) for one in done]
    left = [(link(one, reverse("staff:case", args=[one])), because) for one, because in refused]
    context = {
        "title": _("%(done)s claims are determined") % {"done": len(done)},
        "reference": " – ".join(dict.fromkeys((done[0], done[-1]))) if done else "",
        "facts": [
            Fact(_("Determined"), format_html_join(", ", "{}", ((one,) for one in numbers)) or _("none")),
            *(Fact(format_html("{} {}", _("Not determined"), number), because) for number, because in left),
        ],
        "next_steps": [
            NextStep(_("Each broker gets a notice, and may agree or ask for another review."), _("Today")),
            *([NextStep(_("Those not determined wait as before. Open each and look again."))] if left else []),
        ],
        "links": [
            NavItem(_("Workbench"), reverse("staff:workbench")),
            NavItem(_("Tasks"), reverse("staff:dashboard")),
        ],
    }
    return render(request, "web/confirmation.html", context)
