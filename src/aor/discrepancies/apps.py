from django.apps import AppConfig


class DiscrepanciesConfig(AppConfig):
    name = "aor.discrepancies"
    label = "discrepancies"
