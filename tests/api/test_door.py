"""Who passes, with what, how often; and what trouble looks like."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpResponse

from aor.accounts import tokens
from aor.accounts.models import Token
from aor.api.models import Answered
from aor.audit.models import Act, Read
from aor.transmissions.models import Receipt
from tests.api import world as built
from tests.api.world import ANA, BY, NORTH_STAR, NOW, PRAIRIE, START, World

RECEIPT = {"exchange_policy_id": "P1", "npn": ANA, "result": "recorded", "recorded_from": START.isoformat()}
ONE = {"receipts": [RECEIPT]}


def problem(response: HttpResponse, status: int) -> dict[str, object]:
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    document: dict[str, object] = response.json()  # type: ignore[attr-defined]  # an answer of Django's test client
    assert document.keys() == {"type", "title", "status", "detail", "errors"}
    assert document["status"] == status
    return document


@pytest.mark.parametrize("secret", ["none", "aor_unknown", "", "é"])
def test_without_a_token_in_force_nobody_passes(world: World, secret: str) -> None:
    response = world.get("/record", token=secret)
    problem(response, 401)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_or_expired_token_is_none(world: World) -> None:
    world.secrets["old"] = built.token("old", days=1, at=NOW - timedelta(days=2))
    problem(world.get("/record", token="old"), 401)
    assert world.get("/record", token="north").status_code == 200
    assert tokens.revoke("north", by=BY, now=NOW)
    problem(world.get("/record", token="north"), 401)
    assert not tokens.revoke("north", by=BY, now=NOW)


def test_only_the_hash_of_a_token_is_kept(world: World) -> None:
    kept = {str(value) for row in Token.objects.values() for value in row.values()}
    kept |= {str(value) for row in Act.objects.values() for value in row.values()}
    assert not any(secret and secret in one for secret in world.secrets.values() for one in kept)


def test_a_scope_that_a_token_lacks_is_refused(world: World) -> None:
    problem(world.post("/receipts", ONE, token="eligibility"), 403)
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("role", "carrier", "scopes"),
    [
        ("carrier", PRAIRIE, ["enrollments:write"]),
        ("eligibility", "", ["receipts:write"]),
        ("carrier", "", []),
        ("carrier", "123", []),
        ("eligibility", PRAIRIE, []),
    ],
)
def test_no_token_is_given_beyond_its_role(db: None, role: str, carrier: str, scopes: list[str]) -> None:
    with pytest.raises(tokens.CannotGive):
        tokens.give(name="x", role=role, hios_issuer_id=carrier, scopes=scopes, days=1, per_minute=1, by=BY, now=NOW)


@pytest.mark.parametrize(("days", "per_minute"), [(0, 1), (999_999_999, 1), (1, 0), (1, 10**12)])
def test_a_token_lasts_and_lets_pass_what_a_token_may(db: None, days: int, per_minute: int) -> None:
    with pytest.raises(tokens.CannotGive, match="a token"):
        tokens.give(name="x", role="eligibility", days=days, per_minute=per_minute, by=BY, now=NOW)


def test_a_token_has_so_many_requests_a_minute(world: World) -> None:
    world.secrets["slow"] = built.token("slow", per_minute=3)
    answers = [world.get("/record", token="slow") for _ in range(8)]
    statuses = [one.status_code for one in answers]
    assert 3 <= statuses.count(200) <= 6  # six where a minute ended among them
    refused = next(one for one in answers if one.status_code == 429)
    problem(refused, 429)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert answers[0].headers["RateLimit"].startswith('"minute";r=2;t=')
    assert world.get("/record", token="north").status_code == 200


def test_trouble_is_a_problem_document_wherever_it_comes(world: World) -> None:
    problem(world.get("/nothing/of/the/kind"), 404)
    problem(world.get("/"), 404)
    response = world.post("/record", {})
    problem(response, 405)
    assert response.headers["Allow"] == "GET"
    problem(world.post("/receipts", "a,b", token="north", content_type="text/csv"), 415)
    problem(world.post("/receipts", "", token="north"), 415)  # nothing at all has no type either


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("{", "no JSON at line 1, column 2"),
        ("\ufeff{}", "no JSON at line 1, column 1"),
        ('{"receipts": NaN}', "NaN is no JSON"),
        ('{"receipts": [], "receipts": []}', "a name stands twice in an object"),
        (b'{"receipts": "\xff"}', "not UTF-8 at byte 14"),
        ("[" * 100_000, "nested too deeply"),
        ('{"receipts": ' + "9" * 5_000 + "}", "a number in the body is too long"),
    ],
)
def test_a_body_that_cannot_be_read_is_told_why(world: World, body: str | bytes, words: str) -> None:
    assert words in str(problem(world.post("/receipts", body, token="north"), 400)["detail"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("npn", 7000001), ("npn", True), ("npn", None), ("npn", ["7000001"]), ("recorded_from", 20260101),
        ("recorded_from", 0), ("result", True), ("reason", {}), ("exchange_policy_id", 1),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_and_never_made_to_fit(world: World, name: str, value: object) -> None:
    errors = problem(world.post("/receipts", {"receipts": [{**RECEIPT, name: value}]}, token="north"), 422)["errors"]
    assert isinstance(errors, list)
    assert [one["pointer"] for one in errors] == [f"/receipts/0/{name}"]


def test_a_compressed_body_is_not_taken_for_one_as_it_is(world: World) -> None:
    refused = world.post("/receipts", ONE, token="north", **{"Content-Encoding": "gzip"})
    problem(refused, 415)
    assert refused.headers["Accept-Encoding"] == "identity"
    assert world.post("/receipts", ONE, token="north", **{"Content-Encoding": "identity"}).status_code == 200


def test_a_body_over_the_limit_is_not_read(world: World) -> None:
    problem(world.post("/receipts", b" " * (50 << 20), token="north"), 413)
    chunked = world.post("/receipts", {"receipts": []}, token="north", **{"Transfer-Encoding": "chunked"})
    problem(chunked, 411)


def test_what_is_wrong_is_told_by_its_place(world: World) -> None:
    body = {"receipts": [RECEIPT, {**RECEIPT, "npn": "x", "more": 1}], "also": 2}
    errors = problem(world.post("/receipts", body, token="north"), 422)["errors"]
    assert isinstance(errors, list)
    assert {one["pointer"] for one in errors} == {"/receipts/1/npn", "/receipts/1/more", "/also"}
    errors = problem(world.get("/record?on=yesterday&limit=251"), 422)["errors"]
    assert isinstance(errors, list)
    assert {one["pointer"] for one in errors} == {"on", "limit"}
    problem(world.get("/record?npm=1"), 422)
    twice = problem(world.get("/record?on=2026-01-01&on=2026-02-01"), 422)["errors"]
    assert twice == [{"pointer": "on", "because": "stands twice"}]
    problem(world.post("/receipts", ONE, token="north", **{"Idempotency-Key": "x" * 256}), 422)


def test_the_same_key_ten_times_is_one_effect_and_one_answer(world: World) -> None:
    answers = [world.post("/receipts", ONE, token="north", key="k1") for _ in range(10)]
    assert {(one.status_code, one.content) for one in answers} == {(200, answers[0].content)}
    assert [one.headers.get("Idempotency-Replayed") for one in answers] == [None, *["true"] * 9]
    assert Receipt.objects.count() == Answered.objects.count() == 1


def test_the_same_key_with_another_request_is_refused(world: World) -> None:
    world.post("/receipts", ONE, token="north", key="k1")
    problem(world.post("/receipts", {"receipts": [{**RECEIPT, "npn": "1"}]}, token="north", key="k1"), 422)
    assert world.post("/receipts", ONE, token="prairie", key="k1").status_code == 200
    assert Receipt.objects.count() == 1


def test_a_carrier_sees_its_own_and_no_other(world: World) -> None:
    for token, own, others in (("north", "P1", "P2"), ("prairie", "P2", "P1")):
        rows = world.get("/record", token=token).json()["rows"]  # type: ignore[attr-defined]  # an answer of Django's test client
        assert [row["exchange_policy_id"] for row in rows] == [own]
        assert world.get(f"/enrollments/{own}/why", token=token).status_code == 200
        unknown = problem(world.get(f"/enrollments/{others}/why", token=token), 404)
        assert unknown == problem(world.get("/enrollments/P99/why", token=token), 404)
        problem(world.get(f"/enrollments/{others}/why?carrier={NORTH_STAR}", token="prairie"), 404)
    answer = world.post("/receipts", ONE, token="prairie").json()["receipts"][0]  # type: ignore[attr-defined]  # an answer of Django's test client
    assert answer == {
        "exchange_policy_id": "P1",
        "receipt": None,
        "because": "no such policy of this carrier is known",
    }
    assert len(world.get("/record").json()["rows"]) == 2  # type: ignore[attr-defined]  # an answer of Django's test client


def test_every_reading_is_journaled(world: World) -> None:
    world.get("/record", token="north")
    world.get("/enrollments/P1/why")
    seen = set(Read.objects.values_list("actor_role", "actor_name", "subject_kind", "subject_id", "purpose"))
    assert seen == {
        ("carrier", "token north", "subscriber", "S1", "API"),
        ("system", "token eligibility", "enrollment", "P1", "API"),
    }


def test_an_answer_known_already_is_not_sent_again(world: World) -> None:
    at = NOW.isoformat().replace("+00:00", "Z")
    first = world.get(f"/record?known_at={at}")
    again = world.get(f"/record?known_at={at}", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_receipts_are_listed_in_pages(world: World) -> None:
    world.post("/receipts", {"receipts": [RECEIPT] * 5}, token="north")
    found, path = [], "/receipts?limit=2"
    for _ in range(3):
        page = world.get(path, token="north").json()  # type: ignore[attr-defined]  # an answer of Django's test client
        found += page["rows"]
        path = f"/receipts?limit=2&cursor={page['next']}"
    assert page["next"] is None
    assert [row["receipt"] for row in found] == sorted(row["receipt"] for row in found)
    assert len(found) == 5
    assert found[0]["told"] is None  # nothing was sent yet
    assert world.get("/receipts", token="prairie").json()["rows"] == []  # type: ignore[attr-defined]  # an answer of Django's test client


def test_a_cursor_of_another_token_or_of_nobody_is_refused(world: World) -> None:
    cursor = world.get("/record?limit=1").json()["next"]  # type: ignore[attr-defined]  # an answer of Django's test client
    assert world.get(f"/record?cursor={cursor}").json()["rows"][0]["exchange_policy_id"] == "P2"  # type: ignore[attr-defined]  # an answer of Django's test client
    problem(world.get(f"/record?cursor={cursor}", token="north"), 400)
    problem(world.get(f"/receipts?cursor={cursor}"), 400)
    problem(world.get(f"/record?cursor={cursor[:-1]}"), 400)
    problem(world.get("/record?cursor=W10:1:x"), 400)
    problem(world.get(f"/record?cursor={cursor}&npn={ANA}"), 400)


@pytest.mark.parametrize(
    "known_at", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z"]
)
def test_instants_out_of_bounds_are_refused(world: World, known_at: str) -> None:
    problem(world.get(f"/record?known_at={known_at}"), 422)


def test_the_description_is_open_to_all_and_names_every_operation(world: World) -> None:
    document = world.get("/openapi.json", token="none").json()  # type: ignore[attr-defined]  # an answer of Django's test client
    assert document["openapi"] == "3.1.0"
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["security"] == [{"Bearer": []}]
            assert operation["responses"].keys() >= {"200", "400", "401", "403", "422", "429", "500", "503"}
