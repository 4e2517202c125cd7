"""Enrollments are found by the beginnings of policy ids, names and subscriber ids, and nothing else is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from tests.builders import NORTH_STAR, Policy, carrier, enrollment_file

from aor.acts import receive
from aor.enrollments import queries
from aor.terms.actor import system
from aor.terms.period import start_of

pytestmark = pytest.mark.django_db
POLICIES = ("P8", "P9", "P90", "PA", "PZ", "PZ-1", "Q1")


@pytest.fixture(autouse=True)
def market(tmp_path: Path) -> None:
    carrier(NORTH_STAR)
    sent = start_of(date(2026, 1, 5))
    policies = [Policy(name, f"S{n}", last="ZULU" if n % 2 else "ZOLA") for n, name in enumerate(POLICIES)]
    path = tmp_path / "enrollments.834"
    path.write_bytes(enrollment_file(*policies, sent=sent))
    receive.receive(path, by=system("test"), now=sent)


@pytest.mark.parametrize("words", ["P", "P8", "P9", "PA", "PZ", "PZ-", "Q", "R", "Z"])
def test_policies_by_their_beginning(words: str) -> None:
    found = [row.policy_id for row in queries.of_policies_from(words)]
    assert found == [name for name in POLICIES if name.startswith(words)]


def test_people_by_the_beginning_of_their_names() -> None:
    assert len(queries.of_name("zu")) == 3
    assert len(queries.of_name("Z")) == len(queries.of_name("z")) == 7
    assert not queries.of_name("ulu")
    assert not queries.of_name("Zulu", "nobody")


def test_subscribers_by_the_beginning_of_their_id() -> None:
    assert [row.policy_id for row in queries.of_subscribers_from("S3")] == ["PA"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads so small a table whole")
def test_people_and_policies_are_found_by_an_index() -> None:
    for rows in (queries.of_name("ZU", "A"), queries.of_policies_from("P"), queries.of_birth_date(date(1984, 5, 2))):
        assert "USING INDEX" in rows.explain()
