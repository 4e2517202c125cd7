"""The steps of the runbook of an upgrade, each by itself, in a market that `load` and `receive` made."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.core.management import call_command

from aor.engine import schema
from aor.jobs import backups, sealed
from aor.jobs.checks import all as checks
from aor.terms.actor import system
from aor.transmissions import sending
from benchmarks import market
from benchmarks.taken import Taken, taking

NOW = market.CLOSED.replace(day=7)  # `receive` is of the sixth
BY = system("benchmarks")
# An earlier release: of the tables that have a row for every enrollment, and of those with few.
EARLIER = (("transmissions", "0004"), ("carriers", "0002"), ("enrollments", "0005"))


def hand_over() -> Taken:
    """Every agent of record goes to its carrier; then what is new is sealed, as at the end of every command."""
    with taking() as taken:
        taken.rows = sum(one.sets for one in sending.send(by=BY, now=NOW).interchanges)
        assert not list(sealed.seal_what_is_new(now=NOW))
    return taken


def verify() -> Taken:
    with taking() as taken:
        for one in checks.check(now=NOW):
            assert one.ok, one
            taken.rows += one.rows
    return taken


def back_up() -> Taken:
    with tempfile.TemporaryDirectory() as folder, taking() as taken:
        taken.rows = sum(backups.make(Path(folder) / "copy.tar", now=NOW).tables.values())
    return taken


def take_back() -> Taken:
    """Not a part of an upgrade: the market as the earlier release left it."""
    with taking() as taken:
        for app, name in EARLIER:
            call_command("migrate", app, name, verbosity=0)
    return taken


def migrate() -> Taken:
    """`rows` are the migrations."""
    waiting = len(schema.pending())
    with taking() as taken:
        schema.migrate()
    taken.rows = waiting
    assert not schema.pending()
    return taken
