"""How many operations are lived, and from which seed: `pytest tests/model --operations 1000000 --first-seed 7`."""

from __future__ import annotations

import pytest
from django.db import connection

OPERATIONS = {"sqlite": 14_000, "postgresql": 6_000}  # a run of the suite lives 20,000
FIRST_SEED = {"sqlite": 1, "postgresql": 1_001}  # other lives on the other database

for _name in ("people", "news", "homes", "machine", "marketplace", "told", "books"):
    pytest.register_assert_rewrite(f"tests.model.{_name}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--operations", type=int, help="operations of the stateful model check")
    parser.addoption("--first-seed", type=int, help="where its seeds begin")
    parser.addoption("--shrink", action="store_true", help="make a failing life shorter, which takes minutes")


@pytest.fixture
def operations(request: pytest.FixtureRequest) -> int:
    given: int | None = request.config.getoption("--operations", None)
    return OPERATIONS[connection.vendor] if given is None else given


@pytest.fixture
def first_seed(request: pytest.FixtureRequest) -> int:
    given: int | None = request.config.getoption("--first-seed", None)
    return FIRST_SEED[connection.vendor] if given is None else given


@pytest.fixture
def shrink(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--shrink", False))
