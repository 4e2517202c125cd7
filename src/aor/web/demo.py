"""In demo mode only: one click signs in as each role, over the synthetic marketplace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib import auth
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from aor.accounts import operations as accounts
from aor.accounts import queries as account_facts
from aor.accounts.models import RoleName, User
from aor.associations import queries as associations
from aor.associations.models import Open
from aor.brokers import queries as brokers
from aor.carriers import queries as carriers
from aor.terms.actor import system
from aor.terms.period import day_of
from aor.web import access, tour
from aor.web.access import PortalRequest

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass(frozen=True, slots=True)
class Seat:
    """A person of the demo: who they are and what there is to try."""

    key: str
    name: str
    role: RoleName
    subject: str
    words: str


def seats(day: date) -> list[Seat]:
    """One person for each role, chosen from the data: the broker with the largest book, a colleague, a client."""
    books = (
        Open.objects.values_list("association__npn").annotate(size=Count("id")).order_by("-size", "association__npn")
    )
    roster = brokers.roster()
    ranked = [
        roster[npn]
        for npn, _size in books.order_by("-size", "association__npn")
        if npn in roster and roster[npn].kind == "broker"
    ]
    found: list[Seat] = []
    if ranked:
        ana = ranked[0]
        agency = next((one for one in ranked if one.agency_npn), ana).agency_npn
        found.append(_seat("broker", ana.name, RoleName.BROKER, ana.npn, _("A broker with the largest book")))
        if agency:
            found.append(_seat("manager", _("Agency manager"), RoleName.AGENCY_MANAGER, agency, _("Keeps an agency")))
            found.append(_seat("support", _("Support staff"), RoleName.SUPPORT_STAFF, agency, _("Acts for brokers")))
        if subscriber := _client_of(ana.npn, day):
            found.append(_seat("consumer", _("A consumer"), RoleName.CONSUMER, subscriber, _("Has a broker")))
    found.append(_seat("officer", _("Officer"), RoleName.OFFICER, "", _("The broker team's desk")))
    found.append(_seat("lead", _("Team lead"), RoleName.LEAD, "", _("Gives the second consent")))
    found.append(_seat("auditor", _("Auditor"), RoleName.AUDITOR, "", _("Reads, changes nothing")))
    if first := min(carriers.trading_partners(), default=""):
        found.append(_seat("carrier", _("Carrier"), RoleName.CARRIER, first, _("Its files and answers")))
    return found


def _seat(key: str, name: object, role: RoleName, subject: str, words: object) -> Seat:
    return Seat(key, str(name), role, subject, str(words))


def _client_of(npn: str, day: date) -> str:
    """A subscriber whom the broker may see: the first, so that it is the same at each start."""
    first = associations.open_to([npn], day).order_by("subscriber").select_related("subscriber").first()
    return "" if first is None else first.subscriber.exchange_subscriber_id


@access.public
@require_safe
def start(request: PortalRequest) -> HttpResponse:
    """The people one can be, each with a short tour."""
    _only_in_demo()
    return render(request, "web/demo.html", {"seats": seats(day_of(request.now))})


@access.public
@require_POST
def sign_in(request: PortalRequest, key: str) -> HttpResponse:
    """Signs in as one of the demo's people."""
    _only_in_demo()
    seat = next((seat for seat in seats(day_of(request.now)) if seat.key == key), None)
    if seat is None:
        raise Http404
    user = _account(request, seat)
    auth.login(request, user, backend=BACKEND)
    request.session["demo"] = True
    request.session["began"] = request.now.isoformat()
    request.session[tour.KEY] = 1 if request.POST.get("tour") else 0
    return HttpResponseRedirect(reverse("landing"))


def _account(request: PortalRequest, seat: Seat) -> User:
    by = system("demo")
    email = f"{seat.key}@demo.invalid"
    user = account_facts.by_email(email) or accounts.open_account(
        email=email, name=seat.name, by=by, now=request.now, only_for_demo=True
    )
    accounts.follow_provider(user, [(seat.role, seat.subject)], by=by, now=request.now)
    return user


def _only_in_demo() -> None:
    if not settings.AOR_DEMO:
        raise Http404
