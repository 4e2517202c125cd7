"""How many operations are lived, and from which seed: `pytest tests/model --operations 1000000 --first-seed 7`."""

from __future__ import annotations

import pytest

for _name in ("people", "news", "homes", "machine", "marketplace", "told", "books"):
    pytest.register_assert_rewrite(f"tests.model.{_name}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--operations", type=int, default=20_000, help="operations of the stateful model check")
    parser.addoption("--first-seed", type=int, default=1, help="where its seeds begin")
    parser.addoption("--shrink", action="store_true", help="make a failing life shorter, which takes minutes")


@pytest.fixture
def operations(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--operations", 20_000))


@pytest.fixture
def first_seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--first-seed", 1))


@pytest.fixture
def shrink(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--shrink", False))
