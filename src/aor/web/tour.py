"""In demo mode only: a short tour of the real pages, a role's own, step by step; without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from aor.accounts import roles
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.agency import own as agency
from aor.web.broker import own as broker
from aor.web.components import Words

KEY = "tour"
type Place = str | Callable[[PortalRequest], str]


@dataclass(frozen=True, slots=True)
class Stop:
    """A page, by its name or by what leads to one, and what there is to see."""

    place: Place
    words: Words

    def url(self, request: PortalRequest) -> str:
        """Where the page is, for this person."""
        return reverse(self.place) if isinstance(self.place, str) else self.place(request)


@dataclass(frozen=True, slots=True)
class Step:
    """Where somebody is in their tour; `number` counts from 1."""

    number: int
    of: int
    words: Words
    url: str
    here: bool


def _client(request: PortalRequest) -> str:
    """The Why page of the book's first client; the book where there is none."""
    first = broker.enrollments(request).order_by("last_name", "first_name", "id").first()
    return reverse("broker:book") if first is None else reverse("broker:why", args=[first.pk])


def _client_of_a_broker(request: PortalRequest) -> str:
    members = [one.npn for one in agency.members(request)]
    first = agency.enrollments(request, members).order_by("last_name", "first_name", "id").first()
    return reverse("agency:book") if first is None else reverse("agency:why", args=[first.pk])


def _support(request: PortalRequest) -> str:
    """Clients, once a broker is chosen."""
    return reverse("broker:book" if getattr(request.holder, "npn", "") else "agency:acting")


OFFICER = (
    Stop("staff:dashboard", _("What waits for you, the oldest first.")),
    Stop("staff:search", _("Find a policy, a consumer or a broker. Each policy tells its whole story.")),
    Stop("staff:transmissions", _("What went to each carrier, and what it answered.")),
    Stop("staff:close", _("Close a month: it only closes if every row is accounted for.")),
    Stop("staff:cases", _("Questions, claims and disputes, each with its clock.")),
    Stop("staff:more", _("Everything else: renewals, letters, rules and their dates.")),
)
TOURS: tuple[tuple[type[roles.Holder], tuple[Stop, ...]], ...] = (
    (
        roles.Broker,
        (
            Stop("broker:dashboard", _("What is to be done today, and where you stand.")),
            Stop("broker:book", _("Your clients. Filter them, sort them, take them along as a file.")),
            Stop(_client, _("One policy: are you the agent of record, why, and what would change it.")),
            Stop("broker:invitations", _("Ask somebody to choose you. They decide; you see only that you asked.")),
            Stop("broker:standing", _("Your certification, license and appointments, and what runs out.")),
            Stop("broker:reports", _("Your report of each month, and a way to say that a row is wrong.")),
        ),
    ),
    (
        roles.AgencyManager,
        (
            Stop("agency:dashboard", _("How your agency stands today.")),
            Stop("agency:book", _("The clients of all your brokers, while they are of the agency.")),
            Stop(_client_of_a_broker, _("One policy: why your broker is, or is not, the agent of record.")),
            Stop("agency:roster", _("Your brokers: ask one to join, or take one off.")),
            Stop("agency:readiness", _("Who is ready for the next open enrollment, and who is not.")),
            Stop("agency:support", _("People who act for one of your brokers at a time.")),
        ),
    ),
    (
        roles.SupportStaff,
        (
            Stop("agency:acting", _("Choose the broker you act for. All you do names both of you.")),
            Stop(_support, _("The clients of that broker.")),
        ),
    ),
    (
        roles.Consumer,
        (
            Stop("consumer:dashboard", _("Your broker, and what you can do: change, end, lock, undo.")),
            Stop("directory", _("Find a broker by name, place or language.")),
            Stop("consumer:end", _("Before you end it you see both days: when sight ends, and when credit ends.")),
            Stop("consumer:reads", _("Who looked at your data, and when.")),
            Stop("consumer:consents", _("What you agreed to, word for word.")),
        ),
    ),
    (roles.Officer, OFFICER),
    (roles.Auditor, (*OFFICER[1:3], Stop("staff:more", _("The journal, its seals and the rules in force.")))),
    (
        roles.CarrierStaff,
        (
            Stop("carrier:dashboard", _("The files between you and the marketplace.")),
            Stop("carrier:record", _("Who is agent of record of your policies on any day.")),
        ),
    ),
)


def stops(holder: roles.Holder | None) -> tuple[Stop, ...]:
    """The tour of a role."""
    return next((tour for kind, tour in TOURS if isinstance(holder, kind)), ())


def step(request: HttpRequest) -> Step | None:
    """Where this person is; None where no tour is on."""
    holder = getattr(request, "holder", None)
    if not settings.AOR_DEMO or holder is None:
        return None
    number, tour = request.session.get(KEY, 0), stops(holder)
    if not 1 <= number <= len(tour):
        return None
    stop = tour[number - 1]
    url = stop.url(cast(PortalRequest, request))
    return Step(number, len(tour), stop.words, url, here=request.path == url)


@access.signed_in
@require_POST
def go(request: PortalRequest) -> HttpResponse:
    """To the step asked for; whatever is not one ends the tour where one is."""
    if not settings.AOR_DEMO:
        raise Http404
    tour, asked = stops(getattr(request, "holder", None)), request.POST.get("step", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 3 else 0
    if not 1 <= number <= len(tour):
        request.session.pop(KEY, None)
        return HttpResponseRedirect(reverse("landing"))
    request.session[KEY] = number
    return HttpResponseRedirect(tour[number - 1].url(request))
