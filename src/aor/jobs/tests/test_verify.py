"""`aor verify` finds nothing after two months of a marketplace, and names each fault that is planted."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.forms import model_to_dict

from aor.associations.models import Access, Open
from aor.audit import triggers
from aor.audit.models import Act, Decision
from aor.close.models import Close
from aor.consumers.models import Subscriber
from aor.engine import store
from aor.enrollments.models import Enrollment, EnrollmentFile
from aor.jobs.tests.conftest import MONTHS
from aor.record.models import Closing, Due, Entry, Told
from aor.reports.models import Line, Report, StatementReport
from aor.transmissions.models import Counter, Interchange, Run, Step, TransactionSet

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 18, tzinfo=UTC)

# What else is said where sealed rows were changed, and where PostgreSQL's own constraint was taken away.
SEAL = "the journal is whole"

type Fault = Callable[[Path], tuple[str, object]]
FAULTS: dict[str, tuple[str, Fault]] = {}


def verified(*, code: int = 0) -> dict[str, Any]:
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError) if code else nullcontext() as left:
        call_command("verify", "--json", stdout=out, stderr=err)
    assert left is None or left.value.returncode == code
    document = json.loads(out.getvalue())
    assert isinstance(document, dict)
    return document


def fault(invariant: str) -> Callable[[Fault], Fault]:
    """Registers a planted fault: it returns the table and the id that `verify` must name for it."""

    def register(plant: Fault) -> Fault:
        FAULTS[plant.__name__] = (invariant, plant)
        return plant

    return register


def test_after_two_months_everything_holds(lived_months: Path) -> None:
    document = verified()
    assert document["ok"]
    assert document["wrong"] == []
    rows = {one["invariant"]: one["rows"] for one in document["checked"]}
    assert all(rows[name] for name in rows), "a check that looked at nothing shows nothing"
    assert rows["months balance"] == MONTHS


def allow_overlap() -> None:
    """PostgreSQL's constraint goes as the triggers went."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE record_entry DROP CONSTRAINT one_agent_of_record_a_day")


@fault("one agent of record a day")
def an_entry_twice(home: Path) -> tuple[str, object]:
    entry = Entry.objects.known_at().first()
    assert entry is not None
    allow_overlap()
    entry.pk = None
    entry.save(force_insert=True)
    return "record.Entry", entry.pk


@fault("entries lie within coverage")
def an_entry_beyond_its_coverage(home: Path) -> tuple[str, object]:
    entry = Entry.objects.known_at().latest("effective_until")
    Entry.objects.filter(pk=entry.pk).update(effective_until=entry.effective_until + timedelta(days=400))
    return "record.Entry", entry.pk


@fault("entries have their decision")
def a_decision_turned(home: Path) -> tuple[str, object]:
    entry = Entry.objects.known_at().filter(in_standing=False).earliest("id")
    Decision.objects.filter(pk=entry.decision_id).update(granted=True)
    return "record.Entry", entry.pk


@fault("entries have their decision")
def an_entry_closed_without_a_closing(home: Path) -> tuple[str, object]:
    entry = Entry.objects.known_at().earliest("id")
    Entry.objects.filter(pk=entry.pk).update(known_until=NOW)
    return "record.Entry", entry.pk


@fault("entries have their decision")
def a_closed_entry_opened_again(home: Path) -> tuple[str, object]:
    closing = Closing.objects.earliest("id")
    allow_overlap()
    Entry.objects.filter(pk=closing.entry_id).update(known_until=None)
    return "record.Closing", closing.pk


@fault("the record is settled")
def a_household_left_due(home: Path) -> tuple[str, object]:
    household = Subscriber.objects.earliest("id").household_id
    Due.objects.create(household_id=household, cause="test")
    return "record.Due", household


@fault("the record is settled")
def a_file_left_unfollowed(home: Path) -> tuple[str, object]:
    file = EnrollmentFile.objects.earliest("id")
    EnrollmentFile.objects.filter(pk=file.pk).update(folded_at=None)
    return "enrollments.EnrollmentFile", file.pk


@fault("the record is what the facts decide")
def an_entry_of_another_broker(home: Path) -> tuple[str, object]:
    entry = Entry.objects.known_at().filter(in_standing=False).earliest("id")
    Entry.objects.filter(pk=entry.pk).update(npn="9999999")
    return "record.Entry", entry.pk


@fault("the record is what the facts decide")
def access_closed(home: Path) -> tuple[str, object]:
    opened = Open.objects.earliest("id")
    opened.delete()
    return "associations.Open", opened.association_id


@fault("the record is what the facts decide")
def access_for_a_stranger(home: Path) -> tuple[str, object]:
    association = Open.objects.earliest("id").association_id
    Open.objects.filter(association=association).delete()
    Open.objects.create(household_key="S:nobody", association_id=association)
    return "associations.Open", "S:nobody"


@fault("the record is what the facts decide")
def sight_for_another_broker(home: Path) -> tuple[str, object]:
    sight = Access.objects.earliest("id")
    Access.objects.filter(pk=sight.pk).update(npn="9999999")
    return "associations.Access", sight.subscriber_id


@fault("enrollments follow their events")
def an_enrollment_changed(home: Path) -> tuple[str, object]:
    enrollment = Enrollment.objects.earliest("id")
    Enrollment.objects.filter(pk=enrollment.pk).update(last_name="Somebody else")
    return "enrollments.Enrollment", enrollment.pk


@fault("enrollments follow their events")
def an_enrollment_never_received(home: Path) -> tuple[str, object]:
    enrollment = Enrollment.objects.create(
        **model_to_dict(Enrollment.objects.earliest("id"), exclude=["id", "subscriber", "policy_id"]),
        policy_id="NEVER",
        subscriber=Subscriber.objects.earliest("id"),
    )
    return "enrollments.Enrollment", enrollment.pk


@fault("households hold their people")
def two_of_one_application_apart(home: Path) -> tuple[str, object]:
    first = Subscriber.objects.exclude(application_id="").earliest("id")
    other = Subscriber.objects.exclude(household=first.household_id).latest("id")
    Subscriber.objects.filter(pk=other.pk).update(application_id=first.application_id)
    return "consumers.Subscriber", first.pk


@fault("interchanges are whole")
def a_set_that_is_missing(home: Path) -> tuple[str, object]:
    interchange = Interchange.objects.earliest("id")
    Interchange.objects.filter(pk=interchange.pk).update(sets=interchange.sets + 1)
    return "transmissions.Interchange", interchange.pk


@fault("interchanges are whole")
def a_hand_over_discarded(home: Path) -> tuple[str, object]:
    step = Step.objects.filter(kind="handed over").earliest("id")
    Step.objects.create(interchange_id=step.interchange_id, kind="discarded", at=NOW, recorded_at=NOW)
    return "transmissions.Interchange", step.interchange_id


@fault("control numbers rise")
def a_number_used_again(home: Path) -> tuple[str, object]:
    first, last = Interchange.objects.earliest("id"), Interchange.objects.latest("id")
    Interchange.objects.filter(pk=last.pk).update(isa13=first.isa13, isa08="SOMEBODY")
    return "transmissions.TransactionSet", TransactionSet.objects.filter(interchange=last).earliest("id").pk


@fault("control numbers rise")
def a_counter_turned_back(home: Path) -> tuple[str, object]:
    counter = Counter.objects.get(kind="st02")
    Counter.objects.filter(pk=counter.pk).update(value=1)
    return "transmissions.Counter", f"{counter.sender}/st02"


@fault("what was told is known as told")
def what_was_told_forgotten(home: Path) -> tuple[str, object]:
    told = Told.objects.known_at().earliest("id")
    Told.objects.filter(pk=told.pk).update(known_until=NOW)
    sets = TransactionSet.objects.filter(enrollment=told.enrollment_id, npn=told.npn, kind="agent")
    return "transmissions.TransactionSet", sets.get(effective_from=told.effective_from).pk


@fault("what was told is known as told")
def what_nobody_told(home: Path) -> tuple[str, object]:
    enrollment = Enrollment.objects.earliest("id")
    Told.objects.create(enrollment=enrollment, npn="7", effective_from=date(2026, 1, 1), known_from=NOW)
    return "record.Told", enrollment.pk


@fault("what is not told is explained")
def a_hand_over_that_vanished(home: Path) -> tuple[str, object]:
    last = {run.hios_issuer_id: run.at for run in Run.objects.order_by("id")}
    sets = TransactionSet.objects.filter(kind="agent", enrollment__in=Entry.objects.known_at().values("enrollment"))
    for one in sets.select_related("interchange").order_by("id"):
        steps = Step.objects.filter(interchange=one.interchange)
        if steps.filter(kind="handed over", at__lt=last[one.interchange.hios_issuer_id]).exists():
            steps.delete()
            return "enrollments.Enrollment", one.enrollment_id
    raise AssertionError("no set went before a carrier's last run")


@fault("mailboxes hold what we sent")
def a_file_that_we_never_composed(home: Path) -> tuple[str, object]:
    name = "AOR.99101.D260101.T000000000.999999999.834"
    folder = home / "mailboxes" / Interchange.objects.earliest("id").hios_issuer_id / "to-carrier"
    (folder / name).write_bytes(b"ISA*")
    return "mailbox", name


@fault("mailboxes hold what we sent")
def a_file_with_other_bytes(home: Path) -> tuple[str, object]:
    interchange = Interchange.objects.earliest("id")
    folder = home / "mailboxes" / interchange.hios_issuer_id / "to-carrier"
    (folder / interchange.name).write_bytes(b"ISA*")
    return "transmissions.Interchange", interchange.pk


@fault("documents are whole")
def a_document_that_is_gone(home: Path) -> tuple[str, object]:
    report = Report.objects.earliest("id")
    assert report.workbook
    store.path_of(report.workbook).unlink()
    return "reports.Report", report.pk


@fault("documents are whole")
def a_document_that_is_damaged(home: Path) -> tuple[str, object]:
    interchange = Interchange.objects.earliest("id")
    path = store.path_of(interchange.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"ISA", b"ISB", 1))
    return "transmissions.Interchange", interchange.pk


@fault("months balance")
def books_that_do_not_balance(home: Path) -> tuple[str, object]:
    close = Close.objects.earliest("id")
    sums = json.loads(close.sums)
    sums["all"]["sent"] += 1
    Close.objects.filter(pk=close.pk).update(sums=json.dumps(sums))
    return "close.Close", close.pk


@fault("months balance")
def books_without_their_rows(home: Path) -> tuple[str, object]:
    line = Line.objects.filter(on_month=True, report__issue=1).earliest("id")
    Line.objects.filter(pk=line.pk).update(on_month=False)
    return "close.Close", Close.objects.get(month=line.report.month).pk


@fault("reports are as published")
def a_line_changed(home: Path) -> tuple[str, object]:
    line = Line.objects.earliest("id")
    Line.objects.filter(pk=line.pk).update(broker_name="Somebody else")
    return "reports.Report", line.report_id


@fault("statements are as published")
def a_report_taken_from_a_statement(home: Path) -> tuple[str, object]:
    part = StatementReport.objects.earliest("id")
    part.delete()
    return "reports.Statement", part.statement_id


@fault(SEAL)
def an_act_changed(home: Path) -> tuple[str, object]:
    act = Act.objects.earliest("id")
    Act.objects.filter(pk=act.pk).update(actor_name="nobody")
    return "audit.Act", act.pk


@fault(SEAL)
def a_published_head_that_says_otherwise(home: Path) -> tuple[str, object]:
    path = max((home / "heads").iterdir())
    path.write_text(path.read_text().replace('"block": ', '"block": 1'))
    return "", None


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_named(name: str, lived_months: Path) -> None:
    invariant, plant = FAULTS[name]
    triggers.lift()
    table, id = plant(lived_months)
    triggers.install()
    document = verified(code=1)
    named = {(one["invariant"], one["table"], one["id"]) for one in document["wrong"]}
    assert (invariant, table, id) in named
    told = {one["invariant"] for one in document["wrong"]}
    assert told <= {invariant, SEAL, *FOLLOWS.get(name, ())}
    assert {one["invariant"] for one in document["checked"] if not one["ok"]} == told


# A fault that breaks more than one thing: what else is rightly named.
FOLLOWS = {
    "an_entry_twice": {"the database is sound"},
    "an_entry_beyond_its_coverage": {"the record is what the facts decide", "one agent of record a day"},
    "an_entry_closed_without_a_closing": {"the record is what the facts decide"},
    "a_closed_entry_opened_again": {
        "the database is sound", "the record is what the facts decide", "one agent of record a day",
        "entries lie within coverage",
    },
    "a_hand_over_discarded": {"mailboxes hold what we sent"},
    "books_without_their_rows": {"reports are as published"},
    "two_of_one_application_apart": {"the record is what the facts decide"},
    "what_was_told_forgotten": {"the record is what the facts decide"},
    "an_enrollment_never_received": {"the record is what the facts decide"},
    "a_hand_over_that_vanished": {"what was told is known as told"},
    "what_nobody_told": {"the record is what the facts decide"},
}  # fmt: skip


def test_a_trigger_that_is_gone_is_named(lived_months: Path) -> None:
    triggers.lift()
    document = verified(code=1)
    (wrong,) = document["wrong"]
    assert (wrong["invariant"], wrong["count"]) == (SEAL, len(list(triggers.wrong())))
    assert "is missing" in wrong["because"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL holds its references itself")
def test_a_reference_to_nothing_is_named(lived_months: Path) -> None:
    Due.objects.create(household_id=999_999, cause="test")
    document = verified(code=1)
    assert ("the database is sound", "record_due") in {(one["invariant"], one["table"]) for one in document["wrong"]}
    Due.objects.all().delete()


def test_in_words_each_wrong_thing_is_a_sentence(lived_months: Path) -> None:
    a_household_left_due(lived_months)
    with pytest.raises(CommandError, match=r"1 of \d+ invariants do not hold\nthe record is settled: household"):
        call_command("verify", stdout=StringIO())


def test_what_the_facts_no_longer_decide_is_decided_anew_on_request(lived_months: Path) -> None:
    access_closed(lived_months)
    entry = Entry.objects.known_at().filter(in_standing=False).earliest("id")
    triggers.lift()
    Entry.objects.filter(pk=entry.pk).update(anchor=date(2020, 1, 1))
    triggers.install()
    wrong = {one["invariant"] for one in verified(code=1)["wrong"]}
    assert wrong == {SEAL, "the record is what the facts decide"}
    call_command("doctor", "--decide-anew", stdout=StringIO())
    assert {one["invariant"] for one in verified(code=1)["wrong"]} == {SEAL}
    assert Closing.objects.filter(entry=entry).exists()
