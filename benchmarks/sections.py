"""`docs/benchmarks.md` in sections: each between marks of its own, written by the program that measured it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
SECTIONS = ("matching", "portal", "desk", "disagreements", "upgrade")
NO_SERVER = 69


def section(name: str, lines: Iterable[str]) -> str:
    """Lines between the marks of a section."""
    return "\n".join([f"<!-- {name} -->", *lines, f"<!-- end of {name} -->"]) + "\n"


def kept(name: str, page: str) -> str:
    """A section as it stands in a page, marks included; empty where there is none."""
    _, begin, rest = page.partition(f"<!-- {name} -->")
    inside, end, _ = rest.partition(f"<!-- end of {name} -->")
    return f"{begin}{inside}{end}\n" if begin and end else ""


def placed(page: str, name: str, lines: Iterable[str]) -> str:
    """The page with this section instead of an earlier one."""
    return page.replace(kept(name, page), "").rstrip("\n") + "\n\n" + section(name, lines)


def write(name: str, lines: Iterable[str]) -> None:
    """Writes a section into the page."""
    PAGE.write_text(placed(PAGE.read_text(), name, lines))


def on_each_database(module: str, words: Sequence[str]) -> dict[str, Any]:
    """What `python -m MODULE WORDS --into FILE` wrote as JSON, by database; one that is not here is left out."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "AOR_HOME")}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, wrapper in (("SQLite", []), ("PostgreSQL", [str(ROOT / "scripts" / "postgres")])):
            out = Path(folder) / f"{name}.json"
            command = [*wrapper, sys.executable, "-m", module, *words, "--into", str(out)]
            code = subprocess.run(command, cwd=ROOT, env=environment).returncode
            if code and code != NO_SERVER:
                raise SystemExit(code)
            if not code:
                found[name] = json.loads(out.read_text())
    return found
