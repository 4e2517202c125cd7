"""The product's commands, called in this process at an instant of the story; what they answer with --json."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

from django.core.management import CommandError, call_command


class Broken(Exception):
    """A command did not answer as commands do: the demo ends with this sentence."""


def run(name: str, *words: object, now: datetime) -> Any:
    """The document that `aor NAME WORDS... --json` prints at `now`.

    A command that refuses gives its document too; one that gives none raises Broken.
    """
    typed = [str(word) for word in words]
    out, said = io.StringIO(), io.StringIO()
    because = "it printed no document"
    try:
        call_command(name, *typed, "--json", f"--now={now.isoformat()}", stdout=out, stderr=said)
    except CommandError as refused:
        because = str(refused) or said.getvalue().strip()
    try:
        return json.loads(out.getvalue())
    except json.JSONDecodeError:
        raise Broken(f"aor {' '.join([name, *typed])}: {because}") from None
