"""A day is read in every form that people type, and one that could be two is a problem, not a guess."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.workbooks import typed_dates
from aor.workbooks.typed_dates import COUNT_OF_DAYS, OUT_OF_RANGE, TWO_CENTURIES, TWO_ORDERS, UNREADABLE, Typed, read

EARLIEST, LATEST = date(1906, 1, 1), date(2026, 11, 21)
LEAP = date(1980, 2, 29)


def typed(text: str, kind: str = "t", epoch: int | None = None) -> Typed:
    return read(text, kind=kind, epoch=epoch, earliest=EARLIEST, latest=LATEST)


@pytest.mark.parametrize(
    "text",
    [
        "1980-02-29",
        "1980/2/29",
        "1980.02.29",
        " 1980-02-29 00:00:00 ",
        "1980-02-29T12:30:00Z",
        "2/29/1980",
        "02-29-1980",
        "2 / 29 / 1980",
        "2/29/1980 12:00 AM",
        "2/29/80",
        "2/29/'80",
        "Feb 29, 1980",
        "February 29th 1980",
        "Friday, February 29, 1980",
        "29 Feb 1980",
        "29-FEB-80",
        "1980 Feb 29",
        "29 de febrero de 1980",
        "19800229",
        "02291980",
        "2291980",
    ],
)
def test_one_day_in_many_forms(text: str) -> None:
    assert typed(text) == Typed(LEAP)


def test_a_day_before_its_month_is_told_apart_where_it_can_be() -> None:
    assert typed("29/2/1980") == typed("29.2.1980") == Typed(day_first=LEAP)
    assert typed("3/4/1980") == Typed(date(1980, 3, 4), date(1980, 4, 3))
    assert typed("3.4.1980") == Typed(because=TWO_ORDERS)
    assert typed("4/4/1980") == typed("4.4.1980") == Typed(date(1980, 4, 4))
    assert typed("12/11/2026") == Typed(day_first=date(2026, 11, 12))  # in December it would lie ahead


def test_a_count_of_days_is_read_only_where_the_file_says_from_when() -> None:
    assert typed("29280", "n", 1900) == typed("29280.5", "n", 1900) == Typed(LEAP)
    assert typed("27818", "n", 1904) == Typed(LEAP)
    assert typed("29280") == Typed(because=COUNT_OF_DAYS)
    assert typed("1980", "n", 1900) == Typed(because=UNREADABLE)  # a year, not 1905-06-02


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("2/29/16", TWO_CENTURIES),
        ("3/4/16", TWO_CENTURIES),
        ("Jan 5 16", TWO_CENTURIES),
        ("2/30/1980", UNREADABLE),
        ("2/29/1981", UNREADABLE),
        ("2030-01-01", OUT_OF_RANGE),
        ("1/1/1890", OUT_OF_RANGE),
        ("13/13/1980", UNREADABLE),
        ("022980", UNREADABLE),
        ("soon", UNREADABLE),
        ("", UNREADABLE),
        ("1 or 2 May 1980", UNREADABLE),
        ("May 1980", UNREADABLE),
        ("12:30:00", UNREADABLE),
        ("99999999999999999999", UNREADABLE),
        ("²/2/1980", UNREADABLE),
    ],
)
def test_what_is_not_one_day_says_why(text: str, because: str) -> None:
    assert typed(text) == Typed(because=because)


def test_two_digits_are_a_year_where_only_one_century_is_possible() -> None:
    assert typed("Jan 5 27") == Typed(date(1927, 1, 5))
    assert read("1/5/26", earliest=date(2013, 10, 1), latest=LATEST) == Typed(date(2026, 1, 5), date(2026, 5, 1))


@given(
    st.dates(EARLIEST, LATEST),
    st.sampled_from(("%Y-%m-%d", "%B %d, %Y", "%d-%b-%Y", "%Y%m%d", "%m%d%Y", "%a %b %d %Y")),
)
def test_every_day_comes_back_from_forms_that_say_one(day: date, form: str) -> None:
    assert typed(day.strftime(form)) == Typed(day)


@given(st.dates(EARLIEST, LATEST))
def test_numbers_alone_give_the_american_day_or_nothing(day: date) -> None:
    found = typed(f"{day.month}/{day.day}/{day.year}")
    assert found.day == day
    assert found.day_first in (None, date(day.year, day.day, day.month) if day.day <= 12 else None)
    for epoch, start in typed_dates.EPOCHS.items():
        serial = (day - start).days
        if serial >= typed_dates.FIRST_SERIAL:
            assert typed(str(serial), "n", epoch) == Typed(start + timedelta(days=serial))


@given(st.text(max_size=30), st.sampled_from("tdnfe"))
def test_no_text_at_all_fails(text: str, kind: str) -> None:
    found = typed(text, kind, 1900)
    assert bool(found.because) != bool(found.day or found.day_first)
