"""A table that somebody sent, CSV or the first sheet of an xlsx, as rows of text."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, TextIO

from aor.workbooks.safety import (
    DEFAULT_LIMITS,
    MAX_COLUMNS,
    MEGABYTE,
    Limits,
    TableRefused,
    refuse_foreign,
)

__all__ = ["RefusedRow", "Table", "TableRefused", "read_table"]

DELIMITERS = ",;\t|"
DAMAGED = "the workbook is damaged or unusual: open it, save it again as xlsx or CSV, and send that"
TOO_SLOW = "the workbook takes too long to read: send the table as CSV"
SILENCE = 60_000  # milliseconds without a word; its processor time is bounded much lower

Record = tuple[int, list[str]]
Records = Generator[Record, None, None]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that could not be read, and why."""

    line: int
    because: str


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and a single-use stream of rows.

    `rows` yields (line, {column: text}); line 1 is the first of the file, a quoted CSV record has the line it
    begins on, an xlsx row its number in the sheet. Every column is in every row, "" where the file has
    nothing. `refused` (rows left out of `rows`) and `notices` are complete when `rows` is exhausted, which
    may itself raise TableRefused.
    """

    columns: tuple[str, ...]
    rows: Generator[tuple[int, dict[str, str]]]
    refused: list[RefusedRow] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read_table(path: Path, *, sheet: str = "", limits: Limits = DEFAULT_LIMITS) -> Table:
    """Opens a CSV or xlsx by what it is, not by its name, in memory that does not grow with it.

    `sheet` names the sheet of a workbook to read; without it the first. Headings are stripped, lower-cased,
    spaces made underscores. Raises TableRefused, and nothing else.
    """
    notices: list[str] = []
    refused: list[RefusedRow] = []
    records = _records(path, sheet, limits, notices, refused)
    try:
        names = _names(records)
    except TableRefused:
        records.close()
        raise
    rows = _rows(records, names, refused, limits)
    return Table(tuple(filter(None, names)), rows, refused, notices)


def _names(records: Records) -> list[str]:
    """The heading row as column names; an unnamed column is ""."""
    line, cells = next((record for record in records if any(map(str.strip, record[1]))), (0, []))
    if not cells:
        raise TableRefused("it is empty: the first row must name the columns")
    names = [re.sub(r"\s+", "_", cell.replace("\ufeff", "").strip().lower()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableRefused(f"the column {twice[0]!r} is there twice", line)
    if any("\0" in name for name in names):
        raise TableRefused("the headings hold NUL characters, so this is not text in UTF-8", line)
    if len(names) > MAX_COLUMNS:
        raise TableRefused(f"it has {len(names)} columns; {MAX_COLUMNS} are the most", line)
    return names


def _rows(
    records: Records, names: list[str], refused: list[RefusedRow], limits: Limits
) -> Generator[tuple[int, dict[str, str]]]:
    with contextlib.closing(records):
        for line, cells in records:
            values = [cell.replace("\u00a0", " ").strip() for cell in cells]
            if not any(values):
                continue
            if because := _unreadable(names, values):
                _refuse(refused, line, because, limits)
                continue
            values += [""] * (len(names) - len(values))
            yield line, {name: value for name, value in zip(names, values, strict=False) if name}


def _unreadable(names: list[str], values: list[str]) -> str:
    """Why a row cannot be told apart into the columns; "" when it can."""
    if len(values) > len(names) or "" in names:
        for column, value in enumerate(values, 1):
            if value and (column > len(names) or not names[column - 1]):
                return f"column {column} holds a value but has no heading"
    if any("\0" in value for value in values):
        return "it holds a NUL character"
    return ""


def _refuse(refused: list[RefusedRow], line: int, because: str, limits: Limits) -> None:
    refused.append(RefusedRow(line, because))
    if len(refused) >= limits.refused_rows:
        raise TableRefused(f"{len(refused)} rows cannot be read; the last: {because}", line)


def _records(path: Path, sheet: str, limits: Limits, notices: list[str], refused: list[RefusedRow]) -> Records:
    """The file's records, whatever kind it is; the file is open as long as the generator lives."""
    try:
        with path.open("rb") as file:
            start = file.read(512)
            refuse_foreign(start)
            file.seek(0)
            if start.startswith(b"PK"):
                yield from _xlsx_records(file, sheet, limits, notices)
            else:
                yield from _csv_records(file, _encoding(file, start, notices), limits, refused)
    except OSError as error:
        raise TableRefused(f"it cannot be opened: {error.strerror or 'reading failed'}") from None


def _encoding(file: BinaryIO, start: bytes, notices: list[str]) -> str:
    """UTF-16 by its mark, else UTF-8 when all of the file is, else Windows-1252. Raises TableRefused."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while chunk := file.read(MEGABYTE):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
            continue
        file.seek(0)
        if encoding != "utf-8":
            notices.append("read as Windows-1252, because it is not UTF-8: check names with accents")
        return "utf-8-sig" if encoding == "utf-8" else encoding
    raise TableRefused("it is not text in UTF-8, UTF-16 or Windows-1252: save it as CSV UTF-8")


class _Lines:
    """The physical lines of a CSV; `spent` is the characters read since a record began, at most `most`."""

    def __init__(self, text: TextIO, most: int) -> None:
        self.text = text
        self.most = most
        self.spent = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.text.readline(self.most + 1)
        self.spent += len(line)
        if self.spent > self.most:
            raise TableRefused(f"a row takes more than {self.most} characters: a quotation mark may be open")
        if not line:
            raise StopIteration
        return line


def _csv_records(file: BinaryIO, encoding: str, limits: Limits, refused: list[RefusedRow]) -> Records:
    begin = 1
    with io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        lines = _Lines(text, limits.record)
        try:
            leading = list(_up_to_text(lines))
            delimiter = _delimiter(leading[-1]) if leading else ","
            reader = csv.reader(itertools.chain(leading, lines), delimiter=delimiter, strict=True)
            while True:
                begin = reader.line_num + 1
                lines.spent = 0
                try:
                    yield begin, next(reader)
                except csv.Error as error:
                    if "expected after" not in str(error):
                        raise
                    _refuse(refused, begin, "text follows a closing quotation mark", limits)
                except StopIteration:
                    return
        except csv.Error as error:
            open_quote = "unexpected end" in str(error)
            because = "a quotation mark that opens here is never closed" if open_quote else str(error)
            raise TableRefused(because, begin) from None
        except UnicodeError:
            raise TableRefused("it is marked as UTF-16 but is not: save it as CSV UTF-8", begin) from None
        except TableRefused as refusal:
            raise TableRefused(refusal.because, begin) from None


def _up_to_text(lines: Iterator[str]) -> Iterator[str]:
    """The blank lines at the start, and the first that is not."""
    for line in lines:
        yield line
        if line.strip():
            return


def _delimiter(heading: str) -> str:
    """The one that occurs most outside quotes in the heading row; a comma when none does."""
    bare = re.sub(r'"[^"]*"', "", heading)
    return max(DELIMITERS, key=bare.count)


def _xlsx_records(file: BinaryIO, sheet: str, limits: Limits, notices: list[str]) -> Records:
    """Rows from a process of its own, which holds no secret and may die of what it reads."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "aor.workbooks.xlsx_rows", json.dumps(asdict(limits)), sheet],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback may quote cells
        env={"OPENPYXL_LXML": "False", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with process:
        try:
            yield from _told(process, notices)
        finally:
            process.kill()


def _told(process: subprocess.Popen[bytes], notices: list[str]) -> Records:
    """What the process says as records. Raises TableRefused, also when it dies or falls silent."""
    assert process.stdout is not None
    for line in _pipe_lines(process.stdout):
        message = json.loads(line)
        if message == "end":
            return
        if isinstance(message, list):
            yield message[0], message[1]
        elif "notice" in message:
            notices.append(message["notice"])
        else:
            raise TableRefused(message["refused"], message["line"])
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
