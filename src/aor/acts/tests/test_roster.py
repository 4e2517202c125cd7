"""What brokers and agencies do about themselves, and what an officer does to a certification."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from tests import builders
from tests.builders import ANA, BEN, CRUZ, Policy, enrollment_file

from aor.acts import associate, queries, receive, roster, settle, standing
from aor.acts.loads import affected
from aor.acts.standing import Moved, Preview
from aor.acts.tests.test_associate import BROKER, CONSUMER, OFFICER, consent
from aor.associations.models import Association, Open
from aor.audit.models import Act
from aor.brokers import agencies, agreements
from aor.brokers.models import Agreement, Broker, Certification
from aor.notices.models import Notice
from aor.policy.decision import Decision
from aor.record import operations as record
from aor.record.models import Entry
from aor.terms import actor

START = datetime(2025, 12, 10, 15, tzinfo=UTC)
SPRING = datetime(2026, 3, 10, 15, tzinfo=UTC)
LAKE = "9001"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def market(tmp_path: Path, settings: LazySettings) -> None:
    """Ana and Ben in standing; S1 and S2 with Ana; Lake Agency."""
    settings.AOR_HOME = tmp_path
    builders.carrier()
    builders.broker(ANA)
    builders.broker(BEN)
    path = tmp_path / "enrollments.834"
    path.write_bytes(enrollment_file(Policy("P1", "S1", application="A1"), Policy("P2", "S2", application="A2")))
    receive.receive(path, by=actor.system("test"), now=START - timedelta(days=1))
    for subscriber in ("S1", "S2"):
        associate.designate(
            subscriber_id=subscriber, npn=ANA, consent=consent(), second_factor=True, by=CONSUMER, now=START
        )
    assert roster.register_agency(
        {"npn": LAKE, "name": "Lake Agency", "email": "office@example.org"}, by=OFFICER, now=START
    ).changed


def unmet(decision: Decision) -> list[str]:
    return [finding.rule for finding in decision.unmet]


def ends() -> dict[str, date]:
    rows = Entry.objects.known_at().filter(npn=ANA)
    return dict(rows.values_list("enrollment__policy_id", "effective_until"))


def test_a_form_changes_what_it_names_and_keeps_the_rest() -> None:
    done = roster.register_broker(
        {"npn": ANA, "phone": "612-555-0101", "list_in_directory": "Y"}, by=BROKER, now=SPRING
    )
    assert done.changed
    row = Broker.objects.known_at().get(npn=ANA)
    assert (row.first_name, row.phone, row.list_in_directory) == ("Ana", "612-555-0101", True)
    assert Broker.objects.known_at(START).get(npn=ANA).phone == ""
    assert not roster.register_broker({"npn": ANA, "phone": "612-555-0101"}, by=BROKER, now=SPRING).changed


def test_a_wrong_field_is_named_and_nothing_changes() -> None:
    done = roster.register_broker({"npn": ANA, "email": "not an address"}, by=BROKER, now=SPRING)
    assert not done.changed
    assert [one.column for one in done.refused] == ["email"]
    assert Act.objects.get(verb="brokers.registered refused").subject_id == ANA


def test_a_new_registered_address_is_told_to_the_old_one() -> None:
    roster.register_broker({"npn": ANA, "email": "new@example.org"}, by=BROKER, now=SPRING)
    assert Notice.objects.get(kind="address changed").address == "broker@example.org"


def test_a_broker_joins_an_agency_by_their_own_yes_and_membership_is_dated() -> None:
    assert roster.ask_to_join(agency_npn=LAKE, npn=ANA, by=OFFICER, now=SPRING).granted
    (asked,) = agencies.agency_invitations(npn=ANA, now=SPRING)
    wrong = roster.answer_agency(invitation=asked.id, npn=BEN, accepted=True, by=BROKER, now=SPRING)
    assert unmet(wrong) == ["AGENCY_INVITATION_OPEN"]
    assert roster.answer_agency(invitation=asked.id, npn=ANA, accepted=True, by=BROKER, now=SPRING).granted
    assert [one.npn for one in agencies.members(LAKE)] == [ANA]
    assert agencies.members(LAKE, SPRING - timedelta(seconds=1)) == []
    assert Broker.objects.known_at().get(npn=ANA).agency_name == "Lake Agency"
    assert unmet(roster.ask_to_join(agency_npn=LAKE, npn=ANA, by=OFFICER, now=SPRING)) == ["OF_AGENCY"]
    later = SPRING + timedelta(days=1)
    assert roster.remove_from_agency(agency_npn=LAKE, npn=ANA, by=OFFICER, now=later).granted
    assert agencies.members(LAKE) == []
    assert [one.npn for one in agencies.members(LAKE, SPRING)] == [ANA]
    assert unmet(roster.remove_from_agency(agency_npn=LAKE, npn=ANA, by=OFFICER, now=later)) == ["OF_AGENCY"]
    assert Open.objects.count() == 2, "associations are the broker's"


def test_an_agency_asks_again_withdraws_and_is_declined() -> None:
    assert unmet(roster.ask_to_join(agency_npn=LAKE, npn=CRUZ, by=OFFICER, now=SPRING)) == ["ON_ROSTER"]
    for _ in range(2):
        roster.ask_to_join(agency_npn=LAKE, npn=ANA, by=OFFICER, now=SPRING)
    (asked,) = agencies.agency_invitations(agency_npn=LAKE, now=SPRING)
    assert not roster.withdraw_asking(invitation=asked.id, agency_npn="9002", by=OFFICER, now=SPRING).granted
    assert roster.withdraw_asking(invitation=asked.id, agency_npn=LAKE, by=OFFICER, now=SPRING).granted
    roster.ask_to_join(agency_npn=LAKE, npn=ANA, by=OFFICER, now=SPRING)
    (again,) = agencies.agency_invitations(npn=ANA, now=SPRING)
    late = roster.answer_agency(
        invitation=again.id, npn=ANA, accepted=True, by=BROKER, now=SPRING + timedelta(days=15)
    )
    assert unmet(late) == ["AGENCY_INVITATION_OPEN"]
    assert roster.answer_agency(invitation=again.id, npn=ANA, accepted=False, by=BROKER, now=SPRING).granted
    assert agencies.members(LAKE) == []


def sign(version: str, plan_year: int = 2027) -> Decision:
    return roster.sign_agreement(npn=ANA, plan_year=plan_year, version=version, by=BROKER, now=SPRING)


def test_the_agreement_that_reads_now_is_signed_once_and_its_words_are_kept_by_hash() -> None:
    text = agreements.current(2027)
    assert text is not None
    assert unmet(sign("2020-1")) == ["AGREEMENT_CURRENT"]
    assert unmet(sign("1", 2035)) == ["AGREEMENT_CURRENT"]
    assert sign(text.version).granted
    assert sign(text.version).granted
    assert Agreement.objects.get().text_sha256 == text.sha256
    assert agreements.of_version(2027, text.version) == text


def test_an_officer_certifies_whoever_signed() -> None:
    assert unmet(standing.certify(npn=ANA, plan_year=2027, by=OFFICER, now=SPRING)) == ["AGREEMENT_SIGNED"]
    sign("2027-1")
    assert standing.certify(npn=ANA, plan_year=2027, by=OFFICER, now=SPRING).granted
    assert Certification.objects.known_at().get(npn=ANA, plan_year=2027).agreement_version == "2027-1"
    assert unmet(standing.certify(npn=ANA, plan_year=2027, by=OFFICER, now=SPRING)) == ["CERTIFICATION_HELD"]
    assert Notice.objects.filter(kind="standing changed", recipient_id=ANA).count() == 1


def test_a_decertification_ends_associations_and_credit_and_tells_households() -> None:
    shown = standing.preview_decertify(npn=ANA, now=SPRING)
    assert ends() == {"P1": date(2027, 1, 1), "P2": date(2027, 1, 1)}, "a preview changes nothing"
    assert standing.decertify(npn=ANA, because="complaint", by=OFFICER, now=SPRING).granted
    assert ends() == {"P1": date(2026, 4, 1), "P2": date(2026, 4, 1)}
    assert (shown.households_ended, shown.subscribers_seen) == (2, 2)
    assert shown.moved == tuple(
        Moved(policy, builders.NORTH_STAR, "ends", date(2026, 4, 1)) for policy in ("P1", "P2")
    )
    assert shown.carriers == {(builders.NORTH_STAR, "ends"): 2}
    assert not Open.objects.exists()
    told = Notice.objects.filter(kind="broker out of standing").values_list("recipient_id", flat=True)
    assert sorted(told) == ["S1", "S2"]
    again = standing.decertify(npn=ANA, because="twice", by=OFFICER, now=SPRING)
    assert unmet(again) == ["CERTIFICATION_HELD"]
    assert standing.preview_decertify(npn=ANA, now=SPRING) == Preview(again, 0, 0, {}, ())


def test_certifying_anew_opens_no_association_again() -> None:
    standing.decertify(npn=ANA, because="complaint", by=OFFICER, now=SPRING)
    sign("2026-1", 2026)
    assert standing.certify(npn=ANA, plan_year=2026, by=OFFICER, now=SPRING + timedelta(days=3)).granted
    assert not Open.objects.exists()
    assert ends() == {"P1": date(2026, 4, 1), "P2": date(2026, 4, 1)}


def test_a_suspension_closes_access_holds_what_is_to_be_sent_and_is_undone() -> None:
    shown = standing.preview_suspend(npn=ANA, now=SPRING)
    assert shown.carriers == {(builders.NORTH_STAR, "waits"): 2}
    assert shown.households_ended == 0
    assert standing.suspend(npn=ANA, because="training missed", by=OFFICER, now=SPRING).granted
    assert unmet(standing.suspend(npn=ANA, because="again", by=OFFICER, now=SPRING)) == ["SUSPENDED"]
    assert not queries.open_to([ANA], now=SPRING).exists()
    assert Open.objects.count() == 2
    assert ends() == {"P1": date(2027, 1, 1), "P2": date(2027, 1, 1)}
    later = SPRING + timedelta(days=5)
    assert standing.restore(npn=ANA, because="done", by=OFFICER, now=later).granted
    assert queries.open_to([ANA], now=later).count() == 2
    assert unmet(standing.restore(npn=ANA, because="again", by=OFFICER, now=later)) == ["SUSPENDED"]
    assert not queries.open_to([ANA], now=SPRING).exists(), "the days of the suspension stay"


def test_a_suspension_taken_back_the_same_day_and_given_again() -> None:
    def suspend() -> Decision:
        return standing.suspend(npn=ANA, because="x", by=OFFICER, now=SPRING)

    assert suspend().granted
    assert standing.restore(npn=ANA, because="error", by=OFFICER, now=SPRING).granted
    assert queries.open_to([ANA], now=SPRING).count() == 2
    assert suspend().granted
    assert not queries.open_to([ANA], now=SPRING).exists()


def test_an_old_decertification_that_was_loaded_writes_to_nobody() -> None:
    row = Certification.objects.get(npn=ANA)
    Certification.objects.filter(id=row.id).update(known_until=SPRING)
    Certification.objects.create(
        npn=ANA, plan_year=2026, certified_on=row.certified_on, revoked_on=date(2026, 1, 5), known_from=SPRING
    )
    record.mark_due(affected.of_brokers([ANA]), cause="test", now=SPRING)
    settle.settle(now=SPRING)
    assert not Open.objects.exists()
    assert not Notice.objects.filter(kind="broker out of standing").exists()


def test_cover_is_lent_and_taken_back() -> None:
    lend = {"start": date(2026, 3, 11), "until": date(2026, 3, 20)}
    refused = roster.lend_cover(npn=ANA, colleague_npn=CRUZ, **lend, by=BROKER, now=SPRING)
    assert unmet(refused) == ["CERTIFIED", "LICENSED"]
    assert roster.lend_cover(npn=ANA, colleague_npn=BEN, **lend, by=BROKER, now=SPRING).granted
    during = SPRING + timedelta(days=2)
    assert queries.open_to([BEN], now=during).count() == 2
    assert Notice.objects.filter(kind="cover", recipient_id=BEN).count() == 1
    assert roster.end_cover(npn=ANA, by=BROKER, now=during) == 1
    assert not queries.open_to([BEN], now=during).exists()
    assert Association.objects.filter(npn=BEN).count() == 0
