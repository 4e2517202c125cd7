"""Letters to consumers and brokers: one as a tagged PDF, or many for the print shop with a manifest."""

from __future__ import annotations

import calendar
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aor.documents import render


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, and the address that undeliverable letters come back to."""

    name: str
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. `language` is a BCP 47 tag; `address` the lines of the window, the name first; `due` days and what.

    Words are given in the letter's language; its own labels are there in English and Spanish. `offer` is a line in
    a language of its own, `offer_language`: help for whoever does not read the letter's.
    """

    reference: str
    day: date
    address: tuple[str, ...]
    heading: str
    paragraphs: tuple[str, ...]
    due: tuple[tuple[date, str], ...] = ()
    closing: tuple[str, ...] = ()
    language: str = "en"
    offer: str = ""
    offer_language: str = "en"


@dataclass(frozen=True, slots=True)
class Place:
    """Where one letter lies in a batch; pages count from 1."""

    reference: str
    language: str
    first_page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What the print shop gets: every letter on a page of its own, and where each begins."""

    pdf: bytes
    places: tuple[Place, ...]

    @property
    def manifest(self) -> bytes:
        """CSV, UTF-8: reference, language, first page, pages. It names no one."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("reference", "language", "first_page", "pages"))
        writer.writerows((one.reference, one.language, one.first_page, one.pages) for one in self.places)
        return text.getvalue().encode()


SPANISH_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
LABELS = {
    "en": ("Date", "Reference", "Days to keep in mind", "By", "What"),
    "es": ("Fecha", "Referencia", "Fechas importantes", "Hasta el", "Qué"),
}


def day_in_words(day: date, language: str) -> str:
    """A day as the language writes it; ISO where we do not know how."""
    match language:
        case "en":
            return f"{calendar.month_name[day.month]} {day.day}, {day.year}"
        case "es":
            return f"{day.day} de {SPANISH_MONTHS[day.month - 1]} de {day.year}"
        case _:
            return day.isoformat()


def pdf(letter: Letter, *, sender: Sender, at: datetime) -> bytes:
    """One letter as a tagged PDF."""
    return render.pdf("letter", _data([letter], sender, letter.heading, letter.language), at=at)


def batch(letters: Sequence[Letter], *, sender: Sender, title: str, at: datetime) -> Batch:
    """Many letters in one PDF, each on a new page, in the order given. Raises ValueError without a letter."""
    if not letters:
        raise ValueError("a batch has at least one letter")
    content = render.pdf("letter", _data(letters, sender, title, "en"), at=at)
    firsts = [int(str(page)) for page in render.values("letter", "first-page")]
    (pages,) = (int(str(last)) for last in render.values("letter", "last-page"))
    places = (
        Place(letter.reference, letter.language, first, after - first)
        for letter, first, after in zip(letters, firsts, [*firsts[1:], pages + 1], strict=True)
    )
    return Batch(content, tuple(places))


def _data(letters: Sequence[Letter], sender: Sender, title: str, language: str) -> dict[str, object]:
    return {
        "title": title,
        "sender": sender.name,
        "return_address": list(sender.address),
        "language": language,
        "letters": [_one(letter) for letter in letters],
    }


def _one(letter: Letter) -> dict[str, object]:
    dated, reference, due, by, what = LABELS.get(letter.language, LABELS["en"])
    return {
        "language": letter.language,
        "reference": letter.reference,
        "address": list(letter.address),
        "facts": [[dated, day_in_words(letter.day, letter.language)], [reference, letter.reference]],
        "heading": letter.heading,
        "paragraphs": list(letter.paragraphs),
        "due_heading": due,
        "due_columns": [by, what],
        "due": [[day_in_words(day, letter.language), words] for day, words in letter.due],
        "closing": list(letter.closing),
        "offer": letter.offer,
        "offer_language": letter.offer_language,
    }
