"""Workbooks put together part by part, so that each part may be spoilt."""

from __future__ import annotations

import io
import random
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
STRINGS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
STYLES = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
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
    after: str = "",
    styles: str = "",
    rels: str = "",
    namespace: str = NS,
    more: dict[str, bytes] | None = None,
) -> bytes:
    """A workbook of one sheet; `after` stands behind the rows, `rels` beside the workbook's relations."""
    sheet = f"{dimension}<sheetData>{rows}</sheetData>{after}"
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
            f'<Relationship Id="r2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
            f"{rels}</Relationships>"
        ),
        "xl/workbook.xml": workbook
        or f'{prolog}<workbook {NS} xmlns:r="{RELATIONS}"><sheets><sheet name="S" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/sharedStrings.xml": f"<sst {NS}>{strings}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {namespace}>{sheet}</worksheet>",
    }
    if styles:
        parts["xl/styles.xml"] = f"<styleSheet {NS}>{styles}</styleSheet>"
        relation = f'<Relationship Id="r3" Type="{RELATIONS}/styles" Target="styles.xml"/>'
        parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace("</R", f"{relation}</R")
        override = f'<Override PartName="/xl/styles.xml" ContentType="{STYLES}"/>'
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace("</T", f"{override}</T")
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


def wrong_sum(content: bytes) -> bytes:
    """The check sum of the last part is another's, in the directory."""
    at = content.rindex(b"PK\x01\x02")
    return content[: at + 16] + bytes(4) + content[at + 20 :]


def encrypted(content: bytes) -> bytes:
    """Every part is marked as encrypted."""
    out = bytearray(content)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            out[at + flags] |= 1
            at = content.find(mark, at + 4)
    return bytes(out)


def twice() -> bytes:
    """Two parts of one name: which of them is read would be the reader's taste."""
    return package(more={"xl/aa.xml": b"", "xl/ab.xml": b""}).replace(b"xl/ab.xml", b"xl/aa.xml")
