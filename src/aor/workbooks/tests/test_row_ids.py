"""A row id proves its report and row, and only with the key that made it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.workbooks import row_ids

NAMES = st.text("ABCDEFGHIJ0123456789-", min_size=1)


@given(st.binary(min_size=16), NAMES, NAMES)
def test_an_id_is_recognised_also_with_spaces_around_it(key: bytes, report: str, row: str) -> None:
    assert row_ids.verify(key, f" {row_ids.sign(key, report, row)}\n") == (report, row)


@given(st.text(), st.binary(min_size=16))
def test_what_was_not_signed_is_not_recognised(text: str, key: bytes) -> None:
    assert row_ids.verify(key, text) is None


@given(st.data())
def test_one_changed_character_is_seen(data: st.DataObject) -> None:
    signed = row_ids.sign(b"key of the marketplace", "AOR-2026-10-1234567-1", "48213")
    at = data.draw(st.integers(0, len(signed) - 1))
    other = data.draw(st.characters(exclude_characters=signed[at]))
    changed = signed[:at] + other + signed[at + 1 :]
    assert changed.strip() == signed or row_ids.verify(b"key of the marketplace", changed) is None


def test_another_key_and_a_row_moved_to_another_report_are_not_recognised() -> None:
    signed = row_ids.sign(b"one", "AOR-1", "7")
    assert row_ids.verify(b"two", signed) is None
    assert row_ids.verify(b"one", signed.replace("AOR-1", "AOR-2")) is None


@pytest.mark.parametrize(("report", "row"), [("A.1", "7"), ("A", "7.1"), ("", "7"), ("A", "")])
def test_names_that_would_be_read_back_differently_are_refused(report: str, row: str) -> None:
    with pytest.raises(ValueError, match="full stops"):
        row_ids.sign(b"k", report, row)
