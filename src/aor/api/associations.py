"""What consumers do about their broker at the eligibility system: choose, confirm, apply with, end."""

from collections.abc import Callable
from typing import Annotated

from django.http import HttpResponse, JsonResponse
from ninja import Router
from pydantic import Field

from aor.accounts import tokens
from aor.accounts.tokens import Scope
from aor.acts import associate
from aor.acts.feed import ConsentGiven
from aor.api.answers import DecisionOut
from aor.api.door import ApiRequest, Bearer, Key, once
from aor.api.fields import Document, Flag, Npn, Number, SubscriberId, Year, text
from aor.policy.decision import Decision

router = Router(tags=["eligibility system"])


class ConsentIn(Document):
    """What the consumer was shown and agreed to (45 CFR 155.220(j)(2)(iii))."""

    act: Annotated[str, text(40, least=1)]
    shown: Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"^[^\x00]*$")]
    template_version: Annotated[str, text(40, least=1)]
    parties: Annotated[str, text(300, least=1)]
    scope: Annotated[str, text(200, least=1)] = "all my coverage"
    purpose: Annotated[str, text(200, least=1)] = "help with application, enrollment and coverage"
    duration: Annotated[str, text(100, least=1)] = "until ended"
    how_to_rescind: Annotated[str, text(300, least=1)] = "in the marketplace account, or by telephone"
    language: Annotated[str, text(20, least=1)] = "en"
    interpreter: Annotated[str, text(100)] = ""
    reference: Annotated[str, text(100)] = ""

    def given(self) -> ConsentGiven:
        return ConsentGiven(**self.model_dump())


class ActIn(Document):
    """Whose act it was; `second_factor`: they proved who they are a second time for it."""

    exchange_subscriber_id: SubscriberId
    consent: ConsentIn | None
    second_factor: Flag

    def given(self) -> ConsentGiven | None:
        return self.consent.given() if self.consent else None


class DesignateIn(ActIn):
    """The consumer chose a broker; `plan_year`: for coverage from that year on only."""

    npn: Npn
    plan_year: Year | None = None


class ConfirmIn(ActIn):
    """The consumer said yes to a broker's invitation."""

    invitation: Number
    plan_year: Year | None = None


class ApplicationIn(ActIn):
    """The application that a broker filled in with the consumer was submitted."""

    npn: Npn


class EndIn(Document):
    """The consumer ended it; `plan_year`: for coverage from that year on only."""

    exchange_subscriber_id: SubscriberId
    plan_year: Year | None = None


def _once(
    request: ApiRequest, key: str, act: Callable[..., Decision], body: ActIn | EndIn, **said: object
) -> HttpResponse:
    """Does an act for the consumer of a body, once; a refusal is an answer like a grant: it says why."""
    if isinstance(body, ActIn):
        said |= {"consent": body.given(), "second_factor": body.second_factor}

    def effect() -> HttpResponse:
        by = tokens.for_consumer(request.auth)
        decision = act(subscriber_id=body.exchange_subscriber_id, **said, by=by, now=request.now)
        findings = [finding.as_json() for finding in decision.findings]
        return JsonResponse({"granted": decision.granted, "findings": findings})

    return once(request, key, effect)


@router.post("/associations/designate", response=DecisionOut, auth=Bearer(Scope.ASSOCIATIONS))
def designate(request: ApiRequest, body: DesignateIn, key: Key) -> HttpResponse:
    """The consumer names a broker."""
    return _once(request, key, associate.designate, body, npn=body.npn, plan_year=body.plan_year)


@router.post("/associations/confirm", response=DecisionOut, auth=Bearer(Scope.ASSOCIATIONS))
def confirm(request: ApiRequest, body: ConfirmIn, key: Key) -> HttpResponse:
    """The consumer accepts a broker's invitation."""
    return _once(request, key, associate.confirm, body, invitation=body.invitation, plan_year=body.plan_year)


@router.post("/associations/application", response=DecisionOut, auth=Bearer(Scope.ASSOCIATIONS))
def submit_application(request: ApiRequest, body: ApplicationIn, key: Key) -> HttpResponse:
    """An application made with a broker is submitted, with the consumer's own consent."""
    return _once(request, key, associate.submit_application, body, npn=body.npn)


@router.post("/associations/end", response=DecisionOut, auth=Bearer(Scope.ASSOCIATIONS))
def end(request: ApiRequest, body: EndIn, key: Key) -> HttpResponse:
    """The consumer ends the association: access closes at once, credit with the month."""
    return _once(request, key, associate.end, body, plan_year=body.plan_year)
