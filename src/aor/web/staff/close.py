"""The close of a month: how far it is, what is in the way and what cures it, the balance, and the word to run it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aor.carriers import queries as carriers
from aor.close import asked, operations
from aor.close import queries as closes
from aor.close.models import Close
from aor.close.operations import Result
from aor.policy.report import Sums
from aor.policy.waivers import NEVER_WAIVED
from aor.reports.accounting import ALL
from aor.terms.month import Month
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, NextStep, Table, Words, link
from aor.web.forms import Form, Submitted
from aor.web.staff import second, team
from aor.web.staff.dashboard import last_month
from aor.web.templatetags.components import instant, tag

STEPS: tuple[Words, ...] = (
    gettext_lazy("Everything has gone"),
    gettext_lazy("Cut"),
    gettext_lazy("Published"),
    gettext_lazy("Closed"),
)
CURRENT = {"": 1, "cut": 2, "published": 3, "closed": 4}
ALL_CARRIERS = gettext_lazy("All carriers")


class Run(Submitted, Form):
    """Nothing to fill in."""


class Waive(Submitted, Form):
    """A rule that is not met, and why the month may close all the same."""

    rule = forms.CharField(label=gettext_lazy("Rule"), widget=forms.HiddenInput)
    because = forms.CharField(label=gettext_lazy("Because"), widget=forms.Textarea(attrs={"rows": 3}), max_length=400)

    def clean_rule(self) -> str:
        rule = str(self.cleaned_data["rule"])
        if rule in NEVER_WAIVED or not rule.replace("_", "").isalpha():
            raise forms.ValidationError(_("%(rule)s cannot be waived.") % {"rule": rule})
        return rule


@access.allow(*team.READERS)
@require_safe
def close(request: PortalRequest) -> HttpResponse:
    """The months closed, and the one to close."""
    rows = Close.objects.order_by("-month")[:24]
    cells = [
        (
            link(row.month, reverse("staff:close_month", args=[row.month])),
            tag(row.state, "success" if row.state == "closed" else "warning"),
            instant(row.cut),
            row.reports,
            instant(row.closed_at),
        )
        for row in rows
    ]
    columns = [Column(_("Month")), Column(_("State")), Column(_("Cut")), Column(_("Reports"), numeric=True)]
    columns.append(Column(_("Closed")))
    month = last_month(request.now)
    begun = _("The close of %(month)s") % {"month": month}
    context = {
        "title": _("Close"),
        "table": Table(_("Months"), columns, cells, empty=_("No month was closed yet."), show_caption=False),
        "links": [NavItem(begun, reverse("staff:close_month", args=[month]))],
    }
    return render(request, "staff/list.html", context)


@access.allow(*team.READERS)
@require_safe
def month(request: PortalRequest, month: str) -> HttpResponse:
    """One month: its steps; with `look`, what a close would say now."""
    of = _month(month)
    row, wish = closes.close_of(of), asked.latest(of)
    state = row.state if row else ""
    waivers = second.waivers(of)
    look = "look" in request.GET and state != "closed"
    looked = operations.preview(of, now=request.now, waivers=waivers) if look else None
    running = wish is not None and wish.state in (asked.WAITING, asked.RUNNING)
    context = {
        "title": _("The close of %(month)s") % {"month": of},
        "month": of,
        "crumbs": [NavItem(_("Close"), reverse("staff:close")), NavItem(str(of))],
        "steps": STEPS,
        "current": CURRENT[state],
        "closed": state == "closed",
        "facts": _facts(row) if row else [],
        "balance": _balance(
            _sums(row) if row and row.sums != "{}" else looked.sums if looked and not looked.blockers else {}
        ),
        "looked": looked,
        "blockers": looked.blockers if looked else (),
        "waiting": _waiting(looked),
        "wish": wish,
        "wish_by": team.who([wish.by_name])[wish.by_name] if wish else "",
        "running": running,
        "waivers": waivers,
        "may": isinstance(request.holder, team.WRITERS) and not running and state != "closed",
        "form": Run(),
        "never": NEVER_WAIVED,
    }
    return render(request, "staff/close_month.html", context)


@access.allow(*team.WRITERS)
@require_POST
@once.effect
def run(request: PortalRequest, month: str) -> HttpResponse:
    """Asks a worker to close the month, with the waivers that have both consents."""
    of = _month(month)
    asked.ask(of, waivers=second.waivers(of), by=request.actor, now=request.now)
    return HttpResponseRedirect(reverse("staff:close_asked", args=[of]))


@access.allow(*team.WRITERS)
@require_safe
def run_asked(request: PortalRequest, month: str) -> HttpResponse:
    """The receipt: who asked for the close, and where it can be followed."""
    of = _month(month)
    wish = asked.latest(of)
    if wish is None:
        raise Http404
    context = {
        "title": _("The close of %(month)s is asked for") % {"month": of},
        "reference": f"C-{of}-{wish.pk}",
        "facts": [Fact(_("Asked by"), team.who([wish.by_name])[wish.by_name]), Fact(_("Asked"), wish.at)],
        "next_steps": [
            NextStep(_("A worker begins, and says on the month's page how far it is."), _("Within a minute")),
            NextStep(_("Whatever is in the way is listed there, with what cures it.")),
            NextStep(_("Where nothing is, the reports are published and the brokers are told.")),
        ],
        "links": [NavItem(_("The close of %(month)s") % {"month": of}, reverse("staff:close_month", args=[of]))],
    }
    return render(request, "web/confirmation.html", context)


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def waive(request: PortalRequest, month: str) -> HttpResponse:
    """Asks for a waiver, which a second officer consents to."""
    of = _month(month)
    form = Waive(request.POST if request.method == "POST" else None, initial={"rule": request.GET.get("rule", "")})
    if request.method == "POST" and form.is_valid():
        subject = (second.WAIVER, f"{of} {form.cleaned_data['rule']}")
        because = form.cleaned_data["because"]
        number = second.ask(subject=subject, because=because, by=request.actor, now=request.now)
        return HttpResponseRedirect(reverse("staff:second_asked", args=[number]))
    rule = request.POST.get("rule") or request.GET.get("rule", "")
    context = {
        "title": _("Waive %(rule)s") % {"rule": rule[:40]},
        "lead": _("A team lead other than you must consent. The reason stands in the journal with both names."),
        "crumbs": [NavItem(str(of), reverse("staff:close_month", args=[of])), NavItem(_("Waive"))],
        "form": form,
        "submit": _("Ask for the second consent"),
        "cancel_url": reverse("staff:close_month", args=[of]),
    }
    return render(request, "web/form.html", context)


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError:
        raise Http404 from None


def _facts(row: Close) -> list[Fact]:
    lines = [
        Fact(_("Known up to"), row.cut),
        Fact(_("Reports"), row.reports),
        Fact(_("Not answered by carriers"), row.unanswered),
    ]
    if row.closed_at:
        lines += [Fact(_("Closed"), row.closed_at), Fact(_("Hash of all reports"), row.hash)]
    return lines


def _sums(row: Close) -> dict[str, Sums]:
    return {name: Sums(**one) for name, one in json.loads(row.sums).items()}


def _balance(sums: Mapping[str, Sums]) -> Table:
    names = carriers.names()
    cells = [
        (
            ALL_CARRIERS if hios == ALL else names.get(hios, hios),
            one.sent,
            one.carried_in,
            one.reported,
            one.excepted,
            one.carried_out,
            tag(_("balances"), "success") if one.balanced else tag(_("does not balance"), "error"),
        )
        for hios, one in sums.items()
    ]
    headings = (_("Sent"), _("Carried in"), _("Reported"), _("Excepted"), _("Carried out"))
    columns = [
        Column(_("Carrier")),
        *(Column(one, numeric=True) for one in headings),
        Column(_("Balance"), numeric=True),
    ]
    return Table(_("Balance by carrier"), columns, cells)


def _waiting(looked: Result | None) -> list[tuple[str, list[str]]]:
    """Policies that wait, by carrier: the first few of each."""
    found = looked.details.get("waiting", {}) if looked else {}
    assert isinstance(found, dict)
    names = carriers.names()
    return [(names.get(str(hios), str(hios)), list(policies)) for hios, policies in found.items()]
