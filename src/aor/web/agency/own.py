"""What of the marketplace is this agency's: every page of the family loads through here, never by an address."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from aor.accounts import roles
from aor.acts import queries as acts
from aor.associations.models import Access
from aor.brokers import agencies
from aor.brokers.queries import RosterBroker
from aor.enrollments.models import Enrollment
from aor.terms.npn import Npn
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem, Words
from aor.web.forms import Form, Submitted

FAMILY = (roles.AgencyManager,)


def npn_in(text: str) -> Npn:
    """The NPN that somebody typed. Raises ValidationError with a sentence."""
    try:
        return Npn.parse(text)
    except ValueError as wrong:
        words = str(wrong)
        raise forms.ValidationError(f"{words[:1].upper()}{words[1:]}.") from None


class Sure(Submitted, Form):
    """Nothing to fill in."""


def npn(request: PortalRequest) -> str:
    """The agency of the manager or of the support staff."""
    return str(getattr(request.holder, "agency_npn", ""))


def name(request: PortalRequest) -> str:
    """What the agency is called."""
    known = agencies.agency(npn(request))
    return known.name if known else f"NPN {npn(request)}"


def members(request: PortalRequest) -> list[RosterBroker]:
    """The brokers of the agency now, by name."""
    return agencies.members(npn(request))


def member(request: PortalRequest, npn: str) -> RosterBroker:
    """One of them; another agency's is not found, as if there were none."""
    found = next((one for one in members(request) if one.npn == npn), None)
    if found is None:
        raise Http404
    return found


def clients(request: PortalRequest, npns: Sequence[str]) -> QuerySet[Access]:
    """Whom some members may see as their own clients; whom a member covers for another agency is not the agency's."""
    return acts.open_to(npns, now=request.now).filter(npn__in=npns)


def enrollments(request: PortalRequest, npns: Sequence[str]) -> QuerySet[Enrollment]:
    """The enrollments of the clients of some members."""
    return Enrollment.objects.filter(subscriber__in=clients(request, npns).values_list("subscriber_id", flat=True))


def enrollment(request: PortalRequest, id: int, npns: Sequence[str]) -> Enrollment:
    """One of them; another's is not found, as if it were not there."""
    found = enrollments(request, npns).filter(pk=id).select_related("subscriber").first()
    if found is None:
        raise Http404
    return found


def doings(*links: SafeString) -> SafeString:
    """What may be done with a row, each far enough from the next for a finger."""
    items = format_html_join("", "<li>{}</li>", ((one,) for one in links))
    return format_html('<ul class="aor-links">{}</ul>', items)


def sure(
    request: PortalRequest,
    form: forms.Form,
    *,
    title: str,
    crumb: NavItem,
    facts: list[Fact],
    text: Words,
    submit: str,
) -> HttpResponse:
    """The page before something is taken away or sent: what, of whom, and what follows."""
    shown = {"title": title, "form": form, "crumbs": [crumb, NavItem(title)], "facts": facts, "text": text}
    return render(request, "agency/sure.html", {**shown, "submit": submit, "cancel_url": crumb.url})
