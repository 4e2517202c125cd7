"""A consumer opens the code of an invitation."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from aor.web import access
from aor.web.access import PortalRequest


@access.public
def open_code(request: PortalRequest) -> HttpResponse:
    """Asks for the code."""
    return render(request, "web/home.html")
