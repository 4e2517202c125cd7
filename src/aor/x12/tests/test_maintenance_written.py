"""The sets that tell a carrier its agents of record."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aor.x12 import profiles
from aor.x12.dialect import Dialect
from aor.x12.findings import EdiFinding
from aor.x12.guides import x220a1
from aor.x12.guides import x220a1_maintenance as maintenance
from aor.x12.guides.x220a1 import EnrollmentSet
from aor.x12.guides.x220a1_maintenance import Broker, Composer, MaintenanceSet
from aor.x12.tests import judge, written

AT = datetime(2026, 2, 1, 23, tzinfo=UTC)
FFE = profiles.load("ffe")
COLORADO = profiles.load("colorado")
ANA = Broker("Ana García", "7000001", "411234567", "40123")
ENTRY = MaintenanceSet(
    subscriber_first="KaYing",
    subscriber_last="Vang",
    subscriber_middle="",
    subscriber_id="910000001",
    member_id="910000001",
    birth_date=date(1984, 5, 2),
    sex="F",
    carrier_name="North Star Health",
    carrier_tax_id="410000001",
    broker=ANA,
    coverage="HLT",
    effective=date(2026, 1, 1),
    benefit_begin=date(2026, 1, 1),
    plan_id="31616MN001000104",
    policy_id="21000001",
    composed_at=AT,
)
REMOVAL = ENTRY._replace(
    broker=None,
    coverage="DEN",
    effective=date(2026, 4, 1),
    benefit_begin=date(2026, 3, 1),
    plan_id="31616MN002000101",
    policy_id="21000002",
)


def compose(*entries: MaintenanceSet, profile: Dialect = FFE) -> bytes:
    """Numbered from 101 on."""
    composer = Composer(profile)
    texts = [composer.draft(entry).text for entry in entries]
    return composer.interchange(
        [maintenance.numbered(text, f"{number:09d}") for number, text in enumerate(texts, 101)],
        isa13=9000101,
        gs06=9000101,
        receiver="410000001",
        group_receiver=maintenance.group_receiver(profile, plan_id=ENTRY.plan_id, receiver="410000001"),
        composed_at=AT,
    )


def check(profile: Dialect, entry: MaintenanceSet) -> list[EdiFinding]:
    return Composer(profile).draft(entry).findings


def read_back(content: bytes) -> list[EnrollmentSet]:
    events = list(x220a1.read(BytesIO(content)))
    assert not [event for event in events if isinstance(event, EdiFinding)]
    return [event for event in events if isinstance(event, EnrollmentSet)]


def test_the_sample_is_written_byte_for_byte() -> None:
    assert check(FFE, ENTRY) == check(FFE, REMOVAL) == []
    assert compose(ENTRY, REMOVAL) == written.AGENTS_OF_RECORD


@pytest.mark.parametrize("profile", [FFE, COLORADO], ids=["ffe", "colorado"])
def test_the_judge_finds_every_dialect_valid(profile: Dialect) -> None:
    nameless = ENTRY._replace(subscriber_first="", birth_date=None, sex="")
    middle = ENTRY._replace(subscriber_first="Pa Houa", subscriber_middle="Ł.")
    content = compose(ENTRY, REMOVAL, nameless, middle, profile=profile)
    assert judge.valid(content)
    assert [one.broker_name for one in read_back(content)] == ["ANA GARCIA", "", "ANA GARCIA", "ANA GARCIA"]


def test_colorado_says_tax_id_and_licence_and_a_reason() -> None:
    content = compose(ENTRY, profile=COLORADO)
    assert (
        b"~N1*IN*North Star Health*94*31616~N1*BO*ANA GARCIA*FI*411234567~ACT*40123~INS*Y*18*001*AI*A***AC~"
        in content
    )
    assert b"~GS*BE*MN0*410000001*" in content


def test_a_removal_has_no_broker_and_a_missing_birth_date_no_segment() -> None:
    content = compose(REMOVAL._replace(birth_date=None))
    assert b"N1*BO" not in content
    assert b"DMG" not in content
    assert b"~SE*29*" in content


def test_an_unknown_sex_is_said_as_unknown() -> None:
    assert b"DMG*D8*19840502*U~" in compose(ENTRY._replace(sex=""))


def test_delimiters_in_names_become_spaces_and_long_names_are_cut() -> None:
    content = compose(
        ENTRY._replace(subscriber_last="Va~ng*:" + "x" * 80, broker=Broker("B*O 50%", "7"), carrier_name="N~S 100%")
    )
    [one] = read_back(content)
    [member] = one.members
    assert member.last_name == ("VA NG " + "X" * 80)[:60]
    assert len(one.sponsor_name) == 60
    assert (one.broker_name, one.issuer_name) == ("B O 50%", "N S 100%")


def test_the_group_is_for_the_plan_or_as_the_interchange() -> None:
    assert b"~GS*BE*MN0*31616MN0010001*" in compose(ENTRY)
    assert b"~GS*BE*MN0*410000001*" in compose(ENTRY, profile=COLORADO)


def test_a_business_reference_of_its_own_stays() -> None:
    text = maintenance.numbered(Composer(FFE).draft(ENTRY).text, "000000205", "000000101")
    assert text.startswith("ST*834*000000205*005010X220A1~BGN*00*000000101*20260201*")
    assert text.endswith("~SE*31*000000205~")


def test_the_sets_of_any_number_of_brokers_are_written_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_MOST_BROKERS", 1000)
    monkeypatch.setattr(maintenance, "_MOST_TEMPLATES", 3)
    brokers = [Broker(f"B {chr(65 + n % 26)}{n}", f"{n:02d}") for n in range(2501)]
    at = [AT.replace(minute=n % 7) for n in range(2501)]
    entries = [ENTRY._replace(broker=one, composed_at=then) for one, then in zip(brokers, at, strict=True)]
    sets = read_back(compose(*entries))
    assert [(one.broker_name, one.broker_npn, one.sent_at) for one in sets] == [
        (broker.name, broker.npn, then) for broker, then in zip(brokers, at, strict=True)
    ]
    assert all(check(FFE, entry) == [] for entry in entries)


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"subscriber_last": " "}, "the subscriber last is missing"),
        ({"subscriber_id": ""}, "the subscriber id is missing"),
        ({"policy_id": "A~B"}, "the policy id 'A~B' has a character that X12 or a delimiter does not allow"),
        ({"policy_id": " A"}, "the policy id ' A' has a character that X12 or a delimiter does not allow"),
        ({"policy_id": "Ä"}, "the policy id 'Ä' has a character that X12 or a delimiter does not allow"),
        ({"policy_id": "A" * 51}, f"the policy id {'A' * 51!r} has 51 characters; it may have 1 to 50"),
        ({"sex": "FM"}, "the sex 'FM' has 2 characters; it may have 1 to 1"),
        ({"carrier_tax_id": ""}, "the carrier tax id is missing"),
        ({"carrier_name": ""}, "the carrier name is missing"),
        ({"broker": Broker("", "7000001")}, "the broker name is missing"),
        ({"broker": Broker("Ana", "")}, "the broker npn is missing"),
        ({"broker": Broker("Ana", "NAV12")}, "the NPN 'NAV12' is not a number"),
        (
            {"effective": date(2025, 12, 31)},
            "the agent of record would begin on 2025-12-31, before the coverage (2026-01-01)",
        ),
    ],
)
def test_a_broken_set_is_told_before_it_is_sent(changes: dict[str, object], because: str) -> None:
    entry = ENTRY._replace(**changes)  # type: ignore[arg-type]  # any field
    assert because in [finding.because for finding in check(FFE, entry)]


_VALUES = st.text(st.sampled_from("Ab1 *~:^-\u00e9\n\x1f"), max_size=16)


@pytest.mark.parametrize("profile", [FFE, COLORADO], ids=["ffe", "colorado"])
@given(
    values=st.dictionaries(
        st.sampled_from(["subscriber_id", "member_id", "sex", "coverage", "plan_id", "policy_id"]),
        _VALUES,
    )
)
def test_a_set_passes_at_once_only_where_nothing_is_found(profile: Dialect, values: dict[str, str]) -> None:
    entry = ENTRY._replace(**values)  # type: ignore[arg-type]  # any field
    at_once, one_by_one = Composer(profile), Composer(profile)
    one_by_one.right = re.compile("(?!)")
    assert at_once.draft(entry) == one_by_one.draft(entry)


@pytest.mark.parametrize("profile", [FFE, COLORADO], ids=["ffe", "colorado"])
def test_a_broken_set_breaks_no_other(profile: Dialect) -> None:
    composer = Composer(profile)
    for broken in ({"member_id": ""}, {"coverage": ""}, {"broker": Broker("Ana", "7", "", "")}):
        composer.draft(ENTRY._replace(**broken))
    assert composer.draft(ENTRY) == Composer(profile).draft(ENTRY)


def test_a_dialect_needs_what_it_names() -> None:
    bare = ENTRY._replace(broker=Broker("Ana", "7000001"))
    assert [(f.tag, f.element, f.code) for f in check(COLORADO, bare)] == [
        ("N1", 4, "MISSING"),
        ("ACT", 1, "MISSING"),
    ]
    assert check(COLORADO, bare._replace(broker=None)) == []


def test_an_envelope_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="one set at least"):
        compose()
    for isa13, gs06, receiver in ((0, 1, "R"), (1, 10**9, "R"), (1, 1, ""), (1, 1, "R*"), (1, 1, "R" * 16)):
        with pytest.raises(ValueError, match=r"ISA13|GS06|ISA08"):
            Composer(FFE).interchange(
                [""], isa13=isa13, gs06=gs06, receiver=receiver, group_receiver="GR", composed_at=AT
            )


def test_files_are_named_by_the_profile() -> None:
    at = AT.replace(microsecond=123456)
    name = maintenance.file_name(FFE, hios="31616", isa13=9000101, receiver="410000001", composed_at=at)
    assert name == "AOR.31616.D260201.T180000123.009000101.834"


names = st.text(min_size=1, max_size=70).filter(str.strip)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.builds(
            ENTRY._replace,
            subscriber_first=st.text(max_size=70),
            subscriber_last=names,
            subscriber_middle=st.text(max_size=30),
            broker=st.none() | st.builds(Broker, names, st.integers(10, 10**10 - 1).map(str)),
            effective=st.dates(date(2026, 1, 1), date(2030, 12, 31)),
            birth_date=st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31)),
            sex=st.sampled_from(["", "F", "M"]),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_reads_back(entries: list[MaintenanceSet]) -> None:
    assert all(check(FFE, entry) == [] for entry in entries)
    content = compose(*entries)
    for number, (entry, one) in enumerate(zip(entries, read_back(content), strict=True), 101):
        [member] = one.members
        assert one.broker_npn == (entry.broker.npn if entry.broker else "")
        assert (member.maintenance_effective, member.birth_date) == (entry.effective, entry.birth_date)
        assert member.last_name
        assert (one.sent_at, one.st02, member.policy_id) == (AT, f"{number:09d}", entry.policy_id)
