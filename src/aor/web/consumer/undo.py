"""A consumer takes the last change back, or lets the earlier broker come back when the new one said no."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.acts import associate, preview
from aor.acts.place import Place
from aor.acts.preview import Preview
from aor.policy.association import EndKind
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem
from aor.web.consumer import agreement, own
from aor.web.consumer.end import Sure, expect_broker

CANNOT = gettext_lazy("Your earlier broker cannot come back this way. You can choose a broker.")


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def undo(request: PortalRequest) -> HttpResponse:
    """The broker before is restored from the day of the change, without a gap."""
    place, form = _begin(request)
    now = expect_broker(place)
    if request.method == "POST" and form.is_valid():
        decision = associate.undo(subscriber_id=own.subscriber(request), by=request.actor, now=request.now)
        if not decision.granted:
            words = _("This change can no longer be taken back. You can end with your broker, or choose another one.")
            raise problems.Gone(words, back=reverse("consumer:dashboard"))
        return HttpResponseRedirect(reverse("consumer:done", args=["undone"]))
    then = preview.undo(subscriber_id=own.subscriber(request), now=request.now)
    facts = [Fact(_("Taken back"), own.title(now.npn))]
    return _page(request, _("Take the last change back"), form, place, then, facts)


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def resume(request: PortalRequest, association: int) -> HttpResponse:
    """The broker whom the consumer chose said no; the one before comes back, without a gap."""
    place, form = _begin(request)
    declined = next((one for one in own.ever(place) if one.id == association), None)
    if declined is None:
        raise Http404
    if declined.annulled_by() is not EndKind.DECLINED or place.open is not None:
        raise problems.Gone(str(CANNOT), back=reverse("directory"))
    if request.method == "POST" and form.is_valid():
        subscriber = own.subscriber(request)
        decision = associate.resume(
            subscriber_id=subscriber, association=association, by=request.actor, now=request.now
        )
        if not decision.granted:
            raise problems.Gone(str(CANNOT), back=reverse("directory"))
        return HttpResponseRedirect(reverse("consumer:done", args=["resumed"]))
    then = preview.resume(subscriber_id=own.subscriber(request), association=association, now=request.now)
    return _page(request, _("Let my earlier broker come back"), form, place, then, [])


def _begin(request: PortalRequest) -> tuple[Place, Sure]:
    place = own.held(request) if request.method == "POST" else own.place(request)
    form = Sure(request.POST if request.method == "POST" else None, initial={"version": own.version(place)})
    if request.method == "POST" and form.is_valid():
        own.expect_unchanged(request, place, form)
    return place, form


def _page(
    request: PortalRequest, title: str, form: Sure, place: Place, then: Preview, facts: list[Fact]
) -> HttpResponse:
    after = own.title(then.access_after) if then.access_after else _("Nobody")
    context = {
        "title": title,
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(title)],
        "facts": [*facts, Fact(_("Your broker will be"), after), *agreement.facts(then)],
        "table": agreement.effects(place, then),
        "form": form,
        "submit": title,
        "cancel_url": reverse("consumer:dashboard"),
    }
    return render(request, "consumer/sure.html", context)
