"""Every command has an example, a page of its own in the documents, and leaves as commands do."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from argparse import ArgumentTypeError
from importlib import import_module
from io import StringIO
from pathlib import Path
from pkgutil import iter_modules

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from aor.jobs import command, sealed
from aor.jobs.command import AorCommand, Outcome
from aor.jobs.management import commands

NAMES = sorted(module.name for module in iter_modules(commands.__path__))
PAGE = (Path(__file__).resolve().parents[4] / "docs" / "commands.md").read_text(encoding="utf-8")


def made(name: str) -> AorCommand:
    one = import_module(f"{commands.__name__}.{name}").Command()
    assert isinstance(one, AorCommand)
    return one


@pytest.mark.parametrize("name", NAMES)
def test_help_has_an_example_that_the_command_understands(name: str) -> None:
    one = made(name)
    parser = one.create_parser("aor", name)
    assert one.help.endswith(".")
    assert f"example: {one.example}" in " ".join(parser.format_help().split())
    program, verb, *words = re.findall(r'"[^"]*"|\S+', one.example)
    assert (program, verb) == ("aor", name)
    parser.parse_args([word.strip('"') for word in words])


@pytest.mark.parametrize("name", NAMES)
def test_the_documents_name_every_option(name: str) -> None:
    (heading,) = re.findall(rf"^### .*`aor {name}\b.*", PAGE, re.MULTILINE)
    inherited = {action.dest for action in AorCommand().create_parser("aor", "x")._actions}
    for action in made(name).create_parser("aor", name)._actions:
        if action.dest in inherited:
            continue
        shown = action.option_strings[:1] or ([action.metavar] if action.metavar else action.choices)
        missing = [one for one in shown if str(one) not in heading]
        assert not missing, f"docs/commands.md does not name {missing} of {name}"


class Broken(AorCommand):
    """Fails as the database or the disk fails."""

    example = "aor broken"
    trouble: Exception = OperationalError("database or disk is full")

    def run(self, **options: object) -> Outcome:
        raise self.trouble


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (["renewals", "next"], "argument YEAR: invalid int value: 'next'"),
        (["discrepancies", "receive"], "the following arguments are required: FILE, --npn"),
        (["discrepancies", "confirm"], "the following arguments are required: --by"),
    ],
)
def test_wrong_usage_has_its_document_too(
    words: list[str], because: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["aor", *words, "--json"]
    monkeypatch.setattr(sys, "argv", typed)
    with pytest.raises(SystemExit) as left:
        made(words[0]).run_from_argv(typed)
    assert left.value.code == command.WRONG_USAGE
    assert json.loads(capsys.readouterr().out) == {"refused": True, "because": because}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (OperationalError("database or disk is full"), "the disk is full"),
        (OSError(28, "No space left on device"), "the disk is full"),
        (OSError(27, "File too large"), "a file may not grow so large here"),
        (PermissionError(13, "Permission denied", "somewhere"), "somewhere cannot be read or written"),
        (sqlite3.OperationalError("disk I/O error"), "what was committed stands"),
        (OperationalError("database is locked"), "what was committed stands"),
        (DatabaseError("file is not a database"), "the database is damaged"),
    ],
)
def test_a_full_disk_and_a_busy_or_damaged_database_are_sentences(trouble: Exception, words: str) -> None:
    one = Broken()
    one.trouble = trouble
    with pytest.raises(CommandError, match=words) as left:
        call_command(one, stdout=StringIO(), stderr=StringIO())
    assert left.value.returncode == command.REFUSED


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "2026-02-30", "today"])
def test_a_day_and_an_instant_that_cannot_be_are_wrong_usage(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="a day is written 2026-10-31, not"):
        command.day(text)
    with pytest.raises(ArgumentTypeError, match="an instant is written 2026-10-31T18:00:00-05:00, not"):
        command.instant(text)


def test_a_home_where_nothing_can_be_written_is_a_sentence(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.AOR_HOME = tmp_path / "file" / "home"
    with pytest.raises(CommandError, match="where nothing can be written: Not a directory"):
        call_command(Broken(), stdout=StringIO(), stderr=StringIO())


@pytest.mark.django_db
def test_what_nobody_foresaw_is_not_hidden() -> None:
    one = Broken()
    one.trouble = BlockingIOError(11, "Resource temporarily unavailable")
    with pytest.raises(BlockingIOError):
        call_command(one, stdout=StringIO(), stderr=StringIO())


@pytest.mark.django_db
def test_sealing_costs_one_query_when_nothing_is_new(
    home: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    now = command.instant("2026-03-02")
    (home / "heads").mkdir(parents=True)
    (home / "heads" / "2026-03-01.json").write_text("written before")
    with django_assert_num_queries(1):
        assert list(sealed.seal_what_is_new(now=now)) == []
