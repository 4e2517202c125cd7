from django.apps import AppConfig


class CarriersConfig(AppConfig):
    name = "aor.carriers"
    label = "carriers"
