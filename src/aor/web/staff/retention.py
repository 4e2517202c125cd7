"""What may be disposed of, and the legal holds that keep data; a copy of all data held on one person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aor.audit import operations as journal
from aor.policy.retention import Kind
from aor.retention import models, operations, queries, subject
from aor.retention.schedule import SAYS
from aor.terms.period import ONE_DAY, Period, day_of, from_inclusive
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, NextStep, Table, link
from aor.web.forms import Form, Submitted
from aor.web.staff import second, team
from aor.web.templatetags.components import day, instant

LATEST = 20

KINDS = {
    Kind.HOUSEHOLD: gettext_lazy("A household (the number of a person of it)"),
    Kind.BROKER: gettext_lazy("A broker (NPN)"),
    Kind.CARRIER: gettext_lazy("A carrier (HIOS number)"),
    Kind.CASE: gettext_lazy("A case (its number)"),
    Kind.PERIOD: gettext_lazy("A period (first and last day)"),
}


def _because() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Because"),
        max_length=300,
        help_text=gettext_lazy("The order or the dispute. Never write a consumer's name."),
    )


class PlaceHold(Submitted, Form):
    """What a hold is on, and why."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is kept"), choices=list(KINDS.items()), widget=forms.RadioSelect
    )
    subject = forms.CharField(label=gettext_lazy("Number"), max_length=100, required=False)
    first = forms.DateField(
        label=gettext_lazy("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    because = _because()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = said.get("first"), said.get("last")
        if said.get("kind") == Kind.PERIOD:
            if not first or not last or last < first:
                self.add_error("first", _("A period has a first day, and a last one that is not before it."))
        elif not said.get("subject"):
            self.add_error("subject", _("Say whose data are kept: the number."))
        return said

    def period(self) -> Period | None:
        said = self.cleaned_data
        return from_inclusive(said["first"], said["last"]) if said["kind"] == Kind.PERIOD else None


class ReleaseHold(Submitted, Form):
    """Which hold is no longer needed, and why."""

    hold = forms.ModelChoiceField(label=gettext_lazy("Legal hold"), queryset=models.Hold.objects.none())
    because = _because()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["hold"]
        field.queryset = models.Hold.objects.filter(release=None).order_by("id")  # type: ignore[attr-defined]  # the field's own
        field.label_from_instance = lambda row: f"{row.pk}: {row.kind} {_on(row)}"  # type: ignore[attr-defined]  # as above


class AskDisposal(Submitted, Form):
    """Why now."""

    because = _because()


def _on(row: models.Hold) -> str:
    if row.start is None or row.until is None:
        return row.subject
    return f"{row.start} – {row.until - ONE_DAY}"


@access.allow(*team.READERS)
@require_safe
def retention(request: PortalRequest) -> HttpResponse:
    """Class by class what is past its day, and every hold in force. Counts and numbers alone."""
    rows = [
        (str(one.what), SAYS[one.what], str(one.years), day(one.before), str(one.things), str(one.held))
        for one in queries.due(now=request.now)
    ]
    headings = (_("Class"), _("What"), _("Years"), _("Ended by"), _("May go"), _("Held"))
    table = Table(_("Past its day"), [Column(one) for one in headings], rows, show_caption=True)
    held = list(models.Hold.objects.filter(release=None).order_by("id"))
    called = team.who(row.by_name for row in held)
    cells = [
        (
            link(str(row.pk), reverse("staff:hold", args=[row.pk])), row.kind, _on(row), row.because,
            called[row.by_name], day(day_of(row.at)),
        )
        for row in held
    ]  # fmt: skip
    names = (_("Hold"), _("On"), _("Which"), _("Because"), _("By"), _("Since"))
    holds = Table(
        _("Legal holds"),
        [Column(one) for one in names],
        cells,
        show_caption=False,
        empty=_("No legal hold is in force."),
    )
    links = [
        NavItem(_("Place a legal hold"), reverse("staff:hold_place")),
        NavItem(_("Release a legal hold"), reverse("staff:hold_release")),
        NavItem(_("Ask for disposal"), reverse("staff:dispose")),
    ]
    context = {
        "title": _("Retention"),
        "lead": _("Data past their day are disposed of when one officer asks and a team lead consents."),
        "crumbs": [NavItem(_("More"), reverse("staff:more")), NavItem(_("Retention"))],
        "table": table,
        "below": [holds, _disposals()],
        "links": links if isinstance(request.holder, team.WRITERS) else [],
    }
    return render(request, "staff/retention.html", context)


def _disposals() -> Table:
    """What was disposed of last: counts, and the two who asked and consented."""
    rows = list(models.Disposal.objects.order_by("-id")[:LATEST])
    called = team.who(name for row in rows for name in (row.by_name, row.second_name))
    cells = [
        (
            instant(row.at), row.what, day(row.before), str(row.things), str(row.rows),
            called[row.by_name], called[row.second_name],
        )
        for row in rows
    ]  # fmt: skip
    names = (_("On"), _("Class"), _("Ended by"), _("Things"), _("Rows"), _("Asked by"), _("Consented by"))
    empty = _("Nothing was disposed of yet.")
    return Table(_("Disposed of"), [Column(one) for one in names], cells, show_caption=False, empty=empty)


def _page(title: str, lead: str, form: Form, submit: str) -> dict[str, object]:
    crumbs = [NavItem(_("Retention"), reverse("staff:retention")), NavItem(title)]
    back = reverse("staff:retention")
    return {"title": title, "lead": lead, "form": form, "submit": submit, "crumbs": crumbs, "cancel_url": back}


def _asked(
    request: PortalRequest, form: Form, act: Callable[[], str], *, field: str, page: dict[str, object]
) -> HttpResponse:
    """Does what a form asks and leads to its confirmation; a refusal is said in the form, at its field."""
    if request.method == "POST" and form.is_valid():
        try:
            return HttpResponseRedirect(act())
        except operations.Refused as refused:
            form.add_error(field, str(refused))
    return render(request, "web/form.html", page)


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def place(request: PortalRequest) -> HttpResponse:
    """Places a legal hold."""
    form = PlaceHold(request.POST if request.method == "POST" else None)

    def act() -> str:
        said, period = form.cleaned_data, form.period()
        number = operations.place(
            kind=Kind(said["kind"]), subject="" if period else said["subject"], period=period,
            because=said["because"], by=request.actor, now=request.now,
        )  # fmt: skip
        return reverse("staff:hold", args=[number])

    lead = _("What it is on stays, however old it is.")
    page = _page(_("Place a legal hold"), lead, form, _("Place the hold"))
    return _asked(request, form, act, field="subject", page=page)


@access.allow(*team.READERS)
@require_safe
def hold(request: PortalRequest, hold: int) -> HttpResponse:
    """A legal hold, and the receipt of who placed or released it: what follows, and when."""
    row = models.Hold.objects.filter(pk=hold).select_related("release").first()
    if row is None:
        raise Http404
    over = models.Release.objects.filter(hold=row).first()
    called = team.who([row.by_name, over.by_name if over else row.by_name])
    facts = [
        Fact(_("On"), KINDS[Kind(row.kind)]),
        Fact(_("Which"), _on(row)),
        Fact(_("Because"), row.because),
        Fact(_("Placed by"), called[row.by_name]),
        Fact(_("Placed"), row.at),
    ]
    if over is None:
        steps = [
            NextStep(_("All that it is on stays, however old it is. Nobody needs to do anything."), _("From now on")),
            NextStep(_("An officer releases it when the order or the dispute is over."), _("No day is set")),
        ]
    else:
        facts += [
            Fact(_("Released because"), over.because),
            Fact(_("Released by"), called[over.by_name]),
            Fact(_("Released"), over.at),
        ]
        gone = _("What it was on, and is past its day, goes when a disposal is asked for and consented to.")
        steps = [NextStep(gone, _("With the next disposal"))]
    context = {
        "title": _("The legal hold is in force") if over is None else _("The legal hold is released"),
        "reference": str(row.pk),
        "facts": facts,
        "next_steps": steps,
        "links": [NavItem(_("Retention"), reverse("staff:retention"))],
    }
    return render(request, "web/confirmation.html", context)


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def release(request: PortalRequest) -> HttpResponse:
    """Releases a legal hold."""
    form = ReleaseHold(request.POST if request.method == "POST" else None)

    def act() -> str:
        number = form.cleaned_data["hold"].pk
        operations.release(hold=number, because=form.cleaned_data["because"], by=request.actor, now=request.now)
        return reverse("staff:hold", args=[number])

    lead = _("What it was on may be disposed of when it is past its day.")
    page = _page(_("Release a legal hold"), lead, form, _("Release the hold"))
    return _asked(request, form, act, field="hold", page=page)


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def dispose(request: PortalRequest) -> HttpResponse:
    """Asks for disposal; a team lead's consent lets it happen."""
    form = AskDisposal(request.POST if request.method == "POST" else None)

    def act() -> str:
        asked = (operations.SUBJECT, day_of(request.now).isoformat())
        number = second.ask(subject=asked, because=form.cleaned_data["because"], by=request.actor, now=request.now)
        return reverse("staff:second_asked", args=[number])

    lead = _("Names, addresses and documents past their day go for good. A team lead, other than you, must consent.")
    page = _page(_("Ask for disposal"), lead, form, _("Ask"))
    return _asked(request, form, act, field="because", page=page)


@access.allow(*team.WRITERS)
@require_POST
def subject_copy(request: PortalRequest, subscriber: str) -> HttpResponse:
    """All data held on one person, as a ZIP to hand to that person."""
    found = subject.copy(subscriber)
    if not found:
        raise Http404
    journal.record_read(
        subject=("subscriber", subscriber), what="copy of all data", purpose="data subject's copy",
        by=request.actor, at=request.now,
    )  # fmt: skip
    response = HttpResponse(subject.packed(subscriber, found, now=request.now), content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="copy-of-data.zip"'
    return response
