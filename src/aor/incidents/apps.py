from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "aor.incidents"
    label = "incidents"
