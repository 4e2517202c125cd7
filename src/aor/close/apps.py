from django.apps import AppConfig


class CloseConfig(AppConfig):
    name = "aor.close"
    label = "close"
