"""A retroactive request asked, completed, decided, appealed, withdrawn, objected to (readings, R8)."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from pypdf import PdfReader
from tests.builders import ANA, BEN

from aor.acts import associate
from aor.associations.models import Invitation
from aor.audit.models import Act, Read
from aor.cases import queries as case_facts
from aor.cases.models import Case, Clock, State
from aor.cases.operations import Refused
from aor.engine import store
from aor.enrollments.models import Enrollment
from aor.notices.models import Notice
from aor.policy.retro import Outcome
from aor.record.models import Correction
from aor.retro import due, queries, rulings
from aor.retro import operations as retro
from aor.retro.models import Request, Ruling
from aor.retro.queries import Fields
from aor.retro.tests import market
from aor.retro.tests.market import (
    APRIL,
    ASKED,
    BROKER,
    CONSUMER,
    JANUARY,
    MARCH_11,
    OFFICER,
    OTHER_BROKER,
    SECOND,
    YEAR_END,
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def town(tmp_path: Path, settings: LazySettings) -> None:
    settings.AOR_HOME = tmp_path
    market.open_market(tmp_path)


def state(number: str) -> tuple[str, int]:
    row = Case.objects.get(number=number)
    return row.state, row.version


def letter(decided: rulings.Decided) -> str:
    with store.open_document(decided.letter) as file:
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(file.read())).pages).replace("\n", " ")


def rules(number: str) -> set[str]:
    assessment = retro.propose(number, now=MARCH_11)
    return set(filter(None, assessment.reasons.split(",")))


def test_rules_are_answered_while_the_form_is_filled_in() -> None:
    empty = retro.precheck(fields=Fields(npn=ANA), now=MARCH_11)
    assert [one.rule for one in empty.findings] == ["FIELDS_GIVEN"]
    assert "birth date" in empty.findings[0].because
    half = retro.precheck(fields=replace(ASKED, last_name=""), evidence=True, now=MARCH_11)
    assert [one.rule for one in half.unmet] == ["FIELDS_GIVEN"]
    assert retro.precheck(fields=ASKED, evidence=True, now=MARCH_11).granted
    late = retro.precheck(fields=replace(ASKED, effective_on=date(2025, 7, 1)), evidence=True, now=MARCH_11)
    assert "RETRO_IN_TIME" in {one.rule for one in late.unmet}


@pytest.mark.parametrize(
    "wrong",
    [
        {"effective_on": date(1, 1, 1)},
        {"effective_on": date(9999, 12, 31)},
        {"enrolled_on": date(9999, 12, 31)},
        {"birth_date": date(2030, 1, 1)},
        {"last_name": "x" * 61},
        {"coverage_kind": "VIS"},
        {"because": "'; DROP TABLE"},
        {"hios_issuer_id": "316160"},
        {"policy_id": "9" * 51},
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_opened(wrong: dict[str, Any]) -> None:
    submitted = retro.submit(fields=replace(ASKED, **wrong), by=BROKER, now=MARCH_11)
    assert submitted.number == ""
    assert submitted.decision.unmet[0].rule == "FIELDS_GIVEN"
    assert not Case.objects.exists()
    assert Act.objects.filter(verb="retro.refused").exists()


def test_only_the_broker_who_asks_may_ask() -> None:
    with pytest.raises(Refused, match="made by the broker"):
        retro.submit(fields=ASKED, by=OTHER_BROKER, now=MARCH_11)


def test_a_request_has_a_number_a_place_and_its_clocks() -> None:
    market.associated()
    number = market.submitted()
    assert number == "R-2026-000001"
    assert case_facts.place(Case.objects.get(number=number)) == 1
    due = {one.name: one.last_day for one in case_facts.clocks([Case.objects.get(number=number).pk]).popitem()[1]}
    assert due == {"answer": date(2026, 4, 10), "in all": date(2026, 5, 10)}


def test_the_consumer_is_told_of_every_request_and_never_by_the_broker_s_contact() -> None:
    market.submitted()
    told = Notice.objects.get(kind="past months asked")
    assert (told.recipient_id, told.address) == ("S1", "kaying@example.org")
    assert not {"Vang", "Kaying", "Garcia", ANA} & set((told.subject + told.body).split())


def test_a_clear_case_is_proposed_and_approved_and_only_its_own_enrollment_changes() -> None:
    market.associated()
    number = market.submitted()
    assert (retro.propose(number, now=MARCH_11).outcome, rules(number)) == ("approved", set())
    assert market.entries() == [(ANA, APRIL, YEAR_END)]
    decided = rulings.decide(number, version=1, outcome=Outcome.APPROVED, by=OFFICER, now=MARCH_11)
    assert decided.decision.granted
    assert market.entries() == [(ANA, JANUARY, YEAR_END)]
    assert market.entries("P3") == [(ANA, APRIL, YEAR_END)]
    assert market.entries("P2") == []
    assert "You are agent of record from January 1, 2026" in letter(decided)
    row = Case.objects.get(number=number)
    running = Clock.objects.filter(case=row, met_at=None).values_list("name", flat=True)
    assert (row.state, set(running)) == (State.ANSWERED, {"in all", "carrier"})
    act = Act.objects.get(verb="record.corrected")
    assert (act.subject_id, act.decision_id is not None) == ("P1", True)


def test_days_of_another_broker_stay_theirs() -> None:
    market.associated(BEN, now=market.MARCH_10 - timedelta(days=30))
    market.associated(ANA, now=market.MARCH_10 + timedelta(days=30))
    now = MARCH_11 + timedelta(days=30)
    number = market.submitted(now=now)
    rulings.decide(number, version=1, outcome=Outcome.APPROVED, by=OFFICER, now=now)
    assert market.entries() == [
        (ANA, JANUARY, date(2026, 3, 1)),
        (BEN, date(2026, 3, 1), date(2026, 5, 1)),
        (ANA, date(2026, 5, 1), YEAR_END),
    ]


def test_a_later_end_of_the_association_still_ends_it() -> None:
    market.associated()
    number = market.submitted()
    rulings.decide(number, version=1, outcome=Outcome.APPROVED, by=OFFICER, now=MARCH_11)
    assert associate.end(subscriber_id="S1", by=CONSUMER, now=MARCH_11 + timedelta(days=40)).granted
    assert market.entries() == [(ANA, JANUARY, date(2026, 5, 1))]


def test_missing_evidence_and_association_are_asked_for_while_the_clocks_stand_still() -> None:
    number = market.submitted(evidence=False)
    assert rules(number) == {"AGREEMENT_SHOWN", "ASSOCIATED_NOW"}
    retro.ask_more(number, version=1, words="Please show the signed agreement.", by=OFFICER, now=MARCH_11)
    assert state(number) == (State.WAITING, 2)
    assert due.remind(now=MARCH_11 + timedelta(days=8)) == 1
    assert due.remind(now=MARCH_11 + timedelta(days=9)) == 0
    assert Notice.objects.filter(recipient_kind="broker", subject__contains="association").count() == 1
    now = MARCH_11 + timedelta(days=10)
    market.associated(now=now)
    retro.add_evidence(number, content=b"%PDF", name="a.pdf", media_type="application/pdf", by=BROKER, now=now)
    told = retro.more_received(number, version=2, by=BROKER, now=now)
    assert told.granted
    (clocks,) = case_facts.clocks([Case.objects.get(number=number).pk]).values()
    assert {one.name: one.last_day for one in clocks} == {"answer": date(2026, 4, 20), "in all": date(2026, 5, 20)}
    assert due.remind(now=now) == 0


def test_a_late_request_goes_on_as_an_invitation_that_only_the_consumer_completes() -> None:
    now = MARCH_11 + timedelta(days=120)
    number = market.submitted(now=now)
    assert "RETRO_IN_TIME" in retro.propose(number, now=now).reasons
    refused = rulings.decide(number, version=1, outcome=Outcome.APPROVED, because="kindly", by=OFFICER, now=now)
    assert not refused.decision.granted
    assert state(number) == (State.QUEUED, 1)
    assert Act.objects.filter(verb="retro.decided refused").exists()
    decided = rulings.decide(number, version=1, outcome=Outcome.PROSPECTIVE, by=OFFICER, now=now)
    invitation = Invitation.objects.get()
    assert (invitation.npn, invitation.subscriber_id, invitation.contact) == (ANA, "S1", "kaying@example.org")
    assert market.entries() == []
    assert not Correction.objects.exists()
    assert "Only the consumer can complete it" in letter(decided)


def test_an_unknown_person_another_s_client_and_an_unassociated_one_read_alike() -> None:
    market.associated(BEN, "S2", now=market.MARCH_10 - timedelta(days=80))
    unknown = replace(ASKED, last_name="Nobody")
    others = replace(ASKED, last_name="Lee", first_name="Mai")
    cases_of = [market.submitted(fields) for fields in (unknown, others, ASKED)]
    told = [retro.show(number, purpose="own request", by=BROKER, now=MARCH_11).told for number in cases_of]
    assert told[0] == told[1] == told[2]
    assert told[0].unmet[0].because == "no association with you found"
    letters = []
    for number in cases_of:
        decided = rulings.decide(
            number,
            version=1,
            outcome=Outcome.DENIED,
            because="never associated; Ben Lee is",
            by=OFFICER,
            now=MARCH_11,
        )
        text = letter(decided).replace(number, "")
        letters.append(text.replace("Kaying Vang", "X").replace("Mai Lee", "X").replace("Kaying Nobody", "X"))
    assert letters[0] == letters[1] == letters[2]
    assert "Ben" not in letters[0]
    shown = retro.show(cases_of[1], purpose="own request", by=BROKER, now=MARCH_11)
    assert (shown.ruling, shown.assessment, shown.outcome) == (None, None, "denied")


def test_nobody_else_sees_a_request_and_every_look_is_recorded() -> None:
    number = market.submitted()
    with pytest.raises(Refused, match="there is no case"):
        retro.show(number, purpose="curious", by=OTHER_BROKER, now=MARCH_11)
    shown = retro.show(number, purpose="working it", by=OFFICER, now=MARCH_11)
    assert shown.assessment is not None
    assert Read.objects.filter(subject_id=number, actor_name="officer 3", purpose="working it").count() == 1


def test_the_letter_is_fetched_on_record_by_whom_it_is_for() -> None:
    market.associated()
    number = market.submitted()
    with pytest.raises(Refused, match="has no letter"):
        retro.read_letter(number, purpose="own request", by=BROKER, now=MARCH_11)
    rulings.decide(number, version=1, outcome=Outcome.APPROVED, by=OFFICER, now=MARCH_11)
    assert retro.read_letter(number, purpose="own request", by=BROKER, now=MARCH_11).startswith(b"%PDF")
    with pytest.raises(Refused, match="there is no case"):
        retro.read_letter(number, purpose="own request", by=OTHER_BROKER, now=MARCH_11)


def test_names_are_found_whatever_accents_spaces_and_case_they_have() -> None:
    market.submitted(replace(ASKED, last_name=" vâng", first_name="KAYING "))
    assert queries.request("R-2026-000001").identified.exists()


def test_the_officer_says_which_enrollment_it_is_where_the_words_do_not() -> None:
    market.associated()
    number = market.submitted(replace(ASKED, first_name="Kay"))
    assert "COVERAGE_FOUND" in rules(number)
    with pytest.raises(Refused, match="only the marketplace"):
        retro.identify(number, enrollment=1, by=BROKER, now=MARCH_11)
    retro.identify(number, enrollment=Enrollment.objects.get(policy_id="P1").pk, by=OFFICER, now=MARCH_11)
    assert rules(number) == set()
    assert Notice.objects.filter(kind="past months asked", recipient_kind="subscriber", recipient_id="S1").exists()


def test_the_same_is_asked_once_unless_it_was_withdrawn() -> None:
    market.associated()
    first, again = market.submitted(), market.submitted()
    assert rules(again) == {"ASKED_ONCE"}
    assert rules(first) == set()
    retro.withdraw(first, version=1, by=BROKER, now=MARCH_11)
    assert state(first)[0] == State.CLOSED
    assert rules(again) == set()
    assert Ruling.objects.get().outcome == "withdrawn"


def test_an_appeal_is_heard_once_by_another_officer() -> None:
    market.associated()
    number = market.submitted()
    because = "the signature is missing"
    denied = rulings.decide(number, version=1, outcome=Outcome.DENIED, because=because, by=OFFICER, now=MARCH_11)
    assert because in letter(denied)
    assert "The last day to appeal" in letter(denied)
    with pytest.raises(Refused, match="was decided"):
        retro.withdraw(number, version=2, by=BROKER, now=MARCH_11)
    assert rulings.appeal(number, version=2, by=BROKER, now=MARCH_11).granted
    with pytest.raises(Refused, match="another officer"):
        rulings.decide(number, version=3, outcome=Outcome.APPROVED, by=OFFICER, now=MARCH_11)
    heard = rulings.decide(number, version=3, outcome=Outcome.DENIED, because=because, by=SECOND, now=MARCH_11)
    assert "appeal" not in letter(heard)
    assert not rulings.appeal(number, version=4, by=BROKER, now=MARCH_11).granted
    assert list(Ruling.objects.values_list("number", "by_name")) == [(1, "officer 3"), (2, "officer 4")]


def test_an_appeal_may_be_granted() -> None:
    market.associated()
    number = market.submitted()
    rulings.decide(number, version=1, outcome=Outcome.DENIED, because="no", by=OFFICER, now=MARCH_11)
    rulings.appeal(number, version=2, by=BROKER, now=MARCH_11)
    rulings.decide(number, version=3, outcome=Outcome.APPROVED, by=SECOND, now=MARCH_11)
    assert market.entries() == [(ANA, JANUARY, YEAR_END)]


def test_the_consumer_objects_before_it_is_decided() -> None:
    market.associated()
    number = market.submitted()
    with pytest.raises(Refused, match="there is no case"):
        retro.object_to(number, subscriber_id="S2", by=CONSUMER, now=MARCH_11)
    retro.object_to(number, subscriber_id="S1", by=CONSUMER, now=MARCH_11)
    retro.object_to(number, subscriber_id="S1", by=CONSUMER, now=MARCH_11)
    assert (retro.propose(number, now=MARCH_11).outcome, rules(number)) == ("denied", {"NOT_OBJECTED"})
    assert state(number) == (State.QUEUED, 1)


def test_the_consumer_objects_to_an_approval_and_another_officer_takes_it_back() -> None:
    market.associated()
    number = market.submitted()
    rulings.decide(number, version=1, outcome=Outcome.APPROVED, by=OFFICER, now=MARCH_11)
    retro.object_to(number, subscriber_id="S1", by=CONSUMER, now=MARCH_11 + timedelta(days=1))
    assert state(number) == (State.ESCALATED, 3)
    later = MARCH_11 + timedelta(days=2)
    decided = rulings.decide(number, version=3, outcome=Outcome.DENIED, by=SECOND, now=later)
    assert decided.decision.granted
    assert market.entries() == [(ANA, APRIL, YEAR_END)]
    assert not Correction.objects.known_at().exists()
    assert not Clock.objects.filter(case__number=number, met_at=None).exists()


def test_of_two_officers_one_decides() -> None:
    market.associated()
    number = market.submitted()
    rulings.decide(number, version=1, outcome=Outcome.APPROVED, by=OFFICER, now=MARCH_11)
    with pytest.raises(Refused, match="has changed"):
        rulings.decide(number, version=1, outcome=Outcome.DENIED, because="no", by=SECOND, now=MARCH_11)
    assert market.entries() == [(ANA, JANUARY, YEAR_END)]
    assert Correction.objects.count() == 1


def test_a_broker_cannot_decide() -> None:
    market.associated()
    number = market.submitted()
    with pytest.raises(Refused, match="by the marketplace"):
        rulings.decide(number, version=1, outcome=Outcome.APPROVED, by=BROKER, now=MARCH_11)
    assert market.entries() == [(ANA, APRIL, YEAR_END)]


def test_what_is_not_approved_closes_when_no_appeal_is_open_any_more() -> None:
    market.associated()
    number = market.submitted()
    rulings.decide(number, version=1, outcome=Outcome.DENIED, because="no", by=OFFICER, now=MARCH_11)
    assert due.close_undisputed(by=OFFICER, now=MARCH_11 + timedelta(days=30)) == 0
    assert due.close_undisputed(by=OFFICER, now=MARCH_11 + timedelta(days=31)) == 1
    assert state(number)[0] == State.CLOSED


def test_nothing_in_journal_or_notices_names_a_person() -> None:
    market.associated()
    number = market.submitted()
    retro.ask_more(number, version=1, words="About Kaying Vang: please …", by=OFFICER, now=MARCH_11)
    retro.more_received(number, version=2, by=BROKER, now=MARCH_11)
    rulings.decide(number, version=3, outcome=Outcome.APPROVED, because="Vang", by=OFFICER, now=MARCH_11)
    said = " ".join(
        [*Act.objects.values_list("details", flat=True), *(n.subject + n.body for n in Notice.objects.all())]
    ).lower()
    assert "vang" not in said
    assert "kaying" not in said
    assert Request.objects.get().last_name == "Vang"
