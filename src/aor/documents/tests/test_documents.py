"""Letters and statements are tagged, say what they were given, the same every time, and nothing runs in them."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from aor.documents import letters, render, statements
from aor.documents.letters import Letter, Sender
from aor.documents.statements import Group, Section, Statement

AT = datetime(2026, 11, 21, 18, tzinfo=UTC)
SENDER = Sender("The marketplace", ("81 Seventh Street East", "St. Paul, MN 55101"))
HOSTILE = [
    '#panic("x") #sys.inputs $x^2$ *bold* _it_ @ref <label> // comment /* */ \\ " \' ` [ ] { }',
    "王小明 \N{GRINNING FACE} မြန်မာ ไทย",
    "a\x00b\ud800\ufffe\u202egnp.exe\u2066\u200f",
    "J" * 300,
    '", "letters": [], "x": "',
    "Nguyễn-Łódź d’Été ß ﬁ",
    "",
]


def letter(name: str = "Kaying Vang", *, reference: str = "R-2026-000001", long: int = 1, **more: str) -> Letter:
    return Letter(
        reference=reference,
        day=date(2026, 11, 21),
        address=(name, "12 Oak Street", "Duluth, MN 55802"),
        heading="Your request",
        paragraphs=("We have decided your request of October 5. " * 12,) * long,
        due=((date(2026, 12, 21), "The last day to ask for another look."),),
        closing=("The broker team",),
        **more,
    )


def text(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def root_of(content: bytes) -> Any:
    return PdfReader(io.BytesIO(content)).trailer["/Root"]


def is_accessible(content: bytes) -> bool:
    """Tagged, with a title that is shown, a language, and the mark of PDF/UA-1 in its metadata."""
    root = root_of(content)
    marks = root["/MarkInfo"]["/Marked"], root["/ViewerPreferences"]["/DisplayDocTitle"], bool(root["/Lang"])
    metadata = root["/Metadata"].get_data()
    return all(marks) and "/StructTreeRoot" in root and b"pdfuaid:part>1<" in metadata and b"dc:title" in metadata


def statement(last_name: str = "Vang", count: int = 3) -> Statement:
    row = (
        date(2026, 10, 5),
        last_name,
        "Kaying",
        None,
        "North Star Health",
        date(2026, 1, 1),
        "Ana Garcia",
        "7000001",
    )
    change = (date(2026, 11, 1), last_name, "Kaying", None, "North Star Health", date(2026, 1, 1), "Gained")
    return Statement(
        title="Agent of Record Statement, October 2026",
        marketplace="The marketplace",
        facts=(("Statement", "AORS-2026-10-7000001"), ("Broker", "Ana Garcia")),
        footer="Statement AORS-2026-10-7000001. Private data.",
        counted=("Sent in October 2026", "Year to date"),
        summary=(("7000001", "Ana Garcia", "QHP medical", "3", "3"),),
        notes=(),
        sections=(
            Section(
                "Sent in October 2026", (Group("Ana Garcia, NPN 7000001: QHP medical", (row,) * count),), "None."
            ),
            Section("Year to date", (), "Nothing was sent this year."),
        ),
        changes_heading="What changed since September 2026",
        changes=(Group("Gained", (change,), "None."), Group("Lost", (), "No enrollment was lost.")),
    )


def test_a_letter_is_accessible_and_says_what_it_was_given() -> None:
    content = letters.pdf(letter(), sender=SENDER, at=AT)
    assert is_accessible(content)
    (page,) = text(content)
    for words in ("Kaying Vang", "Duluth, MN 55802", "November 21, 2026", "R-2026-000001", "December 21, 2026"):
        assert words in page


def test_a_letter_speaks_its_language() -> None:
    content = letters.pdf(letter(language="es"), sender=SENDER, at=AT)
    assert "21 de noviembre de 2026" in text(content)[0]
    assert root_of(content)["/Lang"] == "es"
    assert "2026-11-21" in text(letters.pdf(letter(language="so"), sender=SENDER, at=AT))[0]


def test_a_statement_is_accessible_and_shows_changes_on_their_own_page() -> None:
    content = statements.pdf(statement(), at=AT)
    assert is_accessible(content)
    pages = text(content)
    assert "Nothing was sent this year." in pages[0]
    assert "Assister ID" in pages[0]
    assert "What changed since September 2026" not in "".join(pages[:-1])
    assert "No enrollment was lost." in pages[-1]


def test_headings_of_a_table_are_repeated_on_every_page() -> None:
    pages = text(statements.pdf(statement(count=90), at=AT))
    assert len(pages) > 3
    assert all("Enrollee Last Name" in page for page in pages)


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_names_change_nothing_but_themselves(words: str) -> None:
    content = letters.pdf(letter(words), sender=SENDER, at=AT)
    (page,) = text(content)
    assert is_accessible(content)
    assert "Duluth, MN 55802" in page
    assert is_accessible(statements.pdf(statement(words), at=AT))


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    assert '#panic("x")' in text(letters.pdf(letter('#panic("x")'), sender=SENDER, at=AT))[0]


def test_what_turns_text_around_is_left_out_and_what_no_font_has_is_marked() -> None:
    (page,) = text(letters.pdf(letter("A\u202eB\x00C 王D"), sender=SENDER, at=AT))
    assert "ABC \N{REPLACEMENT CHARACTER}D" in page


@given(st.text(max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_name_gives_a_letter(name: str) -> None:
    assert letters.pdf(letter(name), sender=SENDER, at=AT).startswith(b"%PDF")


def test_a_mark_upon_a_quotation_mark_breaks_nothing() -> None:
    assert letters.pdf(letter('"\u0e31'), sender=SENDER, at=AT).startswith(b"%PDF")


def test_the_same_words_give_the_same_bytes() -> None:
    first = letters.pdf(letter(), sender=SENDER, at=AT), statements.pdf(statement(), at=AT)
    render._COMPILERS.__dict__.clear()
    assert first == (letters.pdf(letter(), sender=SENDER, at=AT), statements.pdf(statement(), at=AT))


def test_a_batch_begins_each_letter_on_a_page_and_says_where() -> None:
    many = [letter(f"Person {n}", reference=f"R-{n}", long=1 + 9 * (n % 2)) for n in range(5)]
    batch = letters.batch(many, sender=SENDER, title="Letters of 2026-11-21", at=AT)
    pages = text(batch.pdf)
    assert [place.reference for place in batch.places] == [one.reference for one in many]
    assert sum(place.pages for place in batch.places) == len(pages)
    for n, place in enumerate(batch.places):
        assert f"Person {n}\n" in pages[place.first_page - 1]
        own = pages[place.first_page - 1 : place.first_page - 1 + place.pages]
        assert [page.rpartition(f"R-{n} ")[2].strip() for page in own] == [
            f"{at} / {place.pages}" for at in range(1, place.pages + 1)
        ]
    assert {place.pages for place in batch.places} == {1, 2}
    assert batch.manifest.decode().splitlines()[:3] == [
        "reference,language,first_page,pages",
        "R-0,en,1,1",
        "R-1,en,2,2",
    ]
    assert b"Person" not in batch.manifest


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one letter"):
        letters.batch([], sender=SENDER, title="Letters", at=AT)


def test_an_offer_of_help_stands_in_its_own_language() -> None:
    offer = "Muaj neeg txhais lus pab koj dawb."
    content = letters.pdf(letter(offer=offer, offer_language="hmn"), sender=SENDER, at=AT)
    assert is_accessible(content)
    assert offer in " ".join(text(content)[0].split())
    assert b"/Lang(hmn)" in _drawn(content)
    assert b"/Lang(hmn)" not in _drawn(letters.pdf(letter(), sender=SENDER, at=AT))


def _drawn(content: bytes) -> bytes:
    """What the first page draws, with the language of each part."""
    contents = PdfReader(io.BytesIO(content)).pages[0].get_contents()
    assert contents is not None
    return contents.get_data()
