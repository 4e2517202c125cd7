"""Strangers' files are opened in a process of its own, which holds no secret and may die of what it reads."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import asdict
from typing import IO, Any, BinaryIO

from aor.workbooks.safety import Limits, TableRefused

DAMAGED = "the workbook is damaged or unusual: open it, save it again as xlsx or CSV, and send that"
TOO_SLOW = "the workbook takes too long to read: send the table as CSV"
TOO_LARGE = "it needs too much memory: send it as CSV"
SILENCE = 60_000  # milliseconds without a word; its processor time is bounded much lower
END = "end"


def messages(module: str, file: BinaryIO, limits: Limits, *words: str) -> Generator[Any]:
    """What `python -m module` says of the file on its standard input, as decoded JSON lines.

    Raises TableRefused when the process refuses the file, dies or falls silent. Closing ends the process.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", module, json.dumps(asdict(limits)), *words],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback may quote cells
        env={"OPENPYXL_LXML": "False", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with process:
        try:
            yield from _told(process)
        finally:
            process.kill()


def _told(process: subprocess.Popen[bytes]) -> Iterator[Any]:
    assert process.stdout is not None
    for line in _pipe_lines(process.stdout):
        message = json.loads(line)
        if message == END:
            return
        if isinstance(message, dict) and "refused" in message:
            raise TableRefused(message["refused"], message["line"])
        yield message
    raise TableRefused(TOO_SLOW if process.wait() in (-signal.SIGXCPU, -signal.SIGKILL) else DAMAGED)


def _pipe_lines(pipe: IO[bytes]) -> Iterator[bytes]:
    """Whole lines; a last one cut short by the end of the process is dropped."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    rest = b""
    while poll.poll(SILENCE):
        chunk = os.read(pipe.fileno(), 65536)
        if not chunk:
            return
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    raise TableRefused(TOO_SLOW)


def tell(make: Callable[[BinaryIO, Limits, int], Iterable[object]]) -> None:
    """The other side: reads standard input under the limits in its first argument, and says what `make` yields.

    What it cannot read lets it crash, which `messages` tells as a sentence.
    """
    limits = Limits(**json.loads(sys.argv[1]))
    size = os.fstat(sys.stdin.fileno()).st_size
    seconds = limits.seconds_for(size)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    try:
        for message in make(sys.stdin.buffer, limits, size):
            sys.stdout.write(json.dumps(message) + "\n")
    except TableRefused as refused:
        sys.stdout.write(json.dumps({"refused": refused.because, "line": refused.line}) + "\n")
    except MemoryError:
        sys.stdout.write(json.dumps({"refused": TOO_LARGE, "line": None}) + "\n")
    else:
        sys.stdout.write(json.dumps(END) + "\n")
