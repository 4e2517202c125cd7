"""Reads every file of a folder with both readers, one JSON line each: what came, and what it cost."""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from aor.workbooks import discrepancy_return, tables


def table(path: Path) -> int:
    return sum(1 for _ in tables.read_table(path).rows)


def returned(path: Path) -> int:
    found = discrepancy_return.read(path, key=b"key", carriers={"HealthCo": []}, received_on=date(2026, 11, 21))
    return len(found.claims)


def cost() -> float:
    """Seconds of processor time, of this process and those it waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def memory() -> int:
    """The most that any of them held, in kilobytes: ru_maxrss of ours would count the one that started this one."""
    own = int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0])
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def run(reader: Callable[[Path], int], path: Path) -> dict[str, object]:
    before = cost()
    said: int | str
    try:
        said = reader(path)
    except tables.TableRefused as refused:
        said = str(refused)
    return {"said": said, "seconds": cost() - before, "kilobytes": memory()}


for path in sorted(Path(sys.argv[1]).iterdir()):
    print(json.dumps({"name": path.stem, "table": run(table, path), "returned": run(returned, path)}), flush=True)
