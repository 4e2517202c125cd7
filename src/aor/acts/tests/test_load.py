"""Loading as a whole: again, later, in any order, strictly, as a trial; what is due then, and journaled."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import xlsxwriter
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from aor.acts import load
from aor.acts.loads.layouts import LAYOUTS
from aor.acts.tests.files import GOOD, NOW, csv_of, loaded, row
from aor.associations.models import Association, Consent, Ending
from aor.audit.models import Act
from aor.brokers import queries as brokers
from aor.brokers.models import Broker, License
from aor.carriers.models import Carrier
from aor.consumers.models import Household, Subscriber
from aor.enrollments.models import Enrollment
from aor.record.models import Correction, Due
from aor.terms.actor import system

LATER = NOW + timedelta(days=40)


def enrolled(policy: str = "POL1", subscriber: str = "P1", hios: str = "11111") -> int:
    """An enrollment as the feed would have left it; returns its Household."""
    household = Household.objects.create()
    person = Subscriber.objects.create(exchange_subscriber_id=subscriber, household=household)
    Enrollment.objects.create(
        hios_issuer_id=hios, policy_id=policy, subscriber=person, coverage_kind="HLT", start=date(2026, 1, 1),
        until=date(2027, 1, 1), told_until=date(2027, 1, 1), enrolled_on=date(2025, 12, 1), last_name="Test",
    )  # fmt: skip
    return household.pk


def due() -> dict[int, str]:
    """What is due, and is no longer."""
    found = dict(Due.objects.values_list("household_id", "cause"))
    Due.objects.all().delete()
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("kind", GOOD)
def test_the_same_file_again_changes_nothing(tmp_path: Path, kind: str) -> None:
    loaded(tmp_path, kind)
    due()
    again = loaded(tmp_path, kind, now=LATER)
    assert (again.rows, again.taken, again.changed, again.refused) == (1, 1, 0, [])
    assert due() == {}


@pytest.mark.django_db
def test_a_changed_row_is_followed_and_an_unchanged_one_stays(tmp_path: Path) -> None:
    loaded(tmp_path, "brokers", row("brokers"), row("brokers", npn="1002"))
    receipt = loaded(tmp_path, "brokers", row("brokers", last_name="New"), row("brokers", npn="1002"), now=LATER)
    assert receipt.changed == 1
    rows = list(Broker.objects.order_by("npn", "known_from").values_list("npn", "last_name", "known_until"))
    assert rows == [("1001", "Łukasz", LATER), ("1001", "New", None), ("1002", "Łukasz", None)]
    assert brokers.names(["1001"], known_at=LATER - timedelta(seconds=1)) == {"1001": "Ada Łukasz"}


@pytest.mark.django_db
def test_news_told_at_an_earlier_instant_never_changes_what_was_known_then(tmp_path: Path) -> None:
    loaded(tmp_path, "brokers", now=LATER)
    loaded(tmp_path, "brokers", row("brokers", last_name="New"), now=NOW)
    old, new = Broker.objects.order_by("known_from")
    assert old.known_until == new.known_from == LATER + timedelta(microseconds=1)


@pytest.mark.django_db
def test_a_license_that_lapsed_without_a_day_ends_when_we_heard_and_stays_so(tmp_path: Path) -> None:
    lapsed = row("licenses", status="Lapsed", expiration_date="2028-04-30")
    loaded(tmp_path, "licenses", row("licenses", expiration_date="2028-04-30"))
    assert loaded(tmp_path, "licenses", lapsed, now=LATER).changed == 1
    assert loaded(tmp_path, "licenses", lapsed, now=LATER + timedelta(5)).changed == 0
    (period,) = brokers.standings(["1001"])["1001"].licenses
    assert period.until == LATER.date()
    restored = loaded(tmp_path, "licenses", row("licenses", expiration_date="2028-04-30"), now=LATER + timedelta(9))
    assert (restored.changed, License.objects.known_at().get().closed_on) == (1, None)


@pytest.mark.django_db
def test_a_refused_row_leaves_the_others_unless_strict(tmp_path: Path) -> None:
    good, bad = row("brokers"), row("brokers", npn="x")
    strict = loaded(tmp_path, "brokers", good, bad, strict=True)
    assert (strict.rows, strict.taken, len(strict.refused), Broker.objects.count()) == (2, 0, 1, 0)
    assert "1 of 2 rows were refused" in strict.because
    lenient = loaded(tmp_path, "brokers", good, bad)
    assert (lenient.taken, lenient.because, Broker.objects.count()) == (1, "", 1)


@pytest.mark.django_db
def test_a_trial_tells_all_and_changes_nothing(tmp_path: Path) -> None:
    enrolled()
    receipt = loaded(tmp_path, "carriers", dry_run=True)
    assert (receipt.taken, receipt.changed) == (1, 1)
    assert not Carrier.objects.exists()
    assert (due(), Act.objects.count()) == ({}, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"npn\n", b'npn,name\n"1001,x', b"\x00\x01"])
def test_a_file_that_is_no_such_table_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "brokers.csv"
    path.write_bytes(content)
    receipt = load.load("brokers", path, by=system("import"), now=NOW)
    assert receipt.because
    assert (receipt.taken, Act.objects.get().verb) == (0, "import.refused")


@pytest.mark.django_db
def test_an_import_is_journaled_by_its_hash_without_personal_data(tmp_path: Path) -> None:
    loaded(tmp_path, "brokers", row("brokers"), row("brokers", npn="x"))
    act = Act.objects.get()
    assert (act.verb, act.subject_kind, len(act.subject_id)) == ("import.taken", "file", 64)
    assert json.loads(act.details) == {"kind": "brokers", "rows": 2, "taken": 1, "refused": 1, "changed": 1}


@pytest.mark.django_db
def test_a_workbook_is_taken_as_a_csv_is(tmp_path: Path) -> None:
    path = tmp_path / "licenses.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, days = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for place, (name, cell) in enumerate(row("licenses").items()):
            sheet.write(0, place, name.replace("_", " ").title())
            sheet.write(1, place, int(cell) if name == "npn" else cell)
            if name == "effective_date":
                sheet.write_datetime(1, place, datetime(2024, 5, 1), days)  # noqa: DTZ001 - a cell has no zone
    receipt = load.load("licenses", path, by=system("import"), now=NOW)
    assert (receipt.taken, receipt.refused) == (1, [])
    assert loaded(tmp_path, "licenses").changed == 0


@pytest.mark.django_db
def test_associations_are_recorded_once_and_their_ends_added(tmp_path: Path) -> None:
    begun = row("associations", scope="all")
    loaded(tmp_path, "associations", begun)
    ended = begun | {"ended_at": "2026-02-03", "consent_reference": ""}
    assert loaded(tmp_path, "associations", begun, ended, now=LATER).changed == 1
    assert loaded(tmp_path, "associations", ended, now=LATER).changed == 0
    assert (Association.objects.count(), Ending.objects.count()) == (1, 1)
    assert Consent.objects.get().revoked_at == Ending.objects.get().at


@pytest.mark.django_db
@pytest.mark.parametrize("later", ["", "2026-03-01"])
def test_a_row_that_would_open_an_ended_association_again_is_told(tmp_path: Path, later: str) -> None:
    begun = row("associations", scope="all")
    ended = begun | {"ended_at": "2026-02-03"}
    because = "rows that leave open, or end later, an association recorded as ended: 1; its first end stays"
    assert because not in loaded(tmp_path, "associations", begun, ended).findings
    assert because not in loaded(tmp_path, "associations", ended).findings
    assert because in loaded(tmp_path, "associations", begun | {"ended_at": later}).findings


@pytest.mark.django_db
def test_an_association_is_never_changed(tmp_path: Path) -> None:
    loaded(tmp_path, "associations")
    receipt = loaded(tmp_path, "associations", row("associations", method="portal"), row("associations", npn="1002"))
    (refused,) = receipt.refused
    assert (refused.column, refused.line, receipt.taken, receipt.changed) == ("method", 2, 1, 1)
    assert "never changed" in refused.because


@pytest.mark.django_db
def test_whoever_is_not_yet_known_is_counted_and_waits(tmp_path: Path) -> None:
    findings = loaded(tmp_path, "associations", row("associations"), row("associations", npn="1002")).findings
    assert "rows that name a broker not yet known: 2, of 2 such; they are kept and wait" in findings
    assert "rows that name a subscriber not yet known: 2, of 1 such; they are kept and wait" in findings
    loaded(tmp_path, "brokers")
    enrolled()
    assert loaded(tmp_path, "associations").findings == []


@pytest.mark.django_db
def test_overlaps_and_gaps_of_opening_balances_are_listed_and_kept(tmp_path: Path) -> None:
    kind = "agents-of-record"
    loaded(tmp_path, kind)
    receipt = loaded(
        tmp_path,
        kind,
        row(kind, npn="1002", effective_from="2026-06-01", effective_until="2026-08-01"),
        row(kind, npn="1003", effective_from="2026-10-01", effective_until=""),
    )
    told = [finding for finding in receipt.findings if "POL1" in finding]
    assert len(told) == 2
    assert "broker 1001 from 2026-01-01 and of broker 1002 from 2026-06-01 overlap" in told[0]
    assert "nobody from 2026-08-01 up to 2026-10-01" in told[1]
    assert Correction.objects.known_at().count() == 3


@pytest.mark.django_db
def test_what_changed_about_a_broker_makes_their_households_due(tmp_path: Path) -> None:
    household = enrolled()
    enrolled("POL2", "P2")
    loaded(tmp_path, "associations")
    assert due() == {household: "import associations"}
    for kind in ("brokers", "certifications", "licenses"):
        loaded(tmp_path, kind, GOOD[kind][0], row(kind, npn="1002"))
        assert due() == {household: f"import {kind}"}
        loaded(tmp_path, kind, GOOD[kind][0], row(kind, npn="1003"))
        assert due() == {}


@pytest.mark.django_db
def test_the_first_appointment_of_a_company_makes_its_carriers_due(tmp_path: Path) -> None:
    household, other = enrolled(), enrolled("POL2", "P2", "22222")
    loaded(tmp_path, "carriers", row("carriers"), row("carriers", hios_issuer_id="22222", naic_company_code="222"))
    assert due() == {household: "import carriers", other: "import carriers"}
    loaded(tmp_path, "appointments", row("appointments", company_name=""))
    assert set(due()) == {household, other}  # one holding group
    loaded(tmp_path, "appointments", row("appointments", npn="1002"))
    assert due() == {}


@pytest.mark.django_db
def test_a_carriers_holding_group_makes_the_groups_carriers_due(tmp_path: Path) -> None:
    household, other = enrolled(), enrolled("POL2", "P2", "22222")
    joining = {"hios_issuer_id": "22222", "naic_company_code": "222"}
    loaded(tmp_path, "carriers", row("carriers"), row("carriers", **joining, holding_group=""))
    due()
    loaded(tmp_path, "carriers", row("carriers", **joining))
    assert set(due()) == {household, other}


@pytest.mark.django_db
def test_calendar_policies_and_households_make_those_due_whom_they_bear_on(tmp_path: Path) -> None:
    household, other = enrolled(), enrolled("POL2", "P2")
    loaded(tmp_path, "agencies")
    assert due() == {}
    loaded(tmp_path, "calendar")
    assert set(due()) == {household, other}
    loaded(tmp_path, "agents-of-record")
    assert due() == {household: "import agents-of-record"}
    loaded(tmp_path, "households", row("households"), row("households", exchange_subscriber_id="P3"))
    assert due() == {household: "import households"}
    assert Subscriber.objects.get(exchange_subscriber_id="P3").household_id == household


def test_kinds_are_those_of_the_published_interface() -> None:
    assert load.KINDS == (
        "carriers", "agencies", "brokers", "certifications", "licenses", "appointments", "calendar", "households",
        "associations", "agents-of-record",
    )  # fmt: skip


def several(kind: str) -> list[dict[str, str]]:
    """Rows of a kind that do not contradict one another."""
    if kind == "households":
        return [row(kind, household_id=h, exchange_subscriber_id=s) for h, s in ("11", "12", "22", "33")]
    name = LAYOUTS[kind].columns[0].name
    if kind == "calendar":
        return [
            row(kind, plan_year=str(y + 1), open_enrollment_start=f"{y}-11-01", open_enrollment_end=f"{y}-12-31")
            for y in (2024, 2025, 2026)
        ]
    return [row(kind) | {name: number} for number in ("11111", "22222", "33333")]


def known_now() -> dict[str, Any]:
    """All that is known, without row numbers and instants."""
    left_out = {"id", "known_from", "recorded_at", "association_id", "consent_id"}
    models = [layout.model for layout in LAYOUTS.values() if layout.model] + [Association, Ending, Consent]
    facts: dict[str, Any] = {
        model.__name__: sorted(
            repr(sorted((k, v) for k, v in fact.items() if k not in left_out))
            for fact in model._default_manager.values()
        )
        for model in models
    }
    people: dict[int, set[str]] = {}
    for household, name in Subscriber.objects.values_list("household_id", "exchange_subscriber_id"):
        people.setdefault(household, set()).add(name)
    return facts | {"together": sorted(map(sorted, people.values()))}


class AnyOrder(TestCase):
    @given(st.permutations([(kind, one) for kind in GOOD for one in range(3)]), st.integers(1, 4))
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_files_and_rows_in_any_order_leave_the_same_facts(self, order: list[tuple[str, int]], size: int) -> None:
        straight = [(kind, several(kind)) for kind in GOOD]
        by_kind: dict[str, list[int]] = {}
        for kind, place in order:
            by_kind.setdefault(kind, []).append(place)
        shuffled: list[tuple[str, list[dict[str, str]]]] = []
        for kind, places in by_kind.items():
            rows = [several(kind)[place] for place in places] + several(kind)[3:]
            shuffled += [(kind, rows[:size]), *([(kind, rows[size:])] if rows[size:] else [])]
        assert self._facts(straight) == self._facts(shuffled[::-1])

    def _facts(self, files: list[tuple[str, list[dict[str, str]]]]) -> dict[str, Any]:
        with transaction.atomic(), TemporaryDirectory() as folder:
            for number, (kind, rows) in enumerate(files):
                receipt = loaded(Path(folder), kind, *rows, now=NOW + timedelta(minutes=number))
                assert (receipt.refused, receipt.because) == ([], "")
            facts = known_now()
            transaction.set_rollback(True)
        return facts


@pytest.mark.django_db
@pytest.mark.parametrize("kind", GOOD)
def test_a_file_with_headings_alone_is_taken_and_says_nothing(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"{kind}.csv"
    path.write_text(csv_of([row(kind)]).splitlines()[0], encoding="utf-8")
    receipt = load.load(kind, path, by=system("import"), now=NOW)
    assert (receipt.rows, receipt.taken, receipt.changed, receipt.because) == (0, 0, 0, "")
