"""The record in the database: the order of news never matters, and what was known at an instant never changes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from aor.acts import load, receive, settle
from aor.enrollments.models import Enrollment
from aor.record import queries as record
from aor.terms import actor
from tests import builders
from tests.builders import ANA, BEN, NORTH_STAR, Policy, enrollment_file

NOW = datetime(2026, 9, 1, 15, tzinfo=UTC)
BY = actor.system("test")
days = st.integers(0, 300).map(lambda n: date(2025, 11, 1) + timedelta(days=n))
ends = st.one_of(st.just(""), st.integers(0, 250).map(lambda n: (date(2026, 1, 1) + timedelta(days=n)).isoformat()))
npns = st.sampled_from([ANA, BEN])
people = st.sampled_from(["S1", "S1", "S2"])

Rows = dict[tuple[str, str], list[tuple[object, ...]]]


@dataclass(frozen=True)
class News:
    """A file that arrives: a row of an import, or an enrollment file."""

    kind: str
    content: bytes

    def arrive(self, folder: Path, now: datetime) -> None:
        path = folder / ("news.834" if self.kind == "834" else "news.csv")
        path.write_bytes(self.content)
        if self.kind == "834":
            assert receive.receive(path, by=BY, now=now).accepted
            return
        receipt = load.load(self.kind, path, by=BY, now=now)
        assert (receipt.refused, receipt.because) == ([], "")
        settle.settle(now=now)


def row(kind: str, **cells: object) -> News:
    lines = [",".join(cells), ",".join(f'"{cell}"' for cell in cells.values())]
    return News(kind, "\r\n".join(lines).encode())


def standing(draw: st.DrawFn, npn: str) -> list[News]:
    lapsed = draw(ends)
    return [
        row(
            "certifications",
            npn=npn,
            plan_year=2026,
            certified_on=draw(st.sampled_from([date(2025, 10, 1), draw(days)])),
            revoked_on="",
            agreement_version="",
        ),
        row(
            "licenses", npn=npn, state="MN", license_number=f"L{npn}", license_class="", residency="",
            line_of_authority="Health", status="Active", effective_date="2020-01-01", expiration_date=lapsed,
        ),
        row(
            "appointments", npn=npn, company_name="", naic_company_code=NORTH_STAR, state="MN",
            line_of_authority="", status="Active", effective_date=draw(st.sampled_from(["2020-01-01", draw(days)])),
            termination_date="", termination_reason="",
        ),
    ]  # fmt: skip


def association(draw: st.DrawFn, place: int) -> News:
    confirmed, ended = draw(days), draw(st.one_of(st.just(""), ends))
    return row(
        "associations",
        exchange_subscriber_id=draw(people),
        household_id="",
        npn=draw(npns),
        path=draw(st.sampled_from(["designated", "invited"])),
        confirmed_at=f"{confirmed}T{10 + place}:00:00",
        ended_at=ended if ended > confirmed.isoformat() else "",
        consent_reference="",
        method="portal",
        scope=draw(st.sampled_from(["all", "all", "2026", "2027"])),
    )


def enrolled(draw: st.DrawFn, policy: Policy, isa13: int) -> list[News]:
    files = [enrollment_file(policy, sent=datetime(2025, 12, 5, 12, tzinfo=UTC), isa13=isa13)]
    last = draw(st.sampled_from([None, None, policy.start, date(2026, 4, 30), date(2026, 5, 15)]))
    if last is not None:
        ended = replace(policy, kind="024", end=last)
        files.append(enrollment_file(ended, sent=datetime(2026, 3, 5, 12, tzinfo=UTC), isa13=isa13 + 100))
    return [News("834", content) for content in files]


@st.composite
def news(draw: st.DrawFn) -> list[News]:
    told = [*standing(draw, ANA), *standing(draw, BEN)]
    told += [association(draw, place) for place in range(draw(st.sampled_from([2, 3])))]
    told += enrolled(draw, Policy("P1", "S1"), 501)
    if draw(st.booleans()):
        told += enrolled(draw, Policy("P2", "S2", start=date(2026, 3, 1), application="77-1"), 502)
    if draw(st.booleans()):
        told.append(
            row(
                "agents-of-record", exchange_policy_id="P1", hios_issuer_id=NORTH_STAR, npn=draw(npns),
                effective_from="2026-01-01", effective_until="", sent_on="2025-12-20", source="old system",
            )
        )  # fmt: skip
    household = ["", "2026-06-10"]
    for name in ("S1", "S2") if draw(st.booleans()) else ():
        cells = {"household_id": "H1", "exchange_subscriber_id": name, "is_primary_contact": "N"}
        told.append(row("households", **cells, **{"from": "", "until": draw(st.sampled_from(household))}))
    return told


def known(at: datetime | None = None) -> Rows:
    """The record by policy: NPN, first day, until, in standing."""
    columns = ("id", "policy_id", "hios_issuer_id")
    names = {id: (policy, hios) for id, policy, hios in Enrollment.objects.values_list(*columns)}
    return {
        names[id]: [(e.npn, e.period.start, e.period.until, e.in_standing) for e in own]
        for id, own in record.entries(names, known_at=at).items()
    }


def lived(told: Sequence[News], check: Callable[[list[tuple[datetime, Rows]]], None] = lambda _: None) -> Rows:
    """The record after news arrived in this order, each settled; then forgotten."""
    with tempfile.TemporaryDirectory() as home, override_settings(AOR_HOME=Path(home)), transaction.atomic():
        then: list[tuple[datetime, Rows]] = []
        for place, one in enumerate(told):
            now = NOW + timedelta(minutes=place)
            one.arrive(Path(home), now)
            then.append((now + timedelta(seconds=30), known()))
        check(then)
        result = known()
        transaction.set_rollback(True)
    return result


def unchanged(then: list[tuple[datetime, Rows]]) -> None:
    for instant, rows in then:
        assert known(instant) == rows


@pytest.mark.usefixtures("home")
class Orders(TestCase):
    def setUp(self) -> None:
        builders.carrier()
        for npn in (ANA, BEN):
            builders.broker(npn, certified=(), licensed=False, appointed=())

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(news(), st.randoms(use_true_random=False))
    def test_any_order_gives_the_same_record_and_what_was_known_stays(self, told: list[News], by: Random) -> None:
        first = lived(told, unchanged)
        for _ in range(2):
            assert lived(by.sample(told, len(told)), unchanged) == first
