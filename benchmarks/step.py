"""One step in a process of its own: `python -m benchmarks.step STEP ARGUMENT...`; the last line says what it took."""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path

from aor.site import cli

cli.start()

from aor.acts import receive as receiving  # noqa: E402  # after the settings
from aor.acts import settle as settling  # noqa: E402  # after the settings
from aor.close import operations as closing  # noqa: E402  # after the settings
from aor.engine import slices  # noqa: E402  # after the settings
from aor.jobs import homes  # noqa: E402  # after the settings
from aor.record import queries as record_facts  # noqa: E402  # after the settings
from aor.record.models import Entry  # noqa: E402  # after the settings
from aor.reports.operations import AT_ONCE  # noqa: E402  # after the settings
from aor.reports.render import FEW  # noqa: E402  # after the settings
from aor.terms import actor  # noqa: E402  # after the settings
from aor.terms.month import Month  # noqa: E402  # after the settings
from aor.transmissions import rows as record_rows  # noqa: E402  # after the settings
from aor.transmissions import sending  # noqa: E402  # after the settings
from aor.transmissions.ledger import Scope  # noqa: E402  # after the settings
from aor.x12.findings import EdiFinding  # noqa: E402  # after the settings
from aor.x12.guides import x220a1  # noqa: E402  # after the settings
from benchmarks import files, floors, market, workbooks  # noqa: E402  # after the settings
from benchmarks.disagreements import steps as disagreements  # noqa: E402  # after the settings
from benchmarks.taken import Taken, taking  # noqa: E402  # after the settings
from benchmarks.upgrade import steps as upgrade  # noqa: E402  # after the settings

BY = actor.system("benchmarks")


def load(households: str, brokers: str, *years: str) -> Taken:
    """A market whose enrollments of all years but the last are attributed already."""
    homes.ready()
    with taking() as taken:
        market.brokers(int(brokers))
        market.households(int(households), int(brokers))
        for year in years:
            settling.settle(now=market.LOADED)
            market.enroll(int(year))
        taken.rows = int(households)
    return taken


def ready(brokers: str) -> Taken:
    """A home with brokers and nothing else."""
    homes.ready()
    market.brokers(int(brokers))
    return Taken()


def file(path: str, policies: str) -> Taken:
    files.write(Path(path), int(policies))
    return Taken()


def settle() -> Taken:
    with taking() as taken:
        taken.rows = settling.settle(now=market.SETTLED)
    return taken


def send() -> Taken:
    with taking() as taken:
        sent = sending.send(by=BY, now=market.SENT)
        taken.rows = sum(one.sets for one in sent.interchanges)
    assert not sent.failed, sent.findings
    return taken


def send_floor() -> Taken:
    with taking() as taken:
        taken.rows = floors.send()
    return taken


def receive(path: str) -> Taken:
    with taking() as taken:
        received = receiving.receive(Path(path), by=BY, now=market.CLOSED.replace(day=6))
        taken.rows = received.enrollments
    assert received.accepted, received.findings
    return taken


def receive_floor(path: str) -> Taken:
    with taking() as taken:
        taken.rows = floors.receive(Path(path))
    return taken


def read(path: str) -> Taken:
    with Path(path).open("rb") as stream, taking() as taken:
        for one in x220a1.read(stream):
            assert not isinstance(one, EdiFinding), one
            taken.rows += 1
    return taken


def pyx12(path: str) -> Taken:
    from pyx12.x12file import X12Reader

    with Path(path).open(encoding="ascii") as stream, taking() as taken:
        taken.rows = sum(segment.get_seg_id() == "ST" for segment in X12Reader(stream))
    return taken


def close() -> Taken:
    with taking() as taken:
        closed = closing.close(Month.parse("2025-12"), by=BY, now=market.CLOSED)
        taken.rows = closed.sums["all"].reported if "all" in closed.sums else 0
    assert closed.state == "closed", closed.blockers
    return taken


def close_floor(brokers: str, rows_a_broker: str) -> Taken:
    ledgers = (workbooks.rows(broker, int(rows_a_broker)) for broker in range(int(brokers)))
    workers = 1 if int(brokers) <= FEW else os.cpu_count() or 1
    with taking() as taken, slices.workers(workers) as pool:
        for books in slices.run(workbooks.render_slice, slices.cut(ledgers, AT_ONCE), pool):
            taken.rows += len(books) * int(rows_a_broker)
    return taken


def record_day() -> Taken:
    with taking() as taken:
        taken.rows = sum(1 for _ in record_rows.rows(Scope(), now=market.CLOSED, on=date(2026, 1, 15)))
    return taken


def record_day_floor() -> Taken:
    with taking() as taken:
        taken.rows = floors.record_day()
    return taken


def lengthen(entries: str) -> Taken:
    with taking() as taken:
        market.lengthen(int(entries))
        taken.rows = int(entries)
    return taken


def record_one(questions: str) -> Taken:
    """One enrollment, any day, now or as known at some instant: `p50` and `p99` in milliseconds."""
    ids = list(Entry.objects.order_by("enrollment_id").values_list("enrollment_id", flat=True).distinct()[:100_000])
    took: list[tuple[float, float]] = []
    instants = (None, market.CLOSED, market.SENT, market.LOADED.replace(year=2012))
    with taking() as taken:
        for number in range(int(questions)):
            enrollment, day = ids[number * 7919 % len(ids)], date(2026, 1 + number % 12, 1)
            begun, processor = time.perf_counter(), time.thread_time()
            record_facts.agent_on(enrollment, day, known_at=instants[number % len(instants)])
            took.append((1000 * (time.perf_counter() - begun), 1000 * (time.thread_time() - processor)))
        taken.rows = len(took)
    walls, processors = map(sorted, zip(*took, strict=True))
    at = len(took) * 99 // 100
    taken.notes = {"p50": walls[len(walls) // 2], "p99": walls[at], "processor p99": processors[at]}
    return taken


STEPS: dict[str, Callable[..., Taken]] = {
    one.__name__: one
    for one in (
        load, ready, file, settle, send, send_floor, receive, receive_floor, read, pyx12, close, close_floor,
        record_day, record_day_floor, lengthen, record_one,
        disagreements.persons, disagreements.returned, disagreements.preview, disagreements.moved,
        upgrade.hand_over, upgrade.verify, upgrade.back_up, upgrade.restore, upgrade.take_back, upgrade.migrate,
    )
}  # fmt: skip


def profiled(step: str, *arguments: str) -> Taken:
    """A step with shares of its time as notes: of each of our functions, callees included, and of what bounds it.

    What bounds it (`own ...`) is time spent in a place itself: our modules, the database, the disk, what is below.
    """
    profile = cProfile.Profile()
    profile.enable()
    taken = STEPS[step](*arguments)
    profile.disable()
    stats = pstats.Stats(profile)
    whole = stats.total_tt  # type: ignore[attr-defined]  # pstats has no types for its sums
    for (path, _, name), (_, _, own, cumulative, _) in stats.stats.items():  # type: ignore[attr-defined]  # pstats has no types for its sums
        module = _module(path)
        if module:
            key = f"{module}.{name}"
            taken.notes[key] = max(taken.notes.get(key, 0.0), cumulative / whole)
        place = f"own {module or _below(path, name)}"
        taken.notes[place] = taken.notes.get(place, 0.0) + own / whole
    return taken


def _module(path: str) -> str:
    """One of ours, without `aor.`; empty for others'."""
    source = str(Path(sys.modules["aor"].__path__[0]))
    return (
        path.removeprefix(source).removesuffix(".py").strip("/").replace("/", ".") if path.startswith(source) else ""
    )


def _below(path: str, name: str) -> str:
    if any(word in name.lower() + path for word in ("sqlite", "psycopg")):
        return "the database"
    if any(word in name for word in ("fsync", "Buffered", "rename", "posix")):
        return "the disk"
    return "Django" if "/django/" in path else "Python's own"


if __name__ == "__main__":
    asked, *given = sys.argv[1:]
    answer = (STEPS | {"profiled": profiled})[asked](*given)
    print(json.dumps(asdict(answer)))
