"""The program's settings, with a mail relay and a patience that a test can choose."""

from __future__ import annotations

import os

from aor.site.settings import *  # noqa: F403  # all of them, but what follows
from aor.site.settings import DATABASES, MAILERS

if port := os.environ.get("TEST_RELAY_PORT"):
    MAILERS["default"] = {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": "127.0.0.1",
            "port": int(port),
            "timeout": float(os.environ.get("TEST_RELAY_SECONDS", "5")),
        },
    }
if patience := os.environ.get("TEST_BUSY_SECONDS"):
    DATABASES["default"]["OPTIONS"]["timeout"] = float(patience)  # type: ignore[index]  # it is a dictionary
