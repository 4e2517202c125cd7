"""The eligibility system tells of enrollments and of what consumers did; everything that follows is as of an 834."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from aor.acts import associate, receive
from aor.audit.models import Act
from aor.enrollments.models import Enrollment, EnrollmentFile, Event
from aor.record.models import Entry
from aor.transmissions.ledger import Ledger, Scope
from tests.api.test_door import problem
from tests.api.world import ANA, BEN, BY, CRUZ, NORTH_STAR, NOW, POLICY, START, YEAR, World
from tests.builders import Policy, enrollment_file

SENT = (NOW - timedelta(hours=3)).isoformat()
CONSENT = {"act": "designated", "shown": "Your broker may see it.", "template_version": "1", "parties": "both"}
TOLD = {
    "kind": "add",
    "hios_issuer_id": NORTH_STAR,
    "exchange_policy_id": "P5",
    "exchange_subscriber_id": "S1",
    "plan_id": "31616MN001000104",
    "coverage": "HLT",
    "start": START.isoformat(),
    "requested_on": START.isoformat(),
    "application_id": "5500001",
    "last_name": "ZZPII",
    "first_name": "KAYING",
    "birth_date": "1984-05-02",
    "sex": "F",
    "sent_to_carrier_at": None,
}


def tell(world: World, *enrollments: dict[str, object], key: str = "") -> HttpResponse:
    return world.post("/enrollments", {"enrollments": list(enrollments)}, key=key)


def why(world: World, policy: str) -> dict[str, object]:
    found: dict[str, object] = world.get(f"/enrollments/{policy}/why").json()  # type: ignore[attr-defined]  # an answer of Django's test client
    return found


def unmet(story: dict[str, object]) -> set[str]:
    return {one["rule"] for one in story["findings"] if not one["met"]}  # type: ignore[attr-defined]  # an answer of Django's test client


def test_an_agent_of_record_waits_until_the_enrollment_was_sent(world: World) -> None:
    assert tell(world, TOLD).json() == {"enrollments": 1, "findings": []}  # type: ignore[attr-defined]  # an answer of Django's test client
    before = why(world, "P5")
    assert (before["state"], before["candidate"]) == ("held", ANA)
    assert unmet(before) == {"ENROLLMENT_SENT"}
    assert tell(world, {**TOLD, "sent_to_carrier_at": SENT}).status_code == 200
    after = why(world, "P5")
    assert (after["state"], after["agent_of_record"] or after["candidate"]) == ("ready", ANA)
    assert Enrollment.objects.get(policy_id="P5").sent_at is not None


def test_what_was_known_before_it_was_sent_can_be_asked(world: World) -> None:
    tell(world, TOLD)
    between = Event.objects.filter(policy_id="P5").latest("id").file.accepted_at
    assert between is not None
    tell(world, {**TOLD, "sent_to_carrier_at": SENT})
    ((enrolled, _),) = Ledger(Scope(policy_id="P5"), now=NOW + timedelta(hours=1), known_at=between).accounts()
    assert enrolled.sent_at is None


def test_the_834_itself_says_that_it_was_sent(world: World, tmp_path: object) -> None:
    tell(world, {**TOLD, "exchange_policy_id": "P6"})
    path = tmp_path / "later.834"  # type: ignore[operator]  # an answer of Django's test client
    path.write_bytes(enrollment_file(Policy("P6", "S1", start=START), sent=NOW, isa13=900))
    assert receive.receive(path, by=BY, now=NOW + timedelta(minutes=5)).accepted
    assert Enrollment.objects.get(policy_id="P6").sent_at is not None


def test_a_sent_feed_and_an_834_make_the_same_enrollment_and_record(world: World) -> None:
    sent = Event.objects.get(policy_id="P1").sent_at
    same = {**TOLD, "requested_on": "2025-12-05", "sent_to_carrier_at": sent.isoformat()}
    tell(world, same)
    columns = [one.name for one in Enrollment._meta.fields if one.name not in ("id", "policy_id", "member_id")]
    of_file, of_feed = (Enrollment.objects.filter(policy_id=name).values(*columns).get() for name in ("P1", "P5"))
    assert of_file == of_feed
    entries = [
        set(Entry.objects.filter(enrollment__policy_id=name).values_list("npn", "effective_from", "in_standing"))
        for name in ("P1", "P5")
    ]
    assert entries[0] == entries[1] != set()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"start": None}, "/enrollments/1/start"),
        ({"plan_id": ""}, "/enrollments/1/plan_id"),
        ({"plan_id": "85736MN001000104"}, "/enrollments/1/plan_id"),
        ({"coverage": None}, "/enrollments/1/coverage"),
        ({"last_name": ""}, "/enrollments/1/last_name"),
        ({"until": START.isoformat()}, "/enrollments/1/until"),
        ({"kind": "end"}, "/enrollments/1/until"),
        ({"npn": ANA}, "/enrollments/1/npn"),
        ({"social_security_number": "000"}, "/enrollments/1/social_security_number"),
        ({"birth_date": "02.05.1984"}, "/enrollments/1/birth_date"),
        ({"sent_to_carrier_at": "2026-01-01"}, "/enrollments/1/sent_to_carrier_at"),
        ({"kind": "delete"}, "/enrollments/1/kind"),
    ],
)
def test_a_feed_is_refused_whole_with_what_is_wrong_by_its_place(
    world: World, change: dict[str, object], pointer: str
) -> None:
    refused = problem(tell(world, TOLD, {**TOLD, "exchange_policy_id": "P6", **change}), 422)
    assert [one["pointer"] for one in refused["errors"]] == [pointer]  # type: ignore[attr-defined]  # an answer of Django's test client
    assert not Event.objects.filter(policy_id__in=["P5", "P6"]).exists()


def test_a_refusal_is_journaled_and_answered_alike(world: World) -> None:
    first, again = (tell(world, {**TOLD, "start": None}, key="k") for _ in range(2))
    assert first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Act.objects.filter(verb="enrollments.refused").count() == 1


def test_the_same_feed_under_another_key_changes_nothing(world: World) -> None:
    tell(world, TOLD)
    findings = tell(world, TOLD).json()["findings"]  # type: ignore[attr-defined]  # an answer of Django's test client
    assert [one["rule"] for one in findings] == ["SAME_FILE"]
    assert Event.objects.filter(policy_id="P5").count() == 1


def test_the_whole_life_of_an_enrollment_can_be_told(world: World) -> None:
    end = date(YEAR + 1, 1, 1)
    lives = (
        ({"kind": "change", "until": end.isoformat()}, False, end),
        ({"kind": "cancel"}, True, None),
        ({"kind": "reinstate"}, False, end),
    )
    tell(world, {**TOLD, "sent_to_carrier_at": SENT})
    for hours, (change, cancelled, until) in enumerate(lives, start=1):
        at = (NOW - timedelta(hours=3 - hours / 2)).isoformat()
        assert tell(world, {**TOLD, **change, "sent_to_carrier_at": at}).status_code == 200
        found = Enrollment.objects.get(policy_id="P5")
        assert found.cancelled == cancelled
        assert until is None or found.until == until


def act(world: World, name: str, body: dict[str, object]) -> dict[str, object]:
    response = world.post(f"/associations/{name}", body)
    assert response.status_code == 200, response.content
    decided: dict[str, object] = response.json()  # type: ignore[attr-defined]  # an answer of Django's test client
    return decided


def test_a_consumer_designates_and_ends_at_the_eligibility_system(world: World) -> None:
    mine = {"exchange_subscriber_id": "S7", "consent": CONSENT, "second_factor": False}
    assert act(world, "designate", {**mine, "npn": ANA})["granted"]
    refused = act(world, "designate", {**mine, "npn": BEN})
    assert not refused["granted"]  # another broker needs the second factor
    assert act(world, "designate", {**mine, "npn": BEN, "second_factor": True})["granted"]
    assert not act(world, "designate", {**mine, "npn": CRUZ, "consent": None, "second_factor": True})["granted"]
    assert act(world, "end", {"exchange_subscriber_id": "S7"})["granted"]
    assert not act(world, "end", {"exchange_subscriber_id": "S7"})["granted"]
    acts = Act.objects.filter(subject_id="S7").values_list("verb", "actor_role", "actor_name")
    assert ("association.designated", "consumer", "token eligibility") in acts
    assert ("association.designated refused", "consumer", "token eligibility") in acts


def test_a_consumer_confirms_an_invitation_only_of_their_own(world: World) -> None:
    _, _code = associate.invite(subscriber_id="S7", npn=BEN, contact="", by=BY, now=NOW)
    decision, _code = associate.invite(subscriber_id="S7", npn=BEN, contact="s7@example.org", by=BY, now=NOW)
    assert decision.granted, decision
    invitation = associate.association_facts.invitations_of([BEN]).values_list("id", flat=True).first()  # type: ignore[attr-defined]  # an answer of Django's test client
    body = {"invitation": invitation, "consent": CONSENT, "second_factor": True}
    assert not act(world, "confirm", {**body, "exchange_subscriber_id": "S1"})["granted"]
    assert act(world, "confirm", {**body, "exchange_subscriber_id": "S7"})["granted"]
    assert not act(world, "confirm", {**body, "exchange_subscriber_id": "S7", "invitation": 2**63 - 1})["granted"]


def test_an_application_needs_the_consumers_own_consent_and_a_broker_in_standing(world: World) -> None:
    mine = {"exchange_subscriber_id": "S7", "npn": BEN, "second_factor": True}
    assert not act(world, "application", {**mine, "consent": None})["granted"]
    assert not act(world, "application", {**mine, "npn": "999", "consent": CONSENT})["granted"]
    assert act(world, "application", {**mine, "consent": CONSENT})["granted"]


def test_a_name_from_the_api_is_in_no_journal(world: World) -> None:
    tell(world, TOLD, {**TOLD, "start": None})
    tell(world, TOLD)
    assert POLICY.last == "ZZPII"
    assert not any("ZZPII" in details for details in Act.objects.values_list("details", flat=True))
    assert not EnrollmentFile.objects.filter(name__contains="ZZPII").exists()


def test_many_enrollments_told_are_as_few_statements_as_one(world: World) -> None:
    tell(world, {**TOLD, "exchange_policy_id": "P7"})
    some: list[dict[str, object]] = [{**TOLD, "exchange_policy_id": f"Q{number}"} for number in range(15)]
    for told in ([{**TOLD, "exchange_policy_id": "P8"}], some):
        with CaptureQueriesContext(connection) as asked:
            assert tell(world, *told).status_code == 200
        policies = [one["exchange_policy_id"] for one in told]
        assert Entry.objects.filter(enrollment__policy_id__in=policies, known_until=None).count() == len(told)
        statements = [one["sql"] for one in asked.captured_queries if "SAVEPOINT" not in one["sql"]]
        assert len(statements) <= 45, "\n".join(statements)
