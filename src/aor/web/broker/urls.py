"""Addresses of a broker's pages."""

from __future__ import annotations

app_name = "broker"
urlpatterns: list[object] = []
