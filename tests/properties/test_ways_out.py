"""Every way out of an association ends alike: the record, the carrier, access, the journal and the notices follow.

And every event of a household has its stated effect (readings, Words, R2 to R4, R10, R12).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from aor.acts import associate, queries, receive, roster, settle, standing
from aor.acts.tests import files
from aor.audit.models import Act
from aor.incidents import corrections, disputes
from aor.incidents.tests import market
from aor.incidents.tests.market import BROKER, BY, CONSUMER, HOUR, JANUARY_10, MARCH_10, OFFICER, SECOND
from aor.notices.models import Notice
from aor.record.models import Entry
from aor.transfers import entering
from aor.transfers import operations as transfers
from tests import builders
from tests.builders import ANA, BEN, CRUZ, Policy, enrollment_file

pytestmark = pytest.mark.django_db
FEBRUARY, APRIL, YEAR_END = date(2026, 2, 1), date(2026, 4, 1), date(2027, 1, 1)


@pytest.fixture(autouse=True)
def town(tmp_path: Path, settings: LazySettings) -> None:
    """Ana is agent of record of P1 since February, and the carrier was told."""
    settings.AOR_HOME = tmp_path
    market.open_market(tmp_path)
    builders.broker(CRUZ, "Cy", "Cruz", email="cruz@example.org", agency_npn="7900001", agency_name="Lake Agency")
    market.designate("S1", ANA, JANUARY_10)
    assert market.send(JANUARY_10 + HOUR) == [("P1", ANA, "2026-02-01", "agent")]


def licence_revoked(folder: Path) -> None:
    row = files.row(
        "licenses", npn=ANA, license_number=f"L{ANA}", line_of_authority="Accident & Health", status="Revoked",
        effective_date="2020-01-01", expiration_date="2026-03-10",
    )  # fmt: skip
    files.loaded(folder, "licenses", row, now=MARCH_10)
    settle.settle(now=MARCH_10)


def npn_corrected(folder: Path) -> None:
    _, number = corrections.propose(wrong=ANA, right=CRUZ, because="mistyped", by=OFFICER, now=MARCH_10)
    assert corrections.approve(number, version=1, by=SECOND, now=MARCH_10).granted


def transferred(folder: Path) -> None:
    by = market.OTHER_BROKER
    _, number = transfers.ask(from_npn=ANA, to_npn=BEN, on=date(2026, 3, 1), by=by, now=JANUARY_10)
    transfers.add_evidence(number, content=b"%PDF", name="a.pdf", media_type="application/pdf", by=by, now=JANUARY_10)
    assert transfers.approve(number, version=1, by=OFFICER, now=JANUARY_10).granted
    assert entering.due(now=MARCH_10) == 1


def disowned(folder: Path) -> None:
    _, number = disputes.disown(subscriber_id="S1", by=CONSUMER, now=MARCH_10)
    assert disputes.decide(number, version=1, upheld=True, by=OFFICER, now=MARCH_10 + HOUR / 2).granted


@dataclass(frozen=True)
class Way:
    """What is done, and what must follow: the verb of the journal, the record, the sets, and who is told what."""

    does: Callable[[Path], object]
    verb: str
    consumer: str
    broker: str = "association ended"
    after: tuple[tuple[str, date, date], ...] = ((ANA, FEBRUARY, APRIL),)
    sets: tuple[tuple[str, str, str], ...] = (("P1", "", "2026-04-01"),)


WAYS = {
    "the consumer ends": Way(
        lambda _: associate.end(subscriber_id="S1", by=CONSUMER, now=MARCH_10), "association.ended", "broker ended"
    ),
    "the broker withdraws": Way(
        lambda _: associate.withdraw(subscriber_id="S1", npn=ANA, by=BROKER, now=MARCH_10),
        "association.withdrawn",
        "broker withdrew",
    ),
    "the consumer replaces": Way(
        lambda _: market.designate("S1", BEN, MARCH_10),
        "association.designated",
        "broker replaced",
        after=((ANA, FEBRUARY, APRIL), (BEN, APRIL, YEAR_END)),
        sets=(("P1", BEN, "2026-04-01"),),
    ),
    "decertified": Way(
        lambda _: standing.decertify(npn=ANA, because="fraud", by=OFFICER, now=MARCH_10),
        "broker.decertified",
        "broker out of standing",
        "standing changed",
    ),
    "the licence is revoked": Way(licence_revoked, "import.taken", "broker out of standing", "license revoked"),
    "the broker died": Way(
        lambda _: standing.died(npn=ANA, on=MARCH_10.date(), by=OFFICER, now=MARCH_10),
        "broker.died",
        "broker out of standing",
        "standing changed",
    ),
    "a book is transferred": Way(
        transferred,
        "association.transferred",
        "transfer entered",
        after=((ANA, FEBRUARY, APRIL), (BEN, APRIL, YEAR_END)),
        sets=(("P1", BEN, "2026-04-01"),),
    ),
    "the NPN is corrected": Way(
        npn_corrected,
        "broker.npn corrected",
        "",
        after=((CRUZ, FEBRUARY, YEAR_END),),
        sets=(("P1", CRUZ, "2026-02-01"),),
    ),
    "the consumer did not ask": Way(
        disowned,
        "association.annulled",
        "dispute upheld",
        "association disowned",
        after=(),
        sets=(("P1", "", "2026-02-01"),),
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_every_way_out_ends_alike(name: str, tmp_path: Path) -> None:
    way = WAYS[name]
    assert queries.may_see(npn=ANA, subscriber_id="S1", now=MARCH_10 - HOUR).granted
    before = Act.objects.latest("pk").pk
    way.does(tmp_path / "import")
    assert tuple(market.entries()) == way.after
    assert not queries.may_see(npn=ANA, subscriber_id="S1", now=MARCH_10 + HOUR).granted
    assert tuple(one[:3] for one in market.send(MARCH_10 + HOUR)) == way.sets
    assert market.send(MARCH_10 + 2 * HOUR) == []
    acts = Act.objects.filter(pk__gt=before, verb=way.verb)
    assert acts.exists(), sorted(set(Act.objects.filter(pk__gt=before).values_list("verb", flat=True)))
    told = set(Notice.objects.filter(queued_at__gte=MARCH_10).values_list("recipient_kind", "recipient_id", "kind"))
    if way.consumer:
        assert ("subscriber", "S1", way.consumer) in told
    if way.broker:
        assert ("broker", ANA, way.broker) in told
    assert not any("VANG" in one.body.upper() or "KAYING" in one.body.upper() for one in Notice.objects.all())


def test_an_agency_that_closes_takes_no_association_with_it(tmp_path: Path) -> None:
    """Associations are the broker's, and stay (readings, R1)."""
    market.designate("S1", CRUZ, MARCH_10)
    before = market.entries()
    assert roster.remove_from_agency(agency_npn="7900001", npn=CRUZ, by=OFFICER, now=MARCH_10 + HOUR).granted
    assert market.entries() == before
    assert queries.may_see(npn=CRUZ, subscriber_id="S1", now=MARCH_10 + 2 * HOUR).granted
    assert Act.objects.filter(verb="agency.left", subject_id=CRUZ).exists()


# Households ---------------------------------------------------------------------------------------------------------


def households(folder: Path, *rows: tuple[str, str, str, str], now: datetime = MARCH_10) -> None:
    """The marketplace's memberships: household, subscriber, from, last day."""
    names = ("household_id", "exchange_subscriber_id", "from_", "until")
    told = [files.row("households", **dict(zip(names, row, strict=True))) for row in rows]
    files.loaded(folder, "households", *told, now=now)
    settle.settle(now=now)


def news(folder: Path, policy: Policy, now: datetime, isa13: int) -> None:
    path = folder / f"{isa13}.834"
    path.write_bytes(enrollment_file(policy, sent=now, isa13=isa13))
    receive.receive(path, by=BY, now=now)


def test_divorce_the_leaver_is_a_new_household_without_association(tmp_path: Path) -> None:
    households(tmp_path, ("H1", "S1", "", ""), ("H1", "S2", "", ""), now=JANUARY_10 + 2 * HOUR)
    assert market.entries("P2") == [(ANA, FEBRUARY, YEAR_END)]
    market.send(JANUARY_10 + 3 * HOUR)
    households(tmp_path, ("H1", "S2", "", "2026-03-09"))
    assert market.entries("P2") == [(ANA, FEBRUARY, APRIL)]
    assert market.entries("P1") == [(ANA, FEBRUARY, YEAR_END)]
    assert [one[:3] for one in market.send(MARCH_10 + HOUR)] == [("P2", "", "2026-04-01")]
    assert queries.may_see(npn=ANA, subscriber_id="S1", now=MARCH_10 + HOUR).granted
    assert not queries.may_see(npn=ANA, subscriber_id="S2", now=MARCH_10 + HOUR).granted


def test_death_of_the_subscriber_the_coverage_event_decides(tmp_path: Path) -> None:
    news(tmp_path, Policy("P1", "S1", kind="024", end=date(2026, 3, 10)), MARCH_10, 601)
    (entry,) = market.entries()
    assert entry[:2] == (ANA, FEBRUARY)
    assert entry[2] < APRIL
    assert market.send(MARCH_10 + HOUR) == []


def test_a_new_primary_enrollee_is_attributed_by_the_same_history(tmp_path: Path) -> None:
    households(tmp_path, ("H1", "S1", "", ""), ("H1", "S9", "", ""), now=JANUARY_10 + 2 * HOUR)
    news(tmp_path, Policy("P1", "S1", kind="024", end=date(2026, 3, 31)), MARCH_10, 601)
    successor = Policy("P9", "S9", start=APRIL, last="VANG", first="TOU", submitted="2026031010000000")
    news(tmp_path, successor, MARCH_10 + HOUR, 602)
    assert market.entries("P9") == [(ANA, APRIL, YEAR_END)]
    assert [one[:3] for one in market.send(MARCH_10 + 2 * HOUR)] == [("P9", ANA, "2026-04-01")]


def test_a_move_changes_nothing(tmp_path: Path) -> None:
    before = list(Entry.objects.order_by("pk").values_list())
    moved = Policy("P1", "S1", kind="001", extra=("N3*9 OTHER STREET", "N4*DULUTH*MN*55802"))
    news(tmp_path, moved, MARCH_10, 601)
    assert list(Entry.objects.order_by("pk").values_list()) == before
    assert market.send(MARCH_10 + HOUR) == []


@pytest.mark.parametrize("days", [-1, 1], ids=["the other before", "the other after"])
def test_persons_merged_the_latest_confirmed_association_holds(days: int, tmp_path: Path) -> None:
    market.designate("S2", BEN, JANUARY_10 + timedelta(days=days))
    market.send(JANUARY_10 + timedelta(days=2))
    later, loser = (BEN, "P1") if days > 0 else (ANA, "P2")
    households(tmp_path, ("H1", "S1", "", ""), ("H1", "S2", "", ""))
    assert market.entries("P1") == market.entries("P2") == [(later, FEBRUARY, YEAR_END)]
    assert [one[:3] for one in market.send(MARCH_10 + HOUR)] == [(loser, later, "2026-02-01")]
    was = ANA if later == BEN else BEN
    for subscriber in ("S1", "S2"):
        assert queries.may_see(npn=later, subscriber_id=subscriber, now=MARCH_10 + HOUR).granted
        assert not queries.may_see(npn=was, subscriber_id=subscriber, now=MARCH_10 + HOUR).granted


def test_who_joins_a_household_has_its_broker_from_the_next_month(tmp_path: Path) -> None:
    market.designate("S2", BEN, JANUARY_10)
    market.send(JANUARY_10 + 2 * HOUR)
    households(tmp_path, ("H1", "S1", "", ""), ("H2", "S2", "", "2026-03-09"), ("H1", "S2", "2026-03-10", ""))
    assert market.entries("P2") == [(BEN, FEBRUARY, APRIL), (ANA, APRIL, YEAR_END)]
    assert [one[:3] for one in market.send(MARCH_10 + HOUR)] == [("P2", ANA, "2026-04-01")]
    assert queries.may_see(npn=ANA, subscriber_id="S2", now=MARCH_10 + HOUR).granted
    assert not queries.may_see(npn=BEN, subscriber_id="S2", now=MARCH_10 + HOUR).granted
