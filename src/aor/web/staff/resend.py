"""What a carrier rejected or never answered goes again, with new control numbers."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aor.transmissions import operations as transmissions
from aor.transmissions.models import Interchange, TransactionSet
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem, NextStep
from aor.web.forms import Form, Submitted
from aor.web.staff import team
from aor.web.staff.transmissions import answered


class Sure(Submitted, Form):
    """Nothing to fill in."""


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def resend(request: PortalRequest, interchange: int) -> HttpResponse:
    """Asks once, then hands over what was not accepted."""
    one = _file(interchange)
    form = Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            sent = transmissions.resend(by=request.actor, now=request.now, isa13=one.isa13)
        except transmissions.CannotResend as because:
            form.add_error(None, str(because))
        else:
            if not sent.failed:
                return HttpResponseRedirect(reverse("staff:resent", args=[one.pk]))
            for words in sent.findings or [_("The carrier's mailbox did not take it; the next run tries again.")]:
                form.add_error(None, words)
    counted = answered([one.pk])[one.pk]
    left = one.sets - counted["accepted"]
    context = {
        "title": _("Send again"),
        "caption": _("File %(number)s") % {"number": one.isa13},
        "crumbs": [NavItem(one.isa13, reverse("staff:interchange", args=[one.pk])), NavItem(_("Send again"))],
        "sections": [("", [Fact(_("Sets"), one.sets), Fact(_("Accepted, not sent again"), counted["accepted"])])],
        "consequence": _("At most %(left)s sets go again, with new control numbers and the same references.")
        % {"left": left},
        "form": form,
        "submit": _("Send again"),
        "cancel_url": reverse("staff:interchange", args=[one.pk]),
    }
    return render(request, "web/check_answers.html", context)


@access.allow(*team.WRITERS)
@require_safe
def resent(request: PortalRequest, interchange: int) -> HttpResponse:
    """The receipt: under which number it went."""
    one = _file(interchange)
    again = TransactionSet.objects.filter(resend_of__interchange=one).select_related("interchange").order_by("-id")
    last = again.first()
    if last is None:
        raise Http404
    context = {
        "title": _("Sent again"),
        "reference": last.interchange.isa13,
        "facts": [Fact(_("File"), last.interchange.name), Fact(_("Sets"), last.interchange.sets)],
        "next_steps": [NextStep(_("The carrier acknowledges the new file."), _("within its hours"))],
        "links": [NavItem(_("The new file"), reverse("staff:interchange", args=[last.interchange_id]))],
    }
    return render(request, "web/confirmation.html", context)


def _file(id: int) -> Interchange:
    found = Interchange.objects.filter(pk=id).first()
    if found is None:
        raise Http404
    return found
