"""What carriers answer, in whatever order and however often, gives one state."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from aor.enrollments.models import Enrollment
from aor.gateways.mailbox import MAX_BYTES
from aor.record.models import Told
from aor.transmissions import lifecycle, operations
from aor.transmissions.acknowledgments import Taken
from aor.transmissions.ledger import Ledger, Scope
from aor.transmissions.lifecycle import ACCEPTED, RECEIVED, REJECTED, AnswerRow
from aor.transmissions.models import Acknowledgment, Answer, Interchange, Step, TransactionSet
from aor.transmissions.tests import answers
from aor.transmissions.tests import builders as given
from aor.transmissions.tests.builders import ANA, BEN, BY, HIOS, NOW

JANUARY = date(2026, 1, 1)


@pytest.fixture
def sent(db: None) -> Interchange:
    """Two sets handed over."""
    given.carrier()
    given.broker(ANA)
    given.broker(BEN)
    given.associated(given.enrollment())
    given.associated(given.enrollment("P2"))
    return operations.send(by=BY, now=NOW).interchanges[0]


def taken(content: bytes, *, name: str = "answer.999", at: datetime = answers.SOON) -> Taken:
    return operations.acknowledge(BytesIO(content), name=name, by=BY, now=at, carrier=HIOS)


def states(at: datetime = answers.SOON) -> list[str]:
    ledger = Ledger(Scope(), now=at)
    return [
        lifecycle.state_of(account, entry, ledger.granted(enrolled), ledger.today).state.value
        for enrolled, account in ledger.accounts()
        for entry in account.entries
    ]


def test_a_ta1_that_receives_the_interchange_accepts_nothing(sent: Interchange) -> None:
    assert taken(answers.ta1(sent)).accepted
    assert states() == ["sent", "sent"]


def test_a_ta1_that_rejects_the_interchange_rejects_every_set(sent: Interchange) -> None:
    result = taken(answers.ta1(sent, "R"))
    assert (result.rejected_sets, result.unknown) == (2, 0)
    assert states() == ["rejected", "rejected"]
    assert not Told.objects.known_at().exists()


def test_a_999_accepts_and_rejects_set_by_set_with_words(sent: Interchange) -> None:
    first, second = (one.st02 for one in sent.transaction_sets.order_by("id"))
    result = taken(answers.answer(sent, {first: "A", second: "R"}))
    assert (result.accepted_sets, result.rejected_sets, result.acknowledged) == (1, 1, 2)
    assert states() == ["accepted", "rejected"]
    words = Answer.objects.get(verdict="rejected").words
    assert "NM1 in position 9" in words
    told = Told.objects.known_at().get()
    assert (told.npn, told.enrollment.policy_id) == (ANA, "P1")


def test_a_group_accepted_without_its_sets_accepts_them_all(sent: Interchange) -> None:
    taken(answers.answer(sent, {}).replace(b"AK9*R", b"AK9*A"))
    assert set(states()) == {"accepted"}


def test_a_group_rejected_rejects_all_its_sets(sent: Interchange) -> None:
    result = taken(answers.answer(sent, "A").replace(b"AK9*A", b"AK9*R"))
    assert result.rejected_sets == 2
    assert set(states()) == {"rejected"}


def test_the_same_file_twice_counts_nothing_and_in_another_file_changes_nothing(sent: Interchange) -> None:
    content = answers.answer(sent)
    taken(content)
    again = taken(content)
    assert (again.accepted, again.accepted_sets, again.acknowledged) == (True, 0, 0)
    taken(content + b"\n", name="copy.999")
    assert Acknowledgment.objects.count() == 2
    assert set(states()) == {"accepted"}


def test_answers_to_what_we_never_sent_are_kept_and_counted(sent: Interchange) -> None:
    gs06 = sent.transaction_sets.all()[0].gs06
    result = taken(answers.answer(sent).replace(f"AK1*BE*{gs06}".encode(), b"AK1*BE*777"))
    assert (result.unknown, result.accepted_sets) == (2, 0)
    st02 = sent.transaction_sets.order_by("id")[0].st02
    result = taken(answers.answer(sent).replace(f"AK2*834*{st02}".encode(), b"AK2*834*000000999"))
    assert (result.unknown, result.accepted_sets) == (1, 2)
    assert Answer.objects.filter(transaction_set=None).count() == 2
    assert states() == ["accepted", "accepted"]


def test_an_answer_of_another_sender_is_not_tied(sent: Interchange) -> None:
    result = taken(answers.ta1(sent, "R").replace(b"*410000001      *", b"*419999999      *"))
    assert (result.unknown, set(states())) == (1, {"sent"})


def test_what_is_no_acknowledgment_is_listed_and_answers_nothing(sent: Interchange) -> None:
    result = taken(b"%PDF-1.7 not an answer", name="letter.pdf")
    assert not result.accepted
    assert Acknowledgment.objects.get().findings != "[]"
    assert set(states()) == {"sent"}


def test_a_rejected_set_does_not_go_again_by_itself_until_a_fact_changes(sent: Interchange) -> None:
    taken(answers.answer(sent, "R"))
    assert operations.send(by=BY, now=given.later(4)).interchanges == []
    Enrollment.objects.filter(policy_id="P1").update(first_name="Kaying Mai")
    again = operations.send(by=BY, now=given.later(5)).interchanges
    assert [one.sets for one in again] == [1]
    assert states(given.later(5)) == ["sent", "rejected"]
    assert TransactionSet.objects.order_by("id").last().kind == "agent"  # type: ignore[union-attr]  # there are sets


def test_date_sent_is_that_of_the_first_hand_over_not_rejected(sent: Interchange) -> None:
    taken(answers.answer(sent, "R"))
    operations.resend(by=BY, now=NOW + timedelta(days=2), isa13=sent.isa13)
    ledger = Ledger(Scope(policy_id="P1"), now=NOW + timedelta(days=3))
    ((_, account),) = ledger.accounts()
    first = lifecycle.first_sent(account.told, ANA, JANUARY)
    assert first is not None
    assert first.sent_on == date(2026, 2, 4)


def test_a_resend_has_new_numbers_and_the_old_business_reference(sent: Interchange) -> None:
    first, second = sent.transaction_sets.order_by("id")
    taken(answers.answer(sent, {first.st02: "A", second.st02: "R"}))
    again = operations.resend(by=BY, now=given.later(5), isa13=sent.isa13).interchanges[0]
    (copy,) = again.transaction_sets.all()
    assert int(again.isa13) > int(sent.isa13)
    assert (copy.resend_of, copy.bgn02) == (second, second.bgn02)
    assert int(copy.st02) > int(second.st02)
    assert int(copy.gs06) > int(second.gs06)
    assert (given.mailbox() / again.name).exists()
    taken(answers.answer(again, number=2), name="second.999")
    assert states(given.later(6)) == ["accepted", "accepted"]
    assert Told.objects.known_at().count() == 2


@pytest.mark.parametrize("number", ["isa13", "st02"])
def test_what_was_accepted_is_not_resent(sent: Interchange, number: str) -> None:
    taken(answers.answer(sent))
    asked = {"isa13": sent.isa13, "st02": sent.transaction_sets.all()[0].st02}[number]
    with pytest.raises(operations.CannotResend, match="accepted ones must not be resent"):
        operations.resend(by=BY, now=given.later(5), **{number: asked})


def test_what_was_never_sent_or_never_handed_over_is_not_resent(sent: Interchange) -> None:
    with pytest.raises(operations.CannotResend, match="never sent"):
        operations.resend(by=BY, now=NOW, isa13="5")
    with pytest.raises(operations.CannotResend, match="no control number"):
        operations.resend(by=BY, now=NOW, st02="x")


def test_an_unanswered_set_may_be_resent_by_its_number(sent: Interchange) -> None:
    one = sent.transaction_sets.order_by("id")[0]
    again = operations.resend(by=BY, now=given.later(5), st02=one.st02.lstrip("0")).interchanges[0]
    assert again.transaction_sets.get().resend_of == one


def test_a_rejection_after_an_acceptance_takes_it_back_and_the_next_acceptance_restores(sent: Interchange) -> None:
    taken(answers.answer(sent))
    taken(answers.answer(sent, "R", number=2, at=answers.SOON + timedelta(hours=1)), name="2")
    assert set(states()) == {"rejected"}
    assert not Told.objects.known_at().exists()
    taken(answers.answer(sent, number=3, at=answers.SOON + timedelta(hours=2)), name="3")
    assert set(states()) == {"accepted"}
    assert Told.objects.known_at().count() == 2


def test_what_the_mailbox_holds_is_read_once_and_moved(sent: Interchange) -> None:
    answers.leave(answers.answer(sent))
    answers.leave(b"garbage", "a-letter.txt")
    assert [(one.name, one.accepted_sets) for one in operations.collect(by=BY, now=answers.SOON)] == [
        ("a-letter.txt", 0),
        ("answer.999", 2),
    ]
    assert operations.collect(by=BY, now=answers.SOON) == []
    done = sorted(file.name for file in given.mailbox(folder="from-carrier/done").iterdir())
    assert done == ["a-letter.txt", "answer.999"]


def test_a_file_that_cannot_be_read_or_moved_keeps_no_other_from_being_read(sent: Interchange) -> None:
    answers.leave(b"", "a-large.999")
    with (given.mailbox(folder="from-carrier") / "a-large.999").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    (given.mailbox(folder="from-carrier/done") / "b-stuck.999").mkdir(parents=True)
    answers.leave(b"garbage", "b-stuck.999")
    answers.leave(answers.answer(sent))
    told = operations.collect(by=BY, now=answers.SOON)
    assert [(one.name, one.accepted_sets) for one in told] == [
        ("", 0),
        ("answer.999", 2),
        ("b-stuck.999", 0),
        ("", 0),
    ]
    large, stuck = (one.findings[0].because for one in told if not one.name)
    assert "a-large.999 has" in large
    assert "b-stuck.999" in stuck


def test_a_file_read_before_and_not_moved_is_moved_and_counts_nothing(sent: Interchange) -> None:
    content = answers.answer(sent)
    taken(content)
    answers.leave(content)
    (again,) = operations.collect(by=BY, now=answers.SOON)
    assert (again.accepted_sets, again.rejected_sets, again.unknown) == (0, 0, 0)
    assert not (given.mailbox(folder="from-carrier") / "answer.999").exists()


@pytest.mark.usefixtures("unprotected")
def test_an_answer_proves_a_hand_over_that_a_crash_left_unrecorded(sent: Interchange) -> None:
    content = answers.answer(sent)
    Step.objects.filter(kind="handed over").delete()
    taken(content)
    assert Step.objects.get(kind="handed over").at == NOW
    assert set(states()) == {"accepted"}


_INSTANTS = st.integers(0, 3).map(lambda hour: datetime(2026, 2, 3, hour, tzinfo=UTC))
_ANSWERS = st.builds(
    AnswerRow,
    _INSTANTS,
    st.sampled_from(["000000001", "000000002"]),
    st.sampled_from([ACCEPTED, REJECTED, RECEIVED]),
    st.booleans(),
).map(lambda a: a._replace(verdict=RECEIVED) if a.of_interchange and a.verdict == ACCEPTED else a)


@hypothesis_given(
    st.lists(_ANSWERS, max_size=6).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows)))
)
def test_answers_in_any_order_and_repeated_give_one_verdict(
    pair: tuple[list[AnswerRow], list[AnswerRow]],
) -> None:
    rows, shuffled = pair
    assert lifecycle.verdict(rows) == lifecycle.verdict(shuffled + rows[:3])


@hypothesis_given(st.lists(_ANSWERS, min_size=1, max_size=6))
def test_the_latest_answer_about_a_set_holds_and_rejection_wins_a_tie(rows: list[AnswerRow]) -> None:
    about_sets = [a for a in rows if not a.of_interchange and a.verdict != RECEIVED]
    if len(about_sets) < len(rows) or not about_sets:
        return
    last = max((a.answered_at, a.isa13) for a in about_sets)
    final = {a.verdict for a in about_sets if (a.answered_at, a.isa13) == last}
    assert lifecycle.verdict(rows) == (REJECTED if REJECTED in final else ACCEPTED)
