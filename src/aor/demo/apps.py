from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "aor.demo"
    label = "demo"
