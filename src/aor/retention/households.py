"""Households whose coverage is long over, and cases that are long closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import batched
from typing import Any, cast

from django.apps import apps
from django.db.models import Exists, Max, Model, OuterRef, Q, QuerySet

from aor.associations.models import Association, Consent, Invitation
from aor.cases.models import Case, State
from aor.consumers.models import Contact, Household, Membership, Subscriber
from aor.discrepancies.models import Assessment
from aor.engine.among import among
from aor.enrollments.models import Enrollment, Event
from aor.incidents.models import Dispute
from aor.record.models import Entry
from aor.reports.models import Changed, Line, Withheld
from aor.retention.candidates import AT_ONCE, Candidate, Gathered, not_disposed
from aor.retro.models import Identified
from aor.terms.period import ONE_DAY, Period, day_of, end_of

BY_NAME = (
    (Event, "subscriber_id", "sent_at"), (Contact, "exchange_subscriber_id", "as_of"),
    (Invitation, "subscriber_id", "sent_at"),
)  # fmt: skip
BY_ENROLLMENT = (Line, Withheld, Changed)
OF_CASE = {
    "cases.Message": "case_id", "cases.Evidence": "case_id", "discrepancies.Claim": "case_id",
    "discrepancies.Supplement": "claim__case_id", "discrepancies.Reply": "case_id", "retro.Request": "case_id",
    "retro.Ruling": "request__case_id",
}  # fmt: skip


def households(by: date) -> Iterator[list[Candidate]]:
    """Those whose last coverage ended on or before a day, and who agreed with no broker since."""
    ends = not_disposed(Enrollment).values("subscriber__household").annotate(last=Max("until")).filter(last__lte=by)
    last = {int(row["subscriber__household"]): row["last"] for row in cast("QuerySet[Any, dict[str, Any]]", ends)}
    for some in batched(sorted(last), AT_ONCE):
        yield [one for one in _candidates({id: last[id] for id in some}) if one.thing.ended <= by]


def without_coverage(by: date) -> Iterator[list[Candidate]]:
    """Those of whom no coverage is kept, and the last was told, asked or agreed on or before a day."""
    covered = not_disposed(Enrollment).filter(subscriber__household=OuterRef("pk"))
    some = Household.objects.filter(~Exists(covered)).order_by("pk").values_list("pk", flat=True)
    for ids in batched(some.iterator(chunk_size=AT_ONCE), AT_ONCE):
        found = _candidates(dict.fromkeys(ids, date.min), told=True)
        yield [one for one in found if one.rows and one.thing.ended <= by]


def _candidates(last: dict[int, date], *, told: bool = False) -> Iterator[Candidate]:
    """By household the day its coverage ended; `told`: what was told of them keeps them as well."""
    found = {household: Gathered() for household in last}
    people = Subscriber.objects.filter(household_id__in=last)
    of_id, of_name = {}, {}
    for id, name, household in people.values_list("id", "exchange_subscriber_id", "household_id"):
        of_id[id] = of_name[name] = household
        found[household].subscribers.add(name)
    _enrollments(found, of_id)
    for model, column, at in BY_NAME:
        rows = not_disposed(model).filter(**{f"{column}__in": list(of_name)})
        for id, name, instant in rows.values_list("id", column, at):
            household = of_name[name]
            found[household].rows[model._meta.label].add(id)
            last[household] = max(last[household], day_of(instant)) if told else last[household]
    latest = _associations(found, of_name)
    for household, one in found.items():
        if told:  # whatever coverage they had was disposed of
            one.rows.pop("enrollments.Enrollment", None)
        yield one.candidate(ended=max(last[household], latest.get(household, date.min)))


def _enrollments(found: dict[int, Gathered], of_id: dict[int, int]) -> None:
    """Every enrollment of theirs, who was its agent of record, and where it was shown."""
    policies: dict[int, int] = {}
    columns = ("id", "subscriber_id", "hios_issuer_id", "start", "until")
    for id, subscriber, hios, start, until in Enrollment.objects.filter(subscriber_id__in=of_id).values_list(
        *columns
    ):
        one = found[of_id[subscriber]]
        policies[id] = of_id[subscriber]
        one.rows["enrollments.Enrollment"].add(id)
        one.carriers.add(hios)
        one.periods += [Period(start, until)] if start < until else []
    for npn, enrollment in Entry.objects.filter(enrollment_id__in=policies).values_list("npn", "enrollment_id"):
        found[policies[enrollment]].npns.add(npn)
    for model in BY_ENROLLMENT:
        rows = not_disposed(cast("type[Model]", model)).filter(enrollment_id__in=policies)
        for id, enrollment in rows.values_list("id", "enrollment_id"):
            found[policies[enrollment]].rows[model._meta.label].add(id)


def _associations(found: dict[int, Gathered], of_name: dict[str, int]) -> dict[int, date]:
    """Their brokers and consents; by household the last day on which an association was confirmed or ended.

    One that nobody ended keeps nothing: without coverage it gives no credit, and its consent is as old as its day.
    """
    of_key = dict(of_name)
    keys = Membership.objects.filter(exchange_subscriber_id__in=of_name)
    for key, name in keys.values_list("household_id", "exchange_subscriber_id"):
        of_key.setdefault(key, of_name[name])
    latest: dict[int, date] = {}
    ours = Association.objects.filter(Q(subscriber_id__in=of_name) | Q(household_id__in=of_key))
    rows = list(ours.annotate(last=Max("endings__at")))
    consents = {row.consent_id for row in rows if row.consent_id}
    kept = set(not_disposed(Consent).filter(among("pk", consents)).values_list("pk", flat=True))
    for row in rows:
        household = of_key[row.subscriber_id or row.household_id]
        one = found[household]
        one.npns.add(row.npn)
        if row.consent_id and row.consent_id in kept:
            one.rows["associations.Consent"].add(row.consent_id)
        days = (day_of(at) for at in (row.confirmed_at, cast("datetime | None", row.last)) if at is not None)
        latest[household] = max(latest.get(household, date.min), *days)
    return latest


def cases(by: date) -> Iterator[list[Candidate]]:
    """Closed cases whose last step is of that day or before."""
    ended = Case.objects.filter(state=State.CLOSED).annotate(last=Max("events__at")).filter(last__lt=end_of(by))
    rows = {row.pk: row for row in ended.order_by("id")}
    for some in batched(rows, AT_ONCE):
        about, found = people_of(some), defaultdict[int, Gathered](Gathered)
        for label, column in OF_CASE.items():
            owned = not_disposed(apps.get_model(label)).filter(**{f"{column}__in": list(some)})
            for id, case in owned.values_list("pk", column):
                found[case].rows[label].add(id)
        yield [_case(rows[case], one, about[case]) for case, one in sorted(found.items())]


def _case(row: Any, one: Gathered, about: tuple[set[str], set[str]]) -> Candidate:
    last = day_of(row.last)
    one.subscribers, one.carriers = about
    one.cases = {row.number}
    one.npns = {row.opened_npn, row.subject_id if row.subject_kind == "broker" else ""}
    one.periods = [Period(day_of(row.opened_at), last + ONE_DAY)]
    return one.candidate(ended=last, placed=bool(one.subscribers))


def people_of(cases: Sequence[int]) -> dict[int, tuple[set[str], set[str]]]:
    """Whom each case is about, where that was found: subscribers and carriers."""
    found: dict[int, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    claims = Assessment.objects.filter(claim__case_id__in=cases, subscriber__isnull=False)
    requests = Identified.objects.filter(request__case_id__in=cases)
    disputes = Dispute.objects.filter(case_id__in=cases).values_list("case_id", "subscriber_id")
    for case, subscriber, carrier in (
        *claims.values_list("claim__case_id", "subscriber__exchange_subscriber_id", "hios_issuer_id"),
        *requests.values_list(
            "request__case_id", "enrollment__subscriber__exchange_subscriber_id", "enrollment__hios_issuer_id"
        ),
        *((case, subscriber, "") for case, subscriber in disputes),
    ):
        found[case][0].add(subscriber)
        found[case][1].add(carrier)
    return found
