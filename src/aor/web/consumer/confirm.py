"""The signed-in consumer says yes or no to a broker: one who invited them, or who took over from the one before."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.acts import associate, invite, preview
from aor.acts.consent import Shown
from aor.acts.place import Place
from aor.associations import queries as associations
from aor.associations.models import Invitation
from aor.policy.association import Path
from aor.terms.period import day_of
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem
from aor.web.consumer import agreement, own, second_factor
from aor.web.consumer.agreement import Agree
from aor.web.consumer.designate import who
from aor.web.consumer.end import Sure
from aor.web.consumer.invitation import expect_open


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def confirm(request: PortalRequest, invitation: int) -> HttpResponse:
    """Who asks, both dates and the consent; of two people at once the second one sees who was first."""
    place = own.held(request) if request.method == "POST" else own.place(request)
    row, state = _invited(place, invitation)
    shown = agreement.text(place, Path.INVITED, row.npn)
    form = agreement.form(request.POST if request.method == "POST" else None, place, shown)
    if request.method == "POST" and form.is_valid():
        own.expect_unchanged(request, place, form)
        agreement.expect_as_shown(form, shown)
    expect_open(row, state, request)
    if place.locked and place.replaces(row.npn):
        words = _("You have locked your broker. Unlock first, then say yes to another one.")
        raise problems.Stale(words, back=reverse("consumer:lock"))
    if place.replaces(row.npn) and not second_factor.given(request):
        return second_factor.ask(request)
    if request.method == "POST" and form.is_valid():
        decision = associate.confirm(
            invitation=invitation,
            subscriber_id=row.subscriber_id,
            consent=shown.given(act="code confirmed"),
            second_factor=second_factor.given(request),
            by=request.actor,
            now=request.now,
        )
        if decision.granted:
            second_factor.use(request)
            return HttpResponseRedirect(reverse("consumer:done", args=["confirmed"]))
        for finding in decision.unmet:
            form.add_error(None, finding.because)
    return _asked(request, place, row, shown, form)


def _asked(request: PortalRequest, place: Place, row: Invitation, shown: Shown, form: Agree) -> HttpResponse:
    then = preview.replace_by(subscriber_id=own.subscriber(request), npn=row.npn, now=request.now)
    until = Fact(_("You may answer until"), day_of(row.expires_at))
    context = {
        "title": _("This broker asks to help you"),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(_("Yes or no"))],
        "facts": [*who(row.npn), until, *agreement.facts(then)],
        "table": agreement.effects(place, then),
        "lost": agreement.lost(then),
        "held": agreement.held_for_standing(then),
        "shown": shown,
        "form": form,
        "submit": _("Yes, make this my broker"),
        "decline_url": reverse("consumer:decline_invitation", args=[row.id]),
    }
    return render(request, "consumer/agree.html", context)


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def decline(request: PortalRequest, invitation: int) -> HttpResponse:
    """No: nothing changes, and the broker hears only that it was answered."""
    place = own.held(request) if request.method == "POST" else own.place(request)
    row, state = _invited(place, invitation)
    form = Sure(request.POST if request.method == "POST" else None, initial={"version": own.version(place)})
    expect_open(row, state, request)
    if request.method == "POST" and form.is_valid():
        invite.decline_invitation(
            invitation=invitation, subscriber_id=row.subscriber_id, by=request.actor, now=request.now
        )
        return HttpResponseRedirect(reverse("consumer:declined", args=[invitation]))
    context = {
        "title": _("Say no to this broker"),
        "lead": _("Nothing changes for you. The broker hears that you answered, and may ask again."),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(_("No"))],
        "facts": who(row.npn),
        "form": form,
        "submit": _("Say no"),
        "cancel_url": reverse("consumer:dashboard"),
    }
    return render(request, "consumer/sure.html", context)


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD"])
def declined(request: PortalRequest, invitation: int) -> HttpResponse:
    """The end of a no."""
    row, state = _invited(own.place(request), invitation)
    if state != "declined":
        raise Http404
    context = {
        "title": _("You said no"),
        "reference": f"INV-{row.id}",
        "facts": who(row.npn),
        "next_steps": [{"what": _("Nothing changes for you"), "when": _("The broker sees none of your data.")}],
        "links": [NavItem(_("My broker"), reverse("consumer:dashboard"))],
    }
    return render(request, "web/confirmation.html", context)


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def transfer(request: PortalRequest) -> HttpResponse:
    """Lets the broker who took over see the household's data."""
    place = own.held(request) if request.method == "POST" else own.place(request)
    if place.open is None or not own.waits(place):
        raise problems.Gone(_("No broker waits for your yes."), back=reverse("consumer:dashboard"))
    shown = agreement.text(place, Path.TRANSFERRED, place.open.npn)
    form = agreement.form(request.POST if request.method == "POST" else None, place, shown)
    if request.method == "POST" and form.is_valid():
        own.expect_unchanged(request, place, form)
        agreement.expect_as_shown(form, shown)
        consent = shown.given(act="transfer confirmed")
        associate.confirm_transfer(
            subscriber_id=own.subscriber(request), consent=consent, by=request.actor, now=request.now
        )
        return HttpResponseRedirect(reverse("consumer:done", args=["let-see"]))
    context = {
        "title": _("Let this broker see your data"),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(_("Yes or no"))],
        "facts": who(place.open.npn),
        "shown": shown,
        "form": form,
        "submit": _("Yes, this broker may see my data"),
        "decline_url": reverse("consumer:end"),
    }
    return render(request, "consumer/agree.html", context)


def _invited(place: Place, invitation: int) -> tuple[Invitation, str]:
    """An invitation of this household; anybody else's is not found."""
    found = associations.invitation(invitation)
    if found is None or found[0].subscriber_id not in place.people:
        raise Http404
    return found
