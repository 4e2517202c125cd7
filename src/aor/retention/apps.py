from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "aor.retention"
    label = "retention"
