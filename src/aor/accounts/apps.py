from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "aor.accounts"
    label = "accounts"
