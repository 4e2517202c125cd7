"""Addresses of a carrier's pages."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "carrier"
urlpatterns: list[URLPattern] = []
