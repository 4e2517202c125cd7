"""Each kind of file: its good rows go in as they should, each bad one is told with column and reason."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from aor.acts.tests.files import GOOD, loaded, row
from aor.associations.models import Association, Consent, Ending
from aor.brokers.models import Agency, Appointment, Broker, Certification, License
from aor.calendar.models import OpenEnrollment
from aor.carriers.models import Carrier
from aor.consumers.models import Membership
from aor.record.models import Correction

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_file_is_taken_whole(tmp_path: Path, kind: str) -> None:
    receipt = loaded(tmp_path, kind)
    assert (receipt.rows, receipt.taken, receipt.changed, receipt.refused) == (1, 1, 1, [])
    assert receipt.because == ""


def test_rows_become_what_they_say(tmp_path: Path) -> None:
    for kind in GOOD:
        loaded(tmp_path, kind)
    carrier = Carrier.objects.get()
    assert (carrier.naic_company_code, carrier.tax_id, carrier.send_days) == ("00111", "411111111", "MO;TH")
    assert (carrier.cutoff, carrier.acknowledgment_hours, carrier.wait_after_enrollment) == ("17:30", 24, 2)
    assert Agency.objects.get().fein == "412222222"
    broker = Broker.objects.get()
    assert (broker.npn, broker.last_name, broker.list_in_directory) == ("1001", "Łukasz", True)
    certification = Certification.objects.get()
    assert (certification.plan_year, certification.revoked_on) == (2026, None)
    license_ = License.objects.get()
    assert (license_.expiration_date, license_.closed_on) == (date(2026, 4, 30), None)
    assert Appointment.objects.get().termination_date is None
    assert OpenEnrollment.objects.get().last_day == date(2026, 12, 31)
    membership = Membership.objects.get()
    assert (membership.start, membership.until, membership.is_primary_contact) == (None, date(2026, 6, 1), True)
    association = Association.objects.get()
    assert association.confirmed_at == datetime(2026, 1, 8, 6, tzinfo=UTC)
    assert (association.subscriber_id, association.household_id) == ("P1", "")
    assert (association.plan_year, association.method) == (2026, "paper")
    consent = Consent.objects.get()
    assert (consent.id, consent.act, consent.reference) == (association.consent_id, "reference", "C-17")
    correction = Correction.objects.get()
    assert (correction.kind, correction.settles_until) == ("opening balance", date(2025, 12, 20))
    assert (correction.effective_until, correction.sent_on) == (date(2026, 7, 1), date(2025, 12, 20))


BAD = [
    ("carriers", {"hios_issuer_id": "1111"}, "hios_issuer_id", "five digits"),
    ("carriers", {"name": ""}, "name", "empty"),
    ("carriers", {"naic_company_code": "123456"}, "naic_company_code", "five digits"),
    ("carriers", {"coverages": "VIS"}, "coverages", "HLT"),
    ("carriers", {"coverages": ""}, "coverages", "empty"),
    ("carriers", {"profile": "nowhere"}, "profile", "no profile"),
    ("carriers", {"profile": "../ffe"}, "profile", "letters and digits"),
    ("carriers", {"unknown_appointment": "maybe"}, "unknown_appointment", "hold or send"),
    ("carriers", {"acknowledgment_hours": "soon"}, "acknowledgment_hours", "whole number"),
    ("carriers", {"acknowledgment_hours": "0"}, "acknowledgment_hours", "from 1"),
    ("carriers", {"send_days": "MO;XX"}, "send_days", "'XX'"),
    ("carriers", {"cutoff": "25:00"}, "cutoff", "HH:MM"),
    ("carriers", {"mailbox": "ftp://edi.example.org"}, "mailbox", "sftp"),
    ("carriers", {"mailbox": "sftp://edi.example.org/in"}, "mailbox", "user"),
    ("carriers", {"mailbox": "sftp://a:secret@edi.example.org/in"}, "mailbox", "password"),
    ("carriers", {"mailbox": "sftp://a@edi.example.org:x/in"}, "mailbox", "sftp"),
    ("carriers", {"tax_id": "12"}, "tax_id", "nine digits"),
    ("carriers", {"tax_id": "", "x12_id": ""}, "x12_id", "tax_id"),
    ("agencies", {"fein": "123-45-6789"}, "fein", "Social Security"),
    ("agencies", {"email": "office"}, "email", "not an e-mail address"),
    ("brokers", {"npn": "12A"}, "npn", "digits"),
    ("brokers", {"npn": "12345678901"}, "npn", "up to 10"),
    ("brokers", {"npn": "000"}, "npn", "zero"),
    ("brokers", {"last_name": ""}, "last_name", "empty"),
    ("brokers", {"last_name": "x" * 101}, "last_name", "100"),
    ("brokers", {"last_name": "a\x07b"}, "last_name", "control"),
    ("brokers", {"first_name": "Ada 123-45-6789"}, "first_name", "Social Security"),
    ("brokers", {"list_in_directory": "maybe"}, "list_in_directory", "Y or N"),
    ("brokers", {"kind": "agent"}, "kind", "broker or navigator"),
    ("certifications", {"plan_year": "26"}, "plan_year", "2014"),
    ("certifications", {"certified_on": "2025-02-30"}, "certified_on", "no such day"),
    ("certifications", {"certified_on": "soon"}, "certified_on", "YYYY-MM-DD"),
    ("certifications", {"certified_on": "1025-02-03"}, "certified_on", "cannot be"),
    ("certifications", {"revoked_on": "2025-10-01"}, "revoked_on", "not after"),
    ("certifications", {"revoked_on": "2025-09-01"}, "revoked_on", "not after"),
    ("licenses", {"state": "Minn"}, "state", "two letters"),
    ("licenses", {"status": "Fine"}, "status", "none of"),
    ("licenses", {"expiration_date": "2024-04-30"}, "expiration_date", "before"),
    ("licenses", {"line_of_authority": ""}, "line_of_authority", "empty"),
    ("appointments", {"naic_company_code": ""}, "naic_company_code", "empty"),
    ("appointments", {"status": "Terminated"}, "termination_date", "empty"),
    ("appointments", {"termination_date": "2024-05-31"}, "termination_date", "before"),
    ("calendar", {"open_enrollment_end": "2026-10-31"}, "open_enrollment_end", "before"),
    ("calendar", {"plan_year": "2030"}, "open_enrollment_start", "does not open"),
    ("households", {"household_id": ""}, "household_id", "empty"),
    ("households", {"from": "2026-06-01"}, "until", "not after"),
    ("associations", {"exchange_subscriber_id": ""}, "exchange_subscriber_id", "household_id"),
    ("associations", {"path": "bought"}, "path", "designated or"),
    ("associations", {"confirmed_at": "noon"}, "confirmed_at", "instant"),
    ("associations", {"confirmed_at": ""}, "confirmed_at", "empty"),
    ("associations", {"ended_at": "2026-01-07"}, "ended_at", "before"),
    ("associations", {"method": "fax"}, "method", "portal or"),
    ("associations", {"scope": "some"}, "scope", "whole number"),
    ("agents-of-record", {"effective_until": "2026-01-01"}, "effective_until", "not after"),
    ("agents-of-record", {"exchange_policy_id": ""}, "exchange_policy_id", "empty"),
]


@pytest.mark.parametrize(("kind", "changes", "column", "because"), BAD)
def test_a_bad_row_is_refused_with_column_and_reason(
    tmp_path: Path, kind: str, changes: dict[str, str], column: str, because: str
) -> None:
    receipt = loaded(tmp_path, kind, GOOD[kind][0] | changes)
    (refused,) = receipt.refused
    assert (refused.line, refused.column) == (2, column)
    assert because in refused.because
    assert (receipt.rows, receipt.taken, receipt.changed) == (1, 0, 0)
    assert "123-45-6789" not in repr(receipt)
    assert "office" not in refused.because


def test_a_row_with_several_faults_tells_them_all(tmp_path: Path) -> None:
    (refused,) = loaded(tmp_path, "brokers", row("brokers", npn="x", last_name="")).refused
    assert refused.column == "npn"
    assert "last_name: it is empty" in refused.because


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-01-08", datetime(2026, 1, 8, 6, tzinfo=UTC)),
        ("07/08/2026", datetime(2026, 7, 8, 5, tzinfo=UTC)),
        ("2026-01-08T10:00:00", datetime(2026, 1, 8, 16, tzinfo=UTC)),
        ("2026-01-08 10:00", datetime(2026, 1, 8, 16, tzinfo=UTC)),
        ("2026-01-08T10:00:00Z", datetime(2026, 1, 8, 10, tzinfo=UTC)),
        ("2026-01-08T10:00:00+02:00", datetime(2026, 1, 8, 8, tzinfo=UTC)),
    ],
)
def test_a_confirmation_is_an_instant_and_a_bare_day_is_from_its_beginning(
    tmp_path: Path, written: str, instant: datetime
) -> None:
    loaded(tmp_path, "associations", row("associations", confirmed_at=written))
    assert Association.objects.get().confirmed_at == instant


def test_a_bare_day_of_an_end_is_to_its_last_instant(tmp_path: Path) -> None:
    loaded(tmp_path, "associations", row("associations", ended_at="2026-01-08", scope="all"))
    ending = Ending.objects.get()
    assert ending.at == datetime(2026, 1, 9, 5, 59, 59, 999999, tzinfo=UTC)
    assert (ending.kind, ending.plan_year, Consent.objects.get().revoked_at) == ("ended", None, ending.at)


def test_an_end_reaches_what_its_association_reached(tmp_path: Path) -> None:
    loaded(tmp_path, "associations", row("associations", ended_at="2026-02-08", scope="2027"))
    assert (Ending.objects.get().plan_year, Consent.objects.get().revoked_at) == (2027, None)


def test_a_household_named_beside_a_subscriber_holds_the_association(tmp_path: Path) -> None:
    loaded(tmp_path, "associations", row("associations", household_id="H1"))
    assert Association.objects.values_list("household_id", "subscriber_id").get() == ("H1", "")


def test_a_day_that_never_comes_is_no_end(tmp_path: Path) -> None:
    loaded(tmp_path, "licenses", row("licenses", expiration_date="9999-12-31"))
    assert License.objects.get().expiration_date is None


def test_licenses_of_one_number_and_line_may_not_overlap_in_a_file(tmp_path: Path) -> None:
    receipt = loaded(
        tmp_path,
        "licenses",
        row("licenses"),
        row("licenses", effective_date="2026-04-30", expiration_date="2028-04-30"),
        row("licenses", effective_date="2026-05-01", expiration_date="2028-04-30"),
        row("licenses", effective_date="2025-05-01", line_of_authority="Life"),
        row("licenses", effective_date="2025-05-01", expiration_date="2027-04-30", status="Denied"),
    )
    (refused,) = receipt.refused
    assert (refused.line, refused.column) == (3, "effective_date")
    assert "overlap those of line 2" in refused.because
    assert receipt.taken == 4


def test_the_same_key_twice_with_other_values_is_refused_and_with_the_same_taken(tmp_path: Path) -> None:
    receipt = loaded(
        tmp_path, "brokers", row("brokers"), row("brokers", npn="1001"), row("brokers", last_name="Other")
    )
    (refused,) = receipt.refused
    assert (refused.line, refused.column) == (4, "last_name")
    assert "line 2 says otherwise of the same npn" in refused.because
    assert (receipt.rows, receipt.taken, receipt.changed) == (3, 2, 1)


def test_columns_in_brackets_may_be_missing_and_others_may_not(tmp_path: Path) -> None:
    optional = {"send_days", "cutoff", "mailbox", "wait_after_enrollment"}
    short = {name: value for name, value in row("carriers").items() if name not in optional}
    assert loaded(tmp_path, "carriers", short).taken == 1
    assert Carrier.objects.get().send_days == "daily"
    del short["coverages"]
    receipt = loaded(tmp_path, "carriers", short)
    assert (receipt.because, receipt.taken) == ("the column coverages is missing", 0)


def test_a_file_of_associations_needs_one_of_the_two_holders(tmp_path: Path) -> None:
    holders = ("exchange_subscriber_id", "household_id")
    short = {name: value for name, value in row("associations").items() if name not in holders}
    assert "one of the columns" in loaded(tmp_path, "associations", short).because
    assert loaded(tmp_path, "associations", short | {"household_id": "H1"}).taken == 1


def test_unknown_columns_are_told_and_not_read(tmp_path: Path) -> None:
    receipt = loaded(tmp_path, "agencies", row("agencies", ssn="123-45-6789"))
    assert receipt.taken == 1
    assert any("were not read: ssn" in finding for finding in receipt.findings)
