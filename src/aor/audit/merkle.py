"""Merkle trees of RFC 6962 (section 2.1): roots, inclusion paths, and their check. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf(content: bytes) -> bytes:
    """The hash of one row's content."""
    return sha256(b"\x00" + content).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over at least one leaf hash."""
    level = list(leaves)
    while len(level) > 1:
        level = _next(level)
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What is needed, beside the leaf at `index`, to compute the root again; from the leaf upwards."""
    level, hashes = list(leaves), []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            hashes.append(level[sibling])
        level, index = _next(level), index // 2
    return hashes


def root_from(leaf: bytes, *, index: int, count: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a leaf and its path lead to; None when they cannot belong to a tree of `count` leaves."""
    if not 0 <= index < count:
        return None
    found, last, rest = leaf, count - 1, list(path)
    while last:
        if index % 2 or index < last:
            if not rest:
                return None
            sibling = rest.pop(0)
            found = _node(sibling, found) if index % 2 else _node(found, sibling)
        index, last = index // 2, last // 2
    return None if rest else found


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _next(level: list[bytes]) -> list[bytes]:
    """The level above; a last one without a sibling goes up as it is, which is RFC 6962's tree."""
    above = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return above + level[-1:] if len(level) % 2 else above
