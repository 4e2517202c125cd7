"""Find a broker: the public directory."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from aor.web import access
from aor.web.access import PortalRequest


@access.public
@require_safe
def search(request: PortalRequest) -> HttpResponse:
    """Certified and willing brokers by name, language and place."""
    return render(request, "web/home.html")
