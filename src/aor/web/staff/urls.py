"""Addresses of the broker team's pages."""

from __future__ import annotations

app_name = "staff"
urlpatterns: list[object] = []
