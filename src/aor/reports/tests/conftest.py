"""Fixtures of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aor.audit import triggers


@pytest.fixture
def unprotected(db: None) -> Iterator[None]:
    """Rows can be changed, as somebody with the database's password could."""
    triggers.lift()
    yield
    triggers.install()
