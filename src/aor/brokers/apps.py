from django.apps import AppConfig


class BrokersConfig(AppConfig):
    name = "aor.brokers"
    label = "brokers"
