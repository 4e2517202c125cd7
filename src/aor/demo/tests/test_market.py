"""The synthetic marketplace: the same for the same seed, valid for an independent judge, and nobody's real data."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
import pyx12.params
import pyx12.x12n_document

from aor.demo import market, rosters
from aor.demo.enrollment_file import Kind
from aor.terms.npn import Npn
from aor.x12.findings import EdiFinding
from aor.x12.guides import x220a1


@cache
def a_market(households: int = 300, months: int = 14, seed: int = 2026) -> market.Market:
    return market.make(households=households, brokers_=30, months=months, seed=seed)


def judged(content: bytes) -> tuple[bool, str]:
    """What pyx12 says of a file: whether it is valid, and its 999."""
    answer = io.StringIO()
    valid = pyx12.x12n_document.x12n_document(
        param=pyx12.params.params(), src_file=io.StringIO(content.decode("ascii")), fd_997=answer, fd_html=None
    )
    return bool(valid), answer.getvalue()


def test_the_same_seed_gives_the_same_marketplace() -> None:
    again = market.make(households=300, brokers_=30, months=14, seed=2026)
    assert again.news == a_market().news
    assert [file.content() for file in again.files] == [file.content() for file in a_market().files]
    other = market.make(households=300, brokers_=30, months=14, seed=7)
    assert other.news != again.news


def test_a_households_story_does_not_depend_on_how_many_there_are() -> None:
    few = {(told.policy.policy_id, told.kind, told.at) for file in a_market(40).files for told in file.sets}
    many = {(told.policy.policy_id, told.kind, told.at) for file in a_market(300).files for told in file.sets}
    assert few <= many


def test_a_shorter_demo_is_the_beginning_of_a_longer_one() -> None:
    short, long = a_market(300, 3), a_market(300, 14)
    assert [file.content() for file in short.files] == [file.content() for file in long.files[: len(short.files)]]
    heard = {kind: len(rows) for kind, rows in rosters.by_kind(short.news).items() if kind != "calendar"}
    beginning = rosters.by_kind(long.news)
    for kind, count in heard.items():
        assert beginning[kind][:count] == rosters.by_kind(short.news)[kind]


@pytest.mark.parametrize("kind", list(Kind))
def test_pyx12_finds_every_kind_of_set_valid(kind: Kind) -> None:
    told = [told for file in a_market().files for told in file.sets if told.kind is kind]
    assert told, f"no set says {kind.value}"
    for carrier in {one.policy.carrier.hios: one.policy.carrier for one in told}.values():
        sets = [one for one in told if one.policy.carrier is carrier][:8]
        content = market.EnrollmentFile(sets[0].at, carrier, 501, tuple(sets)).content()
        valid, answer = judged(content)
        assert valid, f"{answer}\n{content.decode()}"


def test_our_own_reader_takes_every_file_without_a_finding() -> None:
    sets = 0
    for file in a_market().files:
        for event in x220a1.read(BytesIO(file.content())):
            assert not isinstance(event, EdiFinding), (file.name, event)
            sets += 1
    assert sets == sum(len(file.sets) for file in a_market().files)


def test_control_numbers_rise_and_no_policy_is_added_twice() -> None:
    files = a_market().files
    assert [file.isa13 for file in files] == list(range(501, 501 + len(files)))
    added = Counter(told.policy.policy_id for file in files for told in file.sets if told.kind is Kind.ADD)
    assert set(added.values()) == {1}


def test_no_social_security_number_and_no_mail_but_of_the_example_domain() -> None:
    texts = [file.content().decode() for file in a_market().files]
    texts += [value for item in a_market().news for value in item.row.values()]
    for text in texts:
        assert "*34*" not in text
        assert "REF*SY" not in text
        assert not re.search(r"\b\d{3}-\d{2}-\d{4}\b", text)
        assert all(found == "example.org" for found in re.findall(r"@([\w.]+)", text))


def test_the_odd_cases_occur() -> None:
    rows = rosters.by_kind(a_market(2000).news)
    assert {row["path"] for row in rows["associations"]} == {"designated", "invited", "application", "assisted"}
    assert {row["scope"] for row in rows["associations"]} > {"all"}
    assert any(row["ended_at"] for row in rows["associations"])
    assert any(row["revoked_on"] for row in rows["certifications"])
    assert {row["status"] for row in rows["licenses"]} == {"active", "lapsed"}
    assert {row["kind"] for row in rows["brokers"]} == {"broker", "navigator"}
    assert any(row["termination_date"] for row in rows["appointments"])
    assert "99404" not in {row["naic_company_code"] for row in rows["appointments"]}
    assert rows["agents-of-record"]
    assert any(row["until"] for row in rows["households"])
    every = [told for file in a_market(2000).files for told in file.sets]
    assert {told.policy.start.year for told in every} == {2025, 2026}
    assert {told.reason for told in every} > {"TERMCIC", "CANCELCIC", "CANCEL", "TERM", "PASSIVE"}
    assert "99606" in {told.policy.carrier.hios for told in every}
    assert any(told.policy.start.day != 1 for told in every)
    assert any(told.broker for told in every)


def test_every_npn_is_one_and_beyond_those_issued() -> None:
    for item in a_market().news:
        if npn := item.row.get("npn"):
            assert int(Npn(npn)) > 90_000_000


def test_a_roster_is_written_as_csv_that_keeps_its_letters(tmp_path: Path) -> None:
    rows = rosters.by_kind(a_market().news)["brokers"]
    rosters.write(tmp_path / "brokers.csv", rows)
    with (tmp_path / "brokers.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.DictReader(stream)) == rows
    assert not all(row["last_name"].isascii() for row in rows)
