"""Retroactive requests read: what was asked, which coverage it is, what that proposes, what the broker is told."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet

from aor.cases.models import State
from aor.enrollments.models import Enrollment
from aor.policy import retro as rules
from aor.policy.attribution import EnrollmentFacts, HouseholdFacts
from aor.policy.decision import Decision, Finding
from aor.policy.retro import Asked, Found, Outcome, Proposal
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.record import queries as record_facts
from aor.record.queries import Surroundings
from aor.retro.models import Assessment, EnrolledIs, Identified, Reason, Request, Ruling
from aor.terms.coverage import Coverage
from aor.terms.period import day_of

NAMES = {
    "last_name": "last name",
    "first_name": "first name",
    "birth_date": "birth date",
    "hios_issuer_id": "carrier",
    "coverage_kind": "medical or dental",
    "effective_on": "coverage effective date",
    "enrolled_on": "application or enrollment date",
    "enrolled_is": "which of the two it is",
    "because": "why the association was missing",
    "policy_id": "policy",
}


FIRST_DAY, EARLIEST_BIRTH = date(2013, 10, 1), date(1900, 1, 1)  # marketplaces opened on the first of October 2013
LONGEST = {"last_name": 60, "first_name": 35, "hios_issuer_id": 5, "policy_id": 50}
CHOICES: dict[str, Sequence[str]] = {
    "coverage_kind": [kind.value for kind in Coverage],
    "enrolled_is": EnrolledIs.values,
    "because": Reason.values,
}


@dataclass(frozen=True, slots=True)
class Fields:
    """A request as filled in so far: "" or None where the broker has not said it yet. Names are private data.

    `enrolled_is` and `because` are among `models.EnrolledIs` and `models.Reason`; `policy_id` is optional.
    """

    npn: str
    last_name: str = ""
    first_name: str = ""
    birth_date: date | None = None
    hios_issuer_id: str = ""
    coverage_kind: str = ""
    effective_on: date | None = None
    enrolled_on: date | None = None
    enrolled_is: str = ""
    because: str = ""
    agreement_on: date | None = None
    attested: bool = False
    policy_id: str = ""

    def lacking(self, today: date) -> list[str]:
        """What is missing, or cannot be meant: in the words of the form."""
        days = {"birth_date": (EARLIEST_BIRTH, today), "enrolled_on": (FIRST_DAY, today)}
        days["effective_on"] = (FIRST_DAY, today + timedelta(366))
        found = [words for name, words in NAMES.items() if name != "policy_id" and not getattr(self, name)]
        found += [
            f"{NAMES[name]} between {first} and {last}"
            for name, (first, last) in days.items()
            if (day := getattr(self, name)) is not None and not first <= day <= last
        ]
        found += [
            f"{NAMES[name]} of at most {most} letters"
            for name, most in LONGEST.items()
            if len(getattr(self, name)) > most
        ]
        found += [
            f"{NAMES[name]}: one of {', '.join(choices)}"
            for name, choices in CHOICES.items()
            if getattr(self, name) not in ("", *choices)
        ]
        return found


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that decides a request. `enrollment` and `household` None while no coverage is identified."""

    asked: Asked
    found: Found | None
    standing: BrokerStanding
    carrier: CarrierFacts
    around: Surroundings
    enrollment: EnrollmentFacts | None = None
    household: HouseholdFacts | None = None

    @property
    def proposal(self) -> Proposal:
        return rules.propose(self.asked, self.found, self.standing, self.carrier, self.around.parameters)

    @property
    def told(self) -> Decision:
        return rules.told(self.asked, self.found, self.standing, self.carrier, self.around.parameters)


def said(fields: Fields, *, evidence: bool, now: datetime) -> Decision:
    """What can be said of a request as filled in so far, by the broker's words and standing alone."""
    today = day_of(now)
    findings: list[Finding] = [rules.fields_given(fields.lacking(today))]
    enrolled_on, effective_on = (_meant(day, today) for day in (fields.enrolled_on, fields.effective_on))
    if effective_on and enrolled_on and fields.hios_issuer_id:
        around = Surroundings.known()
        asked = Asked(
            fields.npn,
            today,
            effective_on,
            enrolled_on,
            fields.agreement_on,
            agreement_shown=evidence,
            attested=fields.attested,
            asked_before=asked_before(fields),
        )
        standing = around.standings({fields.npn})[fields.npn]
        findings += rules.said(asked, standing, around.carrier(fields.hios_issuer_id), around.parameters).findings
    return Decision.of(*findings)


def _meant(day: date | None, today: date) -> date | None:
    return day if day is not None and FIRST_DAY <= day <= today + timedelta(366) else None


def asked_before(fields: Fields | Request) -> str:
    """The number of the broker's earlier request for the same, if it was not withdrawn; else ""."""
    if fields.birth_date is None or fields.effective_on is None:
        return ""
    same = Request.objects.filter(
        npn=fields.npn,
        birth_date=fields.birth_date,
        hios_issuer_id=fields.hios_issuer_id,
        coverage_kind=fields.coverage_kind,
        effective_on=fields.effective_on,
    ).exclude(rulings__outcome=Outcome.WITHDRAWN)
    if isinstance(fields, Request):
        same = same.filter(pk__lt=fields.pk)
    rows = same.select_related("case").order_by("pk")
    return next((row.case.number for row in rows if _person(row) == _person(fields)), "")


def request(number: str) -> Request:
    """The request of a case. Raises Request.DoesNotExist."""
    return Request.objects.select_related("case").get(case__number=number)


def of_broker(npn: str) -> QuerySet[Request]:
    """A broker's requests, the latest first."""
    return Request.objects.filter(npn=npn).select_related("case").prefetch_related("rulings").order_by("-pk")


def about(subscriber_id: str) -> list[Request]:
    """The requests about one subscriber's coverage, for that consumer, latest first."""
    latest = Identified.objects.filter(request=OuterRef("pk")).order_by("-pk")
    rows = Request.objects.annotate(whose=latest.values("enrollment__subscriber__exchange_subscriber_id")[:1])
    return list(rows.filter(whose=subscriber_id).select_related("case").order_by("-pk"))


def gather(row: Request, *, now: datetime) -> Gathered:
    """Everything that decides a request, as known now."""
    around = Surroundings.known()
    asked = Asked(
        row.npn,
        day_of(row.received_at),
        row.effective_on,
        row.enrolled_on,
        row.agreement_on,
        agreement_shown=row.case.evidence.exists(),
        attested=row.attested,
        asked_before=asked_before(row),
    )
    standing = around.standings({row.npn})[row.npn]
    identified = row.identified.select_related("enrollment__subscriber").order_by("-pk").first()
    if identified is None:
        return Gathered(asked, None, standing, around.carrier(row.hios_issuer_id), around)
    household_id = identified.enrollment.subscriber.household_id
    household = record_facts.gather([household_id], around).households[household_id]
    enrollment = next(one for one in household.enrollments if one.id == identified.enrollment_id)
    found = rules.found(
        enrollment,
        household,
        row.npn,
        today=day_of(now),
        objected=hasattr(row, "objection"),
        parameters=around.parameters,
    )
    return Gathered(asked, found, standing, enrollment.carrier, around, enrollment, household)


def candidates(fields: Fields | Request) -> list[int]:
    """The enrollments that the broker's words name, by carrier, kind, person, and policy where it was given."""
    rows = Enrollment.objects.filter(
        hios_issuer_id=fields.hios_issuer_id, coverage_kind=fields.coverage_kind, birth_date=fields.birth_date
    )
    if fields.policy_id:
        rows = rows.filter(policy_id=fields.policy_id)
    found = [row for row in rows.order_by("pk") if _person(row) == _person(fields)]
    begun = [row.pk for row in found if row.start == fields.effective_on]
    return begun or [row.pk for row in found]


def near(row: Request) -> list[Enrollment]:
    """The enrollments that a request may mean: the carrier's of that kind, by birth date or by name."""
    same = Q(birth_date=row.birth_date) | Q(last_name__iexact=row.last_name, first_name__iexact=row.first_name)
    rows = Enrollment.objects.filter(same, hios_issuer_id=row.hios_issuer_id, coverage_kind=row.coverage_kind)
    return list(rows.select_related("subscriber").order_by("last_name", "first_name", "start", "pk")[:20])


def people_of(rows: Iterable[Enrollment]) -> list[str]:
    """The subscribers of some enrollments."""
    return [one.subscriber.exchange_subscriber_id for one in rows]


def _person(row: Fields | Request | Enrollment) -> tuple[str, str]:
    return _plain(row.last_name), _plain(row.first_name)


def _plain(name: str) -> str:
    """Letters and digits alone, small, without accents."""
    return "".join(one for one in unicodedata.normalize("NFKD", name).casefold() if one.isalnum())


def latest_ruling(row: Request) -> Ruling | None:
    return row.rulings.order_by("-number").first()


def latest_assessment(row: Request) -> Assessment | None:
    return row.assessments.select_related("decision").order_by("-pk").first()


def waiting_for_association() -> Iterator[Request]:
    """Requests that wait for the broker, among them those whose association is still missing."""
    rows = Request.objects.filter(case__state=State.WAITING).select_related("case").order_by("pk")
    for row in rows:
        assessment = latest_assessment(row)
        if assessment is not None and "ASSOCIATED_NOW" in assessment.reasons.split(","):
            yield row


def with_the_carrier() -> list[Ruling]:
    """Approvals whose carrier has not answered yet."""
    rows = Ruling.objects.filter(outcome=Outcome.APPROVED, request__case__state=State.ANSWERED)
    return list(rows.select_related("request__case").order_by("pk"))


def not_approved() -> list[Ruling]:
    """The latest rulings of requests that were answered and not approved."""
    rows = Ruling.objects.filter(request__case__state=State.ANSWERED).select_related("request__case").order_by("pk")
    latest = {row.request_id: row for row in rows}
    return [row for row in latest.values() if row.outcome != Outcome.APPROVED]
