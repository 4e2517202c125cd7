"""What of an agency needs attention today."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aor.accounts import operations as accounts
from aor.accounts import queries as account_facts
from aor.acts import digest, readiness
from aor.brokers.queries import RosterBroker
from aor.carriers import queries as carriers
from aor.terms.period import ONE_DAY
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.agency import done, own
from aor.web.components import Column, CountCard, Table, Tone, Words, link
from aor.web.forms import Form, Submitted
from aor.web.templatetags.components import day, tag

SHOWN = 10
WHAT: dict[str, Words] = {
    "certification": gettext_lazy("Certification"),
    "license": gettext_lazy("License"),
    "appointment": gettext_lazy("Appointment"),
}


class Digest(Submitted, Form):
    """Whether a mail says every day that something waits."""

    wanted = forms.BooleanField(
        label=gettext_lazy("Send me a mail each day on which something needs attention"),
        required=False,
        help_text=gettext_lazy("Counts only. It names no client."),
    )


@access.allow(*own.FAMILY)
@require_safe
def dashboard(request: PortalRequest) -> HttpResponse:
    """Counts that lead to their lists, and what ends first."""
    members = {one.npn: one for one in own.members(request)}
    found = digest.attention(own.npn(request), now=request.now)
    context = {
        "title": own.name(request),
        "cards": _cards(request, members, found),
        "table": _table(members, found.at_risk[:SHOWN], carriers.names()),
        "more": len(found.at_risk) > SHOWN,
        "members": members,
        "form": Digest(initial={"wanted": account_facts.wants_digest(request.holder.account, own.npn(request))}),
    }
    return render(request, "agency/dashboard.html", context)


def _cards(request: PortalRequest, members: dict[str, RosterBroker], found: digest.Attention) -> list[CountCard]:
    def card(label: str, count: int, url: str, tone: Tone) -> CountCard:
        return CountCard(label, count, url, tone if count else "neutral")

    roster, ready = reverse("agency:roster"), f"{reverse('agency:readiness')}?risk=1"
    return [
        card(_("Agents of record at risk"), found.agents_of_record, ready, "error"),
        card(_("Brokers to look after"), found.brokers, ready, "warning"),
        card(_("Mails that did not arrive"), len(found.undelivered), reverse("agency:reports"), "warning"),
        card(_("Invitations open"), found.invitations, roster, "info"),
        card(_("Brokers"), len(members), roster, "neutral"),
        card(
            _("Policies of clients"),
            own.enrollments(request, list(members)).count(),
            reverse("agency:book"),
            "neutral",
        ),
    ]


def _table(members: dict[str, RosterBroker], risks: tuple[readiness.AtRisk, ...], names: dict[str, str]) -> Table:
    rows = []
    for one in risks:
        holding = one.holding
        until = (
            day(holding.until - ONE_DAY) if holding.held and holding.until else tag(_("Missing"), "error", "close")
        )
        what = str(WHAT[holding.what])
        if holding.hios_issuer_id:
            carrier = names.get(holding.hios_issuer_id, holding.hios_issuer_id)
            what = _("Appointment by %(carrier)s") % {"carrier": carrier}
        broker = link(members[holding.npn].name, reverse("agency:broker", args=[holding.npn]), described=what)
        rows.append([broker, what, until, str(one.agents_of_record)])
    columns = [
        Column(_("Broker")),
        Column(_("What")),
        Column(_("Last day")),
        Column(_("Agents of record"), numeric=True),
    ]
    return Table(_("What ends first"), columns, rows, empty=_("Nothing is missing or ends within 60 days."))


@access.allow(*own.FAMILY)
@require_POST
@once.effect
def keep_digest(request: PortalRequest) -> HttpResponse:
    """Keeps whether the person wants the daily mail."""
    form = Digest(request.POST)
    if not form.is_valid():
        raise problems.Problem(_("This form is not complete."), back=reverse("agency:dashboard"))
    wanted = bool(form.cleaned_data["wanted"])
    accounts.want_digest(account=request.holder.account, agency_npn=own.npn(request), wanted=wanted)
    return done.go(request, "digest" if wanted else "no-digest")
