"""Addresses of an agency's pages."""

from __future__ import annotations

app_name = "agency"
urlpatterns: list[object] = []
