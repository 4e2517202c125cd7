"""`aor demo`: a synthetic marketplace lives its months through the same commands, and says what happened."""

from __future__ import annotations

import argparse
import json
import os
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from aor.demo import commands, home, lived, market, plans, suggestions, telling
from aor.engine import usage
from aor.terms.period import day_of

MOST_MONTHS = 27


def _between(least: int, most: int) -> Any:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"a number from {least:,} to {most:,}, not {text!r}")
        return int(text)

    return number


class Command(BaseCommand):
    help = "Makes a synthetic marketplace, lives its months through the same commands, closes them, and ends."
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        kwargs.setdefault("epilog", "example: aor demo --households 200 --months 3 --no-serve")
        parser = super().create_parser("aor", subcommand, **kwargs)
        usage.answer_in_json(parser)
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
        parser.add_argument("--households", type=_between(1, 70_000), default=2_000, metavar="N")
        parser.add_argument("--brokers", type=_between(3, 5_000), default=60, metavar="N")
        parser.add_argument("--months", type=_between(1, MOST_MONTHS), default=14, metavar="N")
        parser.add_argument("--seed", type=int, default=2026, metavar="S", help="the same seed, the same marketplace")
        parser.add_argument("--no-serve", action="store_true", help="do not serve the portal afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console(file=self.stdout, highlight=False, soft_wrap=True, markup=False)  # type: ignore[arg-type]  # Django's wrapper of a stream writes as one does
        say = _silent if options["json"] else console.print
        try:
            place = home.prepare()
            settings.AOR_TIME_TRAVEL = True
            document = _live(place, options, say)
        except (home.NotHere, commands.Broken) as because:
            if options["json"]:
                self.stdout.write(json.dumps(usage.refused(str(because)), ensure_ascii=False))
            raise CommandError(str(because), returncode=1) from None
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        elif not options["no_serve"]:
            self._serve()
        if document["totals"]["months_closed"] < options["months"]:
            raise CommandError("not every month could be closed", returncode=1)

    def _serve(self) -> None:
        """Opens the portal on what was made."""
        os.environ.update(AOR_DEMO="1", AOR_TIME_TRAVEL="1")
        call_command("serve")


def _silent(line: str, style: str = "") -> None:
    """With --json the document alone is printed."""


def _live(place: Path, options: dict[str, Any], say: Any) -> dict[str, Any]:
    """The whole demo, told while it is lived; the same as one document."""
    seed = options["seed"]
    made = market.make(
        households=options["households"], brokers_=options["brokers"], months=options["months"], seed=seed
    )
    counts = {
        "households": options["households"],
        "brokers": options["brokers"],
        "agencies": len(made.brokers.agencies),
        "carriers": len(plans.CARRIERS),
        "months": options["months"],
        "seed": seed,
    }
    say(
        f"A marketplace of {counts['households']:,} households, {counts['brokers']} brokers in {counts['agencies']} "
        f"agencies and {counts['carriers']} carriers (seed {seed}). No real person is in it."
    )
    say("")
    for heading in telling.HEADINGS:
        say(heading, style="bold")
    living = lived.Living(made, home=place, seed=seed)
    months = []
    for one in living.months():
        months.append(one)
        line, *odd = telling.month(one)
        say(line)
        for words in odd:
            say(words, style="dim")
    document = {
        "market": counts,
        "months": [one.as_json() for one in months],
        "totals": telling.totals(months),
        **suggestions.make(living, place),
    }
    home.keep_clock(place, living.now)
    for line in telling.ending(document):
        say(line)
    if living.now > datetime.now(UTC):
        ends = day_of(living.now)
        say(f"The story ends on {ends}, ahead of this machine's clock: `aor doctor` will say so, all else works.")
    return document
