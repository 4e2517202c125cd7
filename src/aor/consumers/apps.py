from django.apps import AppConfig


class ConsumersConfig(AppConfig):
    name = "aor.consumers"
    label = "consumers"
