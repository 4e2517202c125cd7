from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "aor.reports"
    label = "reports"
