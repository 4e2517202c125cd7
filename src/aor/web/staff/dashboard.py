"""What waits for the broker team, from everywhere: counts that open the list they count, and what is due first."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.associations import queries as associations
from aor.cases import queries as cases
from aor.cases.models import Case
from aor.close import queries as closes
from aor.incidents import queries as incidents
from aor.notices import queries as notices
from aor.terms.actor import Role
from aor.terms.month import Month
from aor.terms.period import ONE_DAY, day_of
from aor.transmissions import queries as transmissions
from aor.transmissions import rejected as rejections
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import CountCard, Task, Tone, Words
from aor.web.staff import places, second, team
from aor.web.templatetags.components import instant

KINDS: dict[str, Words] = {
    "discrepancy": gettext_lazy("Reported discrepancies"),
    "retro": gettext_lazy("Retroactive requests"),
    "dispute": gettext_lazy("Disputes"),
    "transfer": gettext_lazy("Transfers of books"),
    "incident": gettext_lazy("Incidents"),
    "reply": gettext_lazy("Mails to a closed mailbox"),
    "message": gettext_lazy("Questions"),
    second.KIND: gettext_lazy("Second consents"),
    "npn correction": gettext_lazy("Corrections of NPNs"),
    "signal": gettext_lazy("Cases of signals"),
    "agency registration": gettext_lazy("Registrations of agencies"),
}
REJECTED_DAYS, MOST = timedelta(days=90), 500
DUE_SHOWN = 10


@access.allow(*team.READERS)
@require_safe
def dashboard(request: PortalRequest) -> HttpResponse:
    """The inbox: each card opens its list; then what runs out first; then the month."""
    month = last_month(request.now)
    row = closes.close_of(month)
    mine = list(cases.assigned_to(request.actor.name)[:DUE_SHOWN])
    context = {
        "title": _("Tasks"),
        "cards": _cards(request),
        "due": [_due(one) for one in cases.due_reminders(request.now)[:DUE_SHOWN]],
        "mine": [_mine(one) for one in mine],
        "month": month,
        "month_state": row.state if row else "",
    }
    return render(request, "staff/dashboard.html", context)


def last_month(now: datetime) -> Month:
    """The month before this one, which is the one to close."""
    return Month.of(Month.of(day_of(now)).first_day - ONE_DAY)


def _cards(request: PortalRequest) -> list[CountCard]:
    counted = cases.counts()
    found: list[tuple[Words, int, str, Tone]] = [
        (_("Brokers nobody asked for"), len(associations.disowned_open()), reverse("staff:disowned"), "error"),
        (
            _("Rejected by carriers"),
            len(rejections.rejections(request.now - REJECTED_DAYS, most=MOST)),
            reverse("staff:rejected"),
            "error",
        ),
        (
            _("Answers overdue"),
            sum(transmissions.overdue_files(request.now).values()),
            reverse("staff:overdue"),
            "warning",
        ),
        (_("Notices not delivered"), len(notices.undelivered()), reverse("staff:notices"), "warning"),
        (_("Signals to look at"), incidents.to_review().count(), reverse("staff:signals"), "info"),
    ]
    if isinstance(request.holder, team.WRITERS):
        found.append((_("Messages to read"), cases.unread(Role.OFFICER), reverse("messages:inbox"), "info"))
    found += [
        (words, counted.get(kind, 0), places.list_of(kind), "info")
        for kind, words in KINDS.items()
        if kind in ("discrepancy", "retro", second.KIND) or counted.get(kind)
    ]
    return [CountCard(words, count, url, tone if count else "neutral") for words, count, url, tone in found]


def _due(one: cases.Reminder) -> Task:
    status = _("overdue") if one.overdue else _("soon")
    hint = format_html("{}, {} {}", one.clock, _("due"), instant(one.due_at))
    tone: Tone = "error" if one.overdue else "warning"
    return Task(f"{one.number} ({KINDS.get(one.kind, one.kind)})", status, _url(one.number), hint, tone)


def _mine(one: Case) -> Task:
    return Task(f"{one.number} ({KINDS.get(one.kind, one.kind)})", one.state, _url(one.number))


def _url(number: str) -> str:
    return reverse("staff:case", args=[number])
