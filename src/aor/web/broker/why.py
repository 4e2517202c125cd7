"""Why this broker is, or is not, agent of record of one enrollment: any day, as known on any day."""

from __future__ import annotations

from datetime import date, datetime

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.carriers import queries as carriers
from aor.engine import kept
from aor.enrollments.models import Enrollment
from aor.policy.holding import State
from aor.terms.period import ONE_DAY, day_of, end_of
from aor.transmissions import story
from aor.transmissions.story import Story
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.broker import own
from aor.web.broker.book import COVERAGES
from aor.web.components import Event, Fact, NavItem
from aor.web.forms import DayField, Form
from aor.web.templatetags.components import day, state_tag

MISSING = {
    State.HELD: gettext_lazy("You would be the agent of record, but it is held: see what is missing below."),
    State.READY: gettext_lazy("You are the agent of record. The carrier will be told in its next run."),
    State.SENT: gettext_lazy("You are the agent of record. The carrier was told and has not answered yet."),
    State.ACCEPTED: gettext_lazy("You are the agent of record, and the carrier accepted it."),
    State.REJECTED: gettext_lazy("You are the agent of record, but the carrier rejected what it was told."),
    State.ENDED: gettext_lazy("You were the agent of record. It has ended."),
}


class Asked(Form):
    """The day asked about, and the day whose knowledge counts."""

    on = DayField(label=gettext_lazy("On the day"), required=False)
    known = DayField(label=gettext_lazy("As known at the end of"), required=False)


@access.allow(*own.FAMILY)
@require_safe
@kept.page()
def why(request: PortalRequest, enrollment: int) -> HttpResponse:
    """The sentence first, then what is missing, then the whole story."""
    one = own.enrollment(request, enrollment)
    form = Asked(request.GET if {"on", "known"} & request.GET.keys() else None)
    on, known_at = asked(form, request.now)
    told = story.for_brokers(story.why(one.pk, on=on, now=request.now, known_at=known_at), {own.npn(request)})
    reads.saw(request, [one.subscriber.exchange_subscriber_id], what="why page")
    context = {
        "title": f"{one.first_name} {one.last_name}".strip(),
        "crumbs": [NavItem(_("Clients"), reverse("broker:book")), NavItem(one.policy_id)],
        "sentence": sentence(told, own.npn(request)),
        "tone": tone(told, own.npn(request)),
        **shown(one, told),
        "form": form,
        "on": on,
        "known_at": known_at,
        "enrollment": one,
    }
    return render(request, "broker/why.html", context)


def shown(one: Enrollment, told: Story) -> dict[str, object]:
    """What the page draws of an enrollment and its story."""
    return {
        "facts": facts(one, told),
        "unmet": [finding for finding in told.findings if not finding.met],
        "met": [finding for finding in told.findings if finding.met],
        "events": events(told),
    }


def asked(form: forms.Form, now: datetime) -> tuple[date, datetime | None]:
    """What is not a day counts as not asked; a day to come has no knowledge yet."""
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    known: date | None = said.get("known")
    known_at = None if known is None or known >= day_of(now) else end_of(known)
    return said.get("on") or day_of(now), known_at


def sentence(told: Story, npn: str) -> str:
    """What one says on the phone."""
    if to_come(told) and told.candidate == npn:
        return _("Not yet: you become the agent of record on a later day.")
    if told.state is not None and npn in (told.agent_of_record, told.candidate):
        return str(MISSING[told.state])
    if told.state is State.ENDED and told.agent_of_record is None:
        return str(MISSING[State.ENDED])
    if told.agent_of_record:
        return _("You are not the agent of record: another broker is.")
    return _("Nobody is the agent of record.")


def to_come(told: Story) -> bool:
    """Nothing is missing, but the day asked about lies before the first."""
    return told.agent_of_record is None and told.state in (State.READY, State.SENT, State.ACCEPTED)


def tone(told: Story, npn: str) -> str:
    """How the sentence is set off."""
    if npn not in (told.agent_of_record, told.candidate):
        return "info"
    return {State.HELD: "warning", State.REJECTED: "error", State.ACCEPTED: "success"}.get(
        told.state or State.SENT, "info"
    )


def facts(one: Enrollment, told: Story) -> list[Fact]:
    """The enrollment in a few lines."""
    names = carriers.names()
    lines = [
        Fact(_("Policy"), one.policy_id),
        Fact(_("Carrier"), names.get(one.hios_issuer_id, one.hios_issuer_id)),
        Fact(_("Coverage"), COVERAGES.get(one.coverage_kind, one.coverage_kind)),
        Fact(_("Plan"), one.plan_id),
        Fact(_("Coverage from"), day(one.start)),
        Fact(_("Coverage to"), _("cancelled, never in force") if one.cancelled else day(one.until - ONE_DAY)),
    ]
    return [*lines, Fact(_("Agent of record"), state_tag(told.state.value))] if told.state else lines


def events(told: Story) -> list[Event]:
    """The story, latest last."""
    tones = {True: "success", False: "warning", None: "neutral"}
    return [
        Event(one.at, one.what[:1].upper() + one.what[1:], findings=one.findings, tone=tones[one.granted])  # type: ignore[arg-type]  # three tones
        for one in told.chapters
    ]
