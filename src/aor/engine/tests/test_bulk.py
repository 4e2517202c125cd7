"""Bulk loads and updates put into the database what the ORM would have put there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, ClassVar

import pytest
from django.db import IntegrityError, connection, models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aor.engine import bulk
from aor.terms.actor import Role
from aor.terms.npn import Npn

COLUMNS = ("text", "number", "day", "instant", "flag", "content", "document")


class Sample(models.Model):
    objects: ClassVar[models.Manager[Sample]]
    text = models.CharField(max_length=40, null=True)
    number = models.BigIntegerField(null=True)
    day = models.DateField(null=True)
    instant = models.DateTimeField(null=True)
    flag = models.BooleanField(null=True)
    content = models.BinaryField(null=True)
    document = models.JSONField(null=True)

    class Meta:
        app_label = "engine"


class Part(models.Model):
    objects: ClassVar[models.Manager[Part]]
    sample = models.ForeignKey(Sample, models.CASCADE, related_name="parts")
    day = models.DateField()

    class Meta:
        app_label = "engine"


@pytest.fixture
def tables(transactional_db: None) -> Iterator[None]:
    with connection.schema_editor() as editor:
        editor.create_model(Sample)
        editor.create_model(Part)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Part)
        editor.delete_model(Sample)


ROWS = st.tuples(
    st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.dates(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.booleans(),
    st.none() | st.binary(max_size=40),
    st.none() | st.dictionaries(st.sampled_from("abc"), st.integers(0, 9) | st.text('é"\\\n\t', max_size=5)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, max_size=8), few=st.sampled_from([0, 20]))
def test_loaded_rows_read_back_as_saved_ones_do(tables: None, rows: list[tuple[Any, ...]], few: int) -> None:
    Sample.objects.all().delete()
    for row in rows:
        Sample.objects.create(**dict(zip(COLUMNS, row, strict=True)))
    saved = list(Sample.objects.order_by("id").values_list(*COLUMNS))
    raw = _raw_text_of_instants()
    Sample.objects.all().delete()
    with pytest.MonkeyPatch.context() as either:
        either.setattr(bulk, "FEW", few)
        assert bulk.load(Sample, COLUMNS, iter(rows)) == len(rows)
    assert list(Sample.objects.order_by("id").values_list(*COLUMNS)) == saved
    assert bulk.read(Sample.objects.order_by("id"), *COLUMNS) == saved == [*map(tuple, rows)]
    assert _raw_text_of_instants() == raw


def _raw_text_of_instants() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(instant AS text), CAST(day AS text) FROM engine_sample ORDER BY id")
        return list(cursor.fetchall())


def test_read_gives_what_a_query_computes_and_nothing_for_nothing(tables: None) -> None:
    first, last = date(2026, 1, 1), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    sample = Sample.objects.create(day=first, instant=last, flag=True)
    bulk.load(Part, ("sample", "day"), [(sample.pk, first)])
    newest = Sample.objects.values("number").annotate(newest=models.Max("instant"), oldest=models.Min("day"))
    assert bulk.read(newest, "newest", "oldest") == [(last, first)]
    assert bulk.read(Part.objects.all(), "sample__instant", "sample__flag", "day") == [(last, True, first)]
    assert bulk.read(Part.objects.filter(id__in=[]), "id") == []


def test_words_of_the_field_and_other_zones_are_taken(tables: None) -> None:
    chicago = timezone(timedelta(hours=-6))
    rows = [(Npn("1234567"), datetime(2026, 1, 1, 18, tzinfo=chicago)), (Role.BROKER, None)]
    bulk.load(Sample, ("text", "instant"), rows)
    assert list(Sample.objects.order_by("id").values_list("text", "instant")) == [
        ("1234567", datetime(2026, 1, 2, tzinfo=UTC)),
        ("broker", None),
    ]
    assert Sample.objects.get(instant=datetime(2026, 1, 2, tzinfo=UTC)).text == "1234567"


def test_rows_may_be_read_from_the_database_they_go_to(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 7)
    bulk.load(Sample, ("number",), ((i,) for i in range(50)))
    with transaction.atomic():
        doubled = ((number * 2,) for number in Sample.objects.values_list("number", flat=True).order_by("id"))
        assert bulk.load(Sample, ("number",), (next(doubled) for _ in range(50))) == 50
    assert sum(Sample.objects.values_list("number", flat=True)) == 3 * sum(range(50))


def test_a_bad_row_leaves_none(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    sample = Sample.objects.create()
    rows = [(sample.pk, date(2026, 1, 1))] * 5 + [(sample.pk, None)]
    with pytest.raises(IntegrityError):
        bulk.load(Part, ("sample_id", "day"), rows)
    assert not Part.objects.exists()


def test_rows_are_copied_within_the_database(tables: None) -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    bulk.load(Sample, ("number", "day", "text"), [(1, date(2026, 1, 1), "a"), (2, None, "b"), (3, None, "c")])
    rows = Sample.objects.filter(number__gt=1).order_by("-number")
    assert bulk.copy(Sample, ("number", "day"), rows, instant=now, flag=True) == 2
    copied = Sample.objects.filter(text=None).order_by("id").values_list("number", "day", "instant", "flag")
    assert list(copied) == [
        (3, None, now, True),
        (2, None, now, True),
    ]
    assert bulk.copy(Sample, ("number",), Sample.objects.filter(id__in=[]), flag=True) == 0


def test_keys_are_reserved_for_parents_and_children(tables: None) -> None:
    Sample.objects.create()
    with transaction.atomic():
        keys = bulk.next_ids(Sample, 3)
        assert Sample.objects.create().pk not in keys
        bulk.load(Sample, ("id", "number"), [(key, i) for i, key in enumerate(keys)])
        bulk.load(Part, ("sample", "day"), [(key, date(2026, 1, 1)) for key in keys])
        assert not set(keys) & set(bulk.next_ids(Sample, 2))
        assert list(bulk.next_ids(Part, 0)) == []
    assert list(keys) == sorted(set(keys))
    assert list(Part.objects.order_by("id").values_list("sample__number", flat=True)) == [0, 1, 2]
    assert Sample.objects.create().pk > max(keys)


def test_keys_are_reserved_only_inside_a_transaction(tables: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        bulk.next_ids(Sample, 1)


def test_updates_set_the_named_columns_of_the_rows_found(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 3)
    bulk.load(Sample, ("number", "text"), [(i, "before") for i in range(10)])
    instant = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    news: list[tuple[Any, ...]] = [
        (i, f"after {i}", date(2026, 1, 1 + i), instant, i % 2 == 0, b"\x00\xff", {"i": i}) for i in range(8)
    ]
    news += [(99, "nobody", date(2026, 1, 1), None, None, None, None)]
    changed = bulk.update(Sample, "number", ("text", "day", "instant", "flag", "content", "document"), news)
    assert changed == 8
    rows = Sample.objects.order_by("number").values_list("number", "text", "day", "instant", "flag", "document")
    assert list(rows[:8]) == [(*new[:5], new[6]) for new in news[:8]]
    assert [row[1] for row in rows[8:]] == ["before", "before"]
    assert bytes(Sample.objects.get(number=0).content or b"") == b"\x00\xff"
    assert bulk.update(Sample, "pk", ("text",), []) == 0


@pytest.mark.parametrize("count", [0, 1, bulk.FEW, bulk.FEW + 1])
def test_loaded_rows_get_keys_in_their_order(tables: None, count: int) -> None:
    with transaction.atomic():
        keys = bulk.load_keyed(Sample, ("number", "document"), [(i, {"i": i}) for i in range(count)])
    found = Sample.objects.order_by("id").values_list("id", "number", "document")
    assert list(found) == [(key, i, {"i": i}) for i, key in enumerate(keys)]


def test_a_row_that_is_there_is_not_loaded_again(tables: None) -> None:
    key = bulk.load_new(Sample, ("id", "day"), (7, date(2026, 1, 1)))
    assert key == 7
    assert bulk.load_new(Sample, ("id", "day"), (7, date(2026, 1, 2))) is None
    assert Sample.objects.get().day == date(2026, 1, 1)
