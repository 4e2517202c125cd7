from django.apps import AppConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.contenttypes.apps import ContentTypesConfig


class AccountsConfig(AppConfig):
    name = "aor.accounts"
    label = "accounts"
    default = True


class SignInOnly(AuthConfig):
    """Django's sign-in without its permissions: rights are the roles of `aor.accounts.roles`."""

    def ready(self) -> None:
        """Nothing is written after a migration."""


class NamesOnly(ContentTypesConfig):
    """Needed by Django's sign-in, used by nothing of ours."""

    def ready(self) -> None:
        """Nothing is written after a migration."""
