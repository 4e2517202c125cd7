"""Addresses of a broker's pages."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "broker"
urlpatterns: list[URLPattern] = []
