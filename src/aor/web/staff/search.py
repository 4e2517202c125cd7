"""One search over people, policies, brokers, files and cases. Words may be a name: they are never in an address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import chain

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from aor.brokers import queries as brokers
from aor.brokers.models import Broker
from aor.carriers import queries as carriers
from aor.cases import queries as cases
from aor.enrollments import queries as enrollments
from aor.enrollments.models import Enrollment
from aor.transmissions.models import Interchange
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.components import Column, Table, link
from aor.web.forms import typed
from aor.web.staff import team
from aor.web.templatetags.components import day, instant

MOST = 25
WORDS = "staff_words"


@access.allow(*team.READERS)
@require_POST
def ask(request: PortalRequest) -> HttpResponse:
    """Keeps the words in the visit; a case is opened at once."""
    words = typed(request.POST.get("words", ""), 100)
    request.session[WORDS] = words
    if words.upper() in cases.cases([words.upper()]):
        return HttpResponseRedirect(reverse("staff:case", args=[words.upper()]))
    return HttpResponseRedirect(reverse("staff:search"))


@access.allow(*team.READERS)
@require_safe
def search(request: PortalRequest) -> HttpResponse:
    """What was found under the words asked for."""
    words = str(request.session.get(WORDS, ""))
    shown = {"title": _("Search"), "words": words}
    if words:
        people = _people(words)
        reads.saw(request, (one.subscriber.exchange_subscriber_id for one in people), what="search")
        shown["tables"] = [_enrollments(people), _brokers(words), _files(words)]  # type: ignore[assignment]  # a list
        shown["found"] = any(table.rows for table in shown["tables"])  # type: ignore[attr-defined,assignment]  # the tables put there above
    return render(request, "staff/search.html", shown)


def _people(words: str) -> list[Enrollment]:
    """By day of birth, by number of policy or person, or by name: `Last First` or `Last, First`, in either order."""
    if born := _day(words):
        return list(enrollments.of_birth_date(born).select_related("subscriber")[:MOST])
    if any(letter.isdigit() for letter in words):
        capitals = words.upper()
        found = (enrollments.of_policies_from(capitals), enrollments.of_subscribers_from(capitals))
        return _some(chain.from_iterable(rows.select_related("subscriber")[:MOST] for rows in found))
    first, _space, rest = words.replace(",", " ").partition(" ")
    ways = [(first, rest.strip())] if "," in words or not rest.strip() else [(first, rest), (rest, first)]
    found_of = (enrollments.of_name(*way).select_related("subscriber")[:MOST] for way in ways)
    return _some(chain.from_iterable(found_of))


def _some(rows: Iterable[Enrollment]) -> list[Enrollment]:
    return list({row.pk: row for row in rows}.values())[:MOST]


def _day(words: str) -> date | None:
    """A day as 2001-12-31 or 12/31/2001."""
    month, slash, rest = words.partition("/")
    iso = f"{rest[-4:]}-{month.zfill(2)}-{rest[:-5].zfill(2)}" if slash else words
    try:
        return date.fromisoformat(iso)
    except ValueError:
        return None


def _enrollments(rows: list[Enrollment]) -> Table:
    names = carriers.names()
    cells = [
        (
            link(f"{one.last_name}, {one.first_name}", reverse("staff:enrollment", args=[one.pk]),
                 described=one.policy_id),
            day(one.birth_date),
            one.policy_id,
            names.get(one.hios_issuer_id, one.hios_issuer_id),
            day(one.start),
            link(one.subscriber.exchange_subscriber_id,
                 reverse("staff:household", args=[one.subscriber.exchange_subscriber_id])),
        )
        for one in rows
    ]  # fmt: skip
    headings = (_("Person"), _("Born"), _("Policy"), _("Carrier"), _("From"), _("Household of"))
    return Table(_("People and policies"), [Column(one) for one in headings], cells, empty=_("No person or policy."))


def _brokers(words: str) -> Table:
    rows: list[Broker] = [] if _day(words) else list(brokers.search(words.replace(",", " "))[:MOST])
    cells = [
        (
            link(f"{one.last_name}, {one.first_name}", reverse("staff:broker", args=[one.npn])),
            one.npn,
            one.agency_name,
        )
        for one in rows
    ]
    columns = [Column(_("Broker")), Column(_("NPN")), Column(_("Agency"))]
    return Table(_("Brokers"), columns, cells, empty=_("No broker."))


def _files(words: str) -> Table:
    """Files to carriers by control number (a TA1 or a person names it) or by the beginning of their name."""
    number = words.isdecimal() and len(words) <= 9
    rows = Interchange.objects.filter(isa13=words.zfill(9)) if number else Interchange.objects.filter(name=words)
    cells = [
        (link(one.name, reverse("staff:interchange", args=[one.pk])), one.isa13, one.sets, instant(one.composed_at))
        for one in rows.order_by("-id")[:MOST]
    ]
    headings = (_("File"), _("Control number"), _("Sets"), _("Composed"))
    return Table(_("Files to carriers"), [Column(one) for one in headings], cells, empty=_("No file."))
