"""`aor account`: whoever keeps the system ends visits, of one account or of all, and closes accounts."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from aor.accounts import operations as accounts
from aor.accounts.models import RoleName, User
from aor.audit.models import Act
from aor.terms.actor import system

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def account(name: str, email: str | None) -> User:
    user = accounts.open_account(email=email, name=name, by=system("test"), now=NOW)
    accounts.grant(user, role=RoleName.BROKER, subject="7000001", by=system("test"), now=NOW)
    return user


def visit(user: User) -> Client:
    client = Client()
    client.force_login(user)
    assert signed_in(client)
    return client


def signed_in(client: Client) -> bool:
    return not client.get("/account/sessions/").headers.get("Location", "").startswith("/account/login/")


def said(*words: str, code: int = 0) -> Any:
    out = StringIO()
    with pytest.raises(CommandError) if code else nullcontext():
        call_command("account", *words, "--json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def test_every_visit_of_one_account_is_ended_and_of_no_other() -> None:
    ana, ben = account("Ana", "ana@example.org"), account("Ben", None)
    here, there, other = visit(ana), visit(ana), visit(ben)
    assert said("sign-out", "Ana@Example.org") == {"accounts": 1, "visits": 2}
    assert [signed_in(one) for one in (here, there, other)] == [False, False, True]
    visit(ana)  # who was signed out may sign in again
    assert Act.objects.filter(verb="account.signed out", subject_id=str(ana.pk)).count() == 1


def test_everybody_is_signed_out_at_once() -> None:
    visits = [visit(account("Ana", "ana@example.org")), visit(account("Ben", None))]
    assert said("sign-out", "--everyone") == {"accounts": 2, "visits": 2}
    assert not any(map(signed_in, visits))


def test_a_closed_account_is_out_and_is_not_entered_again() -> None:
    ben = account("Ben", None)
    client = visit(ben)
    assert said("close", str(ben.pk)) == {"account": ben.pk, "closed": True}
    assert not signed_in(client)
    (listed,) = said("list")["accounts"]
    assert listed == {
        "account": ben.pk, "email": None, "name": "Ben", "roles": ["broker 7000001"], "open": False,
    }  # fmt: skip


def test_who_is_not_there_or_not_named_is_refused() -> None:
    assert "no account nobody@example.org" in str(said("close", "nobody@example.org", code=1))
    assert "no account" in str(said("close", "9" * 30, code=1))
    for words in (["sign-out"], ["close"], ["close", "--everyone"], ["sign-out", "a@example.org", "--everyone"]):
        assert "names one account" in str(said(*words, code=2))
