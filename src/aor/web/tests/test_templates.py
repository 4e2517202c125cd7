"""What holds for every template and style: no inline script or style, every file there, colours that can be read."""

from __future__ import annotations

import hashlib
import json
import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from aor.notices import languages

WEB = Path(__file__).resolve().parents[1]
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
LOCALE = WEB / "locale"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_no_inline_script_style_or_handler(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


def test_what_was_vendored_is_what_the_manifest_says() -> None:
    folder = WEB / "static" / "uswds"
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"MANIFEST.json"}
    assert found == set(manifest["files"])
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_every_icon_is_in_the_sprite() -> None:
    sprite = (WEB / "static" / "uswds" / "img" / "sprite.svg").read_text()
    used = {name for path in TEMPLATES for name in re.findall(r'{% icon "(\w+)"', path.read_text())}
    used |= {name for path in TEMPLATES for name in re.findall(r'{% tag \S+ "\w+" "(\w+)"', path.read_text())}
    assert len(used) > 8
    assert not {name for name in used if f'id="{name}"' not in sprite}


def tokens() -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", (WEB / "static" / "theme" / "tokens.css").read_text()))


def luminance(colour: str) -> float:
    """Of WCAG 2.2: 0 black, 1 white."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        ("ink", "paper", 7),
        ("ink-soft", "paper", 4.5),
        ("ink-soft", "ground", 4.5),
        ("brand-ink", "brand", 7),
        ("action", "paper", 4.5),
        ("action-ink", "action", 4.5),
        ("action-dark", "action-soft", 4.5),
        *((tone, f"{tone}-soft", 4.5) for tone in ("success", "warning", "error", "info", "neutral")),
        ("line-strong", "paper", 3),
        ("focus", "paper", 3),
        ("focus", "brand", 3),
    ],
)
def test_the_themes_colours_can_be_read(text: str, ground: str, least: float) -> None:
    assert contrast(tokens()[text], tokens()[ground]) >= least


def test_every_language_has_a_catalog_that_is_compiled() -> None:
    codes = {code for code, _name in settings.LANGUAGES} - {"en"}
    assert codes == set(languages.languages()) - {"en"}
    for code in codes:
        folder = LOCALE / code / "LC_MESSAGES"
        with (folder / "django.mo").open("rb") as file:
            compiled = GNUTranslations(file)
        text = (folder / "django.po").read_text()
        said = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', text, flags=re.MULTILINE)
        assert all(compiled.gettext(unescaped(one)) == unescaped(other) for one, other in said), code
        assert ("draft" in text.splitlines()[0]) != languages.known(code).reviewed


def unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


@pytest.mark.parametrize("code", ["es", "hmn", "so"])
def test_a_draft_is_marked_with_the_line_of_the_interpreter(code: str) -> None:
    note = Template("{% load components %}{% draft_note %}")
    with translation.override(code):
        assert languages.known(code).interpreter in note.render(Context())
    with translation.override("en-us"):
        assert note.render(Context()) == ""
