"""The index of the rest."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.web import access
from aor.web.access import PortalRequest
from aor.web.staff import team


@access.allow(*team.READERS)
@require_safe
def more(request: PortalRequest) -> HttpResponse:
    """Every list of the desk, by what it is about."""
    groups = [
        (
            _("Brokers and consumers"),
            [
                (_("A caller"), _("Check who calls, then see what may be said."), "staff:caller"),
                (_("Not asked for"), _("Consumers who disown a broker."), "staff:disowned"),
                (_("Incidents"), _("Rows of reports that are not the broker's client."), "staff:incidents"),
                (_("Corrections of NPNs"), _("An NPN that was written wrongly."), "staff:corrections"),
                (_("Signals"), _("What is out of the ordinary, for somebody to look at."), "staff:signals"),
                (_("Transfers of books"), _("A broker's households go to another."), "staff:transfers"),
                (_("Brokers who are gone"), _("Households that nobody has followed."), "staff:orphans"),
                (_("Registrations"), _("Agencies that wait for your word."), "staff:registrations"),
                (_("Shared contacts"), _("Addresses to which no code is sent."), "staff:shared_contacts"),
                (_("Claims to determine"), _("What brokers say they should be credited with."), "staff:workbench"),
                (_("Second officer"), _("What waits for a team lead."), "staff:second"),
            ],
        ),
        (
            _("Carriers"),
            [
                (_("Carriers"), _("How each is served, its files and its answers."), "staff:carriers"),
                (_("All exceptions"), _("All that waits for a person, by kind, and as a file."), "staff:exceptions"),
                (_("Rejected"), _("In the carriers' words."), "staff:rejected"),
                (_("Answers overdue"), _("Files without an answer in time."), "staff:overdue"),
            ],
        ),
        (
            _("Running"),
            [
                (_("Metrics"), _("Coverage, times, what is held, what is rejected."), "staff:metrics"),
                (_("Notices not delivered"), _("Bounces, and people without an address."), "staff:notices"),
                (_("Letters to print"), _("Notices to people without e-mail, as one PDF."), "staff:letters"),
                (_("Renewals"), _("What the renewal will carry, hold or lose, by broker."), "staff:renewals"),
                (_("Retention"), _("What is past its day, and legal holds."), "staff:retention"),
                (_("Parameters"), _("The numbers of the policy, with their dates."), "staff:parameters"),
            ],
        ),
    ]
    writes = isinstance(request.holder, team.WRITERS)
    shown = [
        (heading, [(label, hint, reverse(name)) for label, hint, name in pages if writes or name != "staff:caller"])
        for heading, pages in groups
    ]
    return render(request, "staff/more.html", {"title": _("More"), "groups": shown})
