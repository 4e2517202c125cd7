"""What is found of many claims at once: who is meant, what the record says, what that proposes. Writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aor.calendar import queries as calendar
from aor.carriers import queries as carriers
from aor.consumers.models import Subscriber
from aor.discrepancies import candidates
from aor.engine.among import among
from aor.matching.score import Match, Outcome
from aor.policy import discrepancy, report
from aor.policy.association import Opening
from aor.policy.attribution import EnrollmentFacts, HouseholdFacts
from aor.policy.decision import Finding, finding_from_json
from aor.policy.discrepancy import ClaimFacts, Entry, Found, Proposal
from aor.policy.holding import State
from aor.record import queries as record_facts
from aor.record.queries import Surroundings
from aor.terms.month import Month
from aor.terms.period import day_of
from aor.terms.person import PersonClaim
from aor.transmissions import lifecycle
from aor.transmissions.ledger import Enrolled, Ledger, Scope
from aor.workbooks.returned_fields import LABELS

FORMS = ("Electronic", "PDF")
_FOUND = {Outcome.DECIDED: Found.DECIDED, Outcome.REVIEW: Found.REVIEW, Outcome.NONE: Found.NONE}
_NEEDED = ("last_name", "first_name", "birth_date")


@dataclass(frozen=True, slots=True)
class Said:
    """A claim as it stands: `fields` by the stable names of the sheet, what was added to it included.

    `missing` names the required fields without a value. `meant` is the subscriber's row where an officer said who.
    """

    npn: str
    fields: Mapping[str, str]
    missing: tuple[str, ...]
    meant: int | None = None


@dataclass(frozen=True, slots=True)
class Assessed:
    """What was found of a claim; `comparison` is JSON without personal data."""

    found: Found
    subscriber: int | None
    policy_id: str
    hios_issuer_id: str
    comparison: str
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class _Person:
    """The consumer meant: their enrollments, with all that bears on the household."""

    enrollments: tuple[EnrollmentFacts, ...]
    household: HouseholdFacts


def assess_many(claims: Mapping[int, Said], *, now: datetime) -> tuple[dict[int, Assessed], str]:
    """Each claim's finding by its key, and the version of the parameters: a few queries, whatever their number."""
    parameters, today = calendar.parameters(), day_of(now)
    named = _carriers()
    whole = {id: said for id, said in claims.items() if said.meant is None and not set(_NEEDED) & set(said.missing)}
    matches = candidates.choose_many({id: _person(said.fields, named) for id, said in whole.items()})
    meant = {id: said.meant or _best(matches.get(id)) for id, said in claims.items()}
    known = _known({one for one in meant.values() if one is not None}, Surroundings.known())
    chosen = {id: _enrollment(claims[id], known.get(meant[id] or 0), named) for id in claims}
    entries = _entries({id: (claims[id].npn, one) for id, one in chosen.items() if one is not None}, now=now)
    years = report.current_plan_years(Month.of(today), parameters)
    result = {}
    for id, said in claims.items():
        match, person, enrollment = matches.get(id), known.get(meant[id] or 0), chosen[id]
        found = Found.DECIDED if said.meant else Found.NONE if match is None else _FOUND[match.outcome]
        facts = _facts(said, found, person, enrollment, entries.get(id, ()), years)
        result[id] = Assessed(
            found,
            meant[id],
            enrollment.policy_id if enrollment else "",
            enrollment.carrier.hios_issuer_id if enrollment else "",
            _comparison(match),
            discrepancy.propose(facts, today),
        )
    return result, parameters.version


def _person(fields: Mapping[str, str], named: Mapping[str, set[str]]) -> PersonClaim:
    return PersonClaim(
        first_name=fields["first_name"],
        last_name=fields["last_name"],
        birth_date=date.fromisoformat(fields["birth_date"]),
        hios_issuer_id=min(named.get(fields.get("carrier", ""), ()), default=""),
        day=_day(fields),
        address=fields.get("address", ""),
    )


def _day(fields: Mapping[str, str]) -> date | None:
    text = fields.get("application_or_enrollment_date", "")
    return date.fromisoformat(text) if text else None


def _carriers() -> dict[str, set[str]]:
    """The HIOS issuer ids by a carrier's name."""
    found: dict[str, set[str]] = {}
    for hios, partner in carriers.trading_partners().items():
        found.setdefault(partner.name, set()).add(hios)
    return found


def _best(match: Match | None) -> int | None:
    return int(match.best.key) if match is not None and match.best is not None else None


def _comparison(match: Match | None) -> str:
    """Field by field, for the officer's eyes; nothing that either side wrote."""
    if match is None:
        return "{}"
    shown = {name: one.as_json() for name in ("best", "runner_up") if (one := getattr(match, name)) is not None}
    return json.dumps({"outcome": match.outcome, "why": match.why, **shown})


def _known(subscribers: Iterable[int], around: Surroundings) -> dict[int, _Person]:
    rows = Subscriber.objects.filter(among("id", subscribers))
    people = {id: (name, household) for id, name, household in rows.values_list(
        "id", "exchange_subscriber_id", "household_id"
    )}  # fmt: skip
    gathered = record_facts.gather(sorted({household for _, household in people.values()}), around)
    found = {}
    for id, (name, household) in people.items():
        facts = gathered.households[household]
        own = tuple(one for one in facts.enrollments if one.subscriber_id == name)
        found[id] = _Person(own, facts)
    return found


def _enrollment(said: Said, person: _Person | None, named: Mapping[str, set[str]]) -> EnrollmentFacts | None:
    """The enrollment meant: with the carrier named, in force, its date nearest the claim's; medical before dental."""
    if person is None:
        return None
    hios, day = named.get(said.fields.get("carrier", ""), set()), _day(said.fields)
    own = [one for one in person.enrollments if one.carrier.hios_issuer_id in hios and one.coverage is not None]

    def nearness(one: EnrollmentFacts) -> tuple[int, bool, int, str]:
        away = abs((one.enrolled_on - day).days) if day else 0
        return (away, one.coverage_kind != "HLT", -one.told_coverage.start.toordinal(), one.policy_id)

    return min(own, key=nearness, default=None)


def _entries(chosen: Mapping[int, tuple[str, EnrollmentFacts]], *, now: datetime) -> dict[int, tuple[Entry, ...]]:
    """The claimants' agents of record for the enrollments chosen, as they stand now."""
    of_enrollment: dict[int, list[tuple[int, str]]] = {}
    for id, (npn, enrollment) in chosen.items():
        of_enrollment.setdefault(enrollment.id, []).append((id, npn))
    if not of_enrollment:
        return {}
    ledger = Ledger(Scope(enrollments=tuple(sorted(of_enrollment))), now=now, findings=True)
    found: dict[int, tuple[Entry, ...]] = {}
    for enrolled, account in ledger.accounts():
        for id, npn in of_enrollment[enrolled.id]:
            own = (one for one in account.entries if one.npn == npn)
            found[id] = tuple(_entry(ledger, enrolled, account, one, now) for one in own)
    return found


def _entry(
    ledger: Ledger, enrolled: Enrolled, account: lifecycle.Account, entry: lifecycle.Entry, now: datetime
) -> Entry:
    state, sent_on, _ = lifecycle.state_of(account, entry, ledger.granted(enrolled), day_of(now))
    unmet: dict[str, Finding] = {}
    if state is State.HELD:
        stored = (finding_from_json(one) for one in json.loads(entry.findings))
        for finding in (*stored, *ledger.decision(enrolled, entry).findings):
            if not finding.met:
                unmet.setdefault(finding.rule, finding)
    return Entry(entry.start, entry.until, state, sent_on, tuple(unmet.values()))


def _facts(
    said: Said,
    found: Found,
    person: _Person | None,
    enrollment: EnrollmentFacts | None,
    entries: tuple[Entry, ...],
    years: tuple[int, ...],
) -> ClaimFacts:
    spans = _associations(person, enrollment)
    return ClaimFacts(
        missing=tuple(LABELS[name].rstrip(",") for name in said.missing),
        found=found,
        carrier=said.fields.get("carrier", ""),
        speaks_of_form=said.fields.get("submission_method", "") in FORMS,
        effective=enrollment.told_coverage.start if enrollment else None,
        own=tuple(one for one in spans if one.association.npn == said.npn),
        others=tuple(one for one in spans if one.association.npn != said.npn),
        entries=entries,
        current_plan_years=years,
    )


def _associations(person: _Person | None, enrollment: EnrollmentFacts | None) -> Sequence[Opening]:
    """With whom the consumer was associated when; known through any enrollment of theirs."""
    one = enrollment or next(iter(person.enrollments), None) if person else None
    return discrepancy.associations(one, person.household) if person and one else ()
