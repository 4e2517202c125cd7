from django.apps import AppConfig


class AssociationsConfig(AppConfig):
    name = "aor.associations"
    label = "associations"
