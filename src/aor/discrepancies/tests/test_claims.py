"""Forty rows in, forty receipts out: a first finding at once, determinations by officers, answers."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from itertools import batched
from pathlib import Path

import openpyxl
import pytest
from tests.builders import ANA, BEN, associated

from aor.acts import settle
from aor.audit.models import Act, Read
from aor.cases import correspondence
from aor.cases import queries as case_facts
from aor.cases.models import Case, State
from aor.cases.operations import Refused
from aor.consumers.models import Subscriber
from aor.discrepancies import answers, candidates, intake, queries, rivals
from aor.discrepancies import operations as discrepancies
from aor.discrepancies.models import Assessment, Claim
from aor.discrepancies.tests import market
from aor.discrepancies.tests.market import (
    BAO,
    BROKER,
    KAYING,
    MAI,
    NOBODY,
    NOON,
    OLA,
    PA,
    PER,
    TOU,
    claimed,
    claims,
    row,
    without_identity,
)  # fmt: skip
from aor.notices.models import Notice
from aor.policy.discrepancy import Determination
from aor.terms.actor import Actor, Role
from aor.transmissions import sending
from aor.workbooks.returned import ReturnedRow

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def town(tmp_path: Path) -> None:
    market.opened(tmp_path / "enrollments.834")


def found(*, of: int = 0) -> list[str]:
    """The latest true findings, in the order received."""
    latest = queries.latest(claim.pk for claim in claims())
    return [latest[claim.pk].determination for claim in claims()][of:]


def told(number: str) -> queries.AsTold:
    return queries.as_told([queries.numbered([number])[number]])[0]


def versions(*numbers: str) -> dict[str, int]:
    return dict(Case.objects.filter(number__in=numbers).values_list("number", "version"))


def test_every_row_has_a_receipt_and_its_true_finding() -> None:
    received = claimed(row(KAYING), row(TOU), row(MAI), row(PA), row(BAO), row(NOBODY), row(KAYING, carrier=""))
    assert [one.receipt for one in received.receipts] == [f"D-2026-{n:06d}" for n in range(1, 8)]
    assert [one.line for one in received.receipts] == list(range(2, 9))
    assert found() == [
        "sent now", "no association found", "associated with another broker", "associated with another broker",
        "association after the effective date", "enrollment not found", "more information needed",
    ]  # fmt: skip
    assert [one.determination for one in received.receipts] == [
        "sent now", "no association with you found", "no association with you found", "no association with you found",
        "association after the effective date", "no association with you found", "more information needed",
    ]  # fmt: skip
    assert [one.place for one in received.receipts] == [1, 2, 3, 4, 5, 6, None]
    assert received.receipts[0].expected_on == date(2026, 2, 25)  # ten business days, Presidents' Day passed over
    assert received.receipts[6].state == "more information needed"
    assert "carrier" in received.receipts[6].because


def test_nobody_can_learn_who_has_coverage(tmp_path: Path) -> None:
    """Unknown, without broker, with another broker, ended policy, other carrier, look-alike: all read the same."""
    near_mai = row({**MAI, "birth_date": "1990-03-18", "first_name": "May"})
    probes = [row(NOBODY), row(TOU), row(MAI), near_mai, row(TOU, carrier="Prairie Dental"), row(TOU, comments="x")]
    received = claimed(*probes)
    assert Assessment.objects.values("found").distinct().count() == 3, "the probes must differ in truth"
    alike = [without_identity(one) for one in received.receipts]
    assert all(one == alike[0] for one in alike)
    # confirmed one by one, on different days, nothing is shown until the last has its answer
    for place, claim in enumerate(claims()):
        assert all(without_identity(one) == alike[0] for one in queries.as_told(claims())), place
        now = NOON + place * DAY
        discrepancies.confirm(claim.case.number, version=claim.case.version, by=OLA, now=now)
    after = [without_identity(one) for one in queries.as_told(claims())]
    assert {one.pop("determined_on") for one in after} == {(NOON + n * DAY).date() for n in range(len(probes))}
    assert all(one == after[0] for one in after)
    assert after[0]["state"] == "answered"


def test_what_is_told_by_command_workbook_and_notice_is_alike_too() -> None:
    for npn, people in ((ANA, [NOBODY, TOU]), (BEN, [NOBODY, TOU])):
        claimed(*map(row, people), npn=npn)
    for claim in claims():
        discrepancies.confirm(claim.case.number, version=1, by=OLA, now=NOON)
    for npn in (ANA, BEN):
        sheet = openpyxl.load_workbook(io.BytesIO(answers.answer(npn, by=OLA, purpose="t", now=NOON).content)).active
        assert sheet is not None
        first, second = sheet.iter_rows(min_row=2, max_row=3, values_only=True)
        assert first[1:5] == second[1:5]
    words = Notice.objects.values_list("subject", "body")
    assert not any(name in text for pair in words for text in pair for name in ("Vang", "Okonkwo", "Nemo", "Tou"))


def test_the_same_file_twice_gives_the_same_receipts() -> None:
    once, again = claimed(row(TOU), row(MAI)), claimed(row(TOU), row(MAI), now=NOON + DAY)
    assert (once.again, again.again) == (False, True)
    assert [one.receipt for one in once.receipts] == [one.receipt for one in again.receipts]
    assert Claim.objects.count() == 2
    claimed(row(TOU), now=NOON + DAY)
    assert claims()[-1].same_as == once.receipts[0].receipt


def test_clear_ones_are_confirmed_together_and_the_others_one_by_one() -> None:
    near = row({**MAI, "birth_date": "1990-03-18", "first_name": "May"})
    received = claimed(row(KAYING), row(TOU), near, row(NOBODY, submission_method="PDF"))
    numbers = [one.receipt for one in received.receipts]
    refused = discrepancies.confirm_many(versions(*numbers), by=OLA, now=NOON + DAY)
    assert refused == {number: f"{number} is not clear: an officer looks at it by itself" for number in numbers[2:]}
    assert told(numbers[0]).state == "answered"
    assert Assessment.objects.filter(confirmed=True).count() == 2
    with pytest.raises(Refused, match="needs a reason"):
        discrepancies.confirm(numbers[3], version=1, by=OLA, now=NOON, determination=Determination.NO_ASSOCIATION)
    discrepancies.confirm(
        numbers[3], version=1, by=OLA, now=NOON, determination=Determination.NO_ASSOCIATION, because="no form filed"
    )  # fmt: skip
    (mai,) = Assessment.objects.filter(claim__case__number=numbers[2])
    discrepancies.confirm(numbers[2], version=1, by=OLA, now=NOON, meant=mai.subscriber_id)
    assert found() == ["sent now", "no association found", "associated with another broker", "no association found"]
    assert {one.state for one in queries.as_told(claims())} == {"answered"}


def test_a_finding_that_changed_meanwhile_is_shown_and_not_confirmed() -> None:
    (receipt,) = claimed(row(TOU)).receipts
    associated("S2", ANA, date(2026, 2, 11))
    settle.settle(now=NOON + 2 * DAY)
    refused = discrepancies.confirm_many({receipt.receipt: 1}, by=OLA, now=NOON + 2 * DAY)
    assert (
        refused == {receipt.receipt: f"{receipt.receipt} has another finding than when it was read: sent now"}
        or "association after" in refused[receipt.receipt]
    )
    assert told(receipt.receipt).state == "in review"
    assert discrepancies.confirm_many({receipt.receipt: 1}, by=OLA, now=NOON + 2 * DAY) == {}


def test_of_two_officers_one_determines() -> None:
    (receipt,) = claimed(row(TOU)).receipts
    discrepancies.confirm(receipt.receipt, version=1, by=OLA, now=NOON)
    with pytest.raises(Refused, match="has changed since it was read"):
        discrepancies.confirm(receipt.receipt, version=1, by=PER, now=NOON)
    assert discrepancies.confirm_many({receipt.receipt: 1, "D-2026-000099": 1}, by=PER, now=NOON).keys() == {
        receipt.receipt, "D-2026-000099",
    }  # fmt: skip
    assert Assessment.objects.filter(confirmed=True).count() == 1


def test_what_is_missing_is_asked_for_at_once_and_its_clock_stands_still() -> None:
    (receipt,) = claimed(row({**KAYING, "birth_date": ""})).receipts
    assert (receipt.state, receipt.place, receipt.expected_on) == ("more information needed", None, None)
    more = ReturnedRow("", 0, {"birth_date": "1984-05-02"}, missing=("last_name", "first_name", "carrier"))
    discrepancies.more_received(receipt.receipt, by=BROKER, now=NOON + 7 * DAY, row=more)
    now = told(receipt.receipt)
    assert (now.state, now.determination, now.place) == ("in review", "sent now", 1)
    assert now.expected_on == date(2026, 3, 3)  # four business days later, Presidents' Day passed over
    assert now.fields["birth_date"] == "1984-05-02"


def test_a_part_of_what_is_missing_does_not_start_the_clock() -> None:
    (receipt,) = claimed(row({**KAYING, "birth_date": ""}, carrier="")).receipts
    more = ReturnedRow("", 0, {"carrier": "North Star Health"}, missing=("last_name", "first_name", "birth_date"))
    discrepancies.more_received(receipt.receipt, by=BROKER, now=NOON + DAY, row=more)
    assert told(receipt.receipt).state == "more information needed"
    assert "birth" in told(receipt.receipt).because
    assert "carrier" not in told(receipt.receipt).because


def test_an_officer_asks_and_the_broker_answers_in_secure_messages() -> None:
    (receipt,) = claimed(row(TOU)).receipts
    discrepancies.ask_more(receipt.receipt, version=1, body="Which form did they sign?", by=OLA, now=NOON)
    assert told(receipt.receipt).state == "more information needed"
    discrepancies.more_received(receipt.receipt, by=BROKER, now=NOON + DAY, body="The paper one")
    thread = correspondence.read_messages(receipt.receipt, purpose="test", by=OLA, now=NOON + DAY)
    assert [message.body for message in thread] == ["Which form did they sign?", "The paper one"]
    assert told(receipt.receipt).state == "in review"
    assert Notice.objects.filter(kind="case message").count() == 1


def test_a_broker_agrees_or_is_heard_by_another_officer() -> None:
    numbers = [one.receipt for one in claimed(row(TOU), row(MAI)).receipts]
    with pytest.raises(Refused, match="is in review"):
        discrepancies.agree(numbers[0], by=BROKER, now=NOON)
    discrepancies.confirm(numbers[0], version=1, by=OLA, now=NOON)
    with pytest.raises(Refused, match="is in review"):  # its answer is shown with the other's
        discrepancies.agree(numbers[0], by=BROKER, now=NOON)
    discrepancies.confirm(numbers[1], version=1, by=OLA, now=NOON)
    discrepancies.agree(numbers[0], by=BROKER, now=NOON)
    discrepancies.disagree(numbers[1], body="She signed with me", by=BROKER, now=NOON + DAY)
    assert [told(number).state for number in numbers] == ["closed", "another review"]
    with pytest.raises(Refused, match="another officer"):
        discrepancies.confirm(numbers[1], version=3, by=OLA, now=NOON + DAY)
    discrepancies.confirm(numbers[1], version=3, by=PER, now=NOON + DAY)
    assert told(numbers[1]).state == "answered"
    with pytest.raises(Refused, match="there is no case"):
        discrepancies.agree(numbers[1], by=Actor(Role.BROKER, "ben", BEN), now=NOON)


def test_a_claim_is_withdrawn() -> None:
    numbers = [one.receipt for one in claimed(row(TOU), row(MAI)).receipts]
    discrepancies.withdraw(numbers[0], by=BROKER, now=NOON)
    discrepancies.confirm(numbers[1], version=1, by=OLA, now=NOON)
    assert [told(number).state for number in numbers] == ["closed", "answered"]


def test_two_brokers_who_claim_one_consumer_stand_side_by_side() -> None:
    (ours,) = claimed(row(MAI)).receipts
    claimed(row(TOU), npn=BEN)
    (theirs,) = claimed(row(MAI, comments="mine"), npn=BEN).receipts
    rivalry = queries.rivals(ours.receipt)
    assert [claim.case.number for claim in rivalry] == [ours.receipt, theirs.receipt]
    assert queries.rivals(theirs.receipt) == rivalry
    ana, ben = rivals.rivalry(ours.receipt, by=OLA, now=NOON).sides
    assert (ana.npn, len(ana.claims), ana.associations, ana.entries) == (ANA, 1, (), ())
    assert (ben.npn, len(ben.claims), len(ben.entries)) == (BEN, 1, 1)
    assert [(one.since, one.until) for one in ben.associations] == [(date(2025, 12, 1), None)]
    assert Read.objects.filter(subject_kind="subscriber", subject_id="S3").exists()


def test_of_an_unknown_consumer_there_is_one_side() -> None:
    (receipt,) = claimed(row(NOBODY)).receipts
    rivalry = rivals.rivalry(receipt.receipt, by=OLA, now=NOON)
    assert (rivalry.subscriber, [side.npn for side in rivalry.sides]) == (None, [ANA])
    with pytest.raises(Refused, match="there is no claim"):
        rivals.rivalry("D-2026-000099", by=OLA, now=NOON)


def test_what_was_sent_is_told_with_its_date() -> None:
    sending.send(by=OLA, now=NOON)
    (receipt,) = claimed(row(KAYING), now=NOON + DAY).receipts
    assert (receipt.determination, receipt.because) == (
        "already sent", f"sent to North Star Health on {NOON.date()}",
    )  # fmt: skip
    assert receipt.finding.met


def test_many_claims_without_anything_on_file_raise_an_alert() -> None:
    people = [row({**NOBODY, "last_name": f"Nemo{'abcdefghijklmnopqrstuvwxyz'[n]}"}) for n in range(26)]
    for some in batched(people, 13):
        assert not queries.alerts(NOON.date())
        claimed(*some)
    (alert,) = queries.alerts(NOON.date())
    assert (alert.npn, alert.claims) == (ANA, 26)
    claimed(row(TOU))
    assert len(queries.alerts(NOON.date())) == 1


def test_names_swapped_typos_and_nicknames_are_found_and_explained() -> None:
    swapped = {"last_name": "Kaying", "first_name": "Vang", "birth_date": "1984-05-02"}
    (receipt,) = claimed(row(swapped)).receipts
    (assessment,) = Assessment.objects.all()
    comparison = json.loads(assessment.comparison)
    assert receipt.determination in ("sent now", "more information needed")
    assert {one["field"] for one in comparison["best"]["fields"]} >= {"last name", "first name", "date of birth"}
    assert "Vang" not in assessment.comparison
    assert "VANG" not in assessment.comparison


def test_the_index_follows_the_enrollments(tmp_path: Path) -> None:
    assert candidates.refresh(now=NOON) == len(market.PEOPLE)
    assert candidates.refresh(now=NOON) == 0
    market.sent(tmp_path / "more.834", market.policy("P1B", "S1", last="XIONG"), isa13=502)
    assert candidates.refresh(now=NOON) == 1
    (one,) = (
        one
        for one in candidates.persons(Subscriber.objects.values_list("id", flat=True))
        if one.first_name == "KAYING"
    )
    assert {one.last_name, *one.former_last_names} == {"VANG", "XIONG"}
    (receipt,) = claimed(row({**KAYING, "last_name": "Xiong"})).receipts
    assert receipt.determination == "sent now"


def test_nothing_personal_is_journaled_and_reads_are_recorded() -> None:
    claimed(row(KAYING), row(NOBODY, comments="SSN 123-45-6789"))
    answers.answer(ANA, by=BROKER, purpose="answer fetched", now=NOON)
    assert not Act.objects.filter(details__icontains="vang").exists()
    assert not Act.objects.filter(details__icontains="nemo").exists()
    assert Read.objects.filter(subject_kind="broker", subject_id=ANA, what="determinations").exists()
    assert "6789" not in "".join(claim.fields + claim.unread + claim.given for claim in claims())


def test_a_preview_tells_what_would_be_told_and_keeps_nothing() -> None:
    rows = intake.read(market.table(row(KAYING), row(TOU)), npn=ANA, now=NOON).claims
    preview = intake.preview(rows, npn=ANA, now=NOON)
    assert [one.says for one in preview] == ["sent now", "no association with you found"]
    assert not Case.objects.exists()


def test_the_answer_has_every_claim_in_the_shape_it_was_given() -> None:
    numbers = [one.receipt for one in claimed(row(KAYING), row(TOU), row({**MAI, "birth_date": ""})).receipts]
    discrepancies.confirm(numbers[0], version=1, by=OLA, now=NOON + DAY)
    answer = answers.answer(ANA, by=OLA, purpose="test", now=NOON + DAY)
    assert (answer.cases, answer.determined) == (3, 1)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    first, second, third = sheet.iter_rows(min_row=2, max_row=4, values_only=True)
    assert first[:2] == (numbers[0], "sent now")
    assert "Vang" in first
    assert second[1] == "in review; so far: no association with you found"
    assert third[1] == "more information needed"
    assert case_facts.queue("discrepancy").filter(state=State.QUEUED).count() == 1
