"""Every way for a broker and a household to begin, end and undo an association (readings, R1 and R2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from tests import builders
from tests.builders import ANA, BEN, Policy, enrollment_file

from aor.acts import associate, receive, settle
from aor.associations import queries as association_facts
from aor.associations.models import Access, Association, Consent, Invitation, Open
from aor.associations.operations import ConsentGiven
from aor.audit.models import Act
from aor.consumers.models import Household
from aor.notices.models import Notice
from aor.record import operations as record_operations
from aor.record.models import Entry
from aor.terms import actor
from aor.terms.actor import Actor, Role

CONSUMER = Actor(Role.CONSUMER, "account 17")
BROKER = Actor(Role.BROKER, "ana", npn=ANA)
OFFICER = Actor(Role.OFFICER, "officer 3")
START = datetime(2025, 12, 10, 15, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def consent(act: str = "designated") -> ConsentGiven:
    return ConsentGiven(act=act, shown="Your broker may see …", template_version="2026-1", parties="consumer, broker")


@pytest.fixture(autouse=True)
def household(tmp_path: Path, settings: LazySettings) -> None:
    """Subscriber S1 with policy P1 for 2026, brokers Ana and Ben in standing."""
    settings.AOR_HOME = tmp_path
    builders.carrier()
    builders.broker(ANA)
    builders.broker(BEN, "Ben", "Lee")
    path = tmp_path / "enrollments.834"
    path.write_bytes(enrollment_file(Policy("P1", "S1")))
    receive.receive(path, by=actor.system("test"), now=START - timedelta(days=1))


def designate(npn: str, now: datetime, *, plan_year: int | None = None) -> None:
    decision = associate.designate(
        subscriber_id="S1", npn=npn, consent=consent(), second_factor=True, by=CONSUMER, now=now, plan_year=plan_year
    )
    assert decision.granted


def record(known_at: datetime | None = None) -> list[tuple[str, date, date]]:
    rows = Entry.objects.known_at(known_at).order_by("effective_from")
    return [(row.npn, row.effective_from, row.effective_until) for row in rows]


YEAR_END = date(2027, 1, 1)


def test_a_designation_is_complete_at_once_and_keeps_its_consent() -> None:
    designate(ANA, START)
    assert record() == [(ANA, date(2026, 1, 1), YEAR_END)]
    assert Consent.objects.get().act == "designated"
    assert Open.objects.get().association.npn == ANA
    told = set(Notice.objects.values_list("kind", "recipient_id"))
    assert told == {("association began", ANA), ("broker chosen", "S1")}


def test_a_designation_without_consent_is_refused_and_journaled() -> None:
    decision = associate.designate(
        subscriber_id="S1", npn=ANA, consent=None, second_factor=True, by=CONSUMER, now=START
    )
    assert [finding.rule for finding in decision.unmet] == ["CONSENT_RECORDED"]
    assert record() == []
    act = Act.objects.get(verb="association.designated refused")
    assert act.decision is not None
    assert not act.decision.granted


def test_replacing_needs_a_second_factor_and_moves_the_record_on_the_first() -> None:
    designate(ANA, START)
    later = datetime(2026, 3, 10, 15, tzinfo=UTC)
    refused = associate.designate(
        subscriber_id="S1", npn=BEN, consent=consent(), second_factor=False, by=CONSUMER, now=later
    )
    assert [finding.rule for finding in refused.unmet] == ["SECOND_FACTOR"]
    designate(BEN, later)
    assert record() == [(ANA, date(2026, 1, 1), date(2026, 4, 1)), (BEN, date(2026, 4, 1), YEAR_END)]
    assert Open.objects.get().association.npn == BEN
    told = set(Notice.objects.filter(queued_at=later).values_list("kind", "recipient_id"))
    assert told == {("association ended", ANA), ("association began", BEN), ("broker replaced", "S1")}


def test_an_invitation_is_confirmed_by_its_code_alone() -> None:
    decision, code = associate.invite(
        subscriber_id="S1", npn=ANA, contact="consumer@example.org", by=BROKER, now=START
    )
    assert decision.granted
    number = Invitation.objects.get().id
    wrong = associate.confirm(
        invitation=number, code="0" * 16, consent=consent(), second_factor=False, by=CONSUMER, now=START
    )
    assert not wrong.granted
    right = associate.confirm(
        invitation=number, code=code, consent=consent("code"), second_factor=False, by=CONSUMER, now=START
    )
    assert right.granted
    again = associate.confirm(
        invitation=number, code=code, consent=consent("code"), second_factor=False, by=CONSUMER, now=START
    )
    assert [finding.rule for finding in again.unmet] == ["INVITATION_OPEN"]
    assert record() == [(ANA, date(2026, 1, 1), YEAR_END)]


def test_an_invitation_expires_after_fourteen_days_harmlessly() -> None:
    _, code = associate.invite(subscriber_id="S1", npn=ANA, contact="c@example.org", by=BROKER, now=START)
    assert associate.expire_invitations(by=OFFICER, now=START + timedelta(days=13)) == 0
    assert associate.expire_invitations(by=OFFICER, now=START + timedelta(days=14)) == 1
    assert associate.expire_invitations(by=OFFICER, now=START + timedelta(days=15)) == 0
    decision = associate.confirm(
        invitation=Invitation.objects.get().id,
        code=code,
        consent=consent(),
        second_factor=True,
        by=CONSUMER,
        now=START + timedelta(days=15),
    )
    assert [finding.because for finding in decision.unmet] == ["the invitation was already expired"]
    assert record() == []


def test_a_broker_out_of_standing_cannot_invite_and_needs_a_held_contact() -> None:
    builders.broker("7000009", certified=(), licensed=False)
    decision, code = associate.invite(subscriber_id="S1", npn="7000009", contact="", by=BROKER, now=START)
    assert [finding.rule for finding in decision.unmet] == ["CERTIFIED", "LICENSED", "CONTACT_HELD"]
    assert code == ""


def test_an_application_needs_the_consumers_own_consent() -> None:
    refused = associate.submit_application(subscriber_id="S1", npn=ANA, consent=None, by=BROKER, now=START)
    assert not refused.granted
    granted = associate.submit_application(
        subscriber_id="S1", npn=ANA, consent=consent("application signed"), by=BROKER, now=START
    )
    assert granted.granted
    assert record() == [(ANA, date(2026, 1, 1), YEAR_END)]


def test_an_officer_records_an_assisted_association() -> None:
    refused = associate.assist(
        subscriber_id="S1", npn=ANA, consent=consent("read back"), identity_checked=False, by=OFFICER, now=START
    )
    assert [finding.rule for finding in refused.unmet] == ["IDENTITY_CHECKED"]
    assert associate.assist(
        subscriber_id="S1", npn=ANA, consent=consent("read back"), identity_checked=True, by=OFFICER, now=START
    ).granted
    assert record() == [(ANA, date(2026, 1, 1), YEAR_END)]


def test_an_end_closes_access_at_once_and_credit_with_the_month() -> None:
    designate(ANA, START)
    now = datetime(2026, 3, 10, 15, tzinfo=UTC)
    assert associate.end(subscriber_id="S1", by=CONSUMER, now=now).granted
    assert record() == [(ANA, date(2026, 1, 1), date(2026, 4, 1))]
    assert not Open.objects.exists()
    assert not associate.end(subscriber_id="S1", by=CONSUMER, now=now).granted


def test_a_replacement_from_the_next_plan_year_leaves_this_years_credit() -> None:
    designate(ANA, START)
    designate(BEN, datetime(2026, 10, 10, 15, tzinfo=UTC), plan_year=2027)
    assert record() == [(ANA, date(2026, 1, 1), YEAR_END)]
    assert Open.objects.get().association.npn == BEN


def test_an_undo_restores_the_earlier_broker_without_a_gap() -> None:
    designate(ANA, START)
    changed = datetime(2026, 3, 10, 15, tzinfo=UTC)
    designate(BEN, changed)
    undone = changed + timedelta(days=20)
    assert associate.undo(subscriber_id="S1", by=CONSUMER, now=undone).granted
    assert record() == [(ANA, date(2026, 1, 1), YEAR_END)]
    assert [npn for npn, *_ in record(changed)] == [ANA, BEN]
    assert Open.objects.get().association.npn == ANA


def test_an_undo_after_thirty_days_is_refused() -> None:
    designate(ANA, START)
    decision = associate.undo(subscriber_id="S1", by=CONSUMER, now=START + timedelta(days=31))
    assert [finding.rule for finding in decision.unmet] == ["IN_TIME"]


def test_a_decline_annuls_and_a_yes_resumes_the_earlier_broker() -> None:
    designate(ANA, START)
    changed = datetime(2026, 3, 10, 15, tzinfo=UTC)
    designate(BEN, changed)
    assert associate.decline(subscriber_id="S1", npn=BEN, by=BROKER, now=changed + timedelta(days=3)).granted
    assert record() == [(ANA, date(2026, 1, 1), date(2026, 4, 1))]
    declined = Act.objects.filter(verb="association.declined").count()
    assert declined == 1
    bens = Association.objects.get(npn=BEN).id
    assert associate.resume(
        subscriber_id="S1", association=bens, by=CONSUMER, now=changed + timedelta(days=4)
    ).granted
    assert record() == [(ANA, date(2026, 1, 1), YEAR_END)]
    again = changed + timedelta(days=5)
    associate.end(subscriber_id="S1", by=CONSUMER, now=again)
    twice = associate.resume(subscriber_id="S1", association=bens, by=CONSUMER, now=again)
    assert [finding.rule for finding in twice.unmet] == ["ASSOCIATION_OPEN"], "a yes is said once"


def test_a_late_decline_is_refused() -> None:
    designate(ANA, START)
    decision = associate.decline(subscriber_id="S1", npn=ANA, by=BROKER, now=START + timedelta(days=15))
    assert [finding.rule for finding in decision.unmet] == ["IN_TIME"]


def test_a_locked_broker_can_only_be_changed_by_the_consumer() -> None:
    designate(ANA, START)
    associate.lock(subscriber_id="S1", locked=True, by=CONSUMER, now=START)
    decision = associate.submit_application(subscriber_id="S1", npn=BEN, consent=consent(), by=BROKER, now=START)
    assert [finding.rule for finding in decision.unmet] == ["SECOND_FACTOR", "UNLOCKED"]
    designate(BEN, START + timedelta(hours=1))
    assert Open.objects.get().association.npn == BEN


def test_a_navigator_is_never_agent_of_record() -> None:
    builders.broker("7000020", kind="navigator")
    designate(ANA, START)
    designate("7000020", datetime(2026, 3, 10, 15, tzinfo=UTC))
    assert record() == [(ANA, date(2026, 1, 1), YEAR_END)]
    assert Open.objects.get().association.npn == "7000020"


def test_what_was_known_never_changes() -> None:
    designate(ANA, START)
    then = START + timedelta(days=1)
    before = record(then)
    designate(BEN, datetime(2026, 3, 10, 15, tzinfo=UTC))
    associate.end(subscriber_id="S1", by=CONSUMER, now=datetime(2026, 5, 10, 15, tzinfo=UTC))
    assert record(then) == before


def test_a_transferred_association_gives_credit_and_no_access_before_it_is_confirmed() -> None:
    row = builders.associated("S1", ANA, date(2025, 12, 1))
    settle.settle(now=START)
    key = Open.objects.get().household_key
    assert association_facts.access_for(key) == row
    Association.objects.create(
        subscriber_id="S1",
        npn=BEN,
        path="transferred",
        confirmed_at=datetime(2026, 3, 1, 6, tzinfo=UTC),
        recorded_at=START,
    )
    later = START + timedelta(days=100)
    record_operations.mark_due(Household.objects.values_list("id", flat=True), cause="test", now=later)
    settle.settle(now=later)
    assert [npn for npn, *_ in record()] == [ANA, BEN]
    assert association_facts.access_for(key) is None


def test_what_follows_when_the_clock_went_back_still_follows() -> None:
    designate(ANA, START)
    before = START - timedelta(hours=1)
    designate(BEN, before)
    assert Open.objects.get().association.npn == BEN
    decision = associate.end(subscriber_id="S1", by=CONSUMER, now=before)
    assert decision.granted
    assert not Open.objects.exists()
    assert not Access.objects.exists()
    designate(ANA, before)
    decision = associate.withdraw(subscriber_id="S1", npn=ANA, by=BROKER, now=before - timedelta(minutes=1))
    assert decision.granted
    assert not Open.objects.exists()
