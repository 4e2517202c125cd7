"""What a change would do, before the click: the rules asked as if it had been made, so that what is shown comes true.

`access` says who may see the household's data from now on; each `Effect` says of one enrollment from which day
credit moves. An enrollment that a plan year does not reach has no such day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from aor.acts.place import Place, place_of
from aor.policy import attribution
from aor.policy.association import EVERYTHING, Association, End, EndKind, Path, openings
from aor.policy.attribution import Attributed, EnrollmentFacts, HouseholdFacts
from aor.policy.decision import Finding
from aor.record import queries as record_facts
from aor.terms.period import day_of

_PREVIEWED = 0  # the id of an association that is not


@dataclass(frozen=True, slots=True)
class Effect:
    """One enrollment: credit moves on `changes_on` from `before` to `after` ("" nobody); None is never.

    `held_because` are the findings for which `after` would not be sent to the carrier yet.
    """

    policy_id: str
    carrier_name: str
    coverage_kind: str
    coverage_start: date
    changes_on: date | None
    before: str
    after: str
    held_because: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """Access moves on `access_on` from one broker to the other ("" nobody); `effects` in the order of policies."""

    access_on: date
    access_before: str
    access_after: str
    effects: tuple[Effect, ...]


def end(*, subscriber_id: str, now: datetime, plan_year: int | None = None) -> Preview:
    """The consumer ends, for all coverage or from a plan year on."""
    return _open_ended(subscriber_id, End(now, EndKind.ENDED, plan_year), now)


def withdraw(*, subscriber_id: str, now: datetime) -> Preview:
    """The broker ends."""
    return _open_ended(subscriber_id, End(now, EndKind.WITHDRAWN), now)


def undo(*, subscriber_id: str, now: datetime) -> Preview:
    """The consumer takes the last change back."""
    return _open_ended(subscriber_id, End(now, EndKind.UNDONE), now)


def replace_by(*, subscriber_id: str, npn: str, now: datetime, plan_year: int | None = None) -> Preview:
    """The consumer names a broker, in place of another or where there is none."""
    place, facts = _found(subscriber_id, now)
    new = Association(_PREVIEWED, npn, Path.DESIGNATED, now, plan_year, npn in place.around.navigators)
    return _preview(place, facts, (*facts.associations.get(place.key, ()), new), now)


def resume(*, subscriber_id: str, association: int, now: datetime) -> Preview:
    """The consumer says yes to the broker before the one who declined."""
    return _ended(subscriber_id, association, End(now, EndKind.DECLINED_RESUMED), now)


def _open_ended(subscriber_id: str, how: End, now: datetime) -> Preview:
    place, facts = _found(subscriber_id, now)
    return _of_end(place, facts, place.open.id if place.open else _PREVIEWED, how, now)


def _ended(subscriber_id: str, association: int, how: End, now: datetime) -> Preview:
    place, facts = _found(subscriber_id, now)
    return _of_end(place, facts, association, how, now)


def _of_end(place: Place, facts: HouseholdFacts, association: int, how: End, now: datetime) -> Preview:
    held = facts.associations.get(place.key, ())
    return _preview(
        place, facts, tuple(replace(a, ends=(*a.ends, how)) if a.id == association else a for a in held), now
    )


def _found(subscriber_id: str, now: datetime) -> tuple[Place, HouseholdFacts]:
    place = place_of(subscriber_id, now)
    return place, record_facts.gather([place.household], place.around).households[place.household]


def _preview(place: Place, facts: HouseholdFacts, changed: tuple[Association, ...], now: datetime) -> Preview:
    standings = place.around.standings(association.npn for association in changed)
    then = replace(facts, associations={**facts.associations, place.key: changed}, standings=standings)
    before = attribution.attribute(facts, place.around.parameters)
    after = attribution.attribute(then, place.around.parameters)
    spans = openings(changed, [standings[a.npn] for a in changed if a.npn in standings], EVERYTHING)
    opened = spans[-1].association.npn if spans and spans[-1].until is None else ""
    effects = (_effect(one, before[one.id], after[one.id]) for one in facts.enrollments)
    return Preview(
        day_of(now),
        place.open.npn if place.open else "",
        opened,
        tuple(sorted(effects, key=lambda effect: (effect.coverage_start, effect.policy_id))),
    )


def _effect(enrollment: EnrollmentFacts, before: Sequence[Attributed], after: Sequence[Attributed]) -> Effect:
    edges = {edge for one in (*before, *after) for edge in (one.period.start, one.period.until) if edge is not None}
    day = next((day for day in sorted(edges) if _npn(before, day) != _npn(after, day)), None)
    now = _on(after, day) if day is not None else None
    return Effect(
        enrollment.policy_id,
        enrollment.carrier.name,
        enrollment.coverage_kind,
        enrollment.told_coverage.start,
        day,
        _npn(before, day) if day else "",
        now.npn if now else "",
        now.decision.unmet if now and not now.in_standing else (),
    )


def _on(attributed: Sequence[Attributed], day: date) -> Attributed | None:
    return next((one for one in attributed if day in one.period), None)


def _npn(attributed: Sequence[Attributed], day: date) -> str:
    found = _on(attributed, day)
    return found.npn if found else ""
