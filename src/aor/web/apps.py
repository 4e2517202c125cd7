from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "aor.web"
    label = "web"
