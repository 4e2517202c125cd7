"""The marketplace's enrollment file as facts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO

import pytest

from aor.x12.findings import EdiFinding
from aor.x12.guides import x220a1
from aor.x12.guides.x220a1 import EnrollmentSet
from aor.x12.tests import written
from aor.x12.tests.written import COVERAGE, MEMBER, enrollment, group, interchange, text, transaction


def read(*segments: str) -> tuple[EnrollmentSet, list[str]]:
    """The one set of these segments, and what is wrong."""
    events = list(x220a1.read(BytesIO(text(*interchange(group(enrollment(*segments)))))))
    [one] = [event for event in events if isinstance(event, EnrollmentSet)]
    return one, [event.because for event in events if isinstance(event, EdiFinding)]


def clean(*segments: str) -> EnrollmentSet:
    one, because = read(*segments)
    assert because == []
    return one


def test_the_sample_gives_three_sets_and_keeps_its_text() -> None:
    kept: list[str] = []
    events = list(x220a1.read(BytesIO(written.ENROLLMENTS), stripped=kept.append))
    sets = [event for event in events if isinstance(event, EnrollmentSet)]
    assert [(s.st02, s.broker_npn, s.first_segment) for s in sets] == [
        ("000000001", "", 3),
        ("000000002", "", 35),
        ("000000003", "7000001", 67),
    ]
    assert len(events) == 3
    assert (sets[0].isa06, sets[0].isa08, sets[0].isa13, sets[0].gs06) == ("MN0", "410000001", "000000501", "501")
    assert (sets[0].usage, sets[0].bgn02, sets[0].sponsor_name) == ("T", "000000001", "KAYING VANG")
    assert (sets[0].issuer_name, sets[0].issuer_qualifier, sets[0].issuer_id) == (
        "North Star Health",
        "FI",
        "410000001",
    )
    assert sets[0].sent_at == datetime(2026, 1, 5, 11, tzinfo=UTC)
    assert sets[0].sent_day == date(2026, 1, 5)
    assert sets[2].broker_name == "ANA GARCIA"
    [member] = sets[1].members
    assert (member.coverage, member.policy_id, member.benefit_begin) == ("DEN", "21000002", date(2026, 3, 1))
    assert (member.application_id, member.application_origin) == ("5500001", "1")
    assert (member.request_submit_timestamp, member.source_exchange_id) == ("2025121210000000", "MN0")
    assert (member.line1, member.city, member.state, member.zip) == ("12 OAK ST", "DULUTH", "MN", "55802")
    assert (member.phone, member.birth_date, member.sex) == ("6125550111", date(1984, 5, 2), "F")
    assert "".join(kept).encode() == written.ENROLLMENTS


def test_our_own_sets_read_back() -> None:
    first, removal = x220a1.read(BytesIO(written.AGENTS_OF_RECORD))
    assert isinstance(first, EnrollmentSet)
    assert isinstance(removal, EnrollmentSet)
    assert (first.broker_npn, removal.broker_npn) == ("7000001", "")
    assert removal.members[0].maintenance_effective == date(2026, 4, 1)
    assert removal.members[0].additional_maintenance_reasons == ("AGENT BROKER INFO",)


def test_blanks_that_fill_an_element_say_nothing() -> None:
    filled = (segment.replace("910000001", " 910000001   ").replace("KAYING", "KAYING  ") for segment in MEMBER)
    coverage = (segment.replace("*21000001", "*21000001 ") for segment in COVERAGE)
    assert clean(*filled, *coverage).members == clean(*MEMBER, *COVERAGE).members


@pytest.mark.parametrize("qualifier", ["0F", "1L"])
def test_an_identifier_longer_than_the_standard_allows_is_refused_and_not_cut(qualifier: str) -> None:
    long = f"REF*{qualifier}*{'7' * 51}"
    segments = [long if each.startswith(long[:7]) else each for each in (*MEMBER, *COVERAGE)]
    assert f"REF*{qualifier} has 51 characters; 50 are the most" in read(*segments)[1]


def test_a_member_with_medical_and_dental_gives_two_rows() -> None:
    dental = ("HD*021**DEN", "DTP*348*D8*20260201", "REF*CE*31616MN002000101", "REF*1L*21000002")
    one = clean(*MEMBER, *COVERAGE, *dental)
    assert [(row.coverage, row.policy_id, row.benefit_begin) for row in one.members] == [
        ("HLT", "21000001", date(2026, 1, 1)),
        ("DEN", "21000002", date(2026, 2, 1)),
    ]


def test_a_cancel_without_coverage_has_its_policy_beside_the_member() -> None:
    one = clean(
        "INS*Y*18*024*14*A***TE", "REF*0F*910000001", "REF*1L*21000001", "DTP*356*D8*20260101", "DTP*357*D8*20251231"
    )
    [row] = one.members
    assert (row.maintenance, row.reason, row.coverage, row.policy_id) == ("024", "14", "", "21000001")
    assert (row.eligibility_begin, row.eligibility_end) == (date(2026, 1, 1), date(2025, 12, 31))


def test_dependants_are_members_of_their_own() -> None:
    child = ("INS*N*19*021*EC*A", "REF*0F*910000001", "REF*17*910000009", "NM1*IL*1*VANG*PA*X", *COVERAGE[:2])
    one = clean(*MEMBER, *COVERAGE, *child)
    assert [(row.is_subscriber, row.relationship, row.first_name, row.middle_name) for row in one.members] == [
        (True, "18", "KAYING", ""),
        (False, "19", "PA", "X"),
    ]


def test_only_the_members_own_name_and_address_are_taken() -> None:
    one = clean(
        *MEMBER[:-1],
        "NM1*74*1*VANG*KAYING",
        "PER*IP**HP*6125550100*EM*k@example.org*TE*6125550111",
        "N3*12 OAK ST*APT 4",
        "N4*DULUTH*MN*55802",
        "DMG*D8*19840502*F**:RET:2106-3^:RET:2135-2",
        "NM1*70*1*WANG*KAYIN",
        "DMG*D8*19840501*M",
        "NM1*31*1",
        "PER*IP**TE*0",
        "N3*OTHER",
        "N4*ELSEWHERE*WI*1",
        *COVERAGE,
        "LX*1",
        "NM1*P3*1*DOCTOR",
        "N3*CLINIC",
        "COB*U",
        "REF*17*9",
        "DTP*348*D8*20200101",
    )
    [row] = one.members
    assert (row.last_name, row.first_name, row.birth_date, row.sex) == ("VANG", "KAYING", date(1984, 5, 2), "F")
    assert (row.line1, row.line2, row.city) == ("12 OAK ST", "APT 4", "DULUTH")
    assert (row.phone, row.email) == ("6125550111", "k@example.org")
    assert (row.member_id, row.benefit_begin) == ("910000001", date(2026, 1, 1))


def test_another_phone_is_taken_where_there_is_no_telephone() -> None:
    [row] = clean(*MEMBER, "PER*IP**CP*6125550122", *COVERAGE).members
    assert row.phone == "6125550122"


def test_reporting_categories_are_read_without_loop_marks_too() -> None:
    one = clean(
        *MEMBER,
        *COVERAGE,
        "N1*75*ADDL MAINT REASON",
        "REF*17*DEMOGRAPHIC CHANGE|AGENT BROKER INFO",
        "LX*7",
        "N1*75*ADDL MAINT REASON",
        "REF*17*NO CHANGE",
        "DTP*007*RD8*20260101-20261231",
        "N1*75*APPLICATION ID AND ORIGIN",
        "REF*6M*5500001",
        "N1*75*SOURCE EXCHANGE ID",
    )
    [row] = one.members
    assert row.additional_maintenance_reasons == ("DEMOGRAPHIC CHANGE", "AGENT BROKER INFO", "NO CHANGE")
    assert (row.application_id, row.application_origin, row.source_exchange_id) == ("5500001", "", "")
    assert row.request_submit_timestamp == ""


def test_brokers_are_named_in_three_ways() -> None:
    body = (*MEMBER, *COVERAGE)
    npn = clean("N1*BO*ANA GARCIA*94*7000001", "N1*TV*LAKES AGENCY*94*7000009", *body)
    assert (npn.broker_npn, npn.tpa, npn.broker_npn_finding) == ("7000001", "LAKES AGENCY", "")
    licence = clean("N1*BO*ANA GARCIA*FI*411234567", "ACT*40123", "N1*TV*X*94*1", "ACT*9", *body)
    assert (licence.broker_tax_id, licence.broker_license, licence.broker_npn) == ("", "40123", "")
    letters = clean("N1*BO*ANA GARCIA*94*NAV12", *body)
    assert letters.broker_npn_finding == "the NPN 'NAV12' in loop 1000C is not a number"
    assert clean("N1*BO*ANA GARCIA*94", *body).broker_npn_finding == "loop 1000C has no NPN"
    two = clean("N1*BO*ANA GARCIA*94*7000001", "N1*BO*BO LEE*94*7000002", *body)
    assert (two.broker_npn, two.broker_npn_finding) == ("7000001", "the set names 2 brokers; the first is taken")


def test_the_tax_id_of_a_known_agency_is_kept() -> None:
    content = text(*interchange(group(enrollment("N1*BO*ANA GARCIA*FI*411234567", *MEMBER, *COVERAGE))))
    [one] = x220a1.read(BytesIO(content), keep_tax_id={"411234567"}.__contains__)
    assert isinstance(one, EnrollmentSet)
    assert one.broker_tax_id == "411234567"


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("ET", 11), ("ES", 11), ("ED", 10), ("CT", 12), ("", 12), ("LT", 12), ("MT", 13), ("PT", 14), ("AT", 15),
     ("AK", 15), ("HT", 16), ("TT", 10), ("UT", 6), ("GM", 6), ("Z", 6), ("01", 5), ("24", 7)],
)  # fmt: skip
def test_the_time_of_sending_is_in_the_zone_of_bgn05(zone: str, hour: int) -> None:
    content = text(*interchange(group(transaction(f"BGN*00*1*20260105*0600*{zone}***2", *MEMBER, *COVERAGE))))
    [one] = x220a1.read(BytesIO(content))
    assert isinstance(one, EnrollmentSet)
    assert one.sent_at == datetime(2026, 1, 5, hour, tzinfo=UTC)


@pytest.mark.parametrize("clock", ["0600", "060000", "0600000", "06000000"])
def test_times_are_written_in_four_lengths(clock: str) -> None:
    content = text(*interchange(group(transaction(f"BGN*00*1*20260105*{clock}*UT", *MEMBER, *COVERAGE))))
    [one] = x220a1.read(BytesIO(content))
    assert isinstance(one, EnrollmentSet)
    assert one.sent_at == datetime(2026, 1, 5, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "bgn",
    ["BGN*00*1*20260231*0600", "BGN*00*1*20260105*2500", "BGN*00*1*20260105*06", "BGN*00*1",
     "BGN*00*1*20260105*0600*XX", "BGN*00*1*00010101*0000*01", "BGN*00*1*2026010A*0600"],
)  # fmt: skip
def test_a_set_that_does_not_tell_when_it_was_sent_is_refused(bgn: str) -> None:
    [finding] = x220a1.read(BytesIO(text(*interchange(group(transaction(bgn, *MEMBER, *COVERAGE))))))
    assert isinstance(finding, EdiFinding)
    assert (finding.tag, finding.code) == ("BGN", "DATE")


def test_a_set_without_beginning_is_refused() -> None:
    [finding] = x220a1.read(BytesIO(text(*interchange(group(transaction(*MEMBER, *COVERAGE))))))
    assert isinstance(finding, EdiFinding)
    assert finding.because == "the set 000000001 has no BGN"


@pytest.mark.parametrize(
    ("segments", "because"),
    [
        ((), "the set 000000001 has no member (INS)"),
        ((written.BGN, *MEMBER, *COVERAGE), "a second BGN stands in the set"),
        ((COVERAGE[0], *MEMBER, *COVERAGE), "a coverage (HD) stands before any member (INS)"),
        ((*MEMBER, *COVERAGE, "ZZZ*1"), "a segment 'ZZZ' is not known in an enrollment file"),
        ((*MEMBER, *COVERAGE, ""), "a segment is empty"),
        ((MEMBER[0], *MEMBER[2:], *COVERAGE), "the subscriber has no exchange subscriber id (REF*0F)"),
        ((*MEMBER, *COVERAGE[:3]), "no exchange policy id (REF*1L) is given"),
        (("INS*N*19*024*14*A", "REF*0F*910000001"), "no exchange policy id (REF*1L) is given"),
        ((*MEMBER, COVERAGE[0], *COVERAGE[2:]), "an addition (021) has no coverage start (DTP*348)"),
        (
            (*MEMBER, *COVERAGE, "REF*CE*3161X"),
            "an addition (021) names no plan by which its carrier is known: REF*CE begins with five digits",
        ),
        ((*MEMBER, *COVERAGE, "DTP*349*D8*20260231"), "DTP*349 says D8 '20260231', which is not a day (D8 CCYYMMDD)"),
        (
            (*MEMBER, *COVERAGE, "DTP*303*D8*99991231"),
            "DTP*303 says D8 '99991231', which is not a day (D8 CCYYMMDD)",
        ),
        ((*MEMBER, "DMG*D8*00010101", *COVERAGE), "DMG02 says D8 '00010101', which is not a day (D8 CCYYMMDD)"),
        (
            (*MEMBER, *COVERAGE, "DTP*349*D8*202602011"),
            "DTP*349 says D8 '202602011', which is not a day (D8 CCYYMMDD)",
        ),
        (
            (*MEMBER, *COVERAGE, "DTP*349*RD8*20260101"),
            "DTP*349 says RD8 '20260101', which is not a day (D8 CCYYMMDD)",
        ),
        (
            (*MEMBER, *COVERAGE, "DTP*349*D8*20251230"),
            "the end 2025-12-30 is impossible with the beginning 2026-01-01: DTP*349 is before DTP*348",
        ),
        (
            (*MEMBER, "DTP*357*D8*20251230", *COVERAGE),
            "the end 2025-12-30 is impossible with the beginning 2026-01-01: DTP*357 is before DTP*356",
        ),
        ((*MEMBER, "DMG*D8*19841301", *COVERAGE), "DMG02 says D8 '19841301', which is not a day (D8 CCYYMMDD)"),
        (("INS*X*18*021", *MEMBER[1:], *COVERAGE), "INS01 says 'X'; it may say Y (subscriber) or N (dependant)"),
        (
            ("INS*Y*18*030", *MEMBER[1:], *COVERAGE),
            "INS03 says '030'; we know 001 (change), 021 (addition), 024 (cancellation or end), 025 (reinstatement)",
        ),
    ],
)
def test_what_is_wrong_in_a_set_is_told(segments: tuple[str, ...], because: str) -> None:
    assert read(*segments)[1] == [because]


def test_an_end_in_the_year_9999_is_none() -> None:
    [row] = clean(*MEMBER, "DTP*357*D8*99991231", *COVERAGE, "DTP*349*D8*99991231").members
    assert (row.benefit_end, row.eligibility_end) == (None, None)


def test_what_stands_before_a_member_belongs_to_none() -> None:
    one = clean(
        "REF*38*POLICY", "DTP*007*D8*20260101", "QTY*TO*1", "N1*ZZ*X", "NM1*IL*1*X", "PER*IP**TE*1", "N3*X", "N4*X",
        "DMG*D8*1", "N1*75*ADDL MAINT REASON", "REF*17*NO", *MEMBER, *COVERAGE,
    )  # fmt: skip
    [row] = one.members
    assert (row.last_name, row.additional_maintenance_reasons) == ("VANG", ())


def test_a_file_of_enrollments_holds_nothing_else() -> None:
    note = "TA1*000000501*260105*0600*A*000"
    other = group(transaction("AK1*BE*1", st01="999", st02="0001"), gs01="FA", gs06="502", gs08="005010X231A1")
    events = list(
        x220a1.read(BytesIO(text(*interchange(group(enrollment(*MEMBER, *COVERAGE)), other, notes=(note,)))))
    )
    because = [event.because for event in events if isinstance(event, EdiFinding)]
    assert "a TA1 stands in a file of enrollments" in because
    assert "a set 999 stands among enrollments" in because
