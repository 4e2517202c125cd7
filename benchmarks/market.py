"""A marketplace loaded in bulk: brokers in standing, households with their broker, enrollments that were sent."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.db import transaction

from aor.associations.models import Association
from aor.audit.models import Decision
from aor.brokers.models import Appointment, Broker, Certification, License
from aor.carriers.models import Carrier
from aor.consumers.models import Household, Subscriber
from aor.engine import bulk
from aor.enrollments.models import Enrollment
from aor.record import operations as record
from aor.record.models import Entry

LOADED = datetime(2025, 12, 5, 15, tzinfo=UTC)
SETTLED = datetime(2025, 12, 6, 15, tzinfo=UTC)
SENT = datetime(2025, 12, 10, 15, tzinfo=UTC)
CLOSED = datetime(2026, 1, 2, 15, tzinfo=UTC)
HIOS, NAIC, PLAN = "31616", "12345", "31616MN001000104"
LAST = ("Vang", "Lindqvist", "Yang", "Garcia", "Abdi", "Olson", "Nguyen", "Johnson", "Xiong", "Peterson", "Hassan")
FIRST = ("Kaying", "Astrid", "Mai", "Carlos", "Fadumo", "Erik", "Linh", "Mary", "Pao", "Ingrid")


def npn(number: int) -> str:
    return str(7_000_000 + number)


def name(number: int) -> tuple[str, str]:
    """Last and first name."""
    return LAST[number % len(LAST)], FIRST[number % len(FIRST)]


def brokers(count: int) -> None:
    """A carrier and brokers whom nothing holds up."""
    known, long_ago, npns = LOADED, date(2020, 1, 1), [npn(number) for number in range(count)]
    with transaction.atomic():
        Carrier.objects.create(
            known_from=known,
            hios_issuer_id=HIOS,
            name="North Star Health",
            naic_company_code=NAIC,
            coverages="HLT;DEN",
            tax_id="410000001",
            x12_id="410000001",
            unknown_appointment="hold",
        )
        columns = ["known_from", "npn", "first_name", "last_name", "email", "kind", "list_in_directory"]
        columns += ["phone", "agency_name", "agency_npn", "city", "state", "zip", "languages"]
        rows = (
            (known, one, *name(i)[::-1], "a@example.org", "broker", False, *[""] * 7) for i, one in enumerate(npns)
        )
        bulk.load(Broker, columns, rows)
        bulk.load(
            Certification,
            ["known_from", "npn", "plan_year", "certified_on", "agreement_version"],
            ((known, one, year, date(year - 1, 9, 1), "") for one in npns for year in (2025, 2026)),
        )
        columns = ["known_from", "npn", "state", "license_number", "license_class", "residency"]
        columns += ["line_of_authority", "status", "effective_date"]
        bulk.load(License, columns, ((known, one, "MN", "1", "", "", "Health", "Active", long_ago) for one in npns))
        columns = ["known_from", "npn", "company_name", "naic_company_code", "state", "line_of_authority"]
        columns += ["status", "effective_date", "termination_reason"]
        bulk.load(Appointment, columns, ((known, one, "", NAIC, "MN", "", "Active", long_ago, "") for one in npns))


def households(count: int, brokers: int) -> None:
    """`count` households of one subscriber, each with its broker since before the year that is enrolled in."""
    confirmed = datetime(2024, 11, 20, 15, tzinfo=UTC)
    with transaction.atomic():
        keys = bulk.next_ids(Household, count)
        bulk.load(Household, ["id"], ((key,) for key in keys))
        people = bulk.next_ids(Subscriber, count)
        bulk.load(
            Subscriber,
            ["id", "exchange_subscriber_id", "household_id", "application_id"],
            ((one, subscriber(one), key, str(5_000_000 + key)) for one, key in zip(people, keys, strict=True)),
        )
        bulk.load(
            Association,
            ["household_id", "subscriber_id", "npn", "path", "method", "confirmed_at", "recorded_at"],
            (("", subscriber(one), npn(one % brokers), "designated", "portal", confirmed, LOADED) for one in people),
        )


def subscriber(key: int) -> str:
    return f"91{key:08d}"


def enroll(year: int) -> None:
    """Every subscriber is enrolled for a plan year, passively; their households are due."""
    sent = datetime(year - 1, 12, 1, 15, tzinfo=UTC)
    days = (date(year, 1, 1), date(year + 1, 1, 1), date(year + 1, 1, 1), False, sent.date(), sent, sent.date())
    columns = ["hios_issuer_id", "policy_id", "subscriber_id", "coverage_kind", "plan_id", "member_id", "start"]
    columns += ["until", "told_until", "cancelled", "enrolled_on", "sent_at", "sent_day", "last_name", "first_name"]
    columns += ["middle_name", "birth_date", "sex"]
    with transaction.atomic():
        people = list(Subscriber.objects.order_by("id").values_list("id", "household_id"))
        rows = (
            (HIOS, f"{year}{one:08d}", one, "HLT", PLAN, subscriber(one), *days, *name(one), "", birthday(one), "F")
            for one, _ in people
        )
        bulk.load(Enrollment, columns, rows)
        record.mark_due([key for _, key in people], cause=f"renewal {year}", now=LOADED)


def birthday(number: int) -> date:
    return date(1950 + number % 50, 1 + number % 12, 1 + number % 28)


def lengthen(entries: int) -> None:
    """Adds superseded knowledge to the record until it has so many entries, as years of corrections would."""
    rows = list(Entry.objects.order_by("id").values_list("enrollment_id", "npn", "effective_from", "effective_until"))
    template = Decision.objects.values_list("findings", "parameters_version").first()
    assert template is not None
    missing = entries - len(rows)
    with transaction.atomic():
        ids = bulk.next_ids(Decision, len(rows))
        decisions = ((id, template[0], True, template[1]) for id in ids)
        bulk.load(Decision, ["id", "findings", "granted", "parameters_version"], decisions)
        columns = ["enrollment_id", "npn", "effective_from", "effective_until", "in_standing", "decision_id"]
        columns += ["cause", "known_from", "known_until"]
        bulk.load(
            Entry,
            columns,
            ((*rows[i % len(rows)], True, ids[i % len(rows)], "", *_known(i // len(rows))) for i in range(missing)),
        )


def _known(turn: int) -> tuple[datetime, datetime]:
    """Instants one after another, before the record as it stands."""
    return datetime(2000 + turn % 25, 1 + turn // 25 % 12, 1, tzinfo=UTC), datetime(
        2000 + turn % 25, 1 + turn // 25 % 12, 2, tzinfo=UTC
    )
