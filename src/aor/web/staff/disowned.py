"""Consumers who say “I did not ask for this”: access is closed already, an officer decides (readings, R12)."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import associate
from aor.associations import queries as associations
from aor.associations.models import Access, AccessChange, Association
from aor.brokers import queries as brokers
from aor.consumers.models import Membership
from aor.incidents import disputes
from aor.incidents import queries as incidents
from aor.incidents.models import Dispute
from aor.web import access, once, problems, reads
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, NextStep, Table, link
from aor.web.forms import Form, Submitted
from aor.web.staff import team
from aor.web.templatetags.components import instant

UPHELD, REOPENED = "upheld", "reopened"


class Decide(Submitted, Form):
    """The officer's word."""

    word = forms.ChoiceField(
        label=gettext_lazy("What you found"),
        choices=[
            (UPHELD, gettext_lazy("The consumer did not ask for it: access stays closed")),
            (REOPENED, gettext_lazy("The consumer did ask for it: access opens again")),
        ],
        widget=forms.RadioSelect,
    )


@access.allow(*team.READERS)
@require_safe
def disowned(request: PortalRequest) -> HttpResponse:
    """Those that nobody has decided, the oldest first."""
    rows = associations.disowned_open()[:200]
    names = brokers.names({row.association.npn for row in rows})
    cells = [
        (
            link(_("Association %(id)s") % {"id": row.association_id},
                 reverse("staff:disowned_one", args=[row.association_id])),
            f"{names.get(row.association.npn, '')}, {row.association.npn}",
            row.association.path,
            instant(row.association.confirmed_at),
            instant(row.at),
        )
        for row in rows
    ]  # fmt: skip
    headings = (_("Association"), _("Broker"), _("How"), _("Confirmed"), _("Disowned"))
    table = Table(
        _("Disowned"), [Column(one) for one in headings], cells, empty=_("Nobody has disowned a broker."),
        show_caption=False,
    )  # fmt: skip
    lead = _("The broker has seen nothing since. Ask both sides, read the consent, and decide.")
    crumbs = [NavItem(_("Tasks"), reverse("staff:dashboard")), NavItem(_("Not asked for"))]
    return render(
        request, "staff/list.html", {"title": _("Not asked for"), "table": table, "lead": lead, "crumbs": crumbs}
    )


@access.allow(*team.READERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def one(request: PortalRequest, association: int) -> HttpResponse:
    """One association: the consent on file, and the officer's word."""
    row = associations.association(association)
    waits = row is not None and associations.access_change(association) == "disowned"
    if row is None or not AccessChange.objects.filter(association=association, kind="disowned").exists():
        raise Http404
    subscriber = _subscriber(row)
    form = Decide(request.POST if request.method == "POST" else None)
    may = isinstance(request.holder, team.WRITERS)
    if request.method == "POST":
        if not may:
            raise problems.Problem(_("Only an officer decides."), back=reverse("staff:disowned"))
        if form.is_valid():
            return _decided(request, subscriber, association, form.cleaned_data["word"])
    reads.saw(request, [subscriber], what="disowned association")
    consent = row.consent
    facts = [
        Fact(_("Broker"), link(row.npn, reverse("staff:broker", args=[row.npn]))),
        Fact(_("Household of"), link(subscriber, reverse("staff:household", args=[subscriber]))),
        Fact(_("How"), f"{row.path}, {row.method}"),
        Fact(_("Confirmed"), row.confirmed_at),
        Fact(_("Consent on file"), f"{consent.act}: {consent.shown}" if consent else _("none")),
        Fact(_("Interpreter"), consent.interpreter if consent else ""),
    ]
    crumbs = [NavItem(_("Not asked for"), reverse("staff:disowned")), NavItem(str(association))]
    shown = {"title": _("Association %(id)s") % {"id": association}, "facts": facts, "form": form, "crumbs": crumbs}
    return render(request, "staff/second.html", {**shown, "may": may and waits, "own": False, "submit": _("Decide")})


def _decided(request: PortalRequest, subscriber: str, association: int, word: str) -> HttpResponse:
    upheld = word == UPHELD
    dispute = incidents.disputes().filter(association=association).first()
    if dispute is None:  # told by another door a moment ago: the worker opens its case
        decision = associate.decide_disowned(
            subscriber_id=subscriber, association=association, upheld=upheld, by=request.actor, now=request.now
        )
    else:
        decision = disputes.decide(
            dispute.case.number, version=dispute.case.version, upheld=upheld, by=request.actor, now=request.now
        )
    if not decision.granted:
        because = "; ".join(finding.because for finding in decision.unmet)
        raise problems.Stale(because or _("This was decided in the meantime."), back=reverse("staff:disowned"))
    return HttpResponseRedirect(reverse("staff:disowned_done", args=[association]))


@access.allow(*team.READERS)
@require_safe
def done(request: PortalRequest, association: int) -> HttpResponse:
    """The receipt: what was decided, and who is told."""
    row = associations.association(association)
    word = associations.access_change(association)
    if row is None or word not in (UPHELD, REOPENED):
        raise Http404
    dispute = Dispute.objects.filter(association=association).select_related("case").first()
    follows = (
        _("The broker sees nothing more. The broker before, if there was one, is restored without a gap.")
        if word == UPHELD
        else _("The broker sees the household's data again.")
    )
    context = {
        "title": _("Access stays closed") if word == UPHELD else _("Access is open again"),
        "reference": dispute.case.number if dispute else f"A-{association}",
        "facts": [Fact(_("Broker"), link(row.npn, reverse("staff:broker", args=[row.npn])))],
        "next_steps": [
            NextStep(follows, _("At once")),
            NextStep(_("The consumer is answered in their language, and the broker is told."), _("Today")),
            NextStep(_("Carriers are told of what changes."), _("With their next run")),
        ],
        "links": [NavItem(_("Not asked for"), reverse("staff:disowned"))],
    }
    return render(request, "web/confirmation.html", context)


def _subscriber(row: Association) -> str:
    """One person number of the household; an association may name the household alone."""
    if row.subscriber_id:
        return row.subscriber_id
    seen = Access.objects.filter(association_id=row.pk).values_list("subscriber__exchange_subscriber_id", flat=True)
    members = Membership.objects.known_at().filter(household_id=row.household_id)
    found = seen.first() or members.values_list("exchange_subscriber_id", flat=True).first()
    if found is None:
        raise Http404
    return found
