"""What a command wrote is sealed when it ends; every table is sealed or says why not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.db.models import Max
from pytest_django.fixtures import Settings

from aor.acts.tests.files import GOOD, csv_of
from aor.associations.models import Consent, Lock
from aor.audit import keys, verify
from aor.audit.models import Block, Decision
from aor.brokers.models import Broker
from aor.calendar.models import OpenEnrollment
from aor.engine import locks
from aor.enrollments import operations as enrollments
from aor.enrollments.models import EnrollmentFile, Event
from aor.jobs import sealed

NOW = datetime(2026, 3, 10, 18, tzinfo=UTC)


def test_every_table_is_sealed_or_says_why_not() -> None:
    ours = {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("aor.") and ".tests." not in model.__module__
    }
    listed = [table.label for table in sealed.tables()]
    assert len(listed) == len(set(listed))
    assert set(listed) | set(sealed.LEFT_OUT) == ours
    assert not set(listed) & set(sealed.LEFT_OUT)


def test_what_people_are_named_in_is_sealed_with_a_key() -> None:
    personal = {"last_name", "birth_date", "email", "address", "contact", "subscriber_id", "exchange_subscriber_id"}
    for table in sealed.tables():
        assert table.private or not personal & set(table.columns), table.label


@pytest.mark.django_db
def test_a_command_seals_what_it_wrote(tmp_path: Path, settings: Settings) -> None:
    settings.AOR_TIME_TRAVEL = True
    path = tmp_path / "brokers.csv"
    path.write_text(csv_of(GOOD["brokers"]), encoding="utf-8")
    call_command("import", "brokers", str(path), "--now", NOW.isoformat(), stdout=StringIO())
    tops = dict(Block.objects.values_list("table").annotate(Max("last_id")))
    assert tops["brokers.Broker"] == Broker.objects.get().pk
    assert not list(verify.verify())


@pytest.mark.django_db
def test_yesterdays_head_is_written_once(home: Path) -> None:
    Decision.objects.create(findings="[]", granted=True, parameters_version="1")
    assert list(sealed.seal_what_is_new(now=NOW)) == []
    assert not list((home / "heads").glob("*")), "nothing was sealed by yesterday"
    assert list(sealed.seal_what_is_new(now=NOW + timedelta(days=1))) == []
    (path,) = (home / "heads").iterdir()
    assert path.name == "2026-03-10.json"
    assert json.loads(path.read_text())["root"] == Block.objects.get().root


@pytest.mark.django_db
def test_rows_being_staged_are_not_sealed_yet_and_those_abandoned_are_swept(home: Path) -> None:
    file = enrollments.begin_file(sha256="a" * 64, name="a.834", now=NOW)
    event = {"sent_at": NOW, "sent_day": NOW.date(), "isa13": "1", "st02": "1", "kind": "add", "policy_id": "P"}
    Event.objects.create(file=file, **event)
    assert list(sealed.seal_what_is_new(now=NOW)) == []
    assert not Block.objects.exists()
    later = enrollments.begin_file(sha256="b" * 64, name="b.834", now=NOW + timedelta(days=2))
    enrollments.accept_file(later, numbers=(), sets=0, stripped="", now=NOW)
    Event.objects.create(file=later, **event)
    assert EnrollmentFile.objects.get() == later
    assert list(sealed.seal_what_is_new(now=NOW)) == []
    assert set(Block.objects.values_list("table", flat=True)) == {"enrollments.EnrollmentFile", "enrollments.Event"}


@pytest.mark.django_db
def test_a_sealer_at_work_is_no_trouble_and_a_key_that_is_gone_is(committed: None, home: Path) -> None:
    Lock.objects.create(household_key="S:1", locked=True, at=NOW)
    with locks.exclusive("sealer", by="another", at=NOW, wait=False):
        assert list(sealed.seal_what_is_new(now=NOW)) == []
    assert list(sealed.seal_what_is_new(now=NOW)) == []
    (home / "keys" / keys.PRIVATE_TABLES).unlink()
    Lock.objects.create(household_key="S:1", locked=False, at=NOW)
    (words,) = sealed.seal_what_is_new(now=NOW)
    assert "restore it from the backup" in words


@pytest.mark.django_db
def test_what_was_known_and_agreed_is_closed_never_changed() -> None:
    consent = Consent.objects.create(
        shown="x", template_version="1", scope="all", purpose="help", given_at=NOW, act="read back",
        parties="A and B", how_to_rescind="call",
    )  # fmt: skip
    opened = OpenEnrollment.objects.create(plan_year=2027, start=NOW, last_day=NOW, known_from=NOW)
    file = enrollments.begin_file(sha256="a" * 64, name="a.834", now=NOW)
    enrollments.accept_file(file, numbers=[("A", "B", "1")], sets=1, stripped="", now=NOW)
    enrollments.folded(file, now=NOW)
    Consent.objects.filter(pk=consent.pk).update(revoked_at=NOW)
    OpenEnrollment.objects.filter(pk=opened.pk).update(known_until=NOW + timedelta(days=1))
    for rows, changed in (
        (Consent.objects.all(), {"shown": "y"}),
        (Consent.objects.all(), {"revoked_at": None}),
        (OpenEnrollment.objects.all(), {"plan_year": 2028}),
        (EnrollmentFile.objects.all(), {"name": "b.834"}),
        (EnrollmentFile.objects.all(), {"accepted_at": None}),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**changed)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        file.interchanges.all().delete()
