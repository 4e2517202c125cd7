"""Files that somebody made to harm their reader, or that people make by accident, and what is said of each."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.hostile.parts import (
    LAUGHS,
    NS,
    RELATIONS,
    cut,
    encrypted,
    far_cells,
    noise,
    package,
    plain_zip,
    size_lie,
    twice,
    wide_rows,
    wrong_sum,
)

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STRICT = 'xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"'


@dataclass(frozen=True, slots=True)
class File:
    """How it is made, and what each reader makes of it: rows read, or the words it is refused with."""

    make: Callable[[], bytes]
    table: int | str
    returned: int | str
    name: str = "returned.xlsx"


def same(make: Callable[[], bytes], found: int | str) -> File:
    return File(make, found, found)


def csv(content: bytes, table: int | str, returned: int | str) -> File:
    return File(lambda: content, table, returned, "returned.csv")


def row(*values: object, number: str = "", more: str = "") -> str:
    """A row of inline strings; what begins with < stands as it is."""
    cells = (
        str(value) if str(value).startswith("<") else f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
        for value in values
    )
    return f"<row{f' r={chr(34)}{number}{chr(34)}' if number else ''}{more}>{''.join(cells)}</row>"


TOP = row("Last Name", "First Name", "DOB")
ANN = row("Lee", "Ann", "2/29/1980")


def people(*rows: str, **parts: object) -> Callable[[], bytes]:
    """A workbook of consumers."""
    return lambda: package(TOP + "".join(rows), **parts)  # type: ignore[arg-type]  # whatever package takes


def sheets(count: int) -> bytes:
    named = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r1"/>' for n in range(1, count + 1))
    return package(workbook=f'<workbook {NS} xmlns:r="{RELATIONS}"><sheets>{named}</sheets></workbook>')


def hidden_sheet() -> bytes:
    sheet = '<sheet name="S" sheetId="1" state="veryHidden" r:id="r1"/>'
    book = f'<workbook {NS} xmlns:r="{RELATIONS}"><sheets>{sheet}</sheets></workbook>'
    return package(TOP + ANN, workbook=book)


def epoch_1904() -> bytes:
    sheet = '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
    book = f'<workbook {NS} xmlns:r="{RELATIONS}"><workbookPr date1904="1"/>{sheet}</workbook>'
    return package(TOP + row("Lee", "Ann", "<c><v>27818</v></c>"), workbook=book)


def target(where: str, mode: str = "") -> bytes:
    sheet = '<sheets><sheet name="S" sheetId="1" r:id="r9"/></sheets>'
    return package(
        workbook=f'<workbook {NS} xmlns:r="{RELATIONS}">{sheet}</workbook>',
        rels=f'<Relationship Id="r9" Type="{RELATIONS}/worksheet" Target="{where}"{mode}/>',
    )


CELL = '<c t="inlineStr"><is><t>{}</t></is></c>'
MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
TEMPLATE = "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml"
DATES = '<numFmts count="0"/><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'

BOMBS = {
    "zip bomb": same(lambda: package(more={"xl/x.xml": bytes(220_000_000)}), "unpacks to more than 200 MB"),
    "ratio": same(lambda: package(more={"xl/x.xml": bytes(90_000_000)}), "times its size"),
    "one huge cell": same(lambda: package(f"<row>{CELL.format('a' * 90_000_000)}</row>"), "times its size"),
    "huge cell, packed badly": same(
        lambda: package(f"<row>{CELL.format('a' * 40_000_000)}</row>", more={"x.png": noise(1_000_000)}),
        "more than 32767 characters",
    ),
    "memory": same(
        lambda: package(f"<row>{CELL.format('a' * 150_000_000)}</row>", more={"x.png": noise(1_000_000)}),
        "too much memory|damaged",
    ),
    "a million rows": same(
        lambda: package("<row><c><v>1</v></c></row>" * 1_000_000, more={"x.png": noise(200_000)}),
        "too long|5000 cases",
    ),
    "shared strings": same(
        lambda: package(strings="<si><t>a</t></si>" * 3_000_000, more={"x.png": noise(400_000)}),
        "too long|too much memory",
    ),
    "rich text": same(
        lambda: package(
            f"<row><c t='inlineStr'><is>{'<r><t>a</t></r>' * 40_000}</is></c></row>", more={"x": noise(99_000)}
        ),
        "too long|too much memory|32767 characters",
    ),
    "styles": File(
        lambda: package(styles="<cellXfs>" + '<xf numFmtId="0"/>' * 60_000 + "</cellXfs>", more={"x": noise(99_000)}),
        0,
        1,
    ),
    "nested zip bomb": same(people(ANN, more={"xl/embeddings/x.zip": plain_zip({"a": bytes(50_000_000)})}), 1),
    "30,000 merged ranges": same(
        people(
            ANN,
            after="<mergeCells>" + '<mergeCell ref="A1:B2"/>' * 30_000 + "</mergeCells>",
            more={"x": noise(50_000)},
        ),
        "1|too long",
    ),
    "billion laughs": same(lambda: package(prolog=LAUGHS), "declares XML entities"),
    "external entity": same(lambda: package(prolog=EXTERNAL), "declares XML entities"),
    "entities in UTF-16": same(
        lambda: package(prolog=f'<?xml version="1.0" encoding="utf-16"?>{LAUGHS}', encoding="utf-16"),
        "encoding other than UTF-8",
    ),
    "encoding by name": same(lambda: package(prolog='<?xml version="1.0" encoding="cp037"?>'), "encoding other than"),
    "deep nesting": same(lambda: package("<row>" + "<c>" * 100_000 + "</c>" * 100_000 + "</row>"), "."),
}
ZIPS = {
    "parts": same(lambda: package(more={f"xl/p{n}": b"" for n in range(300)}), "306 parts"),
    "many parts": same(lambda: plain_zip({f"{n}": b"" for n in range(70_000)}), "70000 parts"),
    "path": same(lambda: package(more={"../../etc/cron.d/x": b""}), "leads outside"),
    "absolute path": same(lambda: package(more={"/etc/x": b""}), "leads outside"),
    "path of Windows": same(lambda: package(more={"xl\\..\\..\\x": b""}), "leads outside"),
    "a part twice": same(twice, "the same name"),
    "encrypted parts": same(lambda: encrypted(package()), "without a password"),
    "cut": same(lambda: cut(package(more={"x": noise(9_000)})), "damaged"),
    "PK only": same(lambda: b"PK\x03\x04" + noise(5_000), "damaged"),
    "size lie": same(lambda: size_lie(package()), "damaged"),
    "wrong sum": same(lambda: wrong_sum(package()), "damaged"),
    "zip in zip": same(lambda: plain_zip({"returned.xlsx": package(TOP + ANN)}), "ZIP archive"),
    "zip": same(lambda: plain_zip({"brokers.csv": b"npn\n1\n"}), "ZIP archive"),
    "ods": same(lambda: plain_zip({"mimetype": b"x", "content.xml": b"<x/>"}), "OpenDocument"),
}
KINDS = {
    "macros": same(lambda: package(more={"xl/vbaProject.bin": b"x"}), "macros"),
    "xlsm": same(lambda: package(main=MACROS), "macros"),
    "xlsb": same(lambda: package(main="application/vnd.ms-excel.sheet.binary.macroEnabled.main"), "xlsm|xlsb"),
    "template": same(lambda: package(main=TEMPLATE), "template"),
    "docx": same(lambda: package(main=WORD), "Word document"),
    "pptx": same(lambda: package(main=SLIDES), "PowerPoint"),
    "type missing": same(lambda: package(main="text/xml"), "does not say"),
    "links": same(lambda: package(more={"xl/externalLinks/externalLink1.xml": b"<x/>"}), "links to other"),
    "xls": same(lambda: OLD + noise(3_000), "an old .xls. or a protected workbook"),
    "xlsx with a password": same(
        lambda: OLD + bytes(504) + "EncryptedPackage".encode("utf-16-le"), "protected workbook"
    ),
    "pdf": same(lambda: b"%PDF-1.7\n" + noise(300), "PDF"),
    "gzip": same(lambda: gzip.compress(b"npn\n1\n"), "compressed"),
    "rtf": same(lambda: b"{\\rtf1 npn}", "rich text"),
    "X12": same(lambda: b"ISA*00*", "X12"),
    "web page": same(lambda: b"\xef\xbb\xbf\n <HTML><table><tr><td>npn", "web page or XML"),
    "XML of 2003": same(lambda: b'<?xml version="1.0"?><Workbook/>', "web page or XML"),
    "picture": same(lambda: b"\x89PNG\r\n\x1a\n" + bytes(64) + noise(900), "not text|NUL|quotation|there twice"),
    "noise": same(lambda: b"\x81\x8d" + noise(4_000), "not text"),
    "strict": File(people(ANN, namespace=STRICT), "it is empty", "Strict Open XML"),
}
SHEETS = {
    "not XML": same(lambda: package("<row><c"), "damaged"),
    "wrong number": same(lambda: package("<row><c><v>abc</v></c></row>"), "damaged"),
    "infinite number": File(lambda: package("<row><c><v>1e999</v></c></row>"), 0, 1),
    "no such string": same(lambda: package('<row><c t="s"><v>99</v></c></row>'), "damaged"),
    "row without a number": same(lambda: package('<row r="x"><c r="1A"><v>9</v></c></row>'), "damaged"),
    "row number": same(people(row("Lee", number="99999999999")), "more than 1048576 rows|damaged|too long"),
    "column ZZZZ": same(people('<row><c r="ZZZZ9"><v>1</v></c></row>'), "columns|damaged"),
    "16,384 columns": same(lambda: package(wide_rows()), "16384 columns"),
    "far cells": same(lambda: package(far_cells()), "16384 columns"),
    "no sheets": same(lambda: package(workbook=f"<workbook {NS}><sheets/></workbook>"), "no sheet|damaged"),
    "99 sheets": File(lambda: sheets(99), 0, "99 sheets"),
    "a sheet elsewhere": same(lambda: target("../../../../etc/passwd"), "damaged|no sheet"),
    "a sheet on the web": same(
        lambda: target("http://example.invalid/x", ' TargetMode="External"'), "damaged|no sheet"
    ),
    "empty sheet": File(lambda: package(""), "it is empty", 0),
    "duplicate headings": File(lambda: package(row("npn", "NPN ")), "there twice", 1),
    "false dimension": same(people(ANN, dimension='<dimension ref="A1:A1"/>'), 1),
    "huge dimension": same(people(ANN, dimension='<dimension ref="A1:XFD1048576"/>'), 1),
    "rows with one number": File(people(row("Lee", number="5"), row("Vang", number="5")), 1, 2),
    "rows backwards": File(people(row("Lee", number="9"), row("Vang", number="5")), 1, 2),
    "hidden rows": same(people(row("Lee", "Ann", more=' hidden="1"')), 1),
    "hidden sheet": same(hidden_sheet, 1),
    "merged cells": same(people(ANN, after='<mergeCells><mergeCell ref="A1:C1"/></mergeCells>'), 1),
    "1904": same(epoch_1904, 1),
    "no such day": same(people(row("Lee", "Ann", '<c s="1"><v>99999999</v></c>'), styles=DATES), "1|damaged"),
    "formula as a name": same(people(row("<c><f>1+1</f></c>", "<c><f>cmd|' /C calc'!A0</f></c>", "1/1/1980")), 1),
    "text that looks like a formula": same(people(row('=HYPERLINK("http://x","y")', "@SUM(1)", "-1")), 1),
    "right to left": same(people(row("\u202eeeL", "\u200fAnn", "2/29/1980")), 1),
    "nothing but zero width": File(people(row("\u200b\u200c\ufeff")), 1, 0),
    "half a character": same(people(row("_xD800_", "Ann")), 1),
    "conditional format": same(
        people(ANN, after='<conditionalFormatting sqref="A1"><cfRule type="none"/></conditionalFormatting>'),
        "1|damaged",
    ),
}
TEXTS = {
    "cp1252": csv("Last,First,DOB\nRåd,Zoë,1/1/1980".encode("cp1252"), 1, 1),
    "UTF-16": csv("Last\tFirst\tDOB\nRåd\tZoë\t1/1/1980".encode("utf-16"), 1, 1),
    "UTF-16 without a mark": csv("Last,First,DOB\nLee,Ann,1/1/1980".encode("utf-16-le"), "NUL", "not text"),
    "UTF-16 that ends in the middle": csv("Last,First".encode("utf-16")[:-1], "not|empty|UTF-16", "UTF-16"),
    "NUL": csv(b"Last,First,DOB\nLe\0e,Ann,1/1/1980", 0, 1),
    "nothing": csv(b"", "it is empty", "it is empty"),
    "spaces": csv(b" \n\t\n  ,,,\n", "it is empty", 0),
    "open quotation mark": csv(
        b'Last,First,DOB\n"Lee,Ann\n' + b"x,y\n" * 400_000, "mark may be open", "mark may be open"
    ),
    "one line": csv(b"a" * 5_000_000, "1048576 characters", "1048576 characters"),
    "100,000 columns": csv(b"a," * 100_000, "100000 columns", "100000 columns"),
    "200,000 lines": csv(b"Last,First,DOB\n" + b"Lee,Ann,1/1/1980\n" * 200_000, 200_000, "5000 cases"),
    "text after quotes": csv(b'Last,First,DOB\n"Lee"x,Ann,1\n' * 1, 0, 0),
    "formulas": csv(b"Last,First,DOB\n=1+1,@x,-1\n\t=2,'=3,+4", 2, 2),
    "right to left, zero width": csv("Last,First,DOB\n\u202eeeL,\u200bAnn,1/1/1980".encode(), 1, 1),
    "headings twice": csv(b"Last,Last,DOB\nLee,Vang,1/1/1980", "there twice", 1),
}
CORPUS: dict[str, File] = {**BOMBS, **ZIPS, **KINDS, **SHEETS, **TEXTS}
