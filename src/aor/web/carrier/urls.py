"""Addresses of a carrier's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from aor.web.carrier import dashboard, record

app_name = "carrier"
urlpatterns: list[URLPattern] = [
    path("", dashboard.dashboard, name="dashboard"),
    path("files/<int:interchange>/", dashboard.file, name="file"),
    path("record/", record.record, name="record"),
    path("record/csv/", record.export, name="export"),
]
