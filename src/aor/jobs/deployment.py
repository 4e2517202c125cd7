"""What `aor check --deploy` asks of an installation beyond Django's own questions."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

from aor.engine import vault


def documents_are_encrypted(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """In production documents and backups are encrypted."""
    if settings.AOR_ENV != "production" or vault.in_use():
        return []
    hint = "Set AOR_DOCUMENT_KEYS or AOR_DOCUMENT_KEYS_FILE: docs/runbooks/keys.md."
    return [Error("Documents and backups would be kept in clear.", hint=hint, id="aor.E001")]
