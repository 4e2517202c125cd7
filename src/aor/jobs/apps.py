from django.apps import AppConfig
from django.core import checks


class JobsConfig(AppConfig):
    name = "aor.jobs"
    label = "jobs"

    def ready(self) -> None:
        from aor.jobs import deployment  # reads settings, which an application may do once it is ready

        checks.register(deployment.documents_are_encrypted, checks.Tags.security, deploy=True)
