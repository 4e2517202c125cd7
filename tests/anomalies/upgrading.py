"""A database as an earlier release left it, and what stands in it; runs in the program."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command

from aor.engine import schema
from aor.transmissions.models import Interchange, TransactionSet

EARLIER = (("transmissions", "0004"), ("carriers", "0002"), ("enrollments", "0005"))


def back() -> list[str]:
    """Takes the database back to an earlier release; which migrations are to be done again."""
    for app, name in EARLIER:
        call_command("migrate", app, name, verbosity=0)
    return schema.pending()


def stands() -> dict[str, Any]:
    """What no upgrade may change, and what is still to be migrated."""
    return {
        "sets": list(TransactionSet.objects.order_by("id").values_list("id", "npn", "st02")),
        "files": list(Interchange.objects.order_by("id").values_list("name", "sha256")),
        "pending": schema.pending(),
    }
