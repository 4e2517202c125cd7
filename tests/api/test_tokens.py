"""`aor token`: given once, listed without its words, revoked at once."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from aor.accounts import tokens
from tests.api.world import NOW, PRAIRIE


def token(*words: str) -> Any:
    out = StringIO()
    call_command("token", *words, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_token_is_given_listed_and_revoked(db: None) -> None:
    secret = token("create", "prairie", "--role", "carrier", "--carrier", PRAIRIE)["token"]
    found = tokens.of(secret, now=NOW)
    assert found is not None
    assert (found.hios_issuer_id, found.scopes) == (PRAIRIE, "receipts:write record:read")
    (listed,) = token("list")["tokens"]
    assert listed["state"] == "in use"
    assert secret not in json.dumps(listed)
    assert token("revoke", "prairie")["revoked"]
    assert tokens.of(secret, now=NOW) is None
    assert token("list")["tokens"][0]["state"] == "revoked"


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (["create", "x", "--role", "carrier"], "five digits"),
        (["create", "x", "--scope", "receipts:write"], "cannot have receipts:write"),
        (["create", "x", "--days", "0"], "lasts a day"),
        (["create"], "needs the token's name"),
        (["revoke", "nobody"], "no token nobody is in use"),
    ],
)
def test_what_cannot_be_is_said(db: None, words: list[str], because: str) -> None:
    with pytest.raises(CommandError, match=because):
        call_command("token", *words)


def test_a_name_is_given_once(db: None) -> None:
    token("create", "x")
    with pytest.raises(CommandError, match="names are not used twice"):
        call_command("token", "create", "x")
