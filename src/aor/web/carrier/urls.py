"""Addresses of a carrier's pages."""

from __future__ import annotations

app_name = "carrier"
urlpatterns: list[object] = []
