"""A form has one effect, whether its act is one transaction or many; what refuses or fails may be sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.test import RequestFactory

from aor.accounts.models import Submission
from aor.web import once, problems
from aor.web.access import View

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 18, tzinfo=UTC)
type Way = Callable[[View], View]
WAYS = [once.effect, once.steps]


def post(view: Callable[..., HttpResponseBase], token: str = "token", **said: str) -> HttpResponseBase:
    request: Any = RequestFactory().post("/", {"submission": token, **said})
    request.now, request.user = NOW, AnonymousUser()
    return view(request)


@pytest.mark.parametrize("way", WAYS)
def test_the_second_answer_leads_where_the_first_did(way: Way) -> None:
    done: list[int] = []

    @way
    def act(request: object) -> HttpResponse:
        done.append(1)
        return HttpResponseRedirect("/receipt/")

    assert [post(act).headers["Location"] for _ in range(3)] == ["/receipt/"] * 3
    assert len(done) == 1


@pytest.mark.parametrize("way", WAYS)
def test_who_goes_back_and_changes_the_words_sends_another_form(way: Way) -> None:
    done: list[str] = []

    @way
    def act(request: Any) -> HttpResponse:
        done.append(request.POST["name"])
        return HttpResponseRedirect(f"/receipt/{len(done)}/")

    led = [post(act, name=name).headers["Location"] for name in ("Ana", "Ben", "Ana")]
    assert (led, done) == (["/receipt/1/", "/receipt/2/", "/receipt/1/"], ["Ana", "Ben"])


@pytest.mark.parametrize("way", WAYS)
def test_what_was_refused_or_failed_may_be_sent_again(way: Way) -> None:
    @way
    def refuses(request: object) -> HttpResponse:
        return HttpResponse("not so")

    @way
    def fails(request: object) -> HttpResponse:
        raise ValueError("no")

    assert post(refuses).status_code == post(refuses).status_code == 200
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            post(fails)
    assert not Submission.objects.exists()


@pytest.mark.parametrize(("way", "deeper"), [(once.effect, 1), (once.steps, 0)])
def test_an_act_in_steps_holds_no_transaction_open(way: Way, deeper: int) -> None:
    depth: list[int] = []

    @way
    def act(request: object) -> HttpResponse:
        depth.append(len(connection.savepoint_ids))
        return HttpResponseRedirect("/receipt/")

    before = len(connection.savepoint_ids)
    post(act)
    assert depth == [before + deeper]


def test_a_form_whose_act_is_at_work_or_was_killed_is_not_sent_again() -> None:
    @once.steps
    def act(request: object) -> HttpResponse:
        return HttpResponseRedirect("/receipt/")

    post(act)
    Submission.objects.update(location="")

    with pytest.raises(problems.Stale):
        post(act)
