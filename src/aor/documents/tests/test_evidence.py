"""Evidence is kept as new bytes without metadata, and what could act, carry or grow is refused with a sentence."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject

from aor.documents import evidence
from aor.documents.evidence import Accepted, Refused, accept

MARK = b"ZZPLACE"


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    content = io.BytesIO()
    Image.new(mode, size, 1 if mode in ("1", "P") else None).save(content, kind, **options)
    return content.getvalue()


def noted() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()  # what it shows
    exif[0x0112] = 6  # turned by 90 degrees
    return exif


def paper(change: Callable[[pypdf.PdfWriter], object] = lambda writer: None, pages: int = 2) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 300)
    writer.add_metadata({"/Author": MARK.decode()})
    change(writer)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def taken(content: bytes, name: str = "agreement") -> Accepted:
    return accept(content, name=name)


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_picture_is_written_anew_upright_and_without_metadata(kind: str, media_type: str) -> None:
    content = picture(kind, exif=noted(), icc_profile=MARK) + MARK
    assert MARK in content
    found = taken(content)
    assert (found.media_type, found.pages) == (media_type, 1)
    assert MARK not in found.content
    with Image.open(io.BytesIO(found.content)) as opened:
        assert (opened.size, dict(opened.getexif())) == ((20, 40), {})
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_of_png_is_taken(mode: str) -> None:
    assert taken(picture("PNG", mode)).media_type == "image/png"


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_every_mode_of_jpeg_is_taken(mode: str) -> None:
    assert taken(picture("JPEG", mode)).media_type == "image/jpeg"


def test_a_pdf_keeps_its_pages_and_nothing_else(tmp_path: Path) -> None:
    def add(writer: pypdf.PdfWriter) -> None:
        photo = StreamObject()
        photo.set_data(picture("JPEG", exif=noted()))
        photo.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Image"),
                NameObject("/Filter"): NameObject("/DCTDecode"),
                NameObject("/Width"): NumberObject(40),
                NameObject("/Height"): NumberObject(20),
                NameObject("/ColorSpace"): NameObject("/DeviceRGB"),
                NameObject("/BitsPerComponent"): NumberObject(8),
            }
        )
        about = StreamObject()
        about.set_data(MARK)
        photo[NameObject("/Metadata")] = writer._add_object(about)
        shown = DictionaryObject({NameObject("/Im0"): writer._add_object(photo)})
        writer.pages[0][NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): shown})

    path = tmp_path / "agreement.pdf"
    path.write_bytes(paper(add))
    assert path.read_bytes().count(MARK) == 3
    found = accept(path, name="agreement.pdf")
    assert (found.media_type, found.pages) == ("application/pdf", 2)
    assert MARK not in found.content
    reader = pypdf.PdfReader(io.BytesIO(found.content))
    assert (len(reader.pages), reader.metadata) == (2, None)
    [kept] = reader.pages[0].images
    assert kept.image is not None
    assert kept.image.size == (40, 20)
    assert taken(paper(add)).content == found.content


def launch(writer: pypdf.PdfWriter) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("x.exe")})
    note = DictionaryObject({NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): action})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(note)])


def film(writer: pypdf.PdfWriter) -> None:
    note = DictionaryObject({NameObject("/Subtype"): NameObject("/RichMedia")})
    writer.pages[1][NameObject("/Annots")] = ArrayObject([note])


def form(writer: pypdf.PdfWriter) -> None:
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/XFA"): ArrayObject()})


def on_opening(writer: pypdf.PdfWriter) -> None:
    action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")})
    writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): action})


def script(writer: pypdf.PdfWriter) -> None:
    named = DictionaryObject({NameObject("/JS"): TextStringObject("app.alert(1)")})
    names = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("x"), writer._add_object(named)])})
    writer._root_object[NameObject("/Names")] = DictionaryObject({NameObject("/JavaScript"): names})


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def large_png(width: int, height: int) -> bytes:
    """Few bytes that say they are many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def moving() -> bytes:
    frames = [Image.new("RGB", (9, 9), (shade, 0, 0)) for shade in (1, 99)]
    content = io.BytesIO()
    frames[0].save(content, "PNG", save_all=True, append_images=frames[1:])
    return content.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "script": (lambda: paper(script), "script or an action"),
    "script on opening": (lambda: paper(on_opening), "script or an action"),
    "launch": (lambda: paper(launch), "script or an action"),
    "attachment": (lambda: paper(lambda writer: writer.add_attachment("x.exe", b"MZ")), "carries another file"),
    "film": (lambda: paper(film), "sound, film"),
    "dynamic form": (lambda: paper(form), "dynamic form"),
    "password": (lambda: paper(lambda writer: writer.encrypt("x", algorithm="AES-256")), "protected"),
    "no password to open": (lambda: paper(lambda writer: writer.encrypt("", "owner")), "protected"),
    "201 pages": (lambda: paper(pages=201), "201 pages"),
    "no page": (lambda: paper(pages=0), "0 pages"),
    "PDF in name only": (lambda: b"%PDF-1.7\n" + random.Random(1).randbytes(4_000), "damaged"),
    "cut PDF": (lambda: paper()[:40], "damaged"),
    "cut picture": (lambda: picture("PNG", size=(900, 900))[:300], "damaged"),
    "many pixels": (lambda: large_png(60_000, 60_000), "more than 40 million pixels"),
    "pixels that are not there": (lambda: large_png(6_000, 6_000), "damaged"),
    "moving picture": (moving, "moving"),
    "16 bits": (lambda: picture("PNG", "I;16"), "8 bits"),
    "bytes": (lambda: bytes(evidence.MOST_BYTES + 1), "larger than 10 MB"),
    "nothing": (lambda: b"", "empty"),
    "ZIP": (lambda: b"PK\x03\x04", "ZIP archive"),
    "Office": (lambda: b"\xd0\xcf\x11\xe0", "old Office"),
    "HEIC": (lambda: b"\0\0\0\x18ftypheic", "HEIC"),
    "GIF": (lambda: picture("GIF", "P"), "GIF"),
    "TIFF": (lambda: picture("TIFF"), "TIFF"),
    "program": (lambda: b"MZ\x90\0", "neither PDF nor PNG nor JPEG"),
    "page": (lambda: b"<html>", "neither PDF nor PNG nor JPEG"),
    "PDF behind something": (lambda: b"MZ" + paper(), "neither"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_act_or_grow_is_refused_with_a_sentence(name: str) -> None:
    make, because = REFUSED[name]
    with pytest.raises(Refused, match=because):
        taken(make())


def test_a_folder_is_no_evidence(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be opened"):
        accept(tmp_path, name="x")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("agreement.exe", "agreement.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\me\\Ann's form.pdf", "Ann_s form.png"),
        ("\u202egpj.exe", "gpj.png"),
        ("", "evidence.png"),
        ("a" * 300, "a" * 80 + ".png"),
    ],
)
def test_the_name_is_made_safe_and_says_what_it_is(name: str, safe: str) -> None:
    assert taken(picture("PNG"), name).name == safe


def test_no_byte_turned_over_ends_in_anything_but_a_new_file_or_a_sentence() -> None:
    chance = random.Random(3)
    for honest in (paper(), picture("PNG"), picture("JPEG")):
        for _ in range(3):
            content = bytearray(honest)
            for _ in range(chance.randint(1, 20)):
                content[chance.randrange(8, len(content))] = chance.randrange(256)
            with contextlib.suppress(Refused):
                assert taken(bytes(content)).content
