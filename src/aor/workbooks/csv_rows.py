"""The records of a CSV that somebody sent, in any encoding, dialect and length of line that people save."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Callable, Generator, Iterator
from typing import BinaryIO, NoReturn, TextIO

from aor.workbooks.safety import MEGABYTE, Limits, TableRefused

DELIMITERS = ",;\t|"


def encoding_of(file: BinaryIO, start: bytes, notices: list[str]) -> str:
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


class _LongLine(TableRefused):
    """A record of one line that is too long, without quotation marks: the next line is another record."""


class _Lines:
    """The physical lines of a CSV; `spent` is the characters read since a record began, at most `most`.

    `passed_over` counts the lines too long to be given; `plain` says of the last one whether it is a record alone.
    """

    def __init__(self, text: TextIO, most: int) -> None:
        self.text = text
        self.most = most
        self.spent = self.passed_over = 0
        self.plain = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.text.readline(self.most + 1)
        self.plain = not self.spent and '"' not in line
        self.spent += len(line)
        if self.spent > self.most:
            self._pass_over(line)
        if not line:
            raise StopIteration
        return line

    def _pass_over(self, line: str) -> NoReturn:
        """Reads to the end of a line that is too long."""
        while self.plain and line and not line.endswith(("\n", "\r")):
            line = self.text.readline(self.most + 1)
            self.plain = '"' not in line
        if self.plain:
            self.passed_over += 1
            raise _LongLine(f"the row takes more than {self.most} characters")
        raise TableRefused(f"a row takes more than {self.most} characters: a quotation mark may be open")


def records(
    file: BinaryIO, encoding: str, limits: Limits, refuse: Callable[[int, str], None], *, sniff: int = 1
) -> Generator[tuple[int, list[str]]]:
    """(line a record begins on, its values); a bad record goes to `refuse(line, because)`.

    The delimiter is found in the first `sniff` lines that hold text. Raises TableRefused.
    """
    begin = 1
    with io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        lines = _Lines(text, limits.record)
        try:
            leading = list(_up_to_text(lines, sniff))
            delimiter = _delimiter(leading)
            reader = csv.reader(itertools.chain(leading, lines), delimiter=delimiter, strict=True)
            while True:
                begin = reader.line_num + lines.passed_over + 1
                lines.spent = 0
                try:
                    yield begin, next(reader)
                except _LongLine as long:
                    refuse(begin, long.because)
                except csv.Error as error:
                    if "expected after" in str(error):
                        refuse(begin, "text follows a closing quotation mark")
                    elif "field limit" in str(error) and lines.plain:
                        refuse(begin, f"a value has more than {csv.field_size_limit()} characters")
                    else:
                        raise
                except StopIteration:
                    return
        except csv.Error as error:
            because = str(error)
            if "unexpected end" in because:
                because = "a quotation mark that opens here is never closed"
            elif "field limit" in because:
                because = f"a value has more than {csv.field_size_limit()} characters: a quotation mark may be open"
            raise TableRefused(because, begin) from None
        except UnicodeError:
            raise TableRefused("it is marked as UTF-16 but is not: save it as CSV UTF-8", begin) from None
        except TableRefused as refusal:
            raise TableRefused(refusal.because, begin) from None


def _up_to_text(lines: Iterator[str], most: int) -> Iterator[str]:
    """The lines up to the last of the first `most` that are not blank."""
    for line in lines:
        yield line
        most -= bool(line.strip())
        if not most:
            return


def _delimiter(leading: list[str]) -> str:
    """The one that occurs most outside quotes; a comma when none does."""
    bare = re.sub(r'"[^"]*"', "", "".join(leading))
    return max(DELIMITERS, key=bare.count)
