"""A broker starts an application with a client: consent is the consumer's own act, there."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.web import access
from aor.web.access import PortalRequest
from aor.web.broker import own


@access.allow(*own.FAMILY)
@require_safe
def application(request: PortalRequest) -> HttpResponse:
    """What will happen, and the way to the eligibility system."""
    context = {
        "title": _("Start an application with a client"),
        "url": _with_npn(settings.AOR_ELIGIBILITY_URL, own.npn(request)),
        "npn": own.npn(request),
        "closed": own.closed_because(request),
    }
    return render(request, "broker/application.html", context)


def _with_npn(url: str, npn: str) -> str:
    """The configured address with the broker in it; "" where none is configured."""
    parts = urlsplit(url)
    return url and urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query), ("npn", npn)])))
