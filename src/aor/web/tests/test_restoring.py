"""A portal that runs while a restore has not ended: it says so, and asks the database nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from aor.engine import restoring


@pytest.fixture
def interrupted(settings: Settings, tmp_path: Path) -> Path:
    """A home in which a restore was begun."""
    settings.AOR_HOME = tmp_path
    restoring.begin("/safe/copy.tar", at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    return tmp_path


@pytest.mark.usefixtures("interrupted")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/", "/find-a-broker/", "/staff/", "/no-such-page/", "/accounts/login/"])
def test_every_page_says_that_records_are_put_back(path: str, method: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["sessionid"] = "a visit of before"
    answer = client.generic(method, path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "300")
    assert "from a backup" in answer.text
    assert "copy.tar" not in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert not answer.cookies


@pytest.mark.usefixtures("interrupted")
@pytest.mark.parametrize("path", ["/api/v1/enrollments", "/api/v1/openapi.json", "/readyz"])
def test_programs_are_told_as_programs_are(path: str) -> None:
    answer = Client().post(path, "[]", content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert "from a backup" in answer.json()["detail"]


@pytest.mark.usefixtures("interrupted")
def test_the_process_still_says_that_it_is_alive() -> None:
    assert Client().get("/healthz").json() == {"alive": True}


@pytest.mark.django_db
def test_once_the_restore_has_ended_pages_are_there_again(interrupted: Path) -> None:
    assert Client().get("/help/").status_code == 503
    restoring.ended()
    assert Client().get("/help/").status_code == 200
    assert not list(interrupted.iterdir())
