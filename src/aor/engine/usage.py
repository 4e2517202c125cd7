"""How a command that was called wrongly says so."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import NoReturn


def answer_in_json(parser: ArgumentParser) -> None:
    """Let a parser of the command line leave with the document of --json before its words, where it was asked for."""
    parser.error = partial(_wrong_usage, parser, parser.error)  # type: ignore[method-assign]  # of this one alone


def _wrong_usage(parser: ArgumentParser, leave: Callable[[str], NoReturn], because: str) -> NoReturn:
    if getattr(parser, "called_from_command_line", True) and "--json" in sys.argv:
        sys.stdout.write(json.dumps({"refused": True, "because": because}, ensure_ascii=False) + "\n")
    leave(because)
