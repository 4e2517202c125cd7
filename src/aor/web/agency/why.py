"""Why a broker of the agency is, or is not, agent of record of one enrollment: any day, as known on any day."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.engine import kept
from aor.policy.holding import State
from aor.transmissions import story
from aor.transmissions.story import Story
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.agency import own
from aor.web.broker import why as broker
from aor.web.components import NavItem

STANDS = {
    State.HELD: gettext_lazy("%(broker)s would be the agent of record, but it is held: see what is missing below."),
    State.READY: gettext_lazy("%(broker)s is the agent of record. The carrier will be told in its next run."),
    State.SENT: gettext_lazy("%(broker)s is the agent of record. The carrier was told and has not answered yet."),
    State.ACCEPTED: gettext_lazy("%(broker)s is the agent of record, and the carrier accepted it."),
    State.REJECTED: gettext_lazy("%(broker)s is the agent of record, but the carrier rejected what it was told."),
    State.ENDED: gettext_lazy("%(broker)s was the agent of record. It has ended."),
}


@access.allow(*own.FAMILY)
@require_safe
@kept.page()
def why(request: PortalRequest, enrollment: int) -> HttpResponse:
    """As the broker reads it; who any broker of another agency is, is not said (readings, R11)."""
    members = {one.npn: one.name for one in own.members(request)}
    one = own.enrollment(request, enrollment, list(members))
    form = broker.Asked(request.GET if {"on", "known"} & request.GET.keys() else None)
    on, known_at = broker.asked(form, request.now)
    told = story.for_brokers(story.why(one.pk, on=on, now=request.now, known_at=known_at), members)
    reads.saw(request, [one.subscriber.exchange_subscriber_id], what="why page of an agency")
    context = {
        "title": f"{one.first_name} {one.last_name}".strip(),
        "crumbs": [NavItem(_("Book"), reverse("agency:book")), NavItem(one.policy_id)],
        "sentence": sentence(told, members),
        "tone": broker.tone(told, _theirs(told, members)),
        **broker.shown(one, told),
        "form": form,
        "on": on,
        "known_at": known_at,
        "enrollment": one,
    }
    return render(request, "broker/why.html", context)


def sentence(told: Story, members: Mapping[str, str]) -> str:
    """What one says on the phone; `members` are names by NPN."""
    theirs = _theirs(told, members)
    if theirs and broker.to_come(told):
        return _("Not yet: %(broker)s becomes the agent of record on a later day.") % {"broker": members[theirs]}
    if theirs and told.state is not None:
        return str(STANDS[told.state]) % {"broker": members[theirs]}
    if told.state is State.ENDED and told.agent_of_record is None:
        return _("A broker was the agent of record. It has ended.")
    if told.agent_of_record:
        return _("No broker of your agency is the agent of record: another broker is.")
    return _("Nobody is the agent of record.")


def _theirs(told: Story, members: Mapping[str, str]) -> str:
    """The broker of the agency who is, or would be, agent of record; empty where none of them is."""
    return next((npn for npn in (told.agent_of_record, told.candidate) if npn and npn in members), "")
