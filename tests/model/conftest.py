"""How many operations are lived, and from which seed: `pytest tests/model --operations 1000000 --first-seed 7`."""

from __future__ import annotations

import pytest
from django.db import connection

OPERATIONS = 10_000  # on each database, so that a run of the suite lives twice as many
FIRST_SEED = {"sqlite": 1, "postgresql": 1_001}  # other lives on the other database

for _name in ("people", "news", "homes", "machine", "marketplace", "told", "books"):
    pytest.register_assert_rewrite(f"tests.model.{_name}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--operations", type=int, default=OPERATIONS, help="operations of the stateful model check")
    parser.addoption("--first-seed", type=int, help="where its seeds begin")
    parser.addoption("--shrink", action="store_true", help="make a failing life shorter, which takes minutes")


@pytest.fixture
def operations(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--operations", OPERATIONS))


@pytest.fixture
def first_seed(request: pytest.FixtureRequest) -> int:
    given: int | None = request.config.getoption("--first-seed", None)
    return FIRST_SEED[connection.vendor] if given is None else given


@pytest.fixture
def shrink(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--shrink", False))
