"""Fixtures of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aor.audit import triggers


@pytest.fixture
def unprotected(db: None) -> Iterator[None]:
    """Rows can be taken away, as a crash would have kept them from being written."""
    triggers.lift()
    yield
    triggers.install()
