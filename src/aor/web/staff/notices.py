"""Notices that did not arrive: bounced, given up, or without an address; what the mail server said."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.notices import queries as facts
from aor.notices.queries import Told
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import Column, CountCard, NavItem, Table, link, query_url
from aor.web.staff import team
from aor.web.templatetags.components import instant, tag

MOST = 200
PAGES = {"broker": "staff:broker", "subscriber": "staff:household"}


@access.allow(*team.READERS)
@require_safe
def notices(request: PortalRequest) -> HttpResponse:
    """The undelivered ones, the latest first, by what became of them."""
    found = facts.undelivered()
    state = request.GET.get("state", "")
    cards = [
        CountCard(words, sum(one.state == words for one in found), query_url({}, state=words), current=words == state)
        for words in facts.UNDELIVERED
    ]
    rows = [one for one in reversed(found) if state in ("", one.state)][:MOST]
    headings = (_("Notice"), _("To"), _("State"), _("Queued"), _("What the mail server said"))
    empty = _("Every notice arrived.")
    context = {
        "title": _("Notices not delivered"),
        "crumbs": [NavItem(_("Tasks"), reverse("staff:dashboard")), NavItem(_("Notices"))],
        "cards": cards,
        "table": Table(
            _("Notices"), [Column(one) for one in headings], [_row(one) for one in rows], empty=empty,
            show_caption=False,
        ),
    }  # fmt: skip
    return render(request, "staff/notices.html", context)


def _row(one: Told) -> tuple[object, ...]:
    page = PAGES.get(one.recipient_kind)
    to = f"{one.recipient_kind} {one.recipient_id}"
    return (
        one.subject,
        link(to, reverse(page, args=[one.recipient_id])) if page and "/" not in one.recipient_id else to,
        tag(one.state, "warning"),
        instant(one.queued_at),
        one.words,
    )
