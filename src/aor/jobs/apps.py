from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "aor.jobs"
    label = "jobs"
