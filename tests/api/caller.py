"""The same request to the API from processes of their own: at once, or after one that was killed.

`python -m tests.api.caller COUNT FAULT PATH BODY` makes the market, sends the request from COUNT processes at once
(or one after another, the first killed at FAULT), and prints what each was answered and how many effects there are.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path

import django


def main(count: int, fault: str, path: str, body: str) -> None:
    django.setup()
    from django.conf import settings
    from django.db import connections

    from aor.api.models import Answered
    from aor.enrollments.models import EnrollmentFile
    from aor.jobs import homes
    from aor.transmissions.models import Receipt
    from tests.api import world as built

    homes.ready()
    home = Path(settings.AOR_HOME)
    world = built.make(home)
    token = "north" if path == "/receipts" else "eligibility"
    files = EnrollmentFile.objects.count()
    connections.close_all()

    def call(number: int) -> None:
        response = world.post(path, body, token=token, key="the-same")
        answer = [response.status_code, response.content.decode(), response.headers.get("Idempotency-Replayed")]
        (home / f"{number}.json").write_text(json.dumps(answer))

    codes = []
    if fault:
        codes = [_forked(call, number, fault if number == 0 else "") for number in range(count)]
    else:
        waits, go = os.pipe()
        children = []
        for number in range(count):
            if (child := os.fork()) == 0:
                os.close(go)
                os.read(waits, 1)
                call(number)
                os._exit(0)
            children.append(child)
        os.close(go)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    answers = [json.loads(one.read_text()) for one in sorted(home.glob("?.json"))]
    effects = Receipt.objects.count() + EnrollmentFile.objects.count() - files
    print(json.dumps({"codes": codes, "answers": answers, "effects": effects, "kept": Answered.objects.count()}))


def _forked(call: object, number: int, fault: str) -> int:
    if (child := os.fork()) == 0:
        os.environ["AOR_FAULT"] = fault
        importlib.reload(importlib.import_module("aor.engine.faults"))
        call(number)  # type: ignore[operator]  # one of the callers, chosen by name
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:5])
