"""The eligibility system tells of enrollments: whole or not at all."""

import functools
from typing import Annotated, Literal

from django.http import HttpResponse, JsonResponse
from ninja import Router
from pydantic import Field

from aor.accounts import tokens
from aor.accounts.tokens import Scope
from aor.acts import feed
from aor.api.answers import Taken
from aor.api.door import ApiRequest, Bearer, Key, once
from aor.api.fields import Day, Document, Hios, Instant, Npn, PolicyId, SubscriberId, text
from aor.api.problems import Fault, document

router = Router(tags=["eligibility system"])
MOST = 500  # a write transaction of SQLite stays under a second


class EnrollmentIn(Document):
    """One subscriber's coverage. `until` is the first day that no longer counts.

    `sent_to_carrier_at` is null while it was not sent: the agent of record is decided, and held. Tell it again, with
    the instant, when it went.
    """

    kind: Literal["add", "change", "end", "cancel", "reinstate"]
    hios_issuer_id: Hios
    exchange_policy_id: PolicyId
    exchange_subscriber_id: SubscriberId
    exchange_member_id: SubscriberId | None = None
    plan_id: Annotated[str, Field(pattern=r"^([!-~]{5,50})?$")] = ""
    coverage: Literal["HLT", "DEN"] | None = None
    start: Day | None = None
    until: Day | None = None
    requested_on: Day | None = None
    application_id: Annotated[str, Field(pattern=r"^[!-~]{0,50}$")] = ""
    last_name: Annotated[str, text(60)] = ""
    first_name: Annotated[str, text(35)] = ""
    middle_name: Annotated[str, text(25)] = ""
    birth_date: Day | None = None
    sex: Literal["", "F", "M", "U"] = ""
    address: Annotated[str, text(300)] = ""
    phone: Annotated[str, text(40)] = ""
    email: Annotated[str, text(254)] = ""
    sent_to_carrier_at: Instant | None
    npn: Npn | None = None

    def told(self) -> feed.Told:
        return feed.Told(
            kind=self.kind,
            hios_issuer_id=self.hios_issuer_id,
            policy_id=self.exchange_policy_id,
            subscriber_id=self.exchange_subscriber_id,
            member_id=self.exchange_member_id or "",
            plan_id=self.plan_id,
            coverage_kind=self.coverage or "",
            start=self.start,
            until=self.until,
            requested_on=self.requested_on,
            application_id=self.application_id,
            last_name=self.last_name,
            first_name=self.first_name,
            middle_name=self.middle_name,
            birth_date=self.birth_date,
            sex=self.sex,
            address=self.address,
            phone=self.phone,
            email=self.email,
            sent_at=self.sent_to_carrier_at,
            npn=self.npn or "",
        )


class EnrollmentsIn(Document):
    """Up to 500 enrollments, in the order in which they came about."""

    enrollments: Annotated[list[EnrollmentIn], Field(min_length=1, max_length=MOST)]


@router.post("/enrollments", response=Taken, auth=Bearer(Scope.ENROLLMENTS))
def receive(request: ApiRequest, body: EnrollmentsIn, key: Key) -> HttpResponse:
    """Tell of enrollments: taken whole, or refused whole with what is wrong by its place."""
    return once(request, key, functools.partial(_receive, request, body))


def _receive(request: ApiRequest, body: EnrollmentsIn) -> HttpResponse:
    taken = feed.receive(
        [one.told() for one in body.enrollments],
        content=request.body,
        source=request.auth.name,
        by=tokens.actor(request.auth),
        now=request.now,
    )
    if taken.wrong:
        faults = [Fault(f"/enrollments/{one.place}/{one.field}", one.because) for one in taken.wrong[:100]]
        return document(422, "nothing was taken: something in the feed is not as it must be", faults=faults)
    findings = [finding.as_json() for finding in taken.findings]
    return JsonResponse({"enrollments": taken.enrollments, "findings": findings})
