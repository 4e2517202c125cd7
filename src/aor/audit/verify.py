"""Verification of the journal: every sealed row hashed again, the chain, the heads, the triggers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from aor.audit import keys, merkle, seal, sealed, triggers
from aor.audit.models import Block, Head


class What(StrEnum):
    CHANGED = "changed"
    DELETED = "deleted"
    INSERTED = "inserted"
    CHAIN = "chain"
    HEAD = "head"
    KEY = "key"
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong, in words; a row's table and id where it is a row."""

    what: What
    words: str
    table: str = ""
    row_id: int | None = None


type Disposed = Callable[[str, int, int], Mapping[int, str]]
"""The rows of a table after one id and up to another that were disposed of, and their leaves since then."""


def _nothing(label: str, after: int, until: int) -> Mapping[int, str]:
    return {}


def verify(*, published: Iterable[str] = (), disposed: Disposed = _nothing) -> Iterator[Trouble]:
    """What is wrong with the journal; nothing when all is well. The first bad row of each block is named.

    `published` are heads (lines of `seal.head`) that were kept elsewhere: only they can show that the end of
    the chain was cut off, or that all of it was written anew. A row that was `disposed` of is as it was left then.
    """
    yield from (Trouble(What.TRIGGER, words) for words in triggers.wrong())
    key = b""
    if Block.objects.filter(private=True).exists():
        try:
            key = keys.of_private_tables(in_use=True)
        except keys.KeyMissing as missing:
            yield Trouble(What.KEY, str(missing))
    yield from _blocks(key, disposed)
    yield from _heads(published)


def _blocks(key: bytes, disposed: Disposed) -> Iterator[Trouble]:
    previous_root, expected = seal.GENESIS, 1
    sealed_until: dict[str, int] = {}
    for number in list(Block.objects.order_by("number").values_list("number", flat=True)):
        block = Block.objects.get(number=number)
        if number != expected:
            yield Trouble(What.CHAIN, f"block {expected} of the journal is gone")
        if (words := _unchained(block, previous_root)) and number == expected:
            yield Trouble(What.CHAIN, f"block {number} of the journal {words}")
        if key or not block.private:
            yield from _rows(block, sealed_until.get(block.table, 0), key, disposed)
        sealed_until[block.table] = block.last_id
        previous_root, expected = block.root, number + 1


def _unchained(block: Block, previous_root: str) -> str:
    """Why a block does not fit the chain, in words; empty when it does."""
    leaves = seal.leaves_of(block)
    if len(leaves) != block.count or merkle.root(leaves).hex() != block.tree:
        return "does not fit its own leaves"
    if block.previous_root != previous_root:
        return "does not follow the block before it"
    if block.root != seal.chained(block.previous_root, seal.header(block), block.tree):
        return "was changed"
    return ""


def _rows(block: Block, after: int, key: bytes, disposed: Disposed) -> Iterator[Trouble]:
    """The first row that is not as it was sealed; ids between this block and the one before belong to it."""
    table = sealed.of_block(block.table, block.columns, block.private)
    ids, found = [], []
    for row_id, content in table.rows(after=after, until=block.last_id):
        ids.append(row_id)
        found.append(table.leaf(content, key))
    if b"".join(found) == bytes(block.leaves):
        return
    kept = seal.leaves_of(block)
    gone = disposed(block.table, after, block.last_id)
    if len(found) == len(kept):
        found = [
            sealed_ if gone.get(row_id) == now.hex() else now
            for row_id, now, sealed_ in zip(ids, found, kept, strict=True)
        ]
    if found == kept:
        return
    what, row_id = _first_difference(block, kept, ids, found)
    words = {
        What.CHANGED: f"row {row_id} of {block.table} was changed after it was sealed",
        What.DELETED: f"row {row_id} of {block.table}, or one soon after, was deleted",
        What.INSERTED: f"row {row_id} of {block.table} was inserted among rows already sealed",
    }
    yield Trouble(what, f"{words[what]} (block {block.number})", block.table, row_id)


def _first_difference(block: Block, kept: list[bytes], ids: list[int], found: list[bytes]) -> tuple[What, int]:
    at = next((i for i, (a, b) in enumerate(zip(kept, found, strict=False)) if a != b), min(len(kept), len(found)))
    if at == len(kept) or (at < len(found) and kept[at] in set(found[at + 1 :])):
        return What.INSERTED, ids[at]
    if at < len(found) and found[at] not in set(kept[at + 1 :]):
        return What.CHANGED, ids[at]
    if at == 0:
        return What.DELETED, block.first_id
    return What.DELETED, block.last_id if at == len(kept) - 1 else ids[at - 1] + 1


def _heads(published: Iterable[str]) -> Iterator[Trouble]:
    days = list(Head.objects.order_by("day").values_list("day", flat=True))
    lines = [*(line for day in days if (line := seal.head(day))), *published]
    if not lines:
        return
    try:
        own = keys.of_signature(in_use=True).public_key().public_bytes_raw().hex()
    except keys.KeyMissing as missing:
        yield Trouble(What.KEY, str(missing))
        return
    for line in lines:
        yield from _head(line, own)


def _head(line: str, public_key: str) -> Iterator[Trouble]:
    if not seal.head_is_signed(line, public_key=public_key):
        yield Trouble(What.HEAD, f"a head is not signed by the journal's key: {line[:200]}")
        return
    head = json.loads(line)
    root = Block.objects.filter(number=head["block"]).values_list("root", flat=True).first()
    if root != head["root"]:
        words = "is gone" if root is None else "was replaced"
        yield Trouble(What.HEAD, f"block {head['block']}, which the head of {head['day']} signs, {words}")
