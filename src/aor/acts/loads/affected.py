"""Whose record must be decided anew when something about brokers, carriers, households or policies changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any

from aor.acts.loads.known import CHUNK, Change
from aor.acts.loads.layouts import Values
from aor.associations.models import Association
from aor.brokers import queries as broker_facts
from aor.carriers import queries as carrier_facts
from aor.consumers import operations as consumers
from aor.consumers import queries as consumer_facts
from aor.enrollments.models import Enrollment
from aor.policy.standing import CarrierFacts
from aor.record.models import Entry

type Households = set[int]


def of_brokers(npns: Iterable[str]) -> Households:
    """Who was ever associated with the brokers, and whose agent of record they are."""
    households: Households = set()
    household_ids: set[str] = set()
    subscriber_ids: set[str] = set()
    for some in batched(dict.fromkeys(npns), CHUNK):
        held = Association.objects.filter(npn__in=some)
        household_ids.update(held.exclude(household_id="").values_list("household_id", flat=True).distinct())
        subscriber_ids.update(held.exclude(subscriber_id="").values_list("subscriber_id", flat=True).distinct())
        entries = Entry.objects.known_at().filter(npn__in=some)
        households.update(entries.values_list("enrollment__subscriber__household_id", flat=True).distinct())
    return households | consumer_facts.households_of(household_ids=household_ids, subscriber_ids=subscriber_ids)


def of_carriers(hios: Iterable[str]) -> Households:
    """Who has an enrollment with the carriers."""
    enrolled = Enrollment.objects.filter(hios_issuer_id__in=set(hios))
    return set(enrolled.values_list("subscriber__household_id", flat=True).distinct())


def everyone() -> Households:
    """Who has an enrollment at all: the calendar tells how long certifications count."""
    return set(Enrollment.objects.values_list("subscriber__household_id", flat=True).distinct())


def of_policies(policy_ids: Iterable[str]) -> Households:
    households: Households = set()
    for some in batched(dict.fromkeys(policy_ids), CHUNK):
        enrolled = Enrollment.objects.filter(policy_id__in=some)
        households.update(enrolled.values_list("subscriber__household_id", flat=True).distinct())
    return households


def of_holders(changed: Sequence[Values]) -> Households:
    return consumer_facts.households_of(
        household_ids={values["household_id"] for values in changed if values["household_id"]},
        subscriber_ids={values["subscriber_id"] for values in changed if values["subscriber_id"]},
    )


def by(kind: str, changes: Sequence[Change], before: dict[str, CarrierFacts], **joining: Any) -> Households:
    """The households that changed known facts of a kind bear on; new memberships join theirs first.

    `before` is how the rules saw the carriers before the change: the first appointment of a company turns what was
    not known of its carriers into known, for every broker.
    """
    after = [values for _, values in changes]
    match kind:
        case "brokers" | "certifications" | "licenses":
            return of_brokers(values["npn"] for values in after)
        case "appointments":
            now_known = {hios for hios, facts in broker_facts.carriers().items() if before.get(hios) != facts}
            return of_brokers(values["npn"] for values in after) | of_carriers(now_known)
        case "carriers":
            return of_carriers(_with_their_groups(changes))
        case "calendar":
            return everyone() if changes else set()
        case "households":
            return consumers.join(household_ids={values["household_id"] for values in after}, **joining)
        case "agents-of-record":
            return of_policies(values["policy_id"] for values in after)
    return set()


def _with_their_groups(changes: Sequence[Change]) -> set[str]:
    """The carriers changed, and those of the holding groups they are or were of."""
    rows = [row for change in changes for row in change if row is not None]
    groups = {row["holding_group"].casefold() for row in rows} - {""}
    partners = carrier_facts.trading_partners().items() if groups else ()
    return {row["hios_issuer_id"] for row in rows} | {
        hios for hios, partner in partners if partner.holding_group.casefold() in groups
    }
