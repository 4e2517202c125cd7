"""Addresses of a consumer's pages."""

from __future__ import annotations

app_name = "consumer"
urlpatterns: list[object] = []
