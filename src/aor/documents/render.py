"""Letters and statements as tagged PDF (PDF/UA-1), so that a screen reader can read them.

Words are handed to the templates as data and are never markup: no name can change a document. The same words
give the same bytes; only the fonts that come with the typesetter are used.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import typst

TEMPLATES = Path(__file__).parent
UNDRAWN = "\N{REPLACEMENT CHARACTER}"
ROUNDS = 5  # characters without a glyph are all named at once; what replaces them is drawn by one of the fonts
_NO_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed', re.DOTALL)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_COMPILERS = threading.local()
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Cn"})  # control, format (marks that turn text around), halves, unassigned


def pdf(template: str, data: Mapping[str, object], *, at: datetime) -> bytes:
    """The document of a template (`letter`, `statement`) with its data, made `at` an aware instant.

    Marks that nobody sees are left out; a character that no font has is drawn as the replacement mark.
    """
    text = json.dumps(clean(data), ensure_ascii=False)
    for _ in range(ROUNDS):
        try:
            return _compile(template, text, at)
        except typst.TypstError as error:
            unknown = _undrawn(str(error) + error.diagnostic)
            if not unknown:
                raise
            text = text.translate({ord(one): _plain(one) for one in unknown})
    raise ValueError(f"{template}: characters without a glyph are left after {ROUNDS} rounds")


def values(template: str, label: str) -> list[object]:
    """What the last document of a template says about itself under a label, in order."""
    found = json.loads(_compiler(template).query(f"<{label}>", field="value"))
    assert isinstance(found, list)
    return found


def clean(value: object) -> object:
    """The same data without what cannot be drawn or would turn text around; composed (NFC)."""
    match value:
        case str():
            shown = "".join(" " if one in "\n\t" else one for one in value)
            return unicodedata.normalize("NFC", "".join(c for c in shown if unicodedata.category(c) not in _DROPPED))
        case Mapping():
            return {str(key): clean(one) for key, one in value.items()}
        case list() | tuple():
            return [clean(one) for one in value]
        case _:
            return value


def _compiler(template: str) -> typst.Compiler:
    """Each thread has its own: one that is at work refuses a second caller, and tells of its last document only."""
    made: dict[str, typst.Compiler] = _COMPILERS.__dict__.setdefault("made", {})
    if template not in made:
        path, fonts = TEMPLATES / f"{template}.typ", typst.Fonts(include_system_fonts=False)
        made[template] = typst.Compiler(path, root=TEMPLATES, font_paths=fonts, ignore_system_fonts=True)
    return made[template]


def _compile(template: str, text: str, at: datetime) -> bytes:
    made = _compiler(template).compile(
        format="pdf", pdf_standards=["ua-1"], sys_inputs={"data": text}, timestamp=int(at.timestamp())
    )
    assert isinstance(made, bytes)
    return made


def _undrawn(words: str) -> set[str]:
    texts = (_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) for text in _NO_GLYPH.findall(words))
    return {one for text in texts for one in text if not one.isascii()}  # ASCII fails for a mark upon it alone


def _plain(one: str) -> str:
    """Its letters without ligature or accent, if it has any that are ASCII."""
    plain = unicodedata.normalize("NFKD", one).encode("ascii", "ignore").decode()
    return plain if plain.isalnum() else UNDRAWN
