"""What may be read from a stranger's file, and how text leaves without becoming a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from zipfile import ZipFile, ZipInfo

MEGABYTE = 1024 * 1024
MAX_ROWS = 1_048_576  # Excel's own bound
MAX_COLUMNS = 256  # the widest import layout has fewer than 20
MAX_CELL = 32_767  # Excel's own bound, in characters

WORKBOOK_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
OTHER_TYPES = (
    (b"macroEnabled", "it is a workbook with macros (xlsm): save it as an Excel workbook (xlsx)"),
    (b"spreadsheetml.template", "it is a template (xltx): save it as an Excel workbook (xlsx)"),
    (b"sheet.binary", "it is a binary workbook (xlsb): save it as an Excel workbook (xlsx)"),
    (b"wordprocessingml", "it is a Word document, not a workbook"),
    (b"presentationml", "it is a PowerPoint presentation, not a workbook"),
)
MAGIC = (
    (
        b"\xd0\xcf\x11\xe0",
        "it is an old (xls) or a protected workbook: save it as xlsx without a password",
    ),
    (b"%PDF", "it is a PDF, not a table: send the CSV or xlsx it was made from"),
    (b"\x1f\x8b", "it is compressed (gzip): unpack it first"),
    (b"{\\rtf", "it is a rich text document, not a table: save it as CSV or xlsx"),
    (b"ISA*", "it is an X12 interchange, not a table: read it with `aor receive`"),
)
WEB_PAGES = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<head", b"<meta")
ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
PLAIN_ENCODINGS = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class TableRefused(Exception):
    """The file as a whole cannot be taken. `because` is a sentence for its sender; `line` where, if known."""

    def __init__(self, because: str, line: int | None = None) -> None:
        super().__init__(because if line is None else f"line {line}: {because}")
        self.because = because
        self.line = line


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost. `unpacked` and `memory` are bytes, `seconds` are of processor time."""

    parts: int = 200
    unpacked: int = 200 * MEGABYTE
    ratio: int = 200
    memory: int = 300 * MEGABYTE
    seconds: int = 3
    seconds_per_megabyte: int = 5
    record: int = MEGABYTE  # characters of one CSV record, quoted newlines included
    refused_rows: int = 10_000

    def seconds_for(self, size: int) -> int:
        """A small file may not cost much: honest sheets unpack ten- to twentyfold, about 7 MB a second."""
        return self.seconds + self.seconds_per_megabyte * size // MEGABYTE


DEFAULT_LIMITS = Limits()


def refuse_foreign(start: bytes) -> None:
    """Raises TableRefused when the first bytes are those of something that is neither text nor a ZIP."""
    for magic, because in MAGIC:
        if start.startswith(magic):
            raise TableRefused(because)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(WEB_PAGES):
        raise TableRefused("it is a web page or XML, whatever its name says: save it as CSV or xlsx")


def guard(archive: ZipFile, limits: Limits, *, size: int) -> None:
    """Raises TableRefused unless the archive is a plain workbook that unpacks to a bounded size.

    `size` is that of the file in bytes. Every part is inflated once and thrown away, because what the
    directory says about sizes is the sender's word.
    """
    parts = archive.infolist()
    if len(parts) > limits.parts:
        raise TableRefused(f"it has {len(parts)} parts inside; a workbook may have {limits.parts}")
    names = {part.filename for part in parts}
    if len(names) < len(parts):
        raise TableRefused("two of its parts have the same name")
    for part in parts:
        _check_name(part)
    if "[Content_Types].xml" not in names:
        open_document = "content.xml" in names
        what = "an OpenDocument file (ods)" if open_document else "a ZIP archive"
        raise TableRefused(f"it is {what}, not an Excel workbook: save the table as xlsx or CSV")
    unpacked = 0
    for part in parts:
        for length in _inflated(archive, part):
            unpacked += length
            if unpacked > limits.unpacked:
                most = limits.unpacked // MEGABYTE
                raise TableRefused(f"it unpacks to more than {most} MB: send it as CSV, or in several files")
    if unpacked > max(MEGABYTE, size * limits.ratio):
        raise TableRefused(f"it unpacks to more than {limits.ratio} times its size, as no honest workbook does")
    _check_types(archive.read("[Content_Types].xml"))


def _check_name(part: ZipInfo) -> None:
    path = PurePosixPath(part.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in part.filename:
        raise TableRefused("one of its parts has a name that leads outside the workbook")
    if part.flag_bits & 0x1:
        raise TableRefused("its parts are encrypted: save it without a password")
    lowered = part.filename.lower()
    if "vbaproject" in lowered:
        raise TableRefused("it holds macros: save it as an Excel workbook (xlsx) without macros")
    if "externallinks/" in lowered:
        raise TableRefused("it holds links to other workbooks: break the links, or save the sheet as CSV")


def _inflated(archive: ZipFile, part: ZipInfo) -> Iterator[int]:
    """The lengths of a part's chunks, looked through for declarations that no workbook needs."""
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(MEGABYTE):
            if not tail:
                _check_encoding(chunk)
            seen = tail + chunk
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen:
                raise TableRefused("it declares XML entities, which no honest workbook does")
            tail = seen[-16:]
            yield len(chunk)


def _check_encoding(start: bytes) -> None:
    """An encoding other than UTF-8 would hide a declaration from the search for it."""
    bare = start.removeprefix(b"\xef\xbb\xbf")
    named = ENCODING.match(bare[:200])
    if bare.startswith((b"\xff\xfe", b"\xfe\xff")) or (named and named[1].lower() not in PLAIN_ENCODINGS):
        raise TableRefused("one of its parts is XML in an encoding other than UTF-8")


def _check_types(content_types: bytes) -> None:
    for mark, because in OTHER_TYPES:
        if mark in content_types:
            raise TableRefused(because)
    if WORKBOOK_TYPE not in content_types:
        raise TableRefused("it does not say that it is an Excel workbook: save it again as xlsx or CSV")


def csv_safe(text: str) -> str:
    """The text as a spreadsheet may open it: an apostrophe before what would start a formula (CWE-1236)."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Rows as lines of CSV (RFC 4180, CRLF), every value safe to open in a spreadsheet."""
    for row in rows:
        yield ",".join(_quoted(csv_safe(value)) for value in row) + "\r\n"


def _quoted(value: str) -> str:
    if any(mark in value for mark in ',"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value
