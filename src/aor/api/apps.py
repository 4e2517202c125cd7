from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "aor.api"
    label = "api"
