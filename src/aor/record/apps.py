from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "aor.record"
    label = "record"
