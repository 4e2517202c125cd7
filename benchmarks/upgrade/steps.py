"""The steps of the runbook of an upgrade, each by itself, in a market that `load` and `receive` made."""

from __future__ import annotations

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
RESTORED = market.CLOSED.replace(day=8)
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


def back_up(copy: str) -> Taken:
    with taking() as taken:
        taken.rows = sum(backups.make(Path(copy), now=NOW).tables.values())
    return taken


def restore(copy: str) -> Taken:
    """As `aor restore` does it in an empty home: put in place, reconciled, sealed, verified; nothing goes again."""
    with taking() as taken:
        manifest, reconciled = backups.restore(Path(copy), replace=False, by=BY, now=RESTORED)
        assert not reconciled.failed, reconciled.findings
        assert not list(sealed.seal_what_is_new(now=RESTORED))
        assert all(one.ok for one in checks.check(now=RESTORED))
        taken.rows = sum(manifest.tables.values())
    assert not sending.send(by=BY, now=RESTORED).interchanges
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
