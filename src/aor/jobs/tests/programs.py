"""The program as an operator starts it: processes of their own, on homes and databases of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PROGRAM = [sys.executable, "-c", "from aor.site.cli import main; main()"]

AS_A_USER = (  # whom closed files are closed to: root passes through all
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all") if os.geteuid() == 0 else ()
)


def started(
    home: Path, *words: object, database: str = "", before: Sequence[str] = (), **settings: str
) -> subprocess.Popen[str]:
    """`aor WORDS...` running, as what stands `before` starts it."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "AOR_FAULT")}
    environment |= {"AOR_HOME": str(home), "AOR_TIME_TRAVEL": "1", **settings}
    if database:
        environment["DATABASE_URL"] = database
    return subprocess.Popen(
        [*before, *PROGRAM, *map(str, words)],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def aor(
    home: Path, *words: object, code: int = 0, database: str = "", before: Sequence[str] = (), **settings: str
) -> Any:
    """The document that `aor WORDS... --json` prints; it leaves with the code."""
    process = started(home, *words, "--json", database=database, before=before, **settings)
    out, said = process.communicate(timeout=120)
    assert process.returncode == code, said or out
    assert "Traceback" not in said
    return json.loads(out) if out else {"because": said}


def same(one: Mapping[str, Any], other: Mapping[str, Any], *keys: str) -> bool:
    return [one[key] for key in keys] == [other[key] for key in keys]
