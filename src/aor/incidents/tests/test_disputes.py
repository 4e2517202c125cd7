""" "I did not ask for this": closed at once, decided by an officer or by the days; signals are for review alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from tests import builders
from tests.builders import ANA, BEN

from aor.acts import associate, contacts
from aor.acts import queries as access
from aor.associations.models import Association
from aor.audit.models import Act
from aor.cases import operations as cases
from aor.cases.models import Case, State
from aor.incidents import corrections, disputes, queries, signals, why
from aor.incidents.models import Dispute, Ruling, Signal
from aor.incidents.tests import market
from aor.incidents.tests.market import APRIL_1, CONSUMER, HOUR, JANUARY_10, MARCH_10, OFFICER, SECOND
from aor.notices import languages
from aor.notices.models import Notice

pytestmark = pytest.mark.django_db
YEAR_END = date(2027, 1, 1)
MARCH_20 = MARCH_10 + timedelta(days=10)


@pytest.fixture(autouse=True)
def town(tmp_path: Path, settings: LazySettings) -> None:
    settings.AOR_HOME = tmp_path
    market.open_market(tmp_path)
    market.designate("S1", BEN, JANUARY_10)
    market.send(JANUARY_10 + HOUR)
    market.designate("S1", ANA, MARCH_10)
    market.send(MARCH_10 + HOUR)


def disowned(now: datetime = MARCH_20) -> str:
    decision, number = disputes.disown(subscriber_id="S1", by=CONSUMER, now=now)
    assert decision.granted
    return number


def sees(npn: str, now: datetime) -> bool:
    return access.may_see(npn=npn, subscriber_id="S1", now=now).granted


def test_access_closes_at_once_and_the_earlier_broker_is_restored_and_sent_without_a_gap() -> None:
    contacts.set_language(subscriber_id="S1", language="es", by=CONSUMER, now=MARCH_10)
    assert sees(ANA, MARCH_20)
    number = disowned()
    assert (number, sees(ANA, MARCH_20 + HOUR)) == ("U-2026-000001", False)
    decision = disputes.decide(number, version=1, upheld=True, because="no call", by=OFFICER, now=MARCH_20 + 2 * HOUR)
    assert decision.granted
    assert market.entries() == [(BEN, date(2026, 2, 1), YEAR_END)]
    assert sees(BEN, MARCH_20 + 3 * HOUR)
    assert not sees(ANA, MARCH_20 + 3 * HOUR)
    assert [one[:3] for one in market.send(MARCH_20 + 3 * HOUR)] == [("P1", BEN, "2026-04-01")]
    answered = Notice.objects.get(kind="dispute upheld")
    assert (answered.recipient_id, answered.address) == ("S1", "kaying@example.org")
    assert answered.body.endswith(languages.known("es").interpreter)
    assert ANA not in answered.body
    assert "VANG" not in answered.body.upper()


def test_a_consent_that_was_found_opens_access_again_and_moves_nothing() -> None:
    before = market.entries()
    number = disowned()
    refused = disputes.decide(number, version=1, upheld=False, because=" ", by=OFFICER, now=MARCH_20 + HOUR)
    assert [one.rule for one in refused.unmet] == ["CONSENT_FOUND"]
    assert disputes.decide(
        number, version=1, upheld=False, because="recorded call", by=OFFICER, now=MARCH_20 + HOUR
    ).granted
    assert sees(ANA, MARCH_20 + 2 * HOUR)
    assert market.entries() == before
    again = disputes.decide(number, version=2, upheld=True, by=OFFICER, now=MARCH_20 + 3 * HOUR)
    assert [one.rule for one in again.unmet] == ["DISPUTE_OPEN"]
    assert Notice.objects.filter(kind="dispute not upheld", recipient_id="S1").count() == 1


def test_after_five_business_days_without_a_decision_the_earlier_broker_is_restored() -> None:
    number = disowned()  # a Friday: five business days run through Friday the 27th
    last = datetime.fromisoformat("2026-03-28T04:30:00+00:00")  # still the 27th in Minnesota
    assert disputes.due(now=last) == 0
    assert disputes.due(now=last + timedelta(hours=1)) == 1
    assert disputes.due(now=last + timedelta(hours=2)) == 0
    assert market.entries() == [(BEN, date(2026, 2, 1), YEAR_END)]
    ruling = Ruling.objects.get(dispute__case__number=number)
    assert (ruling.upheld, ruling.by_role, ruling.because) == (
        True,
        "system",
        "no officer decided through 2026-03-27",
    )
    assert Case.objects.get(number=number).state == State.CLOSED


def test_what_another_door_disowned_gets_its_case_with_the_clock_of_then() -> None:
    associate.disown(subscriber_id="S1", by=CONSUMER, now=MARCH_20)
    assert disputes.due(now=MARCH_20 + HOUR) == 1
    assert disputes.due(now=MARCH_20 + 2 * HOUR) == 0
    assert Dispute.objects.get().at == MARCH_20
    assert disputes.disown(subscriber_id="S1", by=CONSUMER, now=MARCH_20 + 3 * HOUR)[1] == ""


@pytest.mark.parametrize("upheld", [True, False])
def test_what_an_officer_decided_by_another_door_is_followed_and_never_overruled(upheld: bool) -> None:
    disowned()
    row = Dispute.objects.get()
    associate.decide_disowned(
        subscriber_id="S1", association=row.association_id, upheld=upheld, by=OFFICER, now=MARCH_20 + HOUR
    )
    assert disputes.due(now=MARCH_20 + timedelta(days=30)) == 1
    assert disputes.due(now=MARCH_20 + timedelta(days=31)) == 0
    assert market.entries()[-1][0] == (BEN if upheld else ANA)
    assert Ruling.objects.get().upheld is upheld


def test_of_two_officers_who_decide_at_once_one_has_an_effect() -> None:
    number = disowned()
    cases.claim(number, version=1, by=OFFICER, now=MARCH_20)
    with pytest.raises(cases.Refused):
        disputes.decide(number, version=2, upheld=True, by=SECOND, now=MARCH_20 + HOUR)
    with pytest.raises(cases.Refused):
        disputes.decide(number, version=2, upheld=True, by=CONSUMER, now=MARCH_20 + HOUR)
    assert not Ruling.objects.exists()


def test_a_later_choice_of_the_consumer_stays_when_the_dispute_is_upheld() -> None:
    number = disowned()
    builders.broker("7000009", "Cy", "Cruz")
    market.designate("S1", "7000009", MARCH_20 + HOUR)
    assert disputes.decide(number, version=1, upheld=True, by=OFFICER, now=MARCH_20 + 2 * HOUR).granted
    assert market.entries() == [
        (BEN, date(2026, 2, 1), date(2026, 4, 1)), ("7000009", date(2026, 4, 1), YEAR_END),
    ]  # fmt: skip


def test_signals_are_listed_with_why_once_and_followed_by_nothing() -> None:
    disowned(MARCH_10 + timedelta(days=2))
    many = [
        Association(subscriber_id=f"N{n}", npn=BEN, path="designated", confirmed_at=MARCH_10, recorded_at=MARCH_10)
        for n in range(26)
    ]
    Association.objects.bulk_create(many)
    assert signals.find(now=MARCH_20) == 27
    assert signals.find(now=MARCH_20) == 0
    by_rule = {one.rule: one.because for one in Signal.objects.order_by("pk")}
    assert by_rule == {
        "SIGNAL_REVERSAL": "the change of 2026-03-10 was taken back on 2026-03-12",
        "SIGNAL_BURST": "26 households came to this broker within 2 days; 25 are ordinary",
    }
    figures = why.why(Signal.objects.filter(rule="SIGNAL_BURST")[0])
    assert (figures.count, figures.ordinary, figures.first, figures.last) == (
        26, 25, date(2026, 3, 9), date(2026, 3, 10),
    )  # fmt: skip
    first = queries.to_review()[0]
    assert signals.review(first.pk, words="called them", by=OFFICER, now=APRIL_1)
    assert not signals.review(first.pk, words="again", by=SECOND, now=APRIL_1)
    assert queries.to_review().count() == 26
    with pytest.raises(cases.Refused):
        signals.refer(queries.to_review()[0].pk, words=" ", by=OFFICER, now=APRIL_1)
    assert signals.refer(first.pk, words="too late", by=OFFICER, now=APRIL_1) == ""
    assert signals.refer(queries.to_review()[0].pk, words="odd", by=OFFICER, now=APRIL_1) == "V-2026-000001"


def test_a_contact_that_is_a_brokers_is_a_signal() -> None:
    contacts.set_account_contact(subscriber_id="S1", email="ana@example.org", by=CONSUMER, now=MARCH_10)
    signals.find(now=MARCH_20)
    assert set(Signal.objects.filter(rule="SIGNAL_CONTACT").values_list("because", flat=True)) == {
        "the consumer's contact is also that of a broker or an agency"
    }


def test_an_npn_is_corrected_by_two_officers_with_its_own_days_and_the_carrier_told() -> None:
    builders.broker("7000009", "Cy", "Cruz")
    _, number = corrections.propose(wrong=ANA, right="7000009", because="mistyped", by=OFFICER, now=MARCH_20)
    assert [one.number for one in Case.objects.filter(kind="npn correction")] == [number]
    refused = corrections.approve(number, version=1, by=OFFICER, now=MARCH_20)
    assert [one.rule for one in refused.unmet] == ["SECOND_OFFICER"]
    assert market.entries()[-1][0] == ANA
    assert corrections.approve(number, version=1, by=SECOND, now=MARCH_20 + HOUR).granted
    assert market.entries() == [
        (BEN, date(2026, 2, 1), date(2026, 4, 1)), ("7000009", date(2026, 4, 1), YEAR_END),
    ]  # fmt: skip
    assert [one[:3] for one in market.send(MARCH_20 + 2 * HOUR)] == [("P1", "7000009", "2026-04-01")]
    assert sees("7000009", MARCH_20 + 2 * HOUR)
    assert not sees(ANA, MARCH_20 + 2 * HOUR)
    act = Act.objects.get(verb="broker.npn corrected")
    assert (act.actor_name, act.subject_id) == ("per", ANA)
    with pytest.raises(cases.Refused):
        corrections.approve(number, version=2, by=SECOND, now=MARCH_20 + 3 * HOUR)


def test_an_npn_that_is_corrected_to_and_fro_twice_is_as_it_was_said_last() -> None:
    builders.broker("7000009", "Cy", "Cruz")
    before, now = market.entries(), MARCH_20
    for wrong, right in ((ANA, "7000009"), ("7000009", ANA)) * 2:
        _, number = corrections.propose(wrong=wrong, right=right, because="mistyped", by=OFFICER, now=now)
        assert corrections.approve(number, version=1, by=SECOND, now=now + HOUR).granted
        assert market.entries()[-1] == (right, *before[-1][1:])
        now += 2 * HOUR
    assert market.entries() == before
    assert sees(ANA, now)
    assert not sees("7000009", now)
