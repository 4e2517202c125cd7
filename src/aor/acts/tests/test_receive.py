"""Enrollment files: whole or not at all, once, without Social Security numbers, in any order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import permutations
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from tests import builders
from tests.builders import ANA, Policy, enrollment_file

from aor.acts import receive as act
from aor.acts import settle
from aor.engine import store
from aor.enrollments.models import Enrollment, EnrollmentFile, Event
from aor.record.models import Entry
from aor.terms import actor
from aor.x12.tests.written import COVERAGE, MEMBER, enrollment, group, interchange, text

NOW = datetime(2026, 1, 6, 15, tzinfo=UTC)
BY = actor.system("test")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: LazySettings) -> Path:
    settings.AOR_HOME = tmp_path / "home"
    settings.AOR_HOME.mkdir()
    return tmp_path


def receive(home: Path, content: bytes, name: str = "enrollments.834", now: datetime = NOW) -> act.Received:
    path = home / name
    path.write_bytes(content)
    return act.receive(path, by=BY, now=now)


def test_a_file_becomes_enrollments_with_households_by_application(home: Path) -> None:
    received = receive(
        home,
        enrollment_file(
            Policy("P1", "S1"),
            Policy("P2", "S2", coverage="DEN", plan="31616MN002000101"),
            Policy("P3", "S3", application="77-1"),
        ),
    )
    assert received.accepted
    assert received.enrollments == 3
    households = dict(Enrollment.objects.values_list("policy_id", "subscriber__household"))
    assert households["P1"] == households["P2"] != households["P3"]
    p1 = Enrollment.objects.get(policy_id="P1")
    assert (p1.start, p1.until, p1.enrolled_on) == (date(2026, 1, 1), date(2027, 1, 1), date(2025, 12, 5))


def test_a_policy_named_as_medical_and_as_dental_is_told(home: Path) -> None:
    vision, dental = ((f"HD*021**{kind}", *COVERAGE[1:]) for kind in ("VIS", "DEN"))
    received = receive(home, text(*interchange(group(enrollment(*MEMBER, *COVERAGE, *vision, *dental)))))
    assert received.accepted
    assert [finding.because for finding in received.findings] == [
        "set 000000001: coverage VIS has no agent of record",
        "set 000000001: policy 21000001 is named as HLT and as DEN; the last of them holds",
    ]
    assert Enrollment.objects.get().coverage_kind == "DEN"


def test_the_same_file_twice_changes_nothing(home: Path) -> None:
    content = enrollment_file(Policy("P1", "S1"))
    receive(home, content)
    before = list(Event.objects.values_list()), list(Enrollment.objects.values_list())
    again = receive(home, content, "again.834")
    assert again.accepted
    assert again.enrollments == 0
    assert before == (list(Event.objects.values_list()), list(Enrollment.objects.values_list()))


def test_a_wrong_count_refuses_the_whole_file(home: Path) -> None:
    content = enrollment_file(Policy("P1", "S1"), Policy("P2", "S2")).replace(b"GE*2*", b"GE*3*")
    received = receive(home, content)
    assert not received.accepted
    assert "GE" in received.findings[0].because
    assert not Event.objects.exists()
    assert not EnrollmentFile.objects.exists()


def test_a_repeated_control_number_in_another_file_is_refused(home: Path) -> None:
    receive(home, enrollment_file(Policy("P1", "S1")))
    received = receive(home, enrollment_file(Policy("P2", "S2")), "other.834")
    assert not received.accepted
    assert "already received in another file, enrollments.834" in received.findings[0].because


@pytest.mark.parametrize("content", [b"", b"hello", b"ISA*00", b"\x00\xff\xfe" * 100, b"PK\x03\x04 not edi"])
def test_what_is_no_interchange_is_refused_with_a_sentence(home: Path, content: bytes) -> None:
    received = receive(home, content)
    assert not received.accepted
    assert received.findings
    assert received.findings[0].because


def test_no_social_security_number_survives_the_door(home: Path) -> None:
    content = enrollment_file(Policy("P1", "S1", extra=("REF*SY*123456789",))).replace(
        b"NM1*IL*1*VANG*KAYING", b"NM1*IL*1*VANG*KAYING****34*123456789"
    )
    assert receive(home, content).accepted
    kept = EnrollmentFile.objects.get()
    assert b"123456789" not in store.path_of(kept.stripped).read_bytes()
    for row in Event.objects.values():
        assert "123456789" not in str(row)


STORIES: dict[str, tuple[list[Policy], dict[str, object]]] = {
    "cancelled": (
        [Policy("P1", "S1"), Policy("P1", "S1", kind="024", end=date(2026, 1, 1))],
        {"cancelled": True},
    ),
    "terminated": (
        [Policy("P1", "S1"), Policy("P1", "S1", kind="024", end=date(2026, 3, 31))],
        {"cancelled": False, "until": date(2026, 4, 1), "told_until": date(2027, 1, 1)},
    ),
    "reinstated": (
        [
            Policy("P1", "S1"),
            Policy("P1", "S1", kind="024", end=date(2026, 3, 31)),
            Policy("P1", "S1", kind="025"),
        ],
        {"cancelled": False, "until": date(2027, 1, 1)},
    ),
    "changed name": (
        [Policy("P1", "S1"), Policy("P1", "S1", kind="001", last="XIONG")],
        {"last_name": "XIONG", "until": date(2027, 1, 1)},
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_any_order_of_files_gives_the_same_enrollment(home: Path, story: str) -> None:
    policies, expected = STORIES[story]
    files = [
        enrollment_file(policy, sent=datetime(2026, 1, 5 + i, 12, tzinfo=UTC), isa13=501 + i)
        for i, policy in enumerate(policies)
    ]
    for number, order in enumerate(permutations(range(len(files)))):
        for i in order:
            # a policy of its own for every order, so that one database serves all
            content = (
                files[i]
                .replace(b"P1", f"P1{number}".encode())
                .replace(f"*{501 + i:09d}".encode(), f"*{501 + i + 10 * (number + 1):09d}".encode())
            )
            assert receive(home, content, f"{number}-{i}.834", NOW + timedelta(minutes=number)).accepted
        row = Enrollment.objects.get(policy_id=f"P1{number}")
        assert {key: getattr(row, key) for key in expected} == expected, order


def test_a_cancel_waits_for_its_addition(home: Path) -> None:
    cancel = enrollment_file(
        Policy("P1", "S1", kind="024", end=date(2026, 1, 1)), sent=datetime(2026, 1, 6, 12, tzinfo=UTC), isa13=502
    )
    received = receive(home, cancel, "cancel.834")
    assert received.accepted
    assert [found.because for found in received.findings] == [
        "policy P1: its end is kept and waits for its addition (021)"
    ]
    assert not Enrollment.objects.exists()
    with pytest.raises(CommandError, match="its end of 2026-01-06 is kept and waits for its addition"):
        call_command("why", "P1", stderr=StringIO())
    assert receive(home, enrollment_file(Policy("P1", "S1"))).findings == []
    assert Enrollment.objects.get().cancelled


def test_a_dependant_leaving_changes_nothing(home: Path) -> None:
    receive(home, enrollment_file(Policy("P1", "S1")))
    before = Enrollment.objects.values().get()
    leaving = enrollment_file(
        Policy("P1", "S1", kind="024", end=date(2026, 3, 31), subscriber_line="N"), isa13=502
    ).replace(b"INS*N*18*", b"INS*N*19*")
    assert receive(home, leaving, "leaving.834").accepted
    assert Enrollment.objects.values().get() == before


def test_an_unknown_carriers_enrollment_is_taken_and_its_agent_held(home: Path) -> None:
    builders.broker(ANA)
    receive(home, enrollment_file(Policy("P1", "S1", plan="99999MN001000104")))
    builders.associated("S1", ANA, date(2025, 12, 1))
    receive(home, enrollment_file(Policy("P2", "S2", application="77-1"), isa13=502), "next.834")
    entry = Entry.objects.select_related("decision").get()
    assert not entry.in_standing
    assert "CARRIER_KNOWN" in entry.decision.findings


def test_an_interrupted_file_leaves_nothing_and_can_come_again(home: Path) -> None:
    content = enrollment_file(Policy("P1", "S1"))
    path = home / "enrollments.834"
    path.write_bytes(content)
    truncated = home / "half.834"
    truncated.write_bytes(content[:-40])
    assert not act.receive(truncated, by=BY, now=NOW).accepted
    assert not Event.objects.exists()
    assert act.receive(path, by=BY, now=NOW).accepted
    assert Enrollment.objects.count() == 1


def test_a_clock_far_back_is_refused_before_anything_is_taken(home: Path) -> None:
    builders.carrier()
    builders.broker(ANA)
    receive(home, enrollment_file(Policy("P1", "S1")))
    builders.associated("S1", ANA, date(2025, 12, 1))
    settle.settle(now=NOW)
    change = enrollment_file(Policy("P1", "S1", kind="001", last="XIONG"), isa13=502)
    with pytest.raises(settle.Backdated, match="check the clock"):
        receive(home, change, "late.834", NOW - timedelta(hours=26))
    assert Enrollment.objects.get().last_name == "VANG"
    assert receive(home, change, "late.834", NOW - timedelta(hours=24)).accepted
