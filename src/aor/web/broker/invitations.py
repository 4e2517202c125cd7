"""A broker's invitations: the list, one, many from a file, again, and taken back."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aor.acts import invite as acts
from aor.acts.invite import Person
from aor.associations import queries as associations
from aor.associations.queries import Asked
from aor.policy.decision import Decision
from aor.terms.period import day_of
from aor.web import access, changed, once
from aor.web.access import PortalRequest
from aor.web.agency import done as agency_done
from aor.web.broker import own
from aor.web.components import Column, Fact, NavItem, NextStep, Table, Tone, Words, pages_of, query_url
from aor.web.forms import DayField, Form, Submitted
from aor.web.tables import TableField, Uploaded
from aor.web.templatetags.components import day, instant, tag

AT_ONCE, MOST_ROWS = 50, 500
STATES: dict[str, tuple[Words, Tone]] = {
    "open": (gettext_lazy("Waiting"), "info"),
    "confirmed": (gettext_lazy("Confirmed"), "success"),
    "declined": (gettext_lazy("Declined"), "neutral"),
    "withdrawn": (gettext_lazy("Taken back"), "neutral"),
    "expired": (gettext_lazy("Expired"), "neutral"),
    "sent again": (gettext_lazy("Sent again"), "neutral"),
}
COLUMNS = ("last_name", "first_name", "birth_date")


class Invite(Submitted, Form):
    """The person a broker asks for."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=100)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=100)
    birth_date = DayField(label=gettext_lazy("Date of birth"), earliest="1900-01-01")

    def clean_birth_date(self) -> date:
        born: date = self.cleaned_data["birth_date"]
        if born.year < 1900:
            raise forms.ValidationError(_("Enter the date of birth with all four digits of the year."))
        return born


class InviteMany(Submitted, Form):
    """A file with one person a row."""

    file = TableField(
        columns=COLUMNS,
        most_rows=MOST_ROWS,
        label=gettext_lazy("File"),
        help_text=gettext_lazy("Excel or CSV, with the columns last_name, first_name and birth_date (2001-12-31)."),
    )


@access.allow(*own.FAMILY)
@require_safe
def invitations(request: PortalRequest) -> HttpResponse:
    """Whom this broker asked, and what became of it: the same whether or not anybody was reached."""
    rows = associations.invitations_of([own.npn(request)])
    pages = Paginator(rows, AT_ONCE)
    page = pages.get_page(request.GET.get("page"))
    shown = associations.asked(rows[page.start_index() - 1 : page.end_index()] if pages.count else rows.none())
    columns = [
        Column(_("Person")),
        Column(_("Asked")),
        Column(_("Open until")),
        Column(_("State")),
        Column(_("To do")),
    ]
    table = Table(
        _("Invitations"),
        columns,
        [_row(request, one) for one in shown],
        empty=_("You have not invited anybody yet."),
        show_caption=False,
    )
    context = {
        "title": _("Invitations"),
        "table": table,
        "pages": pages_of(page, lambda number: query_url(request.GET, page=number)),
        "closed": own.closed_because(request),
        "own_address": own.address(request),
    }
    return render(request, "broker/invitations.html", context)


def _row(request: PortalRequest, one: Asked) -> list[object]:
    ended = one.state == "open" and one.expires_at <= request.now
    words, tone = STATES["expired" if ended else one.state]
    person = f"{one.last_name}, {one.first_name}"
    return [person, instant(one.sent_at), day(day_of(one.expires_at)), tag(words, tone), _doings(request, one, ended)]


def _doings(request: PortalRequest, one: Asked, ended: bool) -> SafeString | str:
    if one.state == "open" and not ended:
        return format_html(
            '<a class="usa-link" href="{}">{}</a> <a class="usa-link" href="{}">{}</a>',
            reverse("broker:invite_again", args=[one.id]),
            _("Send again"),
            reverse("broker:invitation_withdraw", args=[one.id]),
            _("Take back"),
        )
    if one.state in ("expired", "open") and one.first_name:
        return format_html(
            '<a class="usa-link" href="{}">{}</a>', reverse("broker:invite_again", args=[one.id]), _("Send again")
        )
    return ""


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def invite(request: PortalRequest) -> HttpResponse:
    """Asks for one person."""
    npn = own.npn(request)
    form = Invite(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("first_name", "last_name", "birth_date")}
        decision = acts.invite_by_name(npn=npn, **asked, by=request.actor, now=request.now)
        if decision.granted:
            return HttpResponseRedirect(reverse("broker:invited"))
        _refuse(form, decision)
    crumbs = [NavItem(_("Invitations"), reverse("broker:invitations")), NavItem(_("Invite a client"))]
    lead = _("We ask through the address that the marketplace already holds, and never say whether it holds one.")
    shown = {"title": _("Invite a client"), "form": form, "crumbs": crumbs, "lead": lead, "submit": _("Invite")}
    return render(request, "web/form.html", shown)


def _refuse(form: forms.Form, decision: Decision) -> None:
    for finding in decision.unmet:
        form.add_error(None, f"{finding.because}. {finding.cure}".strip())


@access.allow(*own.FAMILY)
@require_safe
def invited(request: PortalRequest) -> HttpResponse:
    """What happens next, the same for every invitation."""
    steps = [
        NextStep(_("If the marketplace holds an address of this person, a code goes there."), _("Today")),
        NextStep(_("The person confirms, or does not. A reminder goes on day 3 and day 10.")),
        NextStep(_("The invitation ends. You may send it again."), _("After 14 days")),
    ]
    many = request.GET.get("many", "")
    count = min(int(many), MOST_ROWS) if many.isdecimal() and len(many) < 5 else 1
    numbers = [f"INV-{one.id}" for one in associations.asked(associations.invitations_of([own.npn(request)])[:count])]
    title = _("The invitations are on their way") if count > 1 else _("The invitation is on its way")
    if count == 0:
        title = _("No invitation was sent")
        steps = [NextStep(_("Above stands what is in the way. Mend it, and send the file again."))]
    context = {
        "title": title,
        "reference": " – ".join(dict.fromkeys((numbers[-1], numbers[0]))) if numbers else "",
        "next_steps": steps,
        "links": [
            NavItem(_("Invite another client"), reverse("broker:invite")),
            NavItem(_("All invitations"), reverse("broker:invitations")),
        ],
    }
    return render(request, "web/confirmation.html", context)


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def again(request: PortalRequest, invitation: int) -> HttpResponse:
    """Sends an invitation of this broker again."""
    one = _own(request, invitation)
    form = _Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and one.birth_date is not None:
        decision = acts.invite_by_name(
            npn=own.npn(request),
            first_name=one.first_name,
            last_name=one.last_name,
            birth_date=one.birth_date,
            by=request.actor,
            now=request.now,
        )
        if decision.granted:
            return HttpResponseRedirect(reverse("broker:invited"))
        _refuse(form, decision)
    return _sure(request, form, one, _("Send the invitation again"), _("Send again"))


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def withdraw(request: PortalRequest, invitation: int) -> HttpResponse:
    """Takes an invitation of this broker back."""
    one = _own(request, invitation)
    form = _Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        decision = acts.withdraw_invitation(
            invitation=invitation, npn=own.npn(request), by=request.actor, now=request.now
        )
        if decision.granted:
            return agency_done.go(request, "client-taken-back")
        _refuse(form, decision)
    return _sure(request, form, one, _("Take the invitation back"), _("Take back"))


class _Sure(Submitted, Form):
    """Nothing to fill in."""


def _sure(request: PortalRequest, form: forms.Form, one: Asked, title: str, submit: str) -> HttpResponse:
    crumbs = [NavItem(_("Invitations"), reverse("broker:invitations")), NavItem(title)]
    facts = [Fact(_("Person"), f"{one.first_name} {one.last_name}"), Fact(_("Asked"), instant(one.sent_at))]
    shown = {"title": title, "form": form, "crumbs": crumbs, "submit": submit, "facts": facts}
    return render(request, "broker/sure.html", {**shown, "cancel_url": reverse("broker:invitations")})


def _own(request: PortalRequest, invitation: int) -> Asked:
    found = associations.asked(associations.invitations_of([own.npn(request)]).filter(pk=invitation))
    if not found:
        raise Http404
    return found[0]


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def invite_many(request: PortalRequest) -> HttpResponse:
    """Many from a file: first what was understood of each row, then one click for all."""
    key = _kept_as(request)
    kept = request.session.get(key)
    if "send" in request.POST:
        changed.still(request, key, back=reverse("broker:invite_many"))
        if kept:
            return _send_many(request, kept)
    form = InviteMany(request.POST or None, request.FILES or None)
    people: list[Person] = []
    refused: list[tuple[int, str]] = []
    if request.method == "POST" and form.is_valid():
        people, refused = _understood(form.cleaned_data["file"])
        if people:
            request.session[key] = [(p.first_name, p.last_name, p.birth_date.isoformat()) for p in people]
    columns = [Column(_("Last name")), Column(_("First name")), Column(_("Date of birth"))]
    context = {
        "title": _("Invite many clients"),
        "crumbs": [NavItem(_("Invitations"), reverse("broker:invitations")), NavItem(_("From a file"))],
        "form": form,
        "count": len(people),
        "version": changed.mark(request, key),
        "table": Table(_("Understood"), columns, [(p.last_name, p.first_name, day(p.birth_date)) for p in people]),
        "refused": Table(_("Not understood"), [Column(_("Line")), Column(_("Because"))], refused),
    }
    return render(request, "broker/invite_many.html", context)


def _kept_as(request: PortalRequest) -> str:
    """Support staff who go on for another broker do not invite for them whom they had listed for the first."""
    return f"invite_many {own.npn(request)}"


def _send_many(request: PortalRequest, kept: list[list[str]]) -> HttpResponse:
    people = [Person(first, last, date.fromisoformat(born)) for first, last, born in kept]
    done = acts.invite_many(npn=own.npn(request), people=people, by=request.actor, now=request.now)
    request.session.pop(_kept_as(request), None)
    sent = sum(decision.granted for _person, decision in done)
    words = _("%(sent)s of %(all)s invitations are on their way.") % {"sent": sent, "all": len(done)}
    messages.add_message(request, messages.SUCCESS if sent else messages.WARNING, words)
    because = Counter(finding.because for _person, decision in done for finding in decision.unmet)
    for reason, count in sorted(because.items()):
        messages.warning(request, f"{reason} ({count})")
    return HttpResponseRedirect(f"{reverse('broker:invited')}?many={sent}")


def _understood(file: Uploaded) -> tuple[list[Person], list[tuple[int, str]]]:
    """The people of a file, and the lines that name nobody."""
    people: list[Person] = []
    refused = [(row.line, row.because) for row in file.refused]
    for line, row in file.rows:
        _take(line, row, people, refused)
    return people, sorted(refused)


def _take(line: int, row: dict[str, str], people: list[Person], refused: list[tuple[int, str]]) -> None:
    one = Invite({name: row[name].strip() for name in COLUMNS} | {"submission": "0" * 32})
    if one.is_valid():
        people.append(Person(*(one.cleaned_data[name] for name in ("first_name", "last_name", "birth_date"))))
    else:
        refused.append((line, "; ".join(str(error) for errors in one.errors.values() for error in errors)))


@access.allow(*own.FAMILY)
@require_POST
def forget_many(request: PortalRequest) -> HttpResponse:
    """Drops the file that was shown."""
    request.session.pop(_kept_as(request), None)
    return HttpResponseRedirect(reverse("broker:invite_many"))
