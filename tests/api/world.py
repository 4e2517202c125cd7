"""A market for the API: two carriers with a policy each, Ana's P1 and Cruz's P2, and a token for every system."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

from aor.accounts import tokens
from aor.acts import associate, receive
from aor.associations.operations import ConsentGiven
from aor.terms.actor import Actor, Role, system
from aor.terms.period import day_of
from tests import builders
from tests.builders import ANA, BEN, CRUZ, NORTH_STAR, Policy, enrollment_file

PRAIRIE = "85736"
NOW = datetime.now(UTC)
YEAR = NOW.year
BY = system("test")
START = day_of(NOW).replace(day=1)
POLICY = Policy("P1", "S1", start=START, last="ZZPII", application="5500001-1")


@dataclass
class World:
    """Systems by name, each with its token in clear."""

    secrets: dict[str, str]

    def get(self, path: str, *, token: str = "eligibility", **headers: str) -> HttpResponse:
        return self._client(token).get(f"/api/v1{path}", headers=headers)  # type: ignore[return-value]  # an answer of Django's test client

    def post(
        self, path: str, body: object, *, token: str = "eligibility", key: str = "", **headers: str
    ) -> HttpResponse:
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        return self._client(token).post(  # type: ignore[return-value]  # an answer of Django's test client
            f"/api/v1{path}",
            data=content,
            content_type=headers.pop("content_type", "application/json"),
            headers={"Idempotency-Key": key or uuid4().hex, **headers},
        )

    def _client(self, token: str) -> Client:
        secret = self.secrets.get(token, token)
        given = {"Authorization": f"Bearer {secret}"} if secret else {}
        return Client(headers={"host": "localhost", **given}, raise_request_exception=False)


def make(folder: Path) -> World:
    """Builds it, as of now."""
    for hios, name in ((NORTH_STAR, "North Star Health"), (PRAIRIE, "Prairie Health")):
        builders.carrier(hios, name=name, naic_company_code=hios, x12_id=f"4100{hios}", tax_id=f"4100{hios}")
    for npn, first in ((ANA, "Ana"), (BEN, "Ben"), (CRUZ, "Cruz")):
        builders.broker(npn, first, "Broker", certified=(YEAR, YEAR + 1), appointed=(NORTH_STAR, PRAIRIE))
    path = folder / "enrollments.834"
    other = replace(POLICY, policy="P2", subscriber="S2", plan=f"{PRAIRIE}MN001000104", application="5500002-1")
    sent = (NOW - timedelta(days=2)).replace(hour=18)  # the same day there as in Minnesota
    path.write_bytes(enrollment_file(POLICY, other, sent=sent))
    assert receive.receive(path, by=BY, now=sent).accepted
    for subscriber, npn in (("S1", ANA), ("S2", CRUZ)):
        associate.designate(
            subscriber_id=subscriber, npn=npn, consent=consent(), second_factor=True,
            by=Actor(Role.CONSUMER, "test"), now=NOW - timedelta(days=1),
        )  # fmt: skip
    return World(
        {
            "eligibility": token("eligibility"),
            "north": token("north", carrier=NORTH_STAR),
            "prairie": token("prairie", carrier=PRAIRIE),
            "none": "",
        }
    )


def token(name: str, *, carrier: str = "", days: int = 30, per_minute: int = 100_000, at: datetime = NOW) -> str:
    return tokens.give(
        name=name,
        role="carrier" if carrier else "eligibility",
        hios_issuer_id=carrier,
        days=days,
        per_minute=per_minute,
        by=BY,
        now=at,
    )


def consent() -> ConsentGiven:
    return ConsentGiven(act="designated", shown="Your broker may see it.", template_version="test", parties="both")
