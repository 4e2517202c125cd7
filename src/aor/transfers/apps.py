from django.apps import AppConfig


class TransfersConfig(AppConfig):
    name = "aor.transfers"
    label = "transfers"
