"""Whoever changes what was sealed is found out: any row, any block, any head, any trigger."""

from __future__ import annotations

import dataclasses
import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from aor.audit import keys, merkle, models, seal, triggers
from aor.audit import operations as journal
from aor.audit.sealed import JOURNAL, SealedTable
from aor.audit.verify import Trouble, What, verify
from aor.engine import bulk, locks
from aor.policy.decision import Decision, Finding
from aor.terms.actor import system

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 18, tzinfo=UTC)
DAY = date(2026, 11, 21)
BY = system("test")
PRIVATE = (*JOURNAL[:2], dataclasses.replace(JOURNAL[2], private=True))


def write(count: int, *, at: datetime = NOON) -> None:
    found = Decision.of(Finding("LICENSED", True, "licensed – “since” 2020", "R3"))
    ids = journal.store_decisions([found] * count, parameters_version="1")
    entries = (journal.Entry(("household", f"H{i}"), ids[i], {"i": i}) for i in range(count))
    journal.write_many(verb="attribute", entries=entries, by=BY, at=at)
    subjects = (("household", f"H{i}") for i in range(count))
    journal.record_reads(subjects=subjects, what="names", purpose="service", by=BY, at=at)


@pytest.fixture
def blocks_of_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "ROWS_OF_A_BLOCK", 10)


@pytest.fixture
def unprotected() -> Iterator[None]:
    """As one who owns the database would: the triggers are gone while the tampering is done."""
    triggers.lift()
    yield
    triggers.install()


def execute(statement: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def troubles(published: list[str] | None = None) -> list[Trouble]:
    return [trouble for trouble in verify(published=published or ()) if trouble.what is not What.TRIGGER]


def test_what_was_sealed_and_left_alone_verifies(blocks_of_ten: None) -> None:
    write(25)
    assert seal.seal(tables=PRIVATE, at=NOON) == seal.Sealing(rows=75, blocks=9, busy=())
    assert seal.seal(tables=PRIVATE, at=NOON) == seal.Sealing(rows=0, blocks=0, busy=())
    write(3)
    assert seal.seal(tables=PRIVATE, at=NOON + timedelta(hours=1)).blocks == 3
    write(1)  # not sealed yet
    seal.head(DAY)
    assert list(verify()) == []


def test_an_empty_journal_verifies() -> None:
    assert seal.seal(tables=JOURNAL, at=NOON).blocks == 0
    assert seal.head(DAY) is None
    assert list(verify()) == []


@pytest.mark.usefixtures("blocks_of_ten", "unprotected")
@pytest.mark.parametrize("tables", [JOURNAL, tuple(dataclasses.replace(t, private=True) for t in JOURNAL)])
def test_any_changed_row_is_named(tables: tuple[SealedTable, ...]) -> None:
    write(25)
    seal.seal(tables=tables, at=NOON)
    first = models.Act.objects.order_by("id").values_list("id", flat=True)[0]
    changes: dict[str, object] = {
        "verb": "attributed",
        "at": NOON + timedelta(microseconds=1),
        "actor_npn": "1",
        "subject_id": "H0 ",
        "details": "{}",
    }
    row = random.Random(7).choice(range(first, first + 25))
    for column, value in changes.items():
        models.Act.objects.filter(pk=row).update(**{column: value})
        assert [(t.what, t.table, t.row_id) for t in troubles()] == [(What.CHANGED, "audit.Act", row)]
        restore(row)
        assert troubles() == []


def restore(row: int) -> None:
    number = row - models.Act.objects.order_by("id").values_list("id", flat=True)[0]
    models.Act.objects.filter(pk=row).update(
        verb="attribute", at=NOON, actor_npn="", subject_id=f"H{number}", details=f'{{"i":{number}}}'
    )


@pytest.mark.usefixtures("blocks_of_ten", "unprotected")
@pytest.mark.parametrize("offset", [0, 4, 9, 10, 24])
def test_any_deleted_row_is_named(offset: int) -> None:
    write(25)
    seal.seal(tables=JOURNAL, at=NOON)
    row = models.Read.objects.order_by("id").values_list("id", flat=True)[offset]
    models.Read.objects.filter(pk=row).delete()
    assert [(t.what, t.table, t.row_id) for t in troubles()] == [(What.DELETED, "audit.Read", row)]


@pytest.mark.usefixtures("blocks_of_ten", "unprotected")
@pytest.mark.parametrize("offset", [5, 10])
def test_a_row_slipped_into_a_gap_is_named(offset: int) -> None:
    write(25)
    gap = models.Read.objects.order_by("id").values_list("id", flat=True)[offset]
    models.Read.objects.filter(pk=gap).delete()  # a number that was lost before sealing
    seal.seal(tables=JOURNAL, at=NOON)
    assert troubles() == []
    journal.record_read(subject=("household", "H9"), what="names", purpose="service", by=BY, at=NOON)
    execute("UPDATE audit_read SET id = %s WHERE id = (SELECT max(id) FROM audit_read)", gap)
    assert [(t.what, t.table, t.row_id) for t in troubles()] == [(What.INSERTED, "audit.Read", gap)]


@pytest.mark.usefixtures("blocks_of_ten", "unprotected")
def test_swapped_rows_are_noticed() -> None:
    write(25)
    seal.seal(tables=JOURNAL, at=NOON)
    first = models.Act.objects.order_by("id").values_list("id", flat=True)[0]
    for before, after in ((first + 3, 0), (first + 4, first + 3), (0, first + 4)):
        models.Act.objects.filter(pk=before).update(id=after)
    assert [(t.what, t.row_id) for t in troubles()] == [(What.CHANGED, first + 3)]


def rehash() -> None:
    """A thorough forger: changes a row and makes its block fit again."""
    models.Act.objects.filter(pk=models.Act.objects.order_by("id")[12].pk).update(verb="forged")
    block = models.Block.objects.filter(table="audit.Act").order_by("number")[1]
    table = JOURNAL[1]
    leaves = [table.leaf(content, b"") for _, content in table.rows(after=block.first_id - 1, until=block.last_id)]
    tree = merkle.root(leaves).hex()
    root = seal.chained(block.previous_root, seal.header(block), tree)
    models.Block.objects.filter(pk=block.pk).update(leaves=b"".join(leaves), tree=tree, root=root)


@pytest.mark.usefixtures("blocks_of_ten", "unprotected")
@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (rehash, "does not follow the block before it"),
        (lambda: models.Block.objects.filter(pk=4).delete(), "block 4 of the journal is gone"),
        (lambda: models.Block.objects.filter(pk=4).update(leaves=b"\0" * 320), "does not fit its own leaves"),
        (lambda: models.Block.objects.filter(pk=4).update(sealed_at=NOON + timedelta(1)), "was changed"),
        (lambda: models.Block.objects.filter(pk=4).update(leaves=b""), "does not fit its own leaves"),
    ],
)
def test_a_broken_chain_is_noticed(tamper: Callable[[], object], words: str) -> None:
    write(25)
    seal.seal(tables=JOURNAL, at=NOON)
    tamper()
    assert words in next(t.words for t in troubles() if t.what is What.CHAIN)


@pytest.mark.usefixtures("blocks_of_ten", "unprotected")
def test_a_cut_off_end_is_shown_by_a_head_kept_elsewhere() -> None:
    write(25)
    seal.seal(tables=JOURNAL, at=NOON)
    head = seal.head(DAY)
    assert head is not None
    assert seal.head(DAY) == head
    models.Head.objects.all().delete()
    models.Block.objects.filter(number=9).delete()
    models.Read.objects.filter(pk__in=models.Read.objects.order_by("-id").values_list("id")[:5]).delete()
    assert troubles() == []
    gone = [Trouble(What.HEAD, "block 9, which the head of 2026-11-21 signs, is gone")]
    assert troubles(published=[head]) == gone
    assert seal.head(DAY) != head
    assert troubles(published=[head]) == gone


@pytest.mark.usefixtures("blocks_of_ten", "unprotected")
def test_a_journal_written_anew_is_shown_by_a_head_kept_elsewhere() -> None:
    write(25)
    seal.seal(tables=JOURNAL, at=NOON)
    head = seal.head(DAY)
    assert head is not None
    for model in (models.Head, models.Block, models.Act):
        model.objects.all().delete()
    seal.seal(tables=JOURNAL, at=NOON + timedelta(hours=1))
    assert troubles() == []
    assert {trouble.what for trouble in troubles(published=[head])} == {What.HEAD}


def test_a_head_signs_what_was_sealed_by_the_end_of_its_minnesota_day() -> None:
    write(1)
    seal.seal(tables=JOURNAL[:1], at=datetime(2026, 11, 22, 5, 59, 59, tzinfo=UTC))
    seal.seal(tables=JOURNAL, at=datetime(2026, 11, 22, 6, tzinfo=UTC))
    assert seal.head(DAY - timedelta(1)) is None
    first, second = seal.head(DAY), seal.head(DAY + timedelta(1))
    assert first is not None
    assert second is not None
    assert (json.loads(first)["block"], json.loads(second)["block"]) == (1, 3)


def test_a_head_is_checked_against_the_key_that_is_known() -> None:
    write(1)
    seal.seal(tables=JOURNAL, at=NOON)
    line = seal.head(DAY)
    assert line is not None
    head = json.loads(line)
    assert seal.head_is_signed(line, public_key=head["public_key"])
    assert not seal.head_is_signed(line, public_key="00" * 32)
    for change in ({"block": 2}, {"root": "0" * 64}, {"day": "2026-11-22"}, {"day": "x"}, {"signature": "zz"}):
        assert not seal.head_is_signed(json.dumps(head | change), public_key=head["public_key"])
    for nonsense in ("", "{}", "[]", "null"):
        assert not seal.head_is_signed(nonsense, public_key=head["public_key"])


def test_a_head_signed_by_another_key_is_noticed(home: Path) -> None:
    write(1)
    seal.seal(tables=JOURNAL, at=NOON)
    seal.head(DAY)
    (home / "keys" / keys.SIGNATURE).write_bytes(b"\x01" * 32)
    assert [t.what for t in verify()] == [What.HEAD]


def test_lost_keys_are_told_and_not_made_anew(home: Path) -> None:
    write(1)
    seal.seal(tables=PRIVATE, at=NOON)
    seal.head(DAY)
    for file in (home / "keys").iterdir():
        assert file.stat().st_mode & 0o077 == 0
        file.unlink()
    assert [t.what for t in verify()] == [What.KEY, What.KEY]
    with pytest.raises(keys.KeyMissing):
        seal.seal(tables=PRIVATE, at=NOON)
    with pytest.raises(keys.KeyMissing):
        seal.head(DAY + timedelta(1))


def test_lost_triggers_are_told() -> None:
    triggers.lift()
    assert {t.what for t in verify()} == {What.TRIGGER}


def test_a_column_that_came_later_leaves_old_blocks_valid() -> None:
    write(2)
    act = JOURNAL[1]
    seal.seal(tables=[dataclasses.replace(act, columns=act.columns[:-1])], at=NOON)
    write(2)
    seal.seal(tables=[act], at=NOON)
    assert troubles() == []


@contextmanager
def another_session(work: Callable[[], object]) -> Iterator[None]:
    """Meanwhile another session does the work in a transaction, and commits when the block ends."""
    done, go_on = threading.Event(), threading.Event()

    def write_and_wait() -> None:
        try:
            with transaction.atomic():
                work()
                done.set()
                go_on.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=write_and_wait)
    thread.start()
    assert done.wait(20)
    try:
        yield
    finally:
        go_on.set()
        thread.join(20)


@pytest.mark.usefixtures("committed")
def test_rows_still_under_way_are_not_sealed_around() -> None:
    if connection.vendor != "postgresql":  # SQLite's one writer commits ids in their order
        return
    with another_session(lambda: bulk.next_ids(models.Read, 5)):
        journal.record_read(subject=("household", "H1"), what="names", purpose="service", by=BY, at=NOON)
        assert seal.seal(tables=JOURNAL, at=NOON) == seal.Sealing(rows=0, blocks=0, busy=("audit.Read",))
    with another_session(lambda: write(1)):
        assert seal.seal(tables=JOURNAL, at=NOON).busy == ("audit.Decision", "audit.Act", "audit.Read")
    assert seal.seal(tables=JOURNAL, at=NOON) == seal.Sealing(rows=4, blocks=3, busy=())
    assert list(verify()) == []


@pytest.mark.usefixtures("transactional_db")
def test_of_two_sealers_one_wins(home: Path) -> None:
    with locks.exclusive("sealer", by="the other sealer", at=NOON):
        held = threading.Event()
        found = []

        def try_to_seal() -> None:
            try:
                seal.seal(tables=JOURNAL, at=NOON)
            except locks.Busy as busy:
                found.append(str(busy))
            finally:
                connection.close()
                held.set()

        threading.Thread(target=try_to_seal).start()
        assert held.wait(20)
    assert found == ["sealer is held by the other sealer since 2026-11-21T18:00:00+00:00"]


def test_an_act_is_proven_by_its_block_alone(blocks_of_ten: None) -> None:
    write(25)
    seal.seal(tables=PRIVATE, at=NOON)
    write(1)
    acts = list(models.Act.objects.order_by("id").values_list("id", flat=True))
    for act in acts[:25]:
        proof = seal.proof("audit.Act", act)
        assert proof is not None
        assert seal.check_proof(proof)
        assert not seal.check_proof(dataclasses.replace(proof, content=proof.content.replace(b"H", b"G")))
        assert not seal.check_proof(dataclasses.replace(proof, header=proof.header + b" "))
        assert not seal.check_proof(dataclasses.replace(proof, path=proof.path[:-1]))
    assert seal.proof("audit.Act", acts[25]) is None
    with pytest.raises(ValueError, match="private"):
        seal.proof("audit.Read", models.Read.objects.order_by("id")[0].pk)
