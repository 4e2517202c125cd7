"""Why somebody is, or is not, agent of record of one enrollment: everything, for the team."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.brokers import queries as brokers
from aor.enrollments.models import Enrollment
from aor.policy.holding import State
from aor.transmissions import story
from aor.transmissions.models import TransactionSet
from aor.transmissions.story import Story
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.broker import why
from aor.web.components import Column, Fact, NavItem, Table, link
from aor.web.staff import team
from aor.web.templatetags.components import day, instant

TONES = {State.HELD: "warning", State.REJECTED: "error", State.ACCEPTED: "success"}


@access.allow(*team.READERS)
@require_safe
def enrollment(request: PortalRequest, enrollment: int) -> HttpResponse:
    """What one says on the phone, what is missing, what was sent, and the whole story, as known on any day."""
    one = Enrollment.objects.filter(pk=enrollment).select_related("subscriber").first()
    if one is None:
        raise Http404
    form = why.Asked(request.GET if {"on", "known"} & request.GET.keys() else None)
    on, known_at = why.asked(form, request.now)
    told = story.why(one.pk, on=on, now=request.now, known_at=known_at)
    subscriber = one.subscriber.exchange_subscriber_id
    reads.saw(request, [subscriber], what="why page")
    context = {
        "title": f"{one.first_name} {one.last_name}".strip(),
        "crumbs": [NavItem(_("Search"), reverse("staff:search")), NavItem(one.policy_id)],
        "caption": _("Policy %(policy)s") % {"policy": one.policy_id},
        "sentence": told.sentence,
        "tone": TONES.get(told.state, "info") if told.state else "info",
        "facts": [*why.facts(one, told), *_more(one, told)],
        "unmet": [finding for finding in told.findings if not finding.met],
        "met": [finding for finding in told.findings if finding.met],
        "events": why.events(told),
        "sets": _sets(one),
        "form": form,
        "on": on,
        "known_at": known_at,
        "household_url": reverse("staff:household", args=[subscriber]),
    }
    return render(request, "staff/enrollment.html", context)


def _more(one: Enrollment, told: Story) -> list[Fact]:
    """Who it is, by name, and the numbers by which others know this enrollment."""
    npn = told.agent_of_record or told.candidate
    name = brokers.names([npn]).get(npn, npn) if npn else ""
    label = _("Broker") if told.agent_of_record else _("Broker, if it were not held")
    found = [Fact(label, link(f"{name}, NPN {npn}", reverse("staff:broker", args=[npn])))] if npn else []
    return [
        *found,
        Fact(_("Person number"), one.subscriber.exchange_subscriber_id),
        Fact(_("Born"), day(one.birth_date)),
        Fact(_("Enrolled on"), day(one.enrolled_on)),
        Fact(_("Sent to the carrier"), instant(one.sent_at)),
    ]


def _sets(one: Enrollment) -> Table:
    """What the carrier was told of this enrollment by us."""
    rows = TransactionSet.objects.filter(enrollment=one).select_related("interchange").order_by("id")
    cells = [
        (
            link(row.st02, reverse("staff:interchange", args=[row.interchange_id])),
            row.kind,
            row.npn or _("nobody"),
            day(row.effective_from),
            instant(row.interchange.composed_at),
        )
        for row in rows
    ]
    headings = (_("Set"), _("Kind"), _("Broker"), _("From"), _("Composed"))
    return Table(_("Sets"), [Column(one) for one in headings], cells, empty=_("No set yet."), show_caption=False)
