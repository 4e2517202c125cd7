"""All addresses: the portal and the API."""

from __future__ import annotations

from django.urls import include, path

from aor.api import v1
from aor.web import access

urlpatterns = [
    path("api/v1/", include((v1.patterns(access.public), "api"))),
    path("", include("aor.web.urls")),
]
handler400 = "aor.web.errors.bad_request"
handler403 = "aor.web.errors.forbidden"
handler404 = "aor.web.errors.not_found"
handler500 = "aor.web.errors.broken"
