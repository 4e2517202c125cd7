from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "aor.cases"
    label = "cases"
