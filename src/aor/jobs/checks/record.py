"""The record: one agent of record a day and an instant, and equal to what the facts decide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import batched, groupby
from operator import attrgetter, itemgetter
from typing import Any, cast

from django.db import connection
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from aor.acts import settle
from aor.associations import queries as association_facts
from aor.associations.models import Open
from aor.audit.models import Decision
from aor.consumers.models import Household, Subscriber
from aor.enrollments import lifecycle
from aor.enrollments import queries as enrollment_facts
from aor.enrollments.models import Enrollment, EnrollmentFile, Event
from aor.jobs.checks import Findings, Seen, Wrong
from aor.policy import attribution
from aor.policy.attribution import Attributed
from aor.record import queries as record_facts
from aor.record.models import Closing, Due, Entry
from aor.record.queries import Surroundings

AT_ONCE = 2_000
AT_WORK = "a command is at work, or was interrupted and the next one takes it up"
_STATE = lifecycle.EnrollmentState._fields
ENTRY = "record.Entry"


def one_agent_a_day(seen: Seen) -> Findings:
    """No two entries of an enrollment share a day and an instant: sorted and merged, whatever constraints say."""
    columns = ("enrollment_id", "id", "effective_from", "effective_until", "known_from", "known_until")
    rows = Entry.objects.order_by("enrollment_id", "effective_from", "id").values_list(*columns)
    for enrollment, own in groupby(rows.iterator(chunk_size=AT_ONCE), key=itemgetter(0)):
        open_: list[tuple[Any, ...]] = []
        for row in own:
            seen.rows += 1
            open_ = [other for other in open_ if row[2] < other[3]]
            for other in open_:
                if _share_an_instant(row[4], row[5], other[4], other[5]):
                    because = f"entries {other[1]} and {row[1]} of enrollment {enrollment} share a day and an instant"
                    yield Wrong("overlap", ENTRY, row[1], because)
            open_.append(row)


def _share_an_instant(from_: datetime, until: datetime | None, other: datetime, ends: datetime | None) -> bool:
    return (ends is None or from_ < ends) and (until is None or other < until)


def entries_are_within_coverage(seen: Seen) -> Findings:
    """No empty period; what is known now lies inside the coverage of its enrollment."""
    seen.rows = Entry.objects.count()
    empty = Q(effective_from__gte=F("effective_until")) | Q(known_from__gte=F("known_until"))
    for id in Entry.objects.filter(empty).order_by("id").values_list("id", flat=True):
        yield Wrong("empty", ENTRY, id, f"entry {id} covers no day or no instant")
    outside = (
        Q(enrollment__cancelled=True)
        | Q(effective_from__lt=F("enrollment__start"))
        | Q(effective_until__gt=F("enrollment__until"))
    )
    rows = Entry.objects.known_at().filter(outside, ~_of_due_households()).order_by("id")
    for id, policy in rows.values_list("id", "enrollment__policy_id"):
        yield Wrong("outside", ENTRY, id, f"entry {id} reaches beyond the coverage of policy {policy}")


def _of_due_households() -> Q:
    return Q(enrollment__subscriber__household__in=Due.objects.values("household"))


def entries_have_their_decision(seen: Seen) -> Findings:
    """Every entry has a stored decision that fits it; every closed one its closing, at the same instant."""
    seen.rows = Entry.objects.count()
    decisions = Decision.objects.filter(id=OuterRef("decision_id"))
    fits = decisions.filter(granted=OuterRef("in_standing"))
    for id in Entry.objects.filter(~Exists(decisions)).values_list("id", flat=True):
        yield Wrong("no decision", ENTRY, id, f"entry {id} has no stored decision")
    for id in Entry.objects.filter(Exists(decisions) & ~Exists(fits)).values_list("id", flat=True):
        yield Wrong("other decision", ENTRY, id, f"entry {id} does not stand as its decision says")
    closings = Closing.objects.filter(entry=OuterRef("pk"), at=OuterRef("known_until"))
    for id in Entry.objects.filter(~Exists(closings), known_until__isnull=False).values_list("id", flat=True):
        yield Wrong("no closing", ENTRY, id, f"entry {id} was closed, and no closing says so at that instant")
    for id, entry in Closing.objects.filter(entry__known_until=None).values_list("id", "entry_id"):
        yield Wrong("not closed", "record.Closing", id, f"closing {id} says that entry {entry} ended, but it is open")


def record_is_settled(seen: Seen) -> Findings:
    """Nothing is left to decide: no household is due, every file received has been followed."""
    seen.rows = EnrollmentFile.objects.count()
    for household, cause in Due.objects.order_by("household_id").values_list("household_id", "cause"):
        yield Wrong(
            "due", "record.Due", household, f"household {household} waits for its record ({cause}); {AT_WORK}"
        )
    for file in enrollment_facts.not_folded():
        yield Wrong(
            "file", "enrollments.EnrollmentFile", file.pk, f"{file.name} was accepted and not followed yet; {AT_WORK}"
        )


def record_equals_recomputation(seen: Seen) -> Findings:
    """What attribution decides from the facts now is what the record says, and who is associated and sees."""
    around = Surroundings.known()
    keys: set[str] = set()
    due = set(Due.objects.values_list("household_id", flat=True))
    everyone = Household.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=AT_ONCE)
    for some in batched((id for id in everyone if id not in due), AT_ONCE):
        gathered = record_facts.gather(some, around)
        decided: dict[int, list[Attributed]] = {}
        for own in gathered.households.values():
            decided |= attribution.attribute(own, around.parameters)
        known = record_facts.entries(decided)
        for enrollment, attributed in decided.items():
            seen.rows += len(attributed)
            yield from _entries_differ(enrollment, known.get(enrollment, []), attributed)
        opened = settle.open_associations(gathered, around.standings(()))
        keys |= opened.keys()
        yield from _open_differs(opened)
        sights = set(settle.sights(gathered, opened))
        for npn, subscriber, *_ in sorted(sights ^ association_facts.access_of(gathered.subscribers.values())):
            because = f"whether NPN {npn} may see subscriber {subscriber} is not as the facts decide"
            yield Wrong("access", "associations.Access", subscriber, because)
    if not due:
        yield from _open_of_nobody(keys)


def _open_of_nobody(known: set[str]) -> Findings:
    """Of a household that everybody has left nothing is open; whoever comes back finds what is so then."""
    for key in Open.objects.order_by("id").values_list("household_key", flat=True):
        if key not in known:
            yield Wrong("nobody's", "associations.Open", key, "access is open for a household that has nobody")


def _entries_differ(enrollment: int, known: list[record_facts.Entry], decided: list[Attributed]) -> Findings:
    what = attrgetter("npn", "period", "in_standing", "association", "correction", "anchor")
    standing = {what(entry): entry.id for entry in known}
    for one in decided:
        if standing.pop(what(one), None) is None:
            because = (
                f"enrollment {enrollment}: the facts give NPN {one.npn} from {one.period.start}, the record does not"
            )
            yield Wrong("missing", "enrollments.Enrollment", enrollment, because)
    for id in standing.values():
        yield Wrong("unfounded", ENTRY, id, f"entry {id} of enrollment {enrollment} is not what the facts decide")


def _open_differs(decided: dict[str, int | None]) -> Findings:
    rows = dict(Open.objects.filter(household_key__in=list(decided)).values_list("household_key", "association_id"))
    for key, association in decided.items():
        if rows.get(key) != association:
            because = f"association {rows.get(key)} is open for it, the facts give {association}"
            yield Wrong("open", "associations.Open", association or rows.get(key), because)


def enrollments_follow_their_events(seen: Seen) -> Findings:
    """Every enrollment is the fold of what was received of it, and each such fold is an enrollment.

    Those that a file speaks of which is not followed yet are left to the check that says so.
    """
    columns = [name for name in _STATE if name != "subscriber_id"]  # the first two: carrier and policy
    policies = Event.objects.filter(file__accepted_at__isnull=False).order_by("policy_id")
    if waiting := enrollment_facts.not_folded():
        policies = policies.exclude(policy_id__in=Event.objects.filter(file__in=waiting).values("policy_id"))
    names = policies.values_list("policy_id", flat=True).distinct().iterator(chunk_size=AT_ONCE)
    for some in batched(names, AT_ONCE):
        rows = Enrollment.objects.filter(policy_id__in=some)
        known = {row[2:4]: row for row in rows.values_list("id", "subscriber__exchange_subscriber_id", *columns)}
        for _, events in groupby(enrollment_facts.events_of(some), key=attrgetter("policy_id")):
            for state in lifecycle.states(events):
                seen.rows += 1
                row = known.pop((state.hios_issuer_id, state.policy_id), None)
                told = (state.subscriber_id, *(getattr(state, name) for name in columns))
                if row is None:
                    yield Wrong(
                        "missing", "enrollments.Event", state.policy_id, f"policy {state.policy_id} is missing"
                    )
                elif row[1:] != told:
                    because = f"policy {state.policy_id} is not what was received of it"
                    yield Wrong("differs", "enrollments.Enrollment", row[0], because)
        for row in known.values():
            yield Wrong("unfounded", "enrollments.Enrollment", row[0], f"policy {row[3]} was never received")
    yield from _never_received()


def _never_received() -> Findings:
    events = Event.objects.filter(policy_id=OuterRef("policy_id"))
    for id, policy in Enrollment.objects.filter(~Exists(events)).values_list("id", "policy_id"):
        yield Wrong("unfounded", "enrollments.Enrollment", id, f"policy {policy} was never received")


def households_hold_their_people(seen: Seen) -> Findings:
    """Whoever shares a household id or an application is of one Household."""
    seen.rows = Subscriber.objects.count()
    shared = Subscriber.objects.exclude(application_id="").values("application_id")
    apart = shared.annotate(count=Count("household", distinct=True), first=Min("id")).filter(count__gt=1)
    for row in cast("QuerySet[Any, dict[str, Any]]", apart):
        yield _apart(row["first"], "an application")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT MIN(s.id) FROM consumers_membership m"
            " JOIN consumers_subscriber s ON s.exchange_subscriber_id = m.exchange_subscriber_id"
            " GROUP BY m.household_id HAVING COUNT(DISTINCT s.household_id) > 1"
        )
        for (id,) in cast("Iterator[tuple[int]]", cursor.fetchall()):
            yield _apart(id, "a household id")


def _apart(id: int, what: str) -> Wrong:
    because = f"subscriber {id} shares {what} with somebody of another Household"
    return Wrong("apart", "consumers.Subscriber", id, because)
