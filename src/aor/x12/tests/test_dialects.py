"""Profiles: a carrier's dialect as data."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from aor.x12 import dialect, profiles
from aor.x12.tests import test_maintenance_written as sets


def shipped(name: str) -> dict[str, object]:
    return tomllib.loads((resources.files(profiles) / f"{name}.toml").read_text())


def changed(**changes: object) -> dict[str, object]:
    return dialect.merged(shipped("ffe"), changes)


def test_the_shipped_profiles_read() -> None:
    ffe, colorado = profiles.load("ffe"), profiles.load("colorado")
    assert (ffe.first_isa13, ffe.first_gs06, ffe.first_st02) == (9000101, 9000101, 101)
    assert ffe.names("broker_npn")
    assert not colorado.names("broker_npn")
    assert colorado.names("broker_license")


def test_a_state_lays_its_own_over_ours(tmp_path: Path) -> None:
    (tmp_path / "ffe.toml").write_text('[base]\nprofile = "ffe"\n[interchange]\nusage = "P"\n')
    (tmp_path / "lakes.toml").write_text(
        '[base]\nprofile = "ffe"\n[set.replace]\n"QTY*" = ["QTY*TO*1", "QTY*ET*1"]\n"DMG*" = []\n'
    )
    ffe, lakes = profiles.load("ffe", tmp_path), profiles.load("lakes", tmp_path)
    assert (ffe.usage, lakes.usage, profiles.load("ffe").usage) == ("P", "P", "T")
    assert "QTY*ET*1" in lakes.segments
    assert not [line for line in lakes.segments if line.startswith("DMG")]
    assert profiles.load("colorado", tmp_path).usage == "P"


@pytest.mark.parametrize(
    ("file", "because"),
    [
        ("not toml", "the profile x is not TOML"),
        ("base = 3", r"the profile x says its base as \[base\] profile"),
        ('[base]\nprofile = "x"', "there is no profile 'x'"),
        ('[base]\nprofile = "../ffe"', "a profile has a name of letters and digits"),
    ],
)
def test_a_file_that_cannot_be_is_told(file: str, because: str, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(file)
    with pytest.raises(ValueError, match=because):
        profiles.load("x", tmp_path)


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"interchange": {"element": ""}}, "the four delimiters are one character each, all different"),
        ({"interchange": {"element": "~"}}, "the four delimiters"),
        ({"interchange": {"element": "A"}}, "the four delimiters"),
        ({"interchange": {"usage": "X"}}, "usage is P or T"),
        ({"interchange": {"time_zone": "XX"}}, "time_zone is a code of data element 623"),
        ({"interchange": {"end_of_line": "x"}}, "end_of_line is empty or a newline"),
        ({"interchange": {"sender_id": "X" * 16}}, "sender_id has up to 15 characters"),
        ({"interchange": {"sender_id": 3}}, r"\[interchange\] sender_id is missing or not of its kind"),
        ({"interchange": 3}, r"\[interchange\] is a table"),
        ({"group": {"receiver": "x"}}, "receiver is plan or interchange"),
        ({"numbers": {"isa13": 10**9}}, r"\[numbers\] isa13 has one to nine digits"),
        ({"set": {"segments": ["INS*Y"]}}, r"segments begin with ST\*834\*"),
        ({"set": {"segments": []}}, r"segments begin with ST\*834\*"),
        ({"set": {"segments": "ST"}}, "segments are a list of texts"),
        ({"set": {"segments": [3]}}, "segments are a list of texts"),
        ({"set": {"segments": ["ST*834*{nobody}"]}}, "a segment names {nobody}, which is not known"),
        ({"set": {"segments": ["ST*834*~"]}}, "has a character that X12 or a delimiter does not allow"),
        ({"set": {"replace": {"ZZZ": []}}}, "'ZZZ' begins no segment"),
        ({"set": {"replace": 3}}, r"\[set.replace\] is a table"),
    ],
)
def test_a_profile_that_cannot_be_is_told(changes: dict[str, object], because: str) -> None:
    with pytest.raises(ValueError, match=because):
        dialect.parse(changed(**changes), name="x")


def test_values_fill_the_segments() -> None:
    profile = dialect.parse(changed(values={"maintenance_reason": "AI"}), name="x")
    assert "INS*Y*18*001*AI*A***AC" in profile.segments


def test_other_delimiters_and_newlines_are_written() -> None:
    profile = dialect.parse(
        changed(interchange={"element": "|", "terminator": "'", "component": ">", "end_of_line": "\r\n"}), name="x"
    )
    content = sets.compose(sets.ENTRY, sets.REMOVAL, profile=profile)
    assert content.startswith(b"ISA|00|")
    assert content.endswith(b"IEA|1|009000101'\r\n")
    assert [one.broker_npn for one in sets.read_back(content)] == ["7000001", ""]


def test_a_percent_sign_may_part_elements_and_end_segments() -> None:
    for marks in ({"element": "%"}, {"terminator": "%"}):
        profile = dialect.parse(changed(interchange=marks), name="x")
        assert [one.broker_npn for one in sets.read_back(sets.compose(sets.ENTRY, profile=profile))] == ["7000001"]


def test_a_profile_may_leave_out_any_segment_without_its_fact() -> None:
    tables = changed(set={"replace": {"REF*17*{member_id}": ["REF*17*{member_id?}"]}})
    profile = dialect.parse(tables, name="x")
    bare = sets.ENTRY._replace(member_id="")
    assert sets.check(profile, bare) == []
    first, second = sets.read_back(sets.compose(sets.ENTRY, bare, profile=profile))
    assert (first.members[0].member_id, second.members[0].member_id) == ("910000001", "")
