"""Workbooks that somebody made to harm their reader, as bytes."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
STRINGS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


def package(
    rows: str = '<row r="1"><c r="A1" t="inlineStr"><is><t>npn</t></is></c></row>',
    *,
    main: str = MAIN,
    prolog: str = "",
    workbook: str = "",
    strings: str = "",
    encoding: str = "utf-8",
    dimension: str = "",
    more: dict[str, bytes] | None = None,
) -> bytes:
    """A workbook of one sheet, written part by part so that each may be spoilt."""
    parts = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{main}"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEET}"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{STRINGS}"/></Types>'
        ),
        "_rels/.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/_rels/workbook.xml.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
            f'<Relationship Id="r2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
        ),
        "xl/workbook.xml": workbook
        or f'{prolog}<workbook {NS} xmlns:r="{RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/sharedStrings.xml": f"<sst {NS}>{strings}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {NS}>{dimension}<sheetData>{rows}</sheetData></worksheet>",
    }
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text.encode(encoding if name == "xl/workbook.xml" else "utf-8"))
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def plain_zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def noise(length: int) -> bytes:
    return random.Random(5).randbytes(length)


def wide_rows() -> str:
    cells = "<c><v>1</v></c>" * 16_384
    return '<row r="1"><c t="inlineStr"><is><t>npn</t></is></c></row>' + f"<row>{cells}</row>" * 3


def far_cells() -> str:
    return (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>npn</t></is></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def size_lie(content: bytes) -> bytes:
    """The directory says that a part is empty."""
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 24] + bytes(4) + content[at + 28 :]


CORPUS: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip bomb": (lambda: package(more={"xl/x.xml": bytes(220_000_000)}), "unpacks to more than 200 MB"),
    "ratio": (lambda: package(more={"xl/x.xml": bytes(90_000_000)}), "times its size"),
    "one huge cell": (
        lambda: package(f'<row><c t="inlineStr"><is><t>{"a" * 150_000_000}</t></is></c></row>'),
        "times its size",
    ),
    "huge cell, packed badly": (
        lambda: package(
            f'<row><c t="inlineStr"><is><t>{"a" * 40_000_000}</t></is></c></row>',
            more={"xl/media/x.png": noise(1_000_000)},
        ),
        "more than 32767 characters",
    ),
    "memory": (
        lambda: package(
            f'<row><c t="inlineStr"><is><t>{"a" * 150_000_000}</t></is></c></row>',
            more={"xl/media/x.png": noise(1_000_000)},
        ),
        "too much memory|damaged",
    ),
    "time": (
        lambda: package("<row><c><v>1</v></c></row>" * 900_000, more={"x.png": noise(200_000)}),
        "too long",
    ),
    "billion laughs": (lambda: package(prolog=LAUGHS), "declares XML entities"),
    "entities in UTF-16": (
        lambda: package(prolog=f'<?xml version="1.0" encoding="utf-16"?>{LAUGHS}', encoding="utf-16"),
        "encoding other than UTF-8",
    ),
    "encoding by name": (
        lambda: package(prolog='<?xml version="1.0" encoding="cp037"?>'),
        "encoding other than UTF-8",
    ),
    "16,384 columns": (lambda: package(wide_rows()), "16384 columns"),
    "far cells": (lambda: package(far_cells()), "16384 columns"),
    "parts": (lambda: package(more={f"xl/p{n}": b"" for n in range(300)}), "306 parts"),
    "many parts": (lambda: plain_zip({f"{n}": b"" for n in range(70_000)}), "70000 parts"),
    "path": (lambda: package(more={"../../etc/cron.d/x": b""}), "leads outside"),
    "absolute path": (lambda: package(more={"/etc/x": b""}), "leads outside"),
    "macros": (lambda: package(more={"xl/vbaProject.bin": b"x"}), "macros"),
    "xlsm": (
        lambda: package(main="application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        "macros",
    ),
    "xlsb": (lambda: package(main="application/vnd.ms-excel.sheet.binary.macroEnabled.main"), "xlsm|xlsb"),
    "links": (lambda: package(more={"xl/externalLinks/externalLink1.xml": b"<x/>"}), "links to other"),
    "docx": (
        lambda: package(main="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"),
        "Word document",
    ),
    "ods": (lambda: plain_zip({"mimetype": b"x", "content.xml": b"<x/>"}), "OpenDocument"),
    "zip": (lambda: plain_zip({"brokers.csv": b"npn\n1\n"}), "ZIP archive"),
    "type missing": (lambda: package(main="text/xml"), "does not say"),
    "cut": (lambda: cut(package(more={"x": noise(9_000)})), "damaged"),
    "PK only": (lambda: b"PK\x03\x04" + noise(5_000), "damaged"),
    "size lie": (lambda: size_lie(package()), "damaged"),
    "not XML": (lambda: package("<row><c"), "damaged"),
    "wrong number": (lambda: package("<row><c><v>abc</v></c></row>"), "damaged"),
    "no such string": (lambda: package('<row><c t="s"><v>99</v></c></row>'), "damaged"),
    "negative string": (lambda: package('<row r="x"><c r="1A"><v>9</v></c></row>'), "damaged"),
    "deep nesting": (lambda: package("<row>" + "<c>" * 100_000 + "</c>" * 100_000 + "</row>"), "."),
    "no sheets": (lambda: package(workbook=f"<workbook {NS}><sheets/></workbook>"), "no sheet|damaged"),
    "empty sheet": (lambda: package(""), "it is empty"),
    "duplicate headings": (
        lambda: package('<row><c t="str"><v>npn</v></c><c t="str"><v>NPN </v></c></row>'),
        "there twice",
    ),
}
