"""What is written once stays: the database itself refuses changes, and a lost trigger is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from django.db import IntegrityError, connection, models, transaction

from aor.audit import triggers
from aor.audit.models import Decision

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 12, tzinfo=UTC)


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def decision() -> Decision:
    return Decision.objects.create(findings="[]", granted=True, parameters_version="1")


def test_rows_are_neither_updated_nor_deleted(decision: Decision) -> None:
    for change in (
        lambda: Decision.objects.update(granted=False),
        lambda: Decision.objects.update(granted=True),
        lambda: decision.save(),
        lambda: execute("DELETE FROM audit_decision"),
    ):
        with pytest.raises(IntegrityError, match="audit_decision is append-only"), transaction.atomic():
            change()
    assert Decision.objects.get().granted


def test_every_table_of_the_journal_is_protected() -> None:
    protected = {trigger.table for trigger in triggers.expected().values()}
    assert {"audit_act", "audit_read", "audit_decision", "audit_block", "audit_head"} <= protected
    assert list(triggers.wrong()) == []


def test_a_lost_trigger_is_named_and_put_back(decision: Decision) -> None:
    trigger = triggers.expected()["audit_decision_never_updated"]
    for statement in trigger.removal(connection):
        execute(statement)
    assert list(triggers.wrong()) == [
        "the trigger audit_decision_never_updated is missing: audit_decision is not protected"
    ]
    Decision.objects.update(granted=False)
    triggers.install()
    assert list(triggers.wrong()) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.update(granted=True)


def test_a_trigger_made_toothless_is_noticed() -> None:
    right = triggers.expected()["audit_act_never_deleted"]
    toothless = triggers.Trigger(
        right.name,
        right.table,
        right.event,
        sqlite="BEGIN SELECT 1; END",
        postgresql="BEGIN RETURN OLD; END",
    )
    for statement in (*toothless.removal(connection), *toothless.statements(connection)):
        execute(statement)
    assert list(triggers.wrong()) == ["the trigger audit_act_never_deleted is not as installed: someone changed it"]


def test_a_disabled_trigger_counts_as_missing() -> None:
    if connection.vendor != "postgresql":  # SQLite cannot disable one
        return
    execute("ALTER TABLE audit_read DISABLE TRIGGER audit_read_never_updated")
    assert [words for words in triggers.wrong() if "audit_read_never_updated is missing" in words]


class Entry(models.Model):
    objects: ClassVar[models.Manager[Entry]]
    what = models.CharField(max_length=10, null=True)
    size = models.IntegerField()
    known_until = models.DateTimeField(null=True)

    class Meta:
        app_label = "audit"


@pytest.fixture
def entries(transactional_db: None) -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.create_model(Entry)
        for trigger in triggers.refuse_changes("audit_entry", closing="known_until", columns=("id", "what", "size")):
            trigger.database_forwards("audit", editor, None, None)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Entry)


def test_a_known_end_is_closed_once_and_nothing_else_changes(entries: None) -> None:
    entry = Entry.objects.create(what=None, size=1)
    other = Entry.objects.create(what="other", size=2)
    changes: tuple[dict[str, Any], ...] = ({"size": 2}, {"what": "new"}, {"size": 2, "known_until": NOON}, {"id": 99})
    for change in changes:
        with pytest.raises(IntegrityError, match="append-only"):
            Entry.objects.filter(pk=entry.pk).update(**change)
    assert Entry.objects.filter(pk=entry.pk).update(known_until=NOON) == 1
    for end in (None, LATER, NOON):
        with pytest.raises(IntegrityError, match="append-only"):
            Entry.objects.filter(pk=entry.pk).update(known_until=end)
    with pytest.raises(IntegrityError, match="append-only"):
        other.delete()
    assert list(Entry.objects.order_by("id").values_list("what", "size", "known_until")) == [
        (None, 1, NOON),
        ("other", 2, None),
    ]
