"""Addresses of a consumer's pages and of the public directory."""

from __future__ import annotations

from django.urls import URLPattern, include, path

from aor.web.consumer import directory, invitation

own: list[URLPattern] = []
urlpatterns = [
    path("find-a-broker/", directory.search, name="directory"),
    path("invitation/", invitation.open_code, name="invitation"),
    path("my/", include((own, "consumer"))),
]
