"""The program `aor`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Runs one command; a wrong setting is one line, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aor.site.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import ManagementUtility

    try:
        ManagementUtility(["aor", *sys.argv[1:]]).execute()
    except ImproperlyConfigured as wrong:
        sys.stderr.write(f"wrong setting: {wrong}\n")
        raise SystemExit(2) from None
