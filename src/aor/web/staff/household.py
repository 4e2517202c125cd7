"""One household's whole story: its people and policies, its brokers, its consents, who looked, what was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.acts.place import Place, place_of
from aor.associations import queries as associations
from aor.associations.queries import Consented
from aor.audit import queries as journal
from aor.brokers import queries as brokers
from aor.carriers import queries as carriers
from aor.cases import queries as cases
from aor.consumers.models import Subscriber
from aor.enrollments import queries as enrollments
from aor.enrollments.models import Enrollment
from aor.notices import queries as notices
from aor.terms.period import ONE_DAY
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, Table, link
from aor.web.staff import team
from aor.web.templatetags.components import day, instant

MOST = 100


@access.allow(*team.READERS)
@require_safe
def household(request: PortalRequest, subscriber: str) -> HttpResponse:
    """Everything of the household of one person number."""
    if not Subscriber.objects.filter(exchange_subscriber_id=subscriber).exists():
        raise Http404
    place = place_of(subscriber, request.now)
    rows = list(enrollments.of_household(place.household).select_related("subscriber")[:MOST])
    people = dict.fromkeys((*place.people, *(one.subscriber.exchange_subscriber_id for one in rows)))
    reads.saw(request, people, what="household")
    held = associations.consents(place.key, people)
    subjects = [("household", place.key), *(("subscriber", one) for one in people)]
    context = {
        "title": _("Household of %(person)s") % {"person": subscriber},
        "crumbs": [NavItem(_("Search"), reverse("staff:search")), NavItem(subscriber)],
        "facts": _facts(place),
        "enrollments": _enrollments(rows),
        "associations": _associations(held),
        "events": team.events(journal.story(*subjects)),
        "notices": _notices(subjects),
        "reads": _reads(request, people),
        "cases": [one.number for subject in subjects for one in cases.about(*subject)],
        "assist_url": reverse("staff:assist", args=[subscriber]) if _writes(request) else "",
        "copy_url": reverse("staff:subject_copy", args=[subscriber]) if _writes(request) else "",
    }
    return render(request, "staff/household.html", context)


def _writes(request: PortalRequest) -> bool:
    return isinstance(request.holder, team.WRITERS)


def _facts(place: Place) -> list[Fact]:
    names = brokers.names([place.open.npn]) if place.open else {}
    now = (
        link(f"{names.get(place.open.npn, '')}, NPN {place.open.npn}", reverse("staff:broker", args=[place.open.npn]))
        if place.open
        else _("nobody")
    )
    lines = [
        Fact(_("Broker now"), now),
        Fact(_("People"), ", ".join(place.people)),
        Fact(_("Known as"), place.key),
        Fact(_("Locked by the consumer"), _("yes") if place.locked else _("no")),
    ]
    closed = associations.access_change(place.open.id) if place.open else ""
    return [*lines, Fact(_("Access of the broker"), closed)] if closed else lines


def _enrollments(rows: Sequence[Enrollment]) -> Table:
    names = carriers.names()
    cells = [
        (
            link(one.policy_id, reverse("staff:enrollment", args=[one.pk])),
            f"{one.first_name} {one.last_name}",
            names.get(one.hios_issuer_id, one.hios_issuer_id),
            day(one.start),
            _("cancelled") if one.cancelled else day(one.until - ONE_DAY),
        )
        for one in rows
    ]
    headings = (_("Policy"), _("Person"), _("Carrier"), _("From"), _("To"))
    return Table(_("Policies"), [Column(one) for one in headings], cells, empty=_("No policy."), show_caption=False)


def _associations(held: Sequence[Consented]) -> Table:
    names = brokers.names({one.npn for one in held})
    cells = [
        (
            link(f"{names.get(one.npn, '')}, NPN {one.npn}", reverse("staff:broker", args=[one.npn])),
            one.path,
            instant(one.confirmed_at),
            "; ".join(f"{kind}, {at:%Y-%m-%d}" for at, kind in one.ended) or _("open"),
            one.consent.act if one.consent else _("none on file"),
        )
        for one in held
    ]
    headings = (_("Broker"), _("How"), _("Confirmed"), _("Ended"), _("Consent"))
    columns = [Column(one) for one in headings]
    return Table(_("Associations"), columns, cells, empty=_("Never had a broker."), show_caption=False)


def _notices(subjects: Iterable[tuple[str, str]]) -> Table:
    found = [one for kind, id in subjects for one in notices.told(kind, id)]
    cells = [(one.subject, instant(one.queued_at), one.state, one.words) for one in found[-MOST:]]
    headings = (_("Notice"), _("Queued"), _("State"), _("What the mail server said"))
    columns = [Column(one) for one in headings]
    return Table(_("Notices"), columns, cells, empty=_("Nothing was written."), show_caption=False)


def _reads(request: PortalRequest, people: Iterable[str]) -> Table:
    found = [
        (one.at, one.by.name, one.by.role, one.what, one.purpose)
        for person in people
        for one in journal.readings(("subscriber", person), but=request.actor, most=20)
    ]
    called = team.who(name for _at, name, *_rest in found)
    cells = [
        (instant(at), called[name], role, what, purpose) for at, name, role, what, purpose in sorted(found)[::-1]
    ]
    headings = (_("When"), _("Who"), _("As"), _("What"), _("What for"))
    columns = [Column(one) for one in headings]
    return Table(_("Who looked"), columns, cells, empty=_("Nobody else looked."), show_caption=False)
