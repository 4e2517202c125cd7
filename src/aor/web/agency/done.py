"""What follows each thing that was sent: a reference, what happens next, and when."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import NavItem, NextStep, Words

AT_ONCE = _("At once")
ROSTER: tuple[Words, str] = (_("Roster"), "agency:roster")
DAY: tuple[Words, str] = (_("Agency"), "agency:dashboard")
SUPPORT: tuple[Words, str] = (_("Support staff"), "agency:support")
DONE: Mapping[str, tuple[Words, tuple[Words, str], tuple[NextStep, ...]]] = {
    "asked": (
        _("The broker is asked to join"),
        ROSTER,
        (
            NextStep(_("A mail goes to the broker’s registered address."), _("Today")),
            NextStep(_("The broker says yes or no. Until a yes you see none of the broker’s clients.")),
            NextStep(_("Without an answer the invitation ends, and you may ask again."), _("After 14 days")),
        ),
    ),
    "imported": (
        _("The roster file is taken"),
        ROSTER,
        (
            NextStep(_("A mail goes to each broker who was asked to join."), _("Today")),
            NextStep(_("Each of them says yes or no. The roster shows who has not answered.")),
        ),
    ),
    "taken-back": (
        _("The invitation is taken back"),
        ROSTER,
        (NextStep(_("The broker can no longer say yes to it."), AT_ONCE),),
    ),
    "removed": (
        _("The broker has left the agency"),
        ROSTER,
        (
            NextStep(_("You and your support staff no longer see the broker’s clients."), AT_ONCE),
            NextStep(_("The clients stay with the broker, who is agent of record as before.")),
        ),
    ),
    "data": (
        _("The agency’s data are kept"),
        (_("Agency’s data"), "agency:data"),
        (
            NextStep(_("They are used from now on."), AT_ONCE),
            NextStep(_("If the e-mail address changed, the old address is told."), _("Today")),
        ),
    ),
    "digest": (
        _("You will get the daily mail"),
        DAY,
        (NextStep(_("A mail comes on each day on which something needs attention."), _("From tomorrow")),),
    ),
    "no-digest": (
        _("You will get no daily mail"),
        DAY,
        (NextStep(_("What needs attention stands on the agency’s first page."), AT_ONCE),),
    ),
    "staff-invited": (
        _("The invitation is on its way"),
        SUPPORT,
        (
            NextStep(_("A mail with a code goes to the address."), _("Today")),
            NextStep(_("With the code the person opens an account, or signs in, and sets up a second step.")),
            NextStep(_("Without an answer the invitation ends, and you may send it again."), _("After 14 days")),
        ),
    ),
    "staff-taken-back": (
        _("The invitation is taken back"),
        SUPPORT,
        (NextStep(_("Its code opens nothing any more."), AT_ONCE),),
    ),
    "staff-removed": (
        _("The person is removed"),
        SUPPORT,
        (NextStep(_("They no longer act for your brokers, also where they are signed in."), AT_ONCE),),
    ),
    "cover": (
        _("The cover is set"),
        (_("Cover for leave"), "agency:cover"),
        (
            NextStep(_("The colleague is told by mail."), _("Today")),
            NextStep(_("On the days of the cover the colleague sees the broker’s clients. Credit stays.")),
        ),
    ),
    "cover-ended": (
        _("The cover is ended"),
        (_("Cover for leave"), "agency:cover"),
        (NextStep(_("The colleague no longer sees the broker’s clients."), AT_ONCE),),
    ),
    "joined": (
        _("You have joined the agency"),
        (_("Today"), "broker:dashboard"),
        (
            NextStep(_("The agency sees your clients, and its support staff may act for you."), AT_ONCE),
            NextStep(_("Your clients stay yours. You may leave the agency at any time.")),
        ),
    ),
    "declined": (
        _("You said no to the agency"),
        (_("Today"), "broker:dashboard"),
        (NextStep(_("Nothing changes. The agency sees that you answered."), AT_ONCE),),
    ),
    "own-data": (
        _("Your data are kept"),
        (_("Registered data"), "broker:profile"),
        (
            NextStep(_("They are used from now on, for mails and in the directory of brokers."), AT_ONCE),
            NextStep(_("If the e-mail address changed, the old address is told."), _("Today")),
        ),
    ),
    "client-taken-back": (
        _("The invitation is taken back"),
        (_("Invitations"), "broker:invitations"),
        (
            NextStep(_("Its code opens nothing any more."), AT_ONCE),
            NextStep(_("You may invite the person again at any time.")),
        ),
    ),
    "left": (
        _("You have left the agency"),
        (_("Today"), "broker:dashboard"),
        (NextStep(_("The agency and its support staff no longer see your clients."), AT_ONCE),),
    ),
}


def go(request: PortalRequest, done: str) -> HttpResponse:
    """To the page that says so; the reference is the number of the form that was sent."""
    request.session["agency_reference"] = request.POST.get("submission", "")[:8].upper()
    return HttpResponseRedirect(reverse("agency:done", args=[done]))


@access.allow(roles.AgencyManager, roles.Broker, roles.SupportStaff)
@require_safe
def page(request: PortalRequest, done: str) -> HttpResponse:
    """What was done."""
    if done not in DONE:
        raise Http404
    title, (label, name), steps = DONE[done]
    context = {
        "title": title,
        "reference": request.session.get("agency_reference", ""),
        "next_steps": steps,
        "links": [NavItem(label, reverse(name))],
    }
    return render(request, "web/confirmation.html", context)
