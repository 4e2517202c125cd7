"""The program, started once: forks a process for every command it is asked to run, and kills it when asked to.

Requests and answers are lines of JSON on standard input and output. What a fork runs is what `aor` runs; only the
start of Python is saved.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import tempfile
import time
import traceback
from typing import Any


def serve() -> None:
    """Answers until standard input ends."""
    import django

    django.setup()
    _import_everything()
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)
        print("ready", file=answers, flush=True)
        for line in sys.stdin:
            print(json.dumps(_run(json.loads(line))), file=answers, flush=True)


def _import_everything() -> None:
    from django.core.management import get_commands, load_command_class
    from django.db.migrations.loader import MigrationLoader

    for name, app in get_commands().items():
        if str(app).startswith("aor.") or name == "migrate":
            load_command_class(app, name)
    MigrationLoader(None)


def _run(request: dict[str, Any]) -> dict[str, Any]:
    """Runs `words` as `aor` does, or `call` (module:function) with `given`; `kill_after` seconds it is killed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as reached:
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            _become(request, out.fileno(), err.fileno(), reached.fileno())
        ended = os.pidfd_open(child)
        try:
            if (after := request.get("kill_after")) is not None and not select.select([ended], [], [], after)[0]:
                os.kill(child, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        finally:
            os.close(ended)
        seconds = time.monotonic() - begun
        texts = []
        for file in (out, err, reached):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
        reached_points = texts[2].split("\n")[:-1]
        return {"code": code, "out": texts[0], "err": texts[1], "reached": reached_points, "seconds": seconds}


def _become(request: dict[str, Any], out: int, err: int, reached: int) -> None:
    """The child: never returns."""
    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.environ.update(request.get("environment", {}))
        faults = importlib.reload(importlib.import_module("aor.engine.faults"))
        if request.get("traced"):
            faults.reached = lambda name: os.write(reached, f"{name}\n".encode())
        if "waits_at" in request:
            faults.reached = lambda name: _wait(name, **request["waits_at"])
        if "call" in request:
            module, function = request["call"].split(":")
            print(json.dumps(getattr(importlib.import_module(module), function)(**request["given"])))
            code = 0
        else:
            from aor.site import cli

            sys.argv = ["aor", *request["words"]]
            cli.main()
            code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
    except BaseException:  # noqa: BLE001  as the interpreter does: said, and the exit code is bad
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait(name: str, *, point: str, there: str, until: str) -> None:
    """At the point: makes the file `there`, and goes on when the file `until` exists."""
    if name == point:
        open(there, "w").close()
        while not os.path.exists(until):
            time.sleep(0.005)


if __name__ == "__main__":
    serve()
