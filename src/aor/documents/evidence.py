"""Evidence that people send: PDF, PNG and JPEG, taken apart and written anew in a process of its own.

What is kept is never the file that came. A picture is decoded and encoded again without its metadata (the place and
the camera among them); of a PDF the pages are kept, and one that could act by itself is refused (ASVS 5.0: 5.2, 5.4).
"""

from __future__ import annotations

import io
import json
import os
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from aor.engine.opened import opened

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
MOST_WRITTEN = 25 * MEGABYTE
MOST_PIXELS = 40_000_000  # a letter page at 600 dots an inch
MOST_PAGES = 200
MOST_OBJECTS = 100_000
MEMORY = 768 * MEGABYTE
SECONDS = 10  # of processor time
SILENCE = 60  # seconds by the clock
JPEG_QUALITY = 90

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
MAGIC = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
SUFFIX = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg"}
OTHERS = (
    (b"PK", "it is a ZIP archive or an Office document: save it as PDF"),
    (b"\xd0\xcf\x11\xe0", "it is an old Office document: save it as PDF"),
    (b"II*\0", "it is a TIFF picture: save it as PDF, PNG or JPEG"),
    (b"MM\0*", "it is a TIFF picture: save it as PDF, PNG or JPEG"),
    (b"GIF8", "it is a GIF picture: save it as PNG"),
)
ONLY = "it is neither PDF nor PNG nor JPEG, whatever its name says"
DAMAGED = "it is damaged or unusual: open it, save or print it anew as PDF, and send that"

ACTS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound"}
LIVES = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}
SCRIPTS = {"/JS", "/JavaScript"}
CARRIES = {"/EmbeddedFiles", "/EmbeddedFile", "/EF", "/RichMediaContent"}
DROPPED = ("/Metadata", "/PieceInfo", "/LastModified", "/A", "/AA", "/PA", "/OpenAction", "/Thumb")
PHOTO_NOTES = {0xE1, 0xE2, 0xED, 0xFE}  # EXIF and XMP, profiles and previews, Photoshop's, comments


class Refused(Exception):
    """The file cannot be taken; `because` is a sentence for its sender."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


@dataclass(frozen=True, slots=True)
class Accepted:
    """What to keep: the new bytes, their media type, how many pages, and a name that is safe to show."""

    content: bytes
    media_type: str
    pages: int
    name: str


def accept(source: bytes | Path, *, name: str) -> Accepted:
    """The file as it may be kept, at most 25 MB. `name` is the sender's and proves nothing. Raises Refused.

    Takes at most 10 MB, 200 pages and 40 million pixels.
    """
    with opened(source, refused=Refused) as file:
        size = os.fstat(file.fileno()).st_size
        if size > MOST_BYTES:
            raise Refused(f"it is larger than {MOST_BYTES // MEGABYTE} MB")
        media_type = _media_type(os.pread(file.fileno(), 16, 0))
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        content, pages = _rewritten(file, media_type)
    return Accepted(content, media_type, pages, _safe(name, media_type))


def _media_type(start: bytes) -> str:
    for magic, media_type in MAGIC:
        if start.startswith(magic):
            return media_type
    if not start:
        raise Refused("it is empty")
    if start[4:8] == b"ftyp":
        raise Refused("it is a HEIC picture or a film: save it as JPEG")
    raise Refused(next((because for magic, because in OTHERS if start.startswith(magic)), ONLY))


def _safe(name: str, media_type: str) -> str:
    stem = re.sub(r"[^\w\- ]+", "_", PurePath(name.replace("\\", "/")).stem).strip("_ ")[:80]
    return (stem or "evidence") + SUFFIX[media_type]


def _rewritten(file: BinaryIO, media_type: str) -> tuple[bytes, int]:
    """What the process of its own made of the file: new bytes and pages."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "aor.documents.evidence", media_type],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback may quote the file
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
            timeout=SILENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(DAMAGED) from None
    told, _, content = done.stdout.partition(b"\n")
    if done.returncode != 0 or not told:
        raise Refused(DAMAGED)
    message = json.loads(told)
    if "refused" in message:
        raise Refused(message["refused"])
    return content, message["pages"]


def main() -> None:
    """The process of its own: the file on standard input; a line of JSON, then the new bytes, on standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    out = sys.stdout.buffer
    try:
        content, pages = (
            _document(sys.stdin.buffer) if sys.argv[1] == PDF else (_picture(sys.stdin.buffer, sys.argv[1]), 1)
        )
        if len(content) > MOST_WRITTEN:
            raise Refused(f"it takes more than {MOST_WRITTEN // MEGABYTE} MB when it is written anew")
    except Refused as refused:
        out.write(json.dumps({"refused": refused.because}).encode() + b"\n")
        return
    except MemoryError:
        out.write(json.dumps({"refused": "it needs too much memory: send it smaller"}).encode() + b"\n")
        return
    out.write(json.dumps({"pages": pages}).encode() + b"\n")
    out.write(content)


def _picture(file: BinaryIO, media_type: str) -> bytes:
    from PIL import Image, ImageOps  # only the process of its own decodes

    Image.MAX_IMAGE_PIXELS = None  # asked below, before anything is decoded
    kind = media_type.removeprefix("image/").upper()
    with Image.open(file, formats=[kind]) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Refused(f"it has more than {MOST_PIXELS // 1_000_000} million pixels: send it smaller")
        if kind == "PNG" and getattr(opened, "n_frames", 1) > 1:
            raise Refused("it is a moving picture: send a still one")
        picture: Any = ImageOps.exif_transpose(opened)
        transparent = "A" in picture.getbands() or "transparency" in picture.info
        if picture.mode.startswith(("I", "F")):
            raise Refused("it has more than 8 bits a colour: save it with 8")
        if kind == "JPEG" and picture.mode not in ("L", "RGB"):
            picture = picture.convert("RGB")
        elif kind == "PNG" and picture.mode not in ("1", "L", "LA", "RGB", "RGBA"):
            picture = picture.convert("RGBA" if transparent else "RGB")
        picture.info = {}
        content = io.BytesIO()
        picture.save(content, kind, **({"quality": JPEG_QUALITY} if kind == "JPEG" else {"optimize": False}))
    return content.getvalue()


def _document(file: BinaryIO) -> tuple[bytes, int]:
    from pypdf import PdfReader, PdfWriter

    reader = PdfReader(file)
    if reader.is_encrypted:
        raise Refused("it is protected: save it without a password and without restrictions")
    _check(reader)
    pages = len(reader.pages)
    if not 0 < pages <= MOST_PAGES:
        raise Refused(f"it has {pages} pages; from 1 to {MOST_PAGES} can be taken")
    writer = PdfWriter()
    for page in reader.pages:
        writer.add_page(page)
    writer.metadata = None
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue(), pages


def _check(reader: Any) -> None:
    """Refuses what could act or carry; takes metadata and links out of the objects that the pages are copied from."""
    from pypdf.generic import DictionaryObject, IndirectObject

    numbers = {(number, generation) for generation, table in reader.xref.items() for number in table}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise Refused(f"it has {len(numbers)} objects; {MOST_OBJECTS} are the most")
    waiting: list[Any] = [reader.trailer]
    waiting += [
        IndirectObject(number, generation, reader).get_object() for number, generation in sorted(numbers) if number
    ]
    while waiting:
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            _check_dictionary(one)
            waiting += [value for value in one.values() if isinstance(value, dict | list)]
            for key in DROPPED:
                one.pop(key, None)
            if one.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]) and hasattr(one, "_data"):
                one._data = _without_notes(one._data)
        elif isinstance(one, list):
            waiting += [value for value in one if isinstance(value, dict | list)]


def _check_dictionary(one: Any) -> None:
    keys = set(one.keys())
    if keys & SCRIPTS or one.get("/S") in ACTS:
        raise Refused("it holds a script or an action: print it anew as PDF, and send that")
    if keys & CARRIES or one.get("/Type") in CARRIES:
        raise Refused("it carries another file: send that file by itself")
    if one.get("/Subtype") in LIVES:
        raise Refused("it holds sound, film or an attachment: print it anew as PDF, and send that")
    if "/XFA" in keys:
        raise Refused("it is a dynamic form: print it anew as PDF, and send that")


def _without_notes(photo: bytes) -> bytes:
    """A JPEG inside a PDF without the segments that say where and with what it was taken."""
    out, at = photo[:2], 2
    while photo[at : at + 1] == b"\xff" and at + 4 <= len(photo) and photo[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(photo[at + 2 : at + 4])
        if photo[at + 1] not in PHOTO_NOTES:
            out += photo[at:end]
        at = end
    return out + photo[at:]


if __name__ == "__main__":
    main()
