"""Notices to consumers without an e-mail address, as letters for the print shop: one PDF, each notice once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aor.audit import operations as journal
from aor.audit.models import Act
from aor.documents import letters as documents
from aor.documents.letters import Letter, Sender
from aor.engine.among import among
from aor.enrollments.models import Event
from aor.notices import words
from aor.notices.models import Notice, State
from aor.terms.actor import Actor
from aor.terms.period import day_of
from aor.web import access, problems, reads
from aor.web.access import PortalRequest
from aor.web.components import Column, NavItem, Table, link
from aor.web.staff import team
from aor.web.templatetags.components import instant

AT_ONCE = 100
PRINTED = "notice.printed"


@access.allow(*team.READERS)
@require_safe
def letters(request: PortalRequest) -> HttpResponse:
    """What waits to be printed, by number; names and addresses stand in the PDF alone."""
    rows = waiting()
    cells = [
        (
            f"N-{one.pk}",
            one.subject,
            link(one.recipient_id, reverse("staff:household", args=[one.recipient_id])),
            instant(one.queued_at),
        )
        for one in rows
    ]
    headings = (_("Letter"), _("About"), _("Household of"), _("Since"))
    empty = _("No letter waits to be printed.")
    context = {
        "title": _("Letters to print"),
        "lead": _("At most a hundred at once. Each is printed once; the journal says when and by whom."),
        "crumbs": [NavItem(_("More"), reverse("staff:more")), NavItem(_("Letters"))],
        "table": Table(_("Letters"), [Column(one) for one in headings], cells, empty=empty, show_caption=False),
        "may": bool(rows) and isinstance(request.holder, team.WRITERS),
    }
    return render(request, "staff/letters.html", context)


def waiting() -> list[Notice]:
    """Notices to consumers that have no address to be mailed to and were not printed; a code is never printed."""
    rows = Notice.objects.filter(state=State.UNADDRESSED, recipient_kind="subscriber", secret="").order_by("id")
    before = Act.objects.filter(verb=PRINTED, subject_kind="notice", subject_id=Cast(OuterRef("pk"), CharField()))
    return list(rows.filter(~Exists(before))[:AT_ONCE])


@transaction.atomic
def took(rows: Sequence[Notice], *, by: Actor, now: datetime) -> bool:
    """Notes that letters are printed; False, and nothing is noted, where somebody printed one in the meantime."""
    list(Notice.objects.select_for_update().filter(among("pk", [one.pk for one in rows])).order_by("pk"))
    entries = [journal.Entry(("notice", str(one.pk))) for one in rows]
    printed = Act.objects.filter(among("subject_id", [one.subject[1] for one in entries]), subject_kind="notice")
    if printed.filter(verb=PRINTED).exists():
        return False
    journal.write_many(verb=PRINTED, entries=entries, by=by, at=now)
    return True


@access.allow(*team.WRITERS)
@require_POST
def printed(request: PortalRequest) -> HttpResponse:
    """The PDF of those that waited; whoever comes second gets those that are left."""
    gone = problems.Stale(_("They were printed in the meantime."), back=reverse("staff:letters"))
    rows = waiting()
    if not rows:
        raise gone
    batch = documents.batch(
        letters_of(rows), sender=Sender(settings.AOR_MARKETPLACE), title=_("Letters"), at=request.now
    )
    if not took(rows, by=request.actor, now=request.now):
        raise gone
    reads.saw(request, (one.recipient_id for one in rows), what="letters")
    response = HttpResponse(batch.pdf, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="letters-N-{rows[0].pk}-to-N-{rows[-1].pk}.pdf"'
    return response


def letters_of(rows: Sequence[Notice]) -> list[Letter]:
    """Notices as letters, to the latest address on file."""
    known = Event.objects.filter(among("subscriber_id", {one.recipient_id for one in rows})).exclude(address="")
    lines: dict[str, tuple[str, ...]] = {}
    for name, first, last, address in known.order_by("sent_at", "id").values_list(
        "subscriber_id", "first_name", "last_name", "address"
    ):
        lines[name] = (f"{first} {last}".strip(), *address.split(", "))
    return [_letter(one, lines.get(one.recipient_id, (one.recipient_id,))) for one in rows]


def _letter(one: Notice, address: tuple[str, ...]) -> Letter:
    """In the language in which the notice was written; the line about an interpreter is in the reader's own."""
    offer = words.offer_in(one.body)
    body = one.body.removesuffix(offer.interpreter) if offer else one.body
    return Letter(
        reference=f"N-{one.pk}",
        day=day_of(one.queued_at),
        address=address,
        heading=one.subject,
        paragraphs=tuple(part for part in body.split("\n\n") if part.strip()),
        language=words.language_of(one.kind, one.subject),
        offer=offer.interpreter if offer else "",
        offer_language=offer.code if offer else "en",
    )
