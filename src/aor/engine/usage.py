"""How a command that is refused, or was called wrongly, says so in JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from typing import NoReturn

from django.core.management.base import CommandParser


def refused(because: str) -> dict[str, object]:
    """The document of whatever was refused as a whole."""
    return {"refused": True, "because": because}


def answer_in_json(parser: CommandParser) -> None:
    """Let a parser of the command line leave with the document of --json before its words, where it was asked for."""
    parser.error = partial(_wrong_usage, parser, parser.error)  # type: ignore[method-assign]  # of this one alone


def _wrong_usage(parser: CommandParser, leave: Callable[[str], NoReturn], because: str) -> NoReturn:
    if parser.called_from_command_line and "--json" in sys.argv:
        sys.stdout.write(json.dumps(refused(because), ensure_ascii=False) + "\n")
    leave(because)
