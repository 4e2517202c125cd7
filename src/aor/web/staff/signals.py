"""What is out of the ordinary about associations: the list, the figures behind one, and the word of who looked."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.brokers import queries as brokers
from aor.cases import queries as cases
from aor.incidents import queries
from aor.incidents import signals as acts
from aor.incidents.models import Signal
from aor.incidents.why import BURST, CONTACT, REVERSAL, Why, why
from aor.policy.decision import RULES
from aor.web import access, once, problems, reads
from aor.web.access import PortalRequest
from aor.web.components import Column, CountCard, Fact, NavItem, NextStep, Pages, Table, Words, link, query_url
from aor.web.forms import Form, Submitted
from aor.web.staff import team
from aor.web.templatetags.components import day, instant

AT_ONCE = 50
NAMES: Mapping[str, Words] = {
    BURST: gettext_lazy("Many households at once"),
    CONTACT: gettext_lazy("A contact that is shared"),
    REVERSAL: gettext_lazy("A change taken back at once"),
}
NOTHING, OPEN = "nothing", "open"


class Looked(Submitted, Form):
    """What was found."""

    word = forms.ChoiceField(
        label=gettext_lazy("What you found"),
        choices=[
            (NOTHING, gettext_lazy("I looked, and found nothing wrong")),
            (OPEN, gettext_lazy("It needs more: open a case")),
        ],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("Because"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=450,
        help_text=gettext_lazy("What you looked at, and what you saw. Never write a consumer's name."),
    )
    others = forms.BooleanField(
        label=gettext_lazy("The same for every other signal of this kind about this broker that waits"),
        required=False,
    )


@access.allow(*team.READERS)
@require_safe
def signals(request: PortalRequest) -> HttpResponse:
    """Those that nobody has looked at, the oldest first, by kind."""
    kind = request.GET.get("kind", "") if request.GET.get("kind") in NAMES else ""
    waiting = queries.to_review()
    rows = waiting.filter(rule=kind) if kind else waiting
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__gt=int(after))
    found = list(rows[: AT_ONCE + 1])
    shown = found[:AT_ONCE]
    names = brokers.names({one.association.npn for one in shown})
    cells = [
        (
            link(NAMES.get(one.rule, one.rule), reverse("staff:signal", args=[one.pk]),
                 described=_("signal %(id)s") % {"id": one.pk}),
            link(f"{names.get(one.association.npn, '')}, {one.association.npn}",
                 reverse("staff:broker", args=[one.association.npn])),
            one.because,
            instant(one.at),
        )
        for one in shown
    ]  # fmt: skip
    columns = [Column(each) for each in (_("Signal"), _("Broker"), _("Why"), _("Found"))]
    counted = queries.signals_waiting()
    context = {
        "title": _("Signals"),
        "lead": _("Something is out of the ordinary. It need not be wrong; somebody should look."),
        "crumbs": [NavItem(_("Tasks"), reverse("staff:dashboard")), NavItem(_("Signals"))],
        "cards": [
            CountCard(words, counted.get(rule, 0), query_url({}, kind=rule), current=rule == kind)
            for rule, words in NAMES.items()
        ],
        "table": Table(_("Signals"), columns, cells, empty=_("No signal waits."), show_caption=False),
        "pages": Pages(next=query_url(request.GET, after=shown[-1].pk) if len(found) > AT_ONCE else ""),
    }
    return render(request, "staff/signals.html", context)


@access.allow(*team.READERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def signal(request: PortalRequest, signal: int) -> HttpResponse:
    """One signal: the figures behind it, period and rows, and the word of who looks."""
    row = _of(signal)
    looked = getattr(row, "review", None)
    may = isinstance(request.holder, team.WRITERS) and looked is None
    form = Looked(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may:
            raise problems.Stale(_("Somebody has looked at this already."), back=request.path)
        if form.is_valid():
            _look(request, row, form)
            return HttpResponseRedirect(reverse("staff:signal_done", args=[signal]))
    found = why(row)
    reads.saw(request, [one.subscriber_id for one in found.rows], what="signal")
    warning = _("This is looked at already.") if looked else ""
    context = {
        "title": NAMES.get(row.rule, row.rule),
        "caption": _("Signal %(id)s") % {"id": signal},
        "lead": RULES[row.rule].sentence if row.rule in RULES else "",
        "crumbs": [NavItem(_("Signals"), reverse("staff:signals")), NavItem(str(signal))],
        "shown": [*_facts(row, found), *_looked(row)],
        "tables": [(_("The associations"), _rows(found))],
        "warning": warning or ("" if may else _("This waits for an officer.")),
        "closed": not may,
        "form": form,
        "submit": _("Send"),
        "cancel_url": reverse("staff:signals"),
    }
    return render(request, "staff/signal.html", context)


def _of(id: int) -> Signal:
    row = queries.signal(id)
    if row is None:
        raise Http404
    return row


def _facts(row: Signal, found: Why) -> list[Fact]:
    npn = row.association.npn
    lines = [
        Fact(
            _("Broker"), link(f"{brokers.names([npn]).get(npn, '')}, NPN {npn}", reverse("staff:broker", args=[npn]))
        ),
        Fact(_("Found"), row.at),
        Fact(_("What was found then"), row.because),
    ]
    period = format_html(_("{} to {}"), day(found.first), day(found.last))
    if found.rule == BURST:
        return [
            *lines,
            Fact(_("Days counted"), period),
            Fact(_("Households that came, as known now"), found.count),
            Fact(_("Ordinary, at most"), found.ordinary),
        ]
    if found.rule == CONTACT:
        return [
            *lines,
            Fact(_("Households with this contact now"), found.count),
            Fact(_("May share, at most"), found.ordinary),
            Fact(_("It is also that of a broker or an agency"), _("yes") if found.of_broker else _("no")),
        ]
    return [
        *lines,
        Fact(_("From the change to its end"), period),
        Fact(_("Days"), found.count),
        Fact(_("Taken back within these days is a signal"), found.ordinary),
    ]


def _looked(row: Signal) -> list[Fact]:
    looked = getattr(row, "review", None)
    if looked is None:
        return []
    opened = [
        link(one.number, reverse("staff:case", args=[one.number])) for one in cases.about(acts.KIND, str(row.pk))
    ]
    by = team.who([looked.by_name])[looked.by_name]
    lines = [Fact(_("Looked at"), looked.at), Fact(_("By"), by), Fact(_("What they found"), looked.words)]
    return [*lines, Fact(_("Case"), opened[0])] if opened else lines


def _rows(found: Why) -> Table:
    cells = [
        (
            link(_("Association %(id)s") % {"id": one.association},
                 reverse("staff:household", args=[one.subscriber_id])),
            one.path,
            instant(one.confirmed_at),
            "; ".join(f"{kind}, {at:%Y-%m-%d}" for at, kind in one.became) or _("open"),
        )
        for one in found.rows
    ]  # fmt: skip
    caption = _("The first %(count)s") % {"count": len(cells)} if found.count > len(cells) > 1 else ""
    columns = [Column(each) for each in (_("Association"), _("How"), _("Confirmed"), _("What became of it"))]
    return Table(caption or _("The associations"), columns, cells, show_caption=bool(caption))


def _look(request: PortalRequest, row: Signal, form: Looked) -> None:
    """The word on this one, and if wanted on all like it; a case is opened for this one alone."""
    said, by, now = form.cleaned_data, request.actor, request.now
    number = ""
    if said["word"] == OPEN:
        number = acts.refer(row.pk, words=said["words"], by=by, now=now)
    else:
        acts.review(row.pk, words=said["words"], by=by, now=now)
    if said["others"]:
        like = queries.to_review().filter(rule=row.rule, association__npn=row.association.npn)
        words = f"{number}: {said['words']}" if number else said["words"]
        for id in like.values_list("pk", flat=True):
            acts.review(id, words=words, by=by, now=now)


@access.allow(*team.WRITERS)
@require_safe
def done(request: PortalRequest, signal: int) -> HttpResponse:
    """The receipt: looked at, or the number of the case."""
    row = _of(signal)
    if getattr(row, "review", None) is None:
        raise Http404
    opened = cases.about(acts.KIND, str(row.pk))
    links = [NavItem(_("Signals that wait"), reverse("staff:signals"))]
    if opened:
        steps = [NextStep(_("The case waits in the queue; its clock runs."), _("ten business days"))]
        links.insert(0, NavItem(_("The case"), reverse("staff:case", args=[opened[0].number])))
    else:
        steps = [NextStep(_("Nothing follows. Your word stands in the journal."))]
    context = {
        "title": _("A case is opened") if opened else _("Looked at"),
        "reference": opened[0].number if opened else f"V-{row.pk}",
        "facts": _looked(row),
        "next_steps": steps,
        "links": links,
    }
    return render(request, "web/confirmation.html", context)
