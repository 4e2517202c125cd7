from django.apps import AppConfig


class RetroConfig(AppConfig):
    name = "aor.retro"
    label = "retro"
