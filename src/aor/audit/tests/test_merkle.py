"""The tree is RFC 6962's, and a path leads to its root from its own leaf alone."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.audit import merkle


def by_the_book(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as written: split at the largest power of two smaller than n."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + by_the_book(leaves[:split]) + by_the_book(leaves[split:])).digest()


LEAVES = st.lists(st.binary(max_size=4).map(merkle.leaf), min_size=1, max_size=70, unique=True)


@given(LEAVES)
def test_the_root_is_the_standards(leaves: list[bytes]) -> None:
    assert merkle.root(leaves) == by_the_book(leaves)


def test_a_known_tree_of_the_standards_test_vectors() -> None:
    contents = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [merkle.leaf(bytes.fromhex(content)) for content in contents]
    assert merkle.root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(LEAVES, st.data())
def test_a_path_leads_from_its_leaf_to_the_root(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle.path(leaves, index)
    root = merkle.root(leaves)
    assert merkle.root_from(leaves[index], index=index, count=len(leaves), path=path) == root
    for other in range(len(leaves)):
        if other != index:
            assert merkle.root_from(leaves[other], index=index, count=len(leaves), path=path) != root
            assert merkle.root_from(leaves[index], index=other, count=len(leaves), path=path) != root
    assert merkle.root_from(leaves[index], index=index, count=len(leaves), path=[*path, root]) is None
    if path:
        assert merkle.root_from(leaves[index], index=index, count=len(leaves), path=path[:-1]) is None


@pytest.mark.parametrize("index", [-1, 3])
def test_no_leaf_stands_outside_its_tree(index: int) -> None:
    assert merkle.root_from(merkle.leaf(b""), index=index, count=3, path=[]) is None
