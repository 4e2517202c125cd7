"""A book that moves: asked, looked at, announced, entered on its day, undone; the consumer's word always wins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from tests import builders
from tests.builders import ANA, BEN, CRUZ, Policy, enrollment_file

from aor.accounts import operations as accounts
from aor.accounts.models import RoleName
from aor.acts import associate, contacts, receive, settle, standing
from aor.acts import queries as access
from aor.associations.models import Association
from aor.associations.operations import ConsentGiven
from aor.audit.models import Act, Read
from aor.brokers import operations as brokers
from aor.brokers.models import Broker, Death
from aor.cases import operations as cases
from aor.cases.models import Case, State
from aor.notices.models import Notice
from aor.record.models import Entry
from aor.terms.actor import Actor, Role, system
from aor.transfers import entering, queries
from aor.transfers import operations as transfers
from aor.transfers.models import Household, Step

pytestmark = pytest.mark.django_db
JANUARY_10 = datetime(2026, 1, 10, 15, tzinfo=UTC)
APRIL_20 = datetime(2026, 4, 20, 15, tzinfo=UTC)
JUNE_1 = date(2026, 6, 1)
THE_DAY = datetime(2026, 6, 1, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
YEAR_END = date(2027, 1, 1)
BROKER, OFFICER = Actor(Role.BROKER, "ben", BEN), Actor(Role.OFFICER, "ola")
CONSUMER = Actor(Role.CONSUMER, "account 17")
SOUTH = "45127"
NAMES = ("S1", "S2", "S3", "S4", "S5", "S6")


@pytest.fixture(autouse=True)
def town(tmp_path: Path, settings: LazySettings) -> None:
    """Ana's book: S1 can move, S2 is locked, S4 with a carrier that did not appoint Ben, S6 by paper."""
    settings.AOR_HOME = tmp_path
    builders.carrier()
    builders.carrier(SOUTH, name="Prairie Health", tax_id="410000002", x12_id="410000002")
    builders.broker(ANA, appointed=(builders.NORTH_STAR, SOUTH), email="ana@example.org")
    builders.broker(BEN, "Ben", "Lee", email="ben@example.org")
    builders.broker(CRUZ, "Cy", "Cruz")
    at = datetime(2026, 1, 5, 18, tzinfo=UTC)
    policies = [
        Policy(f"P{name[1:]}", name, application=f"55000{name[1:]}-1", extra=(f"PER*IP**EM*{name}@EXAMPLE.ORG",))
        for name in NAMES
        if name != "S4"
    ]
    path = tmp_path / "north.834"
    path.write_bytes(enrollment_file(*policies))
    receive.receive(path, by=system("test"), now=at)
    path = tmp_path / "south.834"
    south = Policy("P4", "S4", application="550004-1", plan=f"{SOUTH}MN0010001")
    path.write_bytes(enrollment_file(south, isa13=502, receiver="410000002"))
    receive.receive(path, by=system("test"), now=at)
    for name in NAMES:
        if name != "S6":
            designate(name, ANA)
    by_paper = {"subscriber_id": "S6", "npn": ANA, "path": "designated", "method": "paper"}
    Association.objects.create(**by_paper, confirmed_at=JANUARY_10, recorded_at=JANUARY_10)
    settle.everything(now=JANUARY_10)
    contacts.set_language(subscriber_id="S5", language="es", by=CONSUMER, now=JANUARY_10)
    associate.lock(subscriber_id="S2", locked=True, by=CONSUMER, now=JANUARY_10)


def designate(name: str, npn: str, now: datetime = JANUARY_10) -> None:
    consent = ConsentGiven(act="designated", shown="…", template_version="2026-1", parties="consumer, broker")
    assert associate.designate(
        subscriber_id=name, npn=npn, consent=consent, second_factor=True, by=CONSUMER, now=now
    ).granted


def entries(policy: str) -> list[tuple[str, date, date]]:
    rows = Entry.objects.known_at().filter(enrollment__policy_id=policy).order_by("effective_from")
    return [(row.npn, row.effective_from, row.effective_until) for row in rows]


def asked(**others: object) -> str:
    decision, number = transfers.ask(
        **{"from_npn": ANA, "to_npn": BEN, "on": JUNE_1, "by": BROKER, "now": APRIL_20, **others}  # type: ignore[arg-type]  # whatever ask takes
    )
    assert decision.granted, decision.unmet
    transfers.add_evidence(
        number, content=b"%PDF", name="agreement.pdf", media_type="application/pdf", by=BROKER, now=APRIL_20
    )
    return number


def approved(**others: object) -> str:
    number = asked(**others)
    assert transfers.approve(number, version=1, by=OFFICER, now=APRIL_20 + HOUR).granted
    return number


def became(number: str) -> dict[str, str]:
    rows = Step.objects.filter(household__transfer__case__number=number).select_related("household").order_by("pk")
    return {one.household.subscriber_id: one.kind for one in rows}


def test_what_is_asked_wrongly_is_refused_with_why() -> None:
    decision, number = transfers.ask(from_npn=ANA, to_npn=BEN, on=date(2026, 5, 15), by=BROKER, now=APRIL_20)
    assert ([one.because for one in decision.unmet], number) == (["2026-05-15 is not the first of a month"], "")
    too_soon = transfers.precheck(from_npn=ANA, to_npn=BEN, on=date(2026, 5, 1), now=APRIL_20)
    assert [one.cure for one in too_soon.unmet] == ["choose 2026-06-01 or later"]
    with pytest.raises(cases.Refused):
        transfers.ask(from_npn=ANA, to_npn=BEN, on=JUNE_1, by=Actor(Role.BROKER, "cy", CRUZ), now=APRIL_20)
    assert Act.objects.filter(verb="transfer.asked refused").count() == 1


def test_an_officer_sees_each_household_and_the_broker_only_how_many() -> None:
    number = asked()
    found = transfers.preview(number, purpose="transfer", by=OFFICER, now=APRIL_20)
    assert found.decision.granted
    assert {one.subscriber_id: one.because for one in found.households} == {
        "S1": "",
        "S2": "the consumer has locked their broker",
        "S3": "",
        "S4": "not appointed by Prairie Health on 2026-04-20",
        "S5": "",
        "S6": "the association is by paper form",
    }
    assert Read.objects.filter(what="transfer preview").count() == 6
    decision, can_move, reasons = transfers.told(number, by=BROKER, now=APRIL_20)
    assert (decision.granted, can_move, set(reasons.values())) == (True, 3, {1})
    with pytest.raises(cases.Refused):
        transfers.told(number, by=Actor(Role.BROKER, "cy", CRUZ), now=APRIL_20)
    with pytest.raises(cases.Refused):
        transfers.preview(number, purpose="transfer", by=BROKER, now=APRIL_20)


def test_without_the_agreement_nothing_is_approved_and_nobody_written_to() -> None:
    _, number = transfers.ask(from_npn=ANA, to_npn=BEN, on=JUNE_1, by=BROKER, now=APRIL_20)
    refused = transfers.approve(number, version=1, by=OFFICER, now=APRIL_20)
    assert [one.rule for one in refused.unmet] == ["TRANSFER_EVIDENCE"]
    assert not Household.objects.exists()
    assert not Notice.objects.filter(kind="transfer announced").exists()


def test_letters_go_in_the_consumers_language_and_nothing_moves_before_the_day() -> None:
    number = approved()
    letters = {one.recipient_id: one for one in Notice.objects.filter(kind="transfer announced")}
    assert set(letters) == {"S1", "S3", "S5"}
    assert "June 1, 2026" in letters["S1"].body
    assert letters["S5"].body != letters["S1"].body
    assert entering.due(now=THE_DAY - timedelta(days=1)) == 0
    assert entries("P1") == [(ANA, date(2026, 2, 1), YEAR_END)]
    with pytest.raises(cases.Refused, match="was decided"):
        transfers.approve(number, version=2, by=OFFICER, now=THE_DAY)


def test_on_the_day_whoever_did_not_say_no_moves_and_access_waits_for_the_consumer() -> None:
    number = approved()
    entering.opt_out(number, subscriber_id="S5", by=CONSUMER, now=APRIL_20 + 2 * HOUR)
    with pytest.raises(cases.Refused):
        entering.opt_out(number, subscriber_id="S5", by=CONSUMER, now=APRIL_20 + 3 * HOUR)
    designate("S3", CRUZ, THE_DAY - timedelta(days=2))
    assert entering.due(now=THE_DAY) == 1
    assert entering.due(now=THE_DAY + HOUR) == 0
    assert became(number) == {"S1": "moved", "S3": "left out", "S5": "opted out"}
    assert queries.progress(queries.transfer(number)) == {
        "in all": 6, "written to": 3, "opted out": 1, "moved": 1, "left out": 1, "undone": 0,
    }  # fmt: skip
    assert Case.objects.get(number=number).state == State.CLOSED
    assert entries("P1") == [(ANA, date(2026, 2, 1), date(2026, 7, 1)), (BEN, date(2026, 7, 1), YEAR_END)]
    assert entries("P5") == [(ANA, date(2026, 2, 1), YEAR_END)]
    assert not access.may_see(npn=BEN, subscriber_id="S1", now=THE_DAY + HOUR).granted
    assert not access.may_see(npn=ANA, subscriber_id="S1", now=THE_DAY + HOUR).granted
    consent = ConsentGiven(act="confirmed", shown="…", template_version="1", parties="consumer, broker")
    assert associate.confirm_transfer(subscriber_id="S1", consent=consent, by=CONSUMER, now=THE_DAY + HOUR).granted
    assert access.may_see(npn=BEN, subscriber_id="S1", now=THE_DAY + 2 * HOUR).granted
    row = Association.objects.get(path="transferred")
    assert row.consent is not None
    assert (row.consent.act, row.consent.reference) == ("letter without an opt-out", number)
    assert "Ben Lee (NPN 7000002)" in row.consent.shown
    told = Notice.objects.filter(kind__in=["association began", "association ended"], recipient_id__in=[ANA, BEN])
    assert {(one.kind, one.recipient_id) for one in told if number in one.dedupe_key} == {
        ("association ended", ANA), ("association began", BEN),
    }  # fmt: skip


def test_a_broker_who_fell_out_of_standing_moves_nobody() -> None:
    number = approved()
    assert standing.suspend(npn=BEN, because="audit", by=OFFICER, now=THE_DAY - HOUR).granted
    assert entering.due(now=THE_DAY) == 0
    assert set(became(number).values()) == {"left out"}
    assert all("not certified" in one for one in Step.objects.values_list("because", flat=True))


def test_it_is_undone_without_a_gap_but_not_for_who_has_confirmed() -> None:
    number = approved()
    assert entering.due(now=THE_DAY) == 3
    consent = ConsentGiven(act="confirmed", shown="…", template_version="1", parties="consumer, broker")
    associate.confirm_transfer(subscriber_id="S1", consent=consent, by=CONSUMER, now=THE_DAY + HOUR)
    designate("S3", CRUZ, THE_DAY + HOUR)
    decision, undone = entering.undo(number, by=OFFICER, now=THE_DAY + timedelta(days=10))
    assert (decision.granted, undone) == (True, 1)
    assert entries("P5") == [(ANA, date(2026, 2, 1), YEAR_END)]
    assert entries("P1")[-1][0] == BEN
    assert entries("P3")[-1][0] == CRUZ
    assert access.may_see(npn=ANA, subscriber_id="S5", now=THE_DAY + timedelta(days=11)).granted
    assert entering.undo(number, by=OFFICER, now=THE_DAY + timedelta(days=11))[1] == 0
    late, _ = entering.undo(number, by=OFFICER, now=THE_DAY + timedelta(days=31))
    assert [one.rule for one in late.unmet] == ["IN_TIME"]


def test_orphans_of_a_broker_who_died_are_listed_and_go_to_the_named_successor() -> None:
    Death.objects.create(npn=ANA, died_on=date(2026, 4, 1), known_from=APRIL_20 - timedelta(days=5))
    settle.everything(now=APRIL_20 - timedelta(days=5))
    designate("S3", CRUZ, APRIL_20 - timedelta(days=1))
    assert [one.subscriber_id for one in queries.orphans(ANA, now=APRIL_20)] == ["S1", "S2", "S4", "S5", "S6"]
    assert queries.orphans(CRUZ, now=APRIL_20) == []
    refused = transfers.precheck(from_npn=ANA, to_npn=BEN, on=JUNE_1, now=APRIL_20)
    assert [one.because for one in refused.unmet] == ["the former broker is not in standing: died on 2026-04-01"]
    number = approved(successor=True)
    assert entering.due(now=THE_DAY) == 2
    assert became(number) == {"S1": "moved", "S5": "moved"}
    assert entries("P1") == [
        (ANA, date(2026, 2, 1), date(2026, 5, 1)), (BEN, date(2026, 7, 1), YEAR_END),
    ]  # fmt: skip
    assert [one.subscriber_id for one in queries.orphans(ANA, now=THE_DAY + HOUR)] == ["S2", "S4", "S6"]


def test_an_agency_takes_over_anothers_book_broker_by_broker() -> None:
    builders.broker("7000010", "Di", "Doe", agency_npn="7900001", agency_name="North Agency")
    found = transfers.ask_for_agency(
        {ANA: "7000010", CRUZ: BEN}, agency_npn="7900001", on=JUNE_1,
        by=Actor(Role.AGENCY_MANAGER, "manager"), now=APRIL_20,
    )  # fmt: skip
    assert found[ANA][1] == "T-2026-000001"
    assert (found[CRUZ][1], [one.rule for one in found[CRUZ][0].unmet]) == ("", ["OF_AGENCY"])


def test_it_is_taken_back_until_it_is_decided_and_no_longer() -> None:
    number = asked()
    with pytest.raises(cases.Refused, match="there is no case"):
        transfers.withdraw(number, version=1, by=Actor(Role.BROKER, "cy", CRUZ), now=APRIL_20)
    transfers.withdraw(number, version=1, by=BROKER, now=APRIL_20)
    with pytest.raises(cases.Refused):
        transfers.approve(number, version=2, by=OFFICER, now=APRIL_20)
    assert not Notice.objects.filter(kind="transfer announced").exists()
    other = approved()
    with pytest.raises(cases.Refused, match="was decided"):
        transfers.withdraw(other, version=2, by=BROKER, now=APRIL_20 + 2 * HOUR)


def test_more_is_asked_and_the_clock_stands_until_a_document_comes() -> None:
    number = asked()
    transfers.ask_more(number, version=1, words="Page two is missing.", by=OFFICER, now=APRIL_20)
    with pytest.raises(cases.Refused, match="waiting"):
        transfers.approve(number, version=2, by=OFFICER, now=APRIL_20)
    assert Notice.objects.get(kind="transfer asks").recipient_id == BEN
    with pytest.raises(cases.Refused):
        transfers.ask_more(number, version=2, words="And page three.", by=BROKER, now=APRIL_20)
    transfers.add_evidence(
        number, content=b"%PDF 2", name="two.pdf", media_type="application/pdf", by=BROKER, now=APRIL_20 + HOUR
    )
    assert Case.objects.get(number=number).state == State.QUEUED
    assert transfers.approve(number, version=3, by=OFFICER, now=APRIL_20 + 2 * HOUR).granted


def test_who_asks_is_told_nothing_of_the_book_before_the_agreement_and_never_why_the_former_lost_standing() -> None:
    _, number = transfers.ask(from_npn=ANA, to_npn=BEN, on=JUNE_1, by=BROKER, now=APRIL_20)
    decision, can_move, reasons = transfers.told(number, by=BROKER, now=APRIL_20)
    assert (decision.granted, can_move, reasons) == (False, 0, {})
    transfers.add_evidence(
        number, content=b"%PDF", name="a.pdf", media_type="application/pdf", by=BROKER, now=APRIL_20
    )
    assert standing.suspend(npn=ANA, because="audit", by=OFFICER, now=APRIL_20 + HOUR).granted
    later = APRIL_20 + 2 * HOUR
    assert "not certified" in str(transfers.preview(number, purpose="…", by=OFFICER, now=later).decision.unmet)
    decision, can_move, reasons = transfers.told(number, by=BROKER, now=later)
    assert [one.because for one in decision.unmet] == ["the former broker is not in standing"]
    assert (can_move, "certified" in str(reasons)) == (0, False)


def test_both_brokers_are_told_of_the_decision_and_of_its_undoing() -> None:
    number = approved()
    assert entering.due(now=THE_DAY) == 3
    entering.undo(number, by=OFFICER, now=THE_DAY + HOUR)
    told = Notice.objects.filter(kind__in=["transfer decided", "book moves", "book moved back"])
    assert sorted(told.values_list("kind", "recipient_id")) == [
        ("book moved back", ANA), ("book moved back", BEN), ("book moves", ANA), ("transfer decided", BEN),
    ]  # fmt: skip
    assert not any(BEN in one.body for one in told.filter(recipient_id=ANA))


def test_managers_of_an_agency_are_told_of_what_they_asked_for_while_the_broker_is_of_it() -> None:
    agency, elsewhere = "7900001", "7900002"
    brokers.supersede(Broker.objects.known_at().get(npn=BEN), now=JANUARY_10, agency_npn=agency)
    for name, keeps in (("Mo", agency), ("Max", elsewhere)):
        user = accounts.open_account(email=f"{name}@example.org", name=name, by=OFFICER, now=JANUARY_10)
        accounts.grant(user, role=RoleName.AGENCY_MANAGER, subject=keeps, by=OFFICER, now=JANUARY_10)
    number = asked(agency_npn=agency)
    transfers.ask_more(number, version=1, words="Page two is missing.", by=OFFICER, now=APRIL_20)
    transfers.add_evidence(
        number, content=b"%PDF 2", name="two.pdf", media_type="application/pdf", by=BROKER, now=APRIL_20 + HOUR
    )
    assert transfers.approve(number, version=3, by=OFFICER, now=APRIL_20 + 2 * HOUR).granted
    assert entering.due(now=THE_DAY) == 3
    brokers.supersede(Broker.objects.known_at().get(npn=BEN), now=THE_DAY, agency_npn=elsewhere)
    entering.undo(number, by=OFFICER, now=THE_DAY + HOUR)
    told = Notice.objects.filter(recipient_kind="account").order_by("pk")
    assert list(told.values_list("kind", "address")) == [
        ("transfer asks", "mo@example.org"), ("transfer decided", "mo@example.org"),
    ]  # fmt: skip
    assert all(number in one.body for one in told)


def test_who_asks_reads_why_households_stayed() -> None:
    number = approved()
    designate("S3", CRUZ, THE_DAY - timedelta(days=2))
    entering.due(now=THE_DAY)
    assert queries.stayed(queries.transfer(number)) == {
        "the consumer has locked their broker": 1,
        "not appointed by Prairie Health on 2026-04-20": 1,
        "the association is by paper form": 1,
        "the household has chosen otherwise": 1,
    }


def test_of_some_clients_alone_the_others_stay_and_what_is_not_of_the_book_is_told_to_the_officer() -> None:
    number = asked(policies=["P1", "P2", "P-else"])
    found = transfers.preview(number, purpose="transfer", by=OFFICER, now=APRIL_20)
    assert ([one.subscriber_id for one in found.households], found.strange) == (["S1", "S2"], ("P-else",))
    assert transfers.told(number, by=BROKER, now=APRIL_20)[1:] == (1, {"the consumer has locked their broker": 1})
    assert transfers.approve(number, version=1, by=OFFICER, now=APRIL_20 + HOUR).granted
    entering.due(now=THE_DAY)
    assert became(number) == {"S1": "moved"}
    assert [npn for npn, *_ in entries("P5")] == [ANA]
