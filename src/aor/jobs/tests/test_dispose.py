"""Ten years later: what is past its day goes, what is held stays, and the journal's chain is as whole as before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from pytest_django.fixtures import Settings

from aor.audit import triggers
from aor.audit.models import Act, Block, Read
from aor.audit.verify import verify
from aor.engine import faults, store
from aor.enrollments.models import Enrollment, Event
from aor.jobs import documents, sealed
from aor.jobs.checks import all as checks
from aor.policy.retention import Kind, What
from aor.reports.models import Report
from aor.retention import models, operations, queries
from aor.retention.schedule import PERSONAL
from aor.terms.actor import Actor, Role

pytestmark = pytest.mark.django_db
LATER = datetime(2045, 3, 1, 18, tzinfo=UTC)
EARLIER = datetime(2033, 3, 1, 18, tzinfo=UTC)
ANN, BO = Actor(Role.OFFICER, "officer ann"), Actor(Role.LEAD, "lead bo")


@pytest.fixture(autouse=True)
def _old(lived_months: Path, settings: Settings) -> None:
    settings.AOR_TIME_TRAVEL = True
    list(sealed.seal_what_is_new(now=EARLIER))


def aor(*words: str, code: int = 0) -> Any:
    out = StringIO()
    with pytest.raises(CommandError) if code else nullcontext() as raised:
        call_command(*words, "--json", stdout=out, stderr=StringIO())
    assert raised is None or raised.value.returncode == code
    return json.loads(out.getvalue()) if out.getvalue() else {}


def everything() -> list[operations.Done]:
    return operations.dispose(asked_by=ANN.name, by=BO, now=LATER)


def wrong() -> list[str]:
    found = [one.because for checked in checks.check(now=LATER) for one in checked.first.values()]
    return [words for words in found if "signed head" not in words]


def names() -> set[str]:
    """Last names of the people of the market, as their files have them."""
    return set(Event.objects.exclude(last_name="").values_list("last_name", flat=True))


def texts() -> Iterator[str]:
    """Every personal column of every table, and every document."""
    for label, columns in PERSONAL.items():
        for row in apps.get_model(label)._default_manager.values_list(*columns):
            yield " ".join(map(str, row))


def test_everything_past_its_day_goes_and_the_journal_stays_whole() -> None:
    people, sealed_before = names(), Block.objects.count()
    assert len(people) > 20
    assert documents_there() > 5
    assert wrong() == []
    none = {What.CASES, What.INVITATIONS, What.CONTACTS, What.ACCOUNTS}
    assert {one.what for one in queries.due(now=LATER) if not one.things} <= none
    done = {one.what: one for one in everything()}
    assert done[What.COVERAGE].things
    assert done[What.COVERAGE].rows > 100
    assert Event.objects.exclude(last_name="").count() == Enrollment.objects.exclude(last_name="").count() == 0
    assert documents_there() == 0
    assert not [text for text in texts() if any(f" {name} " in f" {text} " for name in people)]
    assert wrong() == []
    assert Block.objects.count() == sealed_before
    list(sealed.seal_what_is_new(now=LATER))
    assert list(verify(disposed=queries.leaves)) == []
    assert wrong() == []
    assert not any(one.things for one in queries.due(now=LATER))
    assert everything()[0].rows == 0


def documents_there() -> int:
    return sum(1 for _ in store.stored())


def test_the_record_of_a_disposal_says_what_how_many_by_whom_and_why_and_names_nobody() -> None:
    people = names()
    everything()
    rows = list(models.Disposal.objects.order_by("id"))
    assert {row.what for row in rows} >= {"coverage", "letters", "documents"}
    assert {(row.by_name, row.second_name, row.years) for row in rows} == {(ANN.name, BO.name, 10)}
    assert all("155.1210" in row.cites and row.parameters_version for row in rows)
    assert sum(row.rows for row in rows) == models.Disposed.objects.count()
    acts = Act.objects.filter(verb="data.disposed")
    assert acts.count() == len(rows)
    assert not [name for act in acts for name in people if name in act.details]


def test_the_journal_holds_no_personal_data_that_would_have_to_go() -> None:
    people = {name for name in names() if len(name) > 4}
    for row in (*Act.objects.values_list("subject_id", "details"), *Read.objects.values_list("subject_id", "what")):
        assert not [name for name in people if name in " ".join(row)]


def test_nothing_goes_before_its_day() -> None:
    before = Event.objects.exclude(last_name="").count()
    assert not any(one.things for one in queries.due(now=EARLIER))
    assert not any(one.rows for one in operations.dispose(asked_by=ANN.name, by=BO, now=EARLIER))
    assert Event.objects.exclude(last_name="").count() == before


def test_what_was_disposed_of_cannot_be_put_back_or_changed_unseen() -> None:
    everything()
    event = Event.objects.order_by("id").first()
    assert event is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(last_name="Again")
    assert list(triggers.wrong()) == []
    with triggers.updating({"enrollments_event"}):
        Event.objects.filter(pk=event.pk).update(last_name="Again")
    found = wrong()
    assert any(f"row {event.pk} of enrollments.Event was changed after it was sealed" in words for words in found)
    assert any("holds personal data again" in words for words in found)
    document = next(iter(queries.gone_documents()))
    store.path_of(document).parent.mkdir(parents=True, exist_ok=True)
    store.path_of(document).write_bytes(b"back")
    assert any("was disposed of and is still there" in words for words in wrong())


def test_a_document_that_a_row_still_names_stays() -> None:
    operations.place(kind=Kind.CARRIER, subject=Enrollment.objects.all()[0].hios_issuer_id, period=None,
                     because="a subpoena", by=ANN, now=LATER)  # fmt: skip
    everything()
    assert [store.verify(sha256) for _label, _id, sha256 in documents.named()].count("") == documents_there() > 0


def test_two_officers_are_needed_and_the_command_counts_unless_it_is_confirmed() -> None:
    with pytest.raises(operations.Refused, match="two officers"):
        operations.dispose(asked_by=BO.name, by=BO, now=LATER)
    now = ("--now", LATER.isoformat())
    counted = {one["what"]: one for one in aor("dispose", *now)["due"]}
    assert counted["coverage"]["things"]
    assert models.Disposal.objects.count() == 0
    aor("dispose", "--confirm", "--by", "ann", *now, code=2)
    aor("dispose", "--confirm", "--by", "ann", "--second", "ann", *now, code=1)
    done = {
        one["what"]: one for one in aor("dispose", "--confirm", "--by", "ann", "--second", "bo", *now)["disposed"]
    }
    assert {what: one["things"] for what, one in done.items()} == {
        what: one["things"] for what, one in counted.items()
    }


def test_a_hold_keeps_the_household_its_rows_and_its_documents_until_it_is_released() -> None:
    enrollment = Enrollment.objects.exclude(last_name="").select_related("subscriber").order_by("id")[0]
    subscriber = enrollment.subscriber.exchange_subscriber_id
    number = aor("hold", "place", "household", subscriber, "--by", "ann", "--because", "an appeal")["hold"]
    done = {one.what: one for one in everything()}
    assert done[What.COVERAGE].held == 1
    enrollment.refresh_from_db()
    assert enrollment.last_name
    assert Event.objects.filter(subscriber_id=subscriber).exclude(last_name="").exists()
    shown = Report.objects.filter(lines__enrollment=enrollment).exclude(workbook=None)
    assert [store.verify(report.workbook or "") for report in shown] == [""] * shown.count()
    assert wrong() == []
    assert aor("hold", "list")["holds"][0]["subject"] == subscriber
    aor("hold", "release", str(number), "--by", "ann", "--because", "decided")
    everything()
    enrollment.refresh_from_db()
    assert not enrollment.last_name
    assert wrong() == []


def test_killed_between_rows_and_documents_the_next_run_removes_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def dies(name: str) -> None:
        if name == "dispose:removed":
            raise Killed

    monkeypatch.setattr(faults, "reached", dies)
    with pytest.raises(Killed):
        everything()
    monkeypatch.undo()
    assert any("is still there" in words for words in wrong())
    everything()
    assert documents_there() == 0
    assert wrong() == []
