"""What of the marketplace is this consumer's: their household as it is now, and what has changed since a page."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.http import Http404
from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from aor.accounts import roles
from aor.acts.place import Place, hold, place_of
from aor.associations import queries as associations
from aor.associations.models import Invitation
from aor.brokers import queries as brokers
from aor.brokers.queries import RosterBroker
from aor.enrollments.models import Enrollment
from aor.policy import access
from aor.policy.association import Association as Held
from aor.record import queries as record
from aor.web import problems
from aor.web.access import PortalRequest
from aor.web.components import Column, Table, Words
from aor.web.forms import Versioned
from aor.web.templatetags.components import day

PATHS: dict[str, Words] = {
    "designated": gettext_lazy("You chose this broker"),
    "invited": gettext_lazy("The broker asked and you said yes"),
    "application": gettext_lazy("You applied together"),
    "assisted": gettext_lazy("You asked us to enter it"),
    "transferred": gettext_lazy("The broker took over from your earlier broker"),
}
COVERAGES: dict[str, Words] = {"HLT": gettext_lazy("Health"), "DEN": gettext_lazy("Dental")}


def subscriber(request: PortalRequest) -> str:
    """The exchange id of the consumer, as their marketplace account says."""
    holder = request.holder
    if not isinstance(holder, roles.Consumer):
        raise Http404
    return holder.subscriber_id


def place(request: PortalRequest) -> Place:
    """The household as it is now."""
    return place_of(subscriber(request), request.now)


def held(request: PortalRequest) -> Place:
    """The same for an act; nobody else of the household acts until it is done."""
    return hold(subscriber(request), request.now)


def version(place: Place) -> str:
    """What a page saw: the association that was open."""
    return str(place.open.id) if place.open else "none"


def expect_unchanged(request: PortalRequest, place: Place, form: Versioned) -> None:
    """Stale, with who it is now and why, where somebody changed the broker since the page was opened."""
    if form.cleaned_data["version"] == version(place):
        return
    raise problems.Stale(
        _("Nothing was changed by you now.") + " " + as_it_is(place), back=reverse("consumer:dashboard")
    )


def as_it_is(place: Place) -> str:
    """Who the broker is, since when, and how it came about."""
    if place.open is None:
        return _("Somebody ended the broker of your household. You have no broker now.")
    said = {"broker": title(place.open.npn), "how": PATHS.get(place.open.path, _("From earlier records"))}
    return _("Your broker is now %(broker)s. Why: %(how)s.") % said


def broker(npn: str) -> RosterBroker:
    """A broker of the roster; whoever is not on it is not found."""
    found = brokers.roster([npn]).get(npn)
    if found is None:
        raise Http404
    return found


def broker_or_number(npn: str) -> RosterBroker:
    """The same, or a broker of whom only the number is known."""
    return brokers.roster([npn]).get(npn) or RosterBroker(npn, "", "", "", "", "", "broker")


def title(npn: str) -> str:
    """A broker in words: name, agency, NPN."""
    return titles([npn])[npn]


def titles(npns: Iterable[str]) -> dict[str, str]:
    """The same of several."""
    wanted = set(npns)
    found = brokers.roster(wanted) if wanted else {}
    return {npn: titled(found[npn]) if npn in found else f"NPN {npn}" for npn in wanted}


def titled(one: RosterBroker) -> str:
    """The same of one who is known."""
    return f"{one.name} ({', '.join(filter(None, (one.agency_name, f'NPN {one.npn}')))})"


def access_closed(place: Place) -> bool:
    """Whether the consumer said that they did not ask for the broker, and it was not decided otherwise."""
    change = associations.access_change(place.open.id) if place.open else ""
    return change in (access.Change.DISOWNED, access.Change.UPHELD)


def waits(place: Place) -> bool:
    """Whether a broker who took over waits for the consumer's yes."""
    return place.open is not None and access.waits(place.open.path, associations.access_change(place.open.id))


def ever(place: Place) -> tuple[Held, ...]:
    """Every association of the household, in order."""
    found = record.gather([place.household], place.around).associations.get(place.key, ())
    return tuple(sorted(found, key=lambda one: one.order))


def invitations(place: Place, request: PortalRequest) -> list[Invitation]:
    """The brokers who ask this household now."""
    return associations.invitations_for(place.people, request.now)


def language() -> str:
    """The reader's language, by its code in the register."""
    return (get_language() or "en").partition("-")[0]


@dataclass(frozen=True, slots=True)
class Agent:
    """A broker of a policy, half-open days; `counts` is not so while something is missing for this company."""

    npn: str
    start: date
    until: date | None
    counts: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy of the household, and who gets credit for it; days half-open."""

    policy_id: str
    carrier: str
    coverage: str
    start: date
    until: date
    agents: tuple[Agent, ...]


def policies(place: Place, today: date) -> list[Policy]:
    """The household's policies that are in force or to come."""
    rows = Enrollment.objects.filter(
        subscriber__exchange_subscriber_id__in=place.people, cancelled=False, until__gt=today
    ).order_by("start", "policy_id")
    entries = record.entries([row.pk for row in rows])
    return [
        Policy(
            row.policy_id,
            place.around.carrier(row.hios_issuer_id).name,
            str(COVERAGES.get(row.coverage_kind, row.coverage_kind)),
            row.start,
            row.until,
            tuple(
                Agent(one.npn, one.period.start, one.period.until, one.in_standing)
                for one in entries.get(row.pk, ())
                if one.period.until is None or one.period.until > today
            ),
        )
        for row in rows
    ]


def policy_ids(place: Place) -> set[str]:
    """The policies of the people of the household, of any time."""
    rows = Enrollment.objects.filter(subscriber__exchange_subscriber_id__in=place.people)
    return set(rows.values_list("policy_id", flat=True))


def written(value: date) -> str:
    """A day as the reader's language writes it, inside a sentence."""
    return formats.date_format(value, "DATE_FORMAT")


def policy_table(found: Collection[Policy], today: date) -> Table:
    """Who gets credit for each policy."""
    names = brokers.names({agent.npn for one in found for agent in one.agents})
    columns = [
        Column(_("Policy")),
        Column(_("Insurance company")),
        Column(_("Coverage")),
        Column(_("From")),
        Column(_("Broker the company counts")),
    ]
    rows = [(one.policy_id, one.carrier, one.coverage, day(one.start), _agents(one, names, today)) for one in found]
    return Table(_("Your policies"), columns, rows, empty=_("We know of no policy of yours now."), show_caption=False)


def _agents(one: Policy, names: dict[str, str], today: date) -> str:
    said = []
    for agent in one.agents:
        name = names.get(agent.npn, agent.npn)
        if not agent.counts:
            said.append(_("Nobody yet: %(name)s is not cleared to work with this company") % {"name": name})
        elif agent.until is not None and agent.until < one.until:
            said.append(_("%(name)s, before %(end)s") % {"name": name, "end": written(agent.until)})
        elif agent.start > max(today, one.start):
            said.append(_("%(name)s, from %(start)s") % {"name": name, "start": written(agent.start)})
        else:
            said.append(name)
    return "; ".join(said) or _("Nobody")
