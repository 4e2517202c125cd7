from django.apps import AppConfig


class TransmissionsConfig(AppConfig):
    name = "aor.transmissions"
    label = "transmissions"
