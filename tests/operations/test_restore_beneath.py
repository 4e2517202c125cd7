"""A restore beneath a portal that goes on running: what it answers afterwards is of the backup."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.operations.test_runbooks import asked, free_port, machine, running
from tests.operations.test_settings import PRODUCTION

__all__ = ["machine"]  # the fixture


def test_every_thread_of_the_portal_lets_go_of_the_database_that_was_put_aside(machine: Path) -> None:
    here = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}  # the tree of this test, where it is a copy
    home = {**PRODUCTION, **here, "AOR_HOME": str(machine / "srv")}

    def aor(*words: str) -> dict[str, str]:
        done = subprocess.run(
            [str(machine / "bin" / "aor"), *words, "--json"], env={"PATH": os.environ["PATH"], **home},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return dict(json.loads(done.stdout))

    def answers_to(token: str) -> set[int]:
        """Asked more often than there are threads, one after another: every thread comes to answer."""
        headers = {"Authorization": f"Bearer {token}", "X-Forwarded-Proto": "https"}
        return {asked(portal, "/api/v1/record", **headers)[0] for _ in range(24)}

    portal, backup = free_port(), str(machine / "backups" / "one.tar")
    before = aor("token", "create", "before", "--role", "eligibility")["token"]
    aor("backup", backup)
    after = aor("token", "create", "after", "--role", "eligibility")["token"]
    serve = [str(machine / "bin" / "aor"), "serve", "--port", str(portal), "--workers", "1"]
    with running(serve, portal, **home):
        assert answers_to(before) == answers_to(after) == {200}
        aor("restore", backup, "--replace")
        assert answers_to(before) == {200}
        assert answers_to(after) == {401}  # nobody knows it any more
