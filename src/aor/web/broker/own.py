"""What of the marketplace is this broker's: every page of the family loads through here, never by an address."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from aor.accounts import roles
from aor.acts import queries as acts
from aor.brokers import queries as brokers
from aor.enrollments.models import Enrollment
from aor.notices import words
from aor.policy.decision import Finding
from aor.terms.period import day_of
from aor.web import problems
from aor.web.access import PortalRequest

FAMILY = (roles.Broker, roles.SupportStaff)


def npn(request: PortalRequest) -> str:
    """The broker whose pages these are: the own NPN, or that of the broker acted for."""
    found = getattr(request.holder, "npn", "")
    if not found:
        raise problems.First(_("Choose the broker you act for first."), back=reverse("agency:acting"))
    return str(found)


def enrollments(request: PortalRequest) -> QuerySet[Enrollment]:
    """The enrollments of the households whom this broker may see now; what that rests on is asked once a request."""
    found: QuerySet[Enrollment] | None = getattr(request, "own_enrollments", None)
    if found is None:
        found = acts.enrollments_open_to([npn(request)], now=request.now)
        request.own_enrollments = found  # type: ignore[attr-defined]  # lives as long as the request
    return found.all()


def enrollment(request: PortalRequest, id: int) -> Enrollment:
    """One of them; another's is not found, as if it were not there."""
    found = enrollments(request).filter(pk=id).select_related("subscriber").first()
    if found is None:
        raise Http404
    return found


def closed_because(request: PortalRequest) -> tuple[Finding, ...]:
    """Why this broker may see nobody now; empty where they may."""
    findings = acts.own_standings([npn(request)], day_of(request.now))[npn(request)]
    return tuple(finding for finding in findings if not finding.met)


def name(request: PortalRequest) -> str:
    """The broker's name on the roster."""
    return brokers.names([npn(request)]).get(npn(request), npn(request))


def address(request: PortalRequest) -> str:
    """Where a client chooses this broker: the whole address, to be given away."""
    return words.address(reverse("consumer:designate", args=[npn(request)]))
