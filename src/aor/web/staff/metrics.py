"""How the marketplace does, in few numbers: coverage by brokers, times to carriers, held, rejected."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.audit.models import Decision
from aor.carriers import queries as carriers
from aor.enrollments.models import Enrollment
from aor.record.models import Entry
from aor.terms.period import day_of
from aor.transmissions.ledger import HANDED_OVER
from aor.transmissions.models import Answer, Step, TransactionSet
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import Chart, Fact, NavItem, Point, Words
from aor.web.staff import team

DAYS = timedelta(days=90)
CAUSES: Mapping[str, Words] = {
    "APPOINTED": gettext_lazy("not appointed"),
    "CARRIER_KNOWN": gettext_lazy("carrier not known"),
    "CERTIFIED": gettext_lazy("not certified"),
    "ENROLLMENT_SENT": gettext_lazy("enrollment not yet sent"),
    "LICENSED": gettext_lazy("not licensed"),
}
LATEST = 2_000  # sets: the times are those of the latest, so that the page takes no longer with more


@access.allow(*team.READERS)
@require_safe
def metrics(request: PortalRequest) -> HttpResponse:
    """Charts, each with its numbers in a table."""
    hours = _hours(request.now)
    context = {
        "title": _("Metrics"),
        "crumbs": [NavItem(_("More"), reverse("staff:more")), NavItem(_("Metrics"))],
        "facts": [*_coverage(request.now), *hours],
        "charts": [
            chart for chart in (_held(request.now), _sent(request.now), _rejected(request.now)) if chart.points
        ],
    }
    return render(request, "staff/metrics.html", context)


def _coverage(now: datetime) -> list[Fact]:
    """How many enrollments in force today have an agent of record."""
    today = day_of(now)
    decided = Entry.objects.known_at().filter(
        enrollment=OuterRef("pk"), effective_from__lte=today, effective_until__gt=today, in_standing=True
    )
    force = Enrollment.objects.filter(start__lte=today, until__gt=today, cancelled=False)
    counted = force.aggregate(every=Count("id"), theirs=Count("id", filter=Exists(decided)))
    every, theirs = counted["every"], counted["theirs"]
    share = f"{100 * theirs / every:.1f} %" if every else "–"
    return [
        Fact(_("Enrollments in force today"), f"{every:,}"),
        Fact(_("of which have an agent of record"), f"{theirs:,} ({share})"),
    ]


def _hours(now: datetime) -> list[Fact]:
    """The median time from the decision to the hand-over, and from there to the acceptance, of the latest sets."""
    last = TransactionSet.objects.filter(kind="agent", interchange__composed_at__gte=now - DAYS).order_by("-id")
    rows = {one.pk: one for one in last[:LATEST]}
    handed = dict(
        Step.objects.filter(kind=HANDED_OVER, interchange__in={one.interchange_id for one in rows.values()})
        .values_list("interchange_id", "at")
    )  # fmt: skip
    entries = Entry.objects.filter(enrollment__in={one.enrollment_id for one in rows.values()})
    decided: dict[tuple[object, ...], datetime] = {}
    for enrollment, npn, day, at in entries.values_list("enrollment_id", "npn", "effective_from", "known_from"):
        key = (enrollment, npn, day)
        decided[key] = min(at, decided.get(key, at))
    accepted = dict(
        Answer.objects.filter(transaction_set__in=rows, verdict="accepted").order_by("-answered_at")
        .values_list("transaction_set_id", "answered_at")
    )  # fmt: skip
    to_sent, to_accepted = [], []
    for id, one in rows.items():
        sent = handed.get(one.interchange_id)
        began = decided.get((one.enrollment_id, one.npn, one.effective_from))
        if sent and began:
            to_sent.append((sent - began).total_seconds() / 3600)
        if sent and id in accepted:
            to_accepted.append((accepted[id] - sent).total_seconds() / 3600)
    return [
        Fact(_("Hours from the decision to the carrier, median"), _median(to_sent)),
        Fact(_("Hours from the carrier to its acceptance, median"), _median(to_accepted)),
    ]


def _median(hours: list[float]) -> str:
    return f"{median(hours):.1f}" if hours else "–"


def _held(now: datetime) -> Chart:
    """What is held today, by the rules that are not met."""
    held = Entry.objects.known_at().filter(in_standing=False, effective_until__gt=day_of(now)).order_by()
    counts = dict(held.values_list("decision_id").annotate(Count("id")))
    causes: Counter[str] = Counter()
    for id, findings in Decision.objects.filter(pk__in=list(counts)).values_list("pk", "findings"):
        unmet = next((one["rule"] for one in json.loads(findings) if not one["met"]), "OTHER")
        causes[str(CAUSES.get(unmet, unmet))] += counts[id]
    points = [Point(cause, count) for cause, count in causes.most_common(10)]
    return Chart(_("Held, by cause"), points, "rows", _("Cause"), _("Agents of record"))


def _sent(now: datetime) -> Chart:
    """Sets handed over, by carrier."""
    rows = Step.objects.filter(kind=HANDED_OVER, at__gte=now - DAYS).order_by()
    counts: Counter[str] = Counter()
    for hios, sets in rows.values_list("interchange__hios_issuer_id", "interchange__sets"):
        counts[hios] += sets
    return _by_carrier(_("Sets handed over in 90 days"), counts)


def _rejected(now: datetime) -> Chart:
    """Sets rejected, by carrier."""
    rows = Answer.objects.filter(verdict="rejected", recorded_at__gte=now - DAYS, transaction_set__isnull=False)
    hios = "transaction_set__interchange__hios_issuer_id"
    return _by_carrier(
        _("Sets rejected in 90 days"),
        Counter(dict(rows.order_by().values_list(hios).annotate(Count("transaction_set", distinct=True)))),
    )


def _by_carrier(title: str, counts: Counter[str]) -> Chart:
    names = carriers.names()
    points = [Point(names.get(hios, hios), count) for hios, count in counts.most_common(10)]
    return Chart(title, points, "rows", _("Carrier"), _("Sets"))
