"""Addresses of the broker team's pages."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "staff"
urlpatterns: list[URLPattern] = []
