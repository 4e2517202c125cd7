"""The program `aor`."""

from __future__ import annotations

import gc
import json
import os
import sys
from typing import NoReturn

WRONG_USAGE = 2
HELP = ("help", "--help", "-h")


def main() -> None:
    """Runs one command; a wrong setting or an unknown command is one line, not a traceback."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import ManagementUtility, get_commands

    asked = sys.argv[1:] or ["help"]
    try:
        start()
        if asked in [[word] for word in HELP]:
            sys.stdout.write(overview())
            return
        if asked[0] not in {*get_commands(), *HELP, "version", "--version"}:
            leave(f"aor has no command {asked[0]!r}; `aor help` lists them")
        ManagementUtility(["aor", *asked]).execute()
    except ImproperlyConfigured as wrong:
        leave(f"wrong setting: {wrong}")


def leave(because: str) -> NoReturn:
    """Called wrongly: the sentence, and the document where --json asked for it."""
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps({"refused": True, "because": because}, ensure_ascii=False) + "\n")
    sys.stderr.write(because + "\n")
    raise SystemExit(WRONG_USAGE)


def start() -> None:
    """Django made ready, in a process that is to read rows by the hundred thousand."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aor.site.settings")
    import django

    django.setup()
    # No row is part of a circle: looking for circles among them at every 700th took a third of a long read.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def overview() -> str:
    """Our own commands, each with its line of help."""
    from django.core.management import get_commands, load_command_class

    own = sorted(name for name, app in get_commands().items() if str(app).startswith("aor."))
    width = max(map(len, own)) + 2
    lines = [f"  {name:<{width}}{load_command_class(get_commands()[name], name).help}" for name in own]
    return "\n".join(["aor COMMAND [--json] [--help]", "", *lines, "", "`aor COMMAND --help` has an example.", ""])
