from django.apps import AppConfig


class EnrollmentsConfig(AppConfig):
    name = "aor.enrollments"
    label = "enrollments"
