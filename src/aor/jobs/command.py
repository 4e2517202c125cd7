"""What every `aor` command shares: the clock, --json, exit codes, and no tracebacks for what can be foreseen.

The clock is read here and nowhere deeper.
"""

from __future__ import annotations

import argparse
import errno
import json
import shutil
import sqlite3
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, OperationalError

from aor.acts.settle import Backdated
from aor.engine import restoring, usage, vault
from aor.engine.locks import Busy
from aor.jobs import homes, sealed
from aor.terms.period import YEARS, ZONE

DONE, REFUSED, WRONG_USAGE = 0, 1, 2
LEAST_ROOM = 1 << 20  # bytes
DAMAGED = ("file is not a database", "database disk image is malformed")  # SQLite's own words


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command answers: the document of --json (an object or a list), words for a person, the exit code."""

    document: object
    words: str
    exit_code: int = DONE
    raw: str | None = None  # printed instead of words or document (CSV)


class UsageError(Exception):
    """The command was called wrongly: exit 2 with this sentence."""


def instant(text: str) -> datetime:
    """An RFC 3339 instant, or an ISO day or time in Minnesota. Raises argparse's error."""
    try:
        moment = _within(datetime.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"an instant is written 2026-10-31T18:00:00-05:00, not {text!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC)


def day(text: str) -> date:
    """An ISO day. Raises argparse's error."""
    try:
        return _within(date.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"a day is written 2026-10-31, not {text!r}") from None


def _within[D: date](found: D) -> D:
    if found.year not in YEARS:
        raise ValueError(f"the year {found.year} cannot be")
    return found


class AorCommand(BaseCommand):
    """Subclasses give `help`, `example`, `arguments(parser)` and `run(now=..., **options) -> Outcome`.

    What a command wrote is sealed when it has run; one that only reads says `seals = False`. Only the one that
    `restores` runs where a restore did not end.
    """

    example = ""
    requires_system_checks: list[str] = []
    needs_home = True
    restores = False
    seals = True
    _called_from_command_line = False  # set by Django when typed, not called

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        kwargs.setdefault("epilog", f"example: {self.example}" if self.example else "")
        parser = super().create_parser("aor", subcommand, **kwargs)
        for one in _with_verbs(parser):
            usage.answer_in_json(one)
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
        if settings.AOR_TIME_TRAVEL:
            parser.add_argument("--now", type=instant, help="the instant at which the command runs")
        self.arguments(parser)

    def arguments(self, parser: ArgumentParser) -> None:
        """Options of this command alone."""

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        now = options.pop("now", None) or datetime.now(UTC)
        as_json = bool(options.pop("json"))
        try:
            if not self.restores and (words := restoring.unfinished()):
                raise Busy(words)
            if self.needs_home:
                homes.ready()
            outcome = self.run(now=now, **options)
            if self.seals:
                for trouble in sealed.seal_what_is_new(now=now):
                    self.stderr.write(trouble)
        except UsageError as wrong:
            outcome = refusal(str(wrong), WRONG_USAGE)
        except Backdated as backdated:
            outcome = refusal(str(backdated), REFUSED)
        except (Busy, homes.NoHome, vault.Unreadable) as because:
            outcome = refusal(str(because), REFUSED)
        except (DatabaseError, sqlite3.Error, OSError) as error:
            outcome = refusal(_foreseen(error), REFUSED)
        self.answer(outcome, as_json=as_json)

    def answer(self, outcome: Outcome, *, as_json: bool) -> None:
        if outcome.raw is not None:
            self.stdout.write(outcome.raw, ending="")
        elif as_json:
            self.stdout.write(json.dumps(outcome.document, ensure_ascii=False))
        elif outcome.exit_code == DONE:
            self.stdout.write(outcome.words)
        if outcome.exit_code != DONE:
            if not self._called_from_command_line:
                raise CommandError(outcome.words, returncode=outcome.exit_code)
            self.stderr.write(outcome.words)
            sys.exit(outcome.exit_code)

    def progress(self, words: str) -> None:
        """A line of progress, on standard error when a person watches."""
        if sys.stderr.isatty():
            self.stderr.write(words)


def _with_verbs(parser: CommandParser) -> Iterator[CommandParser]:
    """The parser of a command, and those of its verbs."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.values()


def _foreseen(trouble: DatabaseError | sqlite3.Error | OSError) -> str:
    """A sentence for what an operator can cure: a full disk, a database away, busy or damaged. Raises it, else."""
    words = str(trouble).strip()
    number = getattr(trouble, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT) or "disk is full" in words or _no_room(words):
        return "the disk is full: nothing half-done was kept; make room and run the command again"
    if number == errno.EFBIG:
        return (
            "a file may not grow so large here: nothing half-done was kept; lift the limit and run the command again"
        )
    if isinstance(trouble, OSError) and number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{trouble.filename} cannot be read or written: {trouble.strerror}; let us, and run the command again"
    if isinstance(trouble, (OperationalError, sqlite3.OperationalError)):
        return f"the database did not answer as it should: {words}; what was committed stands, run the command again"
    if any(said in words for said in DAMAGED):
        return f"the database is damaged ({words}): stop, keep what is there, and restore a backup"
    raise trouble


def _no_room(words: str) -> bool:
    """Whether a disk error of SQLite is that of a full disk: its write-ahead log says no more than that."""
    return "disk I/O error" in words and shutil.disk_usage(settings.AOR_HOME).free < LEAST_ROOM


def refusal(because: str, exit_code: int = REFUSED) -> Outcome:
    """Refused as a whole, with the sentence that says why."""
    return Outcome(usage.refused(because), because, exit_code)
