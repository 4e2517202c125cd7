"""The sealer: chains Merkle blocks of committed rows, signs a daily head, and proves that a row is sealed.

Entries are written unchained in their own transactions, because a chain head would be one lock for all; the
sealer follows every few seconds.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import OperationalError, connection, transaction
from django.db.models import Max, Min

from aor.audit import keys, merkle, sealed
from aor.audit.models import Block, Head
from aor.audit.sealed import SealedTable
from aor.engine import faults, locks
from aor.terms.period import end_of

ROWS_OF_A_BLOCK = 16_384  # less than a second of a writer's time (architecture, invariant 12)
GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Sealing:
    """What one run did; `busy` tables had a writer that did not end soon, and wait for the next run."""

    rows: int
    blocks: int
    busy: tuple[str, ...]


def seal(*, tables: Sequence[SealedTable], at: datetime) -> Sealing:
    """Seals what was committed since the last run. Raises locks.Busy while another sealer works."""
    rows, blocks, busy = 0, 0, []
    with locks.exclusive("sealer", by="the sealer", at=at, wait=False):
        key = b""
        if any(table.private for table in tables):
            key = keys.of_private_tables(in_use=Block.objects.filter(private=True).exists())
        for table in tables:
            settled = _settled(table)
            if settled is None:
                busy.append(table.label)
                continue
            while count := _seal_block(table, settled, key, at):
                rows, blocks = rows + count, blocks + 1
                faults.reached("seal:block")
    return Sealing(rows, blocks, tuple(busy))


def _settled(table: SealedTable) -> int | None:
    """The highest id below which nothing can still be committed; None while a writer does not end.

    SQLite has one writer, so ids are committed in their order. PostgreSQL's are not: once the writers of the
    table have ended, for which a lock that conflicts with theirs waits, every id given out is committed or lost.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            try:
                with transaction.atomic():
                    name = connection.ops.quote_name(table.model._meta.db_table)
                    cursor.execute(f"LOCK TABLE {name} IN SHARE MODE")
            except OperationalError:
                return None
        rows = table.model._default_manager
        top = int(rows.aggregate(top=Max("pk"))["top"] or 0)
        if top and table.pending:
            first = rows.filter(**{table.pending: True}).aggregate(first=Min("pk"))["first"]
            return top if first is None else min(top, first - 1)
        return top


@transaction.atomic
def _seal_block(table: SealedTable, settled: int, key: bytes, at: datetime) -> int:
    """Seals the table's next rows; returns how many."""
    after = Block.objects.filter(table=table.label).aggregate(top=Max("last_id"))["top"] or 0
    ids, leaves = [], []
    for row_id, content in table.rows(after=after, until=settled, limit=ROWS_OF_A_BLOCK):
        ids.append(row_id)
        leaves.append(table.leaf(content, key))
    if ids:
        previous = Block.objects.order_by("-number").only("number", "root").first()
        block = Block(
            number=previous.number + 1 if previous else 1,
            table=table.label,
            columns=sealed.columns_text(table.columns),
            private=table.private,
            first_id=ids[0],
            last_id=ids[-1],
            count=len(ids),
            leaves=b"".join(leaves),
            tree=merkle.root(leaves).hex(),
            previous_root=previous.root if previous else GENESIS,
            sealed_at=at,
        )
        block.root = chained(block.previous_root, header(block), block.tree)
        block.save(force_insert=True)
    return len(ids)


def header(block: Block) -> bytes:
    """What a block says of itself, as bound into its root."""
    return sealed.canonical(
        block.number,
        block.table,
        block.columns,
        block.private,
        block.first_id,
        block.last_id,
        block.count,
        block.sealed_at,
    )


def chained(previous_root: str, header: bytes, tree: str) -> str:
    """A block's root: all that went before, what the block says of itself, and its tree."""
    return sha256(b"\x02" + bytes.fromhex(previous_root) + header + bytes.fromhex(tree)).hexdigest()


def head(day: date) -> str | None:
    """The signed head of a Minnesota day, as one line of JSON to publish; None while nothing is sealed.

    Signed once: asked again, the same line.
    """
    with transaction.atomic():
        signed = Head.objects.filter(day=day).first()
        if signed is None:
            last = Block.objects.filter(sealed_at__lt=end_of(day)).order_by("-number").first()
            if last is None:
                return None
            key = keys.of_signature(in_use=Head.objects.exists())
            said = {
                "block_id": last.number,
                "root": last.root,
                "signature": key.sign(_statement(day, last.number, last.root)).hex(),
                "public_key": key.public_key().public_bytes_raw().hex(),
            }
            signed, _ = Head.objects.get_or_create(day=day, defaults=said)  # of two at once the first one's stands
    line = {
        "day": signed.day.isoformat(),
        "block": signed.block_id,
        "root": signed.root,
        "signature": signed.signature,
        "public_key": signed.public_key,
    }
    return json.dumps(line)


def _statement(day: date, block: int, root: str) -> bytes:
    return sealed.canonical("head of the journal", day, block, root)


def head_is_signed(line: str, *, public_key: str) -> bool:
    """Whether a published head was signed by that key (64 hexadecimal digits). Pure."""
    try:
        head = json.loads(line)
        statement = _statement(date.fromisoformat(head["day"]), head["block"], head["root"])
        verifier = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        verifier.verify(bytes.fromhex(head["signature"]), statement)
    except (InvalidSignature, ValueError, KeyError, TypeError):
        return False
    return True


def leaves_now(label: str, rows: Collection[int]) -> dict[int, str]:
    """The leaf that each sealed row of a table has as it is now, in hexadecimal digits; of one not sealed, none."""
    found: dict[int, str] = {}
    key, wanted = b"", set(rows)
    if not wanted:
        return found
    for block in Block.objects.filter(table=label, first_id__lte=max(wanted), last_id__gte=min(wanted)):
        if block.private and not key:
            key = keys.of_private_tables(in_use=True)
        table = sealed.of_block(block.table, block.columns, block.private)
        for row_id, content in table.rows(after=block.first_id - 1, until=block.last_id):
            if row_id in wanted:
                found[row_id] = table.leaf(content, key).hex()
    return found


@dataclass(frozen=True, slots=True)
class Proof:
    """That a row, as `content` has it, is in the tree of a block, and the block in the chain. Hashes are hex."""

    content: bytes
    index: int
    count: int
    path: tuple[str, ...]
    header: bytes
    previous_root: str
    root: str


def proof(label: str, row_id: int) -> Proof | None:
    """The proof for a row of a table that is not private (`audit.Act`); None while it is not sealed."""
    block = Block.objects.filter(table=label, first_id__lte=row_id, last_id__gte=row_id).first()
    if block is None:
        return None
    if block.private:
        raise ValueError(f"rows of {label} are private: only the holder of the key can check them")
    table = sealed.of_block(block.table, block.columns, block.private)
    index = table.model._default_manager.filter(pk__gte=block.first_id, pk__lt=row_id).count()
    content = next((content for _, content in table.rows(after=row_id - 1, until=row_id)), None)
    if content is None:
        return None
    path = merkle.path(leaves_of(block), index)
    steps = tuple(step.hex() for step in path)
    return Proof(content, index, block.count, steps, header(block), block.previous_root, block.root)


def check_proof(proof: Proof) -> bool:
    """Whether the row is what was sealed under `root`. Pure: needs nothing but the proof."""
    path: Iterable[bytes] = (bytes.fromhex(step) for step in proof.path)
    tree = merkle.root_from(merkle.leaf(proof.content), index=proof.index, count=proof.count, path=tuple(path))
    return tree is not None and chained(proof.previous_root, proof.header, tree.hex()) == proof.root


def leaves_of(block: Block) -> list[bytes]:
    content = bytes(block.leaves)
    return [content[i : i + 32] for i in range(0, len(content), 32)]
