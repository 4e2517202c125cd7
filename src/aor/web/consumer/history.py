"""My broker before: who, from when, until when, and how."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.policy.association import EVERYTHING, Association, EndKind, Opening, openings
from aor.terms.period import day_of
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.components import Column, NavItem, Table, Words
from aor.web.consumer import own
from aor.web.templatetags.components import day

NO_LONGER = gettext_lazy("The broker can no longer work with the marketplace")
ENDS: dict[EndKind, Words] = {
    EndKind.ENDED: gettext_lazy("You ended it"),
    EndKind.REPLACED: gettext_lazy("Another broker took their place"),
    EndKind.DECERTIFIED: NO_LONGER,
    EndKind.LICENSE_REVOKED: NO_LONGER,
    EndKind.DIED: NO_LONGER,
    EndKind.MOVED: gettext_lazy("Your household became part of another one"),
    EndKind.WITHDRAWN: gettext_lazy("The broker ended it"),
    EndKind.DECLINED: gettext_lazy("The broker said no"),
    EndKind.DECLINED_RESUMED: gettext_lazy("The broker said no, and your earlier broker came back"),
    EndKind.UNDONE: gettext_lazy("You took this choice back"),
}


@access.allow(roles.Consumer)
@require_safe
def history(request: PortalRequest) -> HttpResponse:
    """Every broker of the household, latest first."""
    place = own.place(request)
    ever = own.ever(place)
    standings = place.around.standings({one.npn for one in ever})
    spans = openings(ever, [standings[npn] for npn in standings], EVERYTHING)
    names = own.titles(one.npn for one in ever)
    reads.saw(request, [own.subscriber(request)], what="brokers before")
    columns = [
        Column(_("Broker")),
        Column(_("From")),
        Column(_("Until")),
        Column(_("How it began")),
        Column(_("How it ended")),
    ]
    rows = []
    for one in reversed(ever):
        until, how = _end(one, spans)
        began = own.PATHS.get(one.path, _("From earlier records"))
        rows.append((names[one.npn], day(day_of(one.confirmed_at)), day(until) if until else _("Now"), began, how))
    table = Table(_("Brokers"), columns, rows, empty=_("You have had no broker here yet."), show_caption=False)
    context = {
        "title": _("My broker before"),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(_("Before"))],
        "table": table,
    }
    return render(request, "consumer/table.html", context)


def _end(one: Association, spans: list[Opening]) -> tuple[date | None, Words]:
    """The day on which one was no longer the broker, and why; no day for the one who still is."""
    annulled = one.annulled_by()
    if annulled is not None:
        at = next(end.at for end in one.ends if end.kind is annulled)
        return day_of(at), ENDS[annulled]
    span = next((span for span in reversed(spans) if span.association.id == one.id), None)
    if span is not None and span.until is None:
        return None, ""
    own_end = min(one.ends, key=lambda end: end.at, default=None)
    if span is None:  # it lasted less than a day
        return day_of(own_end.at if own_end else one.confirmed_at), ENDS[
            own_end.kind if own_end else EndKind.REPLACED
        ]
    if own_end is not None and day_of(own_end.at) == span.until:
        return span.until, ENDS[own_end.kind]
    followed = any(later.since == span.until for later in spans)
    return span.until, ENDS[EndKind.REPLACED] if followed else NO_LONGER
