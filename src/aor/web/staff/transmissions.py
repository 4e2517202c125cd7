"""What went to carriers and what they answered: files, one file, rejections, answers that are late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.carriers import queries as carriers
from aor.transmissions import queries as transmissions
from aor.transmissions import rejected as rejections
from aor.transmissions.ledger import HANDED_OVER
from aor.transmissions.models import Answer, Interchange, Step, TransactionSet
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import Chip, Column, Event, Fact, NavItem, Pages, Table, Tone, Words, link, query_url
from aor.web.staff import team
from aor.web.templatetags.components import day, instant, tag

AT_ONCE, SETS_AT_ONCE = 25, 50
REJECTED_DAYS, MOST = timedelta(days=90), 200
VERDICTS: Mapping[str, tuple[Words, Tone]] = {
    "accepted": (gettext_lazy("Accepted"), "success"),
    "rejected": (gettext_lazy("Rejected"), "error"),
    "received": (gettext_lazy("Received"), "info"),
    "": (gettext_lazy("Not answered"), "neutral"),
}


@access.allow(*team.READERS)
@require_safe
def transmissions_page(request: PortalRequest) -> HttpResponse:
    """The files, the latest first, some at a time."""
    names, carrier = carriers.names(), request.GET.get("carrier", "")
    rows = Interchange.objects.order_by("-id")
    if carrier in names:
        rows = rows.filter(hios_issuer_id=carrier)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: AT_ONCE + 1])
    shown = found[:AT_ONCE]
    older = query_url(request.GET, before=shown[-1].pk) if len(found) > AT_ONCE else ""
    context = {
        "title": _("Transmissions"),
        "table": files(shown, names),
        "pages": Pages(next=older),
        "names": names,
        "carrier": carrier,
        "chips": [Chip(names[carrier], query_url(request.GET, carrier=None, before=None))]
        if carrier in names
        else [],
    }
    return render(request, "staff/transmissions.html", context)


def files(rows: Sequence[Interchange], names: Mapping[str, str], *, linked: str = "staff:interchange") -> Table:
    """Files with how far each came; three queries, whatever their number."""
    ids = [one.pk for one in rows]
    handed = dict(Step.objects.filter(interchange__in=ids, kind=HANDED_OVER).values_list("interchange_id", "at"))
    counted = answered(ids)
    cells = [
        (
            link(one.name, reverse(linked, args=[one.pk])) if linked else one.name,
            names.get(one.hios_issuer_id, one.hios_issuer_id),
            instant(one.composed_at),
            instant(handed.get(one.pk)) or tag(_("Not handed over"), "warning"),
            one.sets,
            counted[one.pk]["accepted"],
            counted[one.pk]["rejected"],
        )
        for one in rows
    ]
    columns = [
        Column(_("File")),
        Column(_("Carrier")),
        Column(_("Composed")),
        Column(_("Handed over")),
        Column(_("Sets"), numeric=True),
        Column(_("Accepted"), numeric=True),
        Column(_("Rejected"), numeric=True),
    ]
    return Table(_("Files to carriers"), columns, cells, empty=_("No file was sent yet."), show_caption=False)


def answered(interchanges: Sequence[int]) -> dict[int, Counter[str]]:
    """How many sets of each file were accepted and rejected, one by one or as a whole."""
    rows = Answer.objects.filter(transaction_set__interchange__in=interchanges).order_by()
    found: dict[int, Counter[str]] = {one: Counter() for one in interchanges}
    counted = rows.values_list("transaction_set__interchange", "verdict")
    for id, verdict, count in counted.annotate(Count("transaction_set", distinct=True)):
        found[id][verdict] = count
    whole = Answer.objects.filter(interchange__in=interchanges, transaction_set=None, verdict="rejected")
    for id, sets in whole.values_list("interchange_id", "interchange__sets").distinct():
        found[id]["rejected"] = sets
    return found


@access.allow(*team.READERS)
@require_safe
def interchange(request: PortalRequest, interchange: int) -> HttpResponse:
    """One file: what became of it, what its carrier said, and its sets."""
    one = Interchange.objects.filter(pk=interchange).first()
    if one is None:
        raise Http404
    after = request.GET.get("after", "")
    rows = TransactionSet.objects.filter(interchange=one).select_related("enrollment").order_by("id")
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__gt=int(after))
    found = list(rows[: SETS_AT_ONCE + 1])
    shown = found[:SETS_AT_ONCE]
    context = {
        "title": _("File %(number)s") % {"number": one.isa13},
        "crumbs": [NavItem(_("Transmissions"), reverse("staff:transmissions")), NavItem(one.isa13)],
        "facts": facts(one),
        "events": events(one),
        "table": _sets(one, shown),
        "pages": Pages(next=query_url(request.GET, after=shown[-1].pk) if len(found) > SETS_AT_ONCE else ""),
        "resend_url": reverse("staff:resend", args=[one.pk]) if isinstance(request.holder, team.WRITERS) else "",
    }
    return render(request, "staff/interchange.html", context)


def facts(one: Interchange) -> list[Fact]:
    """One file in a few lines; the first names its carrier."""
    counted = answered([one.pk])[one.pk]
    name = carriers.names().get(one.hios_issuer_id, one.hios_issuer_id)
    return [
        Fact(_("Carrier"), link(name, reverse("staff:carrier", args=[one.hios_issuer_id]))),
        Fact(_("Name"), one.name),
        Fact(_("Control number (ISA13)"), one.isa13),
        Fact(_("From and to (ISA06, ISA08)"), f"{one.isa06}, {one.isa08}"),
        Fact(_("Composed"), one.composed_at),
        Fact(_("Sets"), one.sets),
        Fact(_("Accepted"), counted["accepted"]),
        Fact(_("Rejected"), counted["rejected"]),
        Fact(_("SHA-256 of the file"), one.sha256),
    ]


def events(one: Interchange) -> list[Event]:
    """What became of the file, and what was said about it as a whole."""
    tones: Mapping[str, Tone] = {HANDED_OVER: "success", "failed": "error", "discarded": "warning"}
    found = [
        Event(step.at, step.kind.capitalize(), detail=step.words, tone=tones.get(step.kind, "neutral"))
        for step in one.steps.order_by("id")
    ]
    said = one.answers.filter(transaction_set=None).select_related("acknowledgment").order_by("id")
    for answer in said:
        words, tone = VERDICTS[answer.verdict]
        what = _("%(verdict)s by the carrier (TA1 %(code)s)") % {"verdict": words, "code": answer.code}
        found.append(Event(answer.answered_at, what, answer.acknowledgment.name, answer.words, tone=tone))
    return found


def _sets(one: Interchange, rows: Sequence[TransactionSet]) -> Table:
    said: dict[int, list[Answer]] = {}
    for answer in Answer.objects.filter(transaction_set__in=[row.pk for row in rows]).order_by("answered_at", "id"):
        said.setdefault(answer.transaction_set_id or 0, []).append(answer)
    cells = []
    for row in rows:
        last = said.get(row.pk, [None])[-1]
        cells.append(
            (
                row.st02,
                link(row.enrollment.policy_id, reverse("staff:enrollment", args=[row.enrollment_id])),
                row.kind,
                row.npn or _("nobody"),
                day(row.effective_from),
                tag(*VERDICTS[last.verdict if last else ""]),
                last.words if last else "",
            )
        )
    headings = (_("Set"), _("Policy"), _("Kind"), _("Broker"), _("From"), _("Answer"), _("In words"))
    return Table(_("Sets"), [Column(one) for one in headings], cells, show_caption=False)


@access.allow(*team.READERS)
@require_safe
def rejected(request: PortalRequest) -> HttpResponse:
    """What carriers rejected and nobody has sent again, in words."""
    rows = rejections.rejections(request.now - REJECTED_DAYS, most=MOST)
    names = carriers.names()
    cells = [_rejection(one, names) for one in rows]
    headings = (_("What"), _("Carrier"), _("Policy"), _("Because"), _("Answered"))
    empty = _("Nothing was rejected in the last 90 days that was not sent again.")
    table = Table(_("Rejected"), [Column(one) for one in headings], cells, empty=empty, show_caption=False)
    lead = _("Correct what the carrier names, then send the file again: only what was not accepted goes.")
    crumbs = [NavItem(_("Transmissions"), reverse("staff:transmissions")), NavItem(_("Rejected"))]
    shown = {"title": _("Rejected by carriers"), "table": table, "lead": lead, "crumbs": crumbs}
    return render(request, "staff/list.html", shown)


def _rejection(one: Answer, names: Mapping[str, str]) -> tuple[object, ...]:
    row = one.transaction_set
    file = one.interchange if row is None else row.interchange
    assert file is not None  # the query leaves out what answers nothing of ours
    what = _("Set %(number)s") % {"number": row.st02} if row else _("Whole file %(number)s") % {"number": file.isa13}
    policy = link(row.enrollment.policy_id, reverse("staff:enrollment", args=[row.enrollment_id])) if row else ""
    return (
        link(what, reverse("staff:interchange", args=[file.pk])),
        names.get(file.hios_issuer_id, file.hios_issuer_id),
        policy,
        one.words or one.code,
        instant(one.answered_at),
    )


@access.allow(*team.READERS)
@require_safe
def overdue(request: PortalRequest) -> HttpResponse:
    """Files that their carrier should have answered by now."""
    found = transmissions.overdue(request.now)
    names = carriers.names()
    ids = dict(Interchange.objects.filter(name__in=[one.name for one in found]).values_list("name", "id"))
    cells = [
        (
            link(one.name, reverse("staff:interchange", args=[ids[one.name]])),
            names.get(one.hios_issuer_id, one.hios_issuer_id),
            instant(one.handed_over_at),
            instant(one.due_at),
            one.sets,
        )
        for one in found[:MOST]
    ]
    columns = [Column(_("File")), Column(_("Carrier")), Column(_("Handed over")), Column(_("Answer was due"))]
    columns.append(Column(_("Sets without answer"), numeric=True))
    table = Table(_("Overdue"), columns, cells, empty=_("Every carrier answered in time."), show_caption=False)
    lead = _("Ask the carrier first; then send the file again, with new control numbers.")
    crumbs = [NavItem(_("Transmissions"), reverse("staff:transmissions")), NavItem(_("Overdue"))]
    shown = {"title": _("Answers overdue"), "table": table, "lead": lead, "crumbs": crumbs}
    return render(request, "staff/list.html", shown)
