"""Every row of the table of events (readings, R4): what the record says, what the carrier is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest

from aor.acts import settle
from aor.associations.models import Association, Ending
from aor.enrollments.models import Enrollment
from aor.record.models import Entry, Told
from aor.transmissions import operations
from aor.transmissions.models import Interchange, Step, TransactionSet
from aor.transmissions.sending import Sent
from aor.transmissions.tests import answers
from aor.transmissions.tests import builders as given
from aor.transmissions.tests.builders import ANA, BEN, BY, HIOS, NOW

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


@pytest.fixture(autouse=True)
def marketplace() -> None:
    given.carrier()
    given.broker(ANA)
    given.broker(BEN)


def send(at: datetime = NOW) -> Sent:
    result = operations.send(by=BY, now=at)
    assert not result.findings
    return result


def told(since: datetime | None = None) -> list[tuple[date, str, str]]:
    sets = TransactionSet.objects.order_by("id")
    if since is not None:
        sets = sets.filter(interchange__composed_at__gte=since)
    return [(one.effective_from, one.npn, one.kind) for one in sets]


def test_an_agent_in_standing_whose_enrollment_was_sent_goes_once_in_a_file_of_the_mailbox() -> None:
    given.entry(given.enrollment())
    assert [i.sets for i in send().interchanges] == [1]
    assert send(given.later()).interchanges == []
    assert told() == [(JANUARY, ANA, "agent")]
    assert [file.name for file in given.mailbox().iterdir()] == [Interchange.objects.get().name]


def test_future_days_are_sent_at_once() -> None:
    given.entry(given.enrollment(start=date(2026, 6, 1)))
    send()
    assert told() == [(date(2026, 6, 1), ANA, "agent")]


def test_an_enrollment_not_sent_yet_holds_its_agent() -> None:
    given.entry(given.enrollment(sent_at=None))
    given.entry(given.enrollment("P2", sent_at=given.later()))
    result = send()
    assert (result.interchanges, result.held) == ([], 2)
    assert send(given.later(2)).held == 1


def test_an_agent_not_in_standing_is_held() -> None:
    given.entry(given.enrollment(), in_standing=False)
    assert send().held == 1
    assert told() == []


def test_a_lapse_on_the_sending_day_holds_what_the_anchor_had_met() -> None:
    given.broker("7000003", appointed=False)
    given.entry(given.enrollment(), "7000003")
    assert send().held == 1
    given.appointment("7000003")
    assert send(given.later()).held == 0
    assert told() == [(JANUARY, "7000003", "agent")]


def test_a_change_of_broker_is_one_set_an_entry_ascending_also_when_the_first_is_past() -> None:
    one = given.enrollment()
    given.entry(one, ANA, until=MARCH)
    given.entry(one, BEN, start=MARCH)
    at = datetime(2026, 5, 1, 18, tzinfo=UTC)
    send(at)
    assert told() == [(JANUARY, ANA, "agent"), (MARCH, BEN, "agent")]


def changed(one: Enrollment, at: datetime, *, until: date = MARCH) -> None:
    """Ana's entry is known to end."""
    before = one_entry(one)
    given.close(before, at)
    given.entry(one, ANA, until=until, known_from=at)


def one_entry(one: Enrollment) -> Entry:
    return Entry.objects.get(enrollment=one, known_until=None)


def test_a_change_whose_new_broker_is_held_removes_the_old_one_at_once() -> None:
    one = given.enrollment()
    given.entry(one, ANA)
    send()
    changed(one, given.later())
    given.entry(one, BEN, start=MARCH, in_standing=False, known_from=given.later())
    assert send(given.later(2)).held == 1
    assert told(given.later(2)) == [(MARCH, "", "removal")]


def test_a_change_whose_new_broker_lapsed_since_removes_the_old_one() -> None:
    given.broker("7000003", appointed=False)
    one = given.enrollment()
    given.entry(one, ANA, until=MARCH)
    given.entry(one, "7000003", start=MARCH)
    assert send().held == 1
    assert told() == [(JANUARY, ANA, "agent"), (MARCH, "", "removal")]


def test_a_change_before_the_first_was_sent_removes_nobody_while_the_old_one_is_held() -> None:
    one = given.enrollment()
    given.entry(one, ANA, until=MARCH, in_standing=False)
    given.entry(one, BEN, start=MARCH, in_standing=False)
    assert send().held == 2
    assert told() == []


def test_an_end_without_a_new_broker_removes_from_its_day() -> None:
    one = given.enrollment()
    given.entry(one)
    send()
    changed(one, given.later())
    send(given.later(2))
    assert told(given.later(2)) == [(MARCH, "", "removal")]
    assert send(given.later(3)).interchanges == []


def test_one_that_is_ready_goes_first_then_its_removal() -> None:
    given.entry(given.enrollment(), until=MARCH)
    send()
    assert told() == [(JANUARY, ANA, "agent"), (MARCH, "", "removal")]


def test_terminated_coverage_tells_nothing_and_what_was_not_sent_still_goes() -> None:
    one = given.enrollment()
    given.entry(one)
    send()
    Enrollment.objects.filter(pk=one.pk).update(until=MARCH)
    changed(one, given.later())
    assert send(given.later(2)).interchanges == []
    other = given.enrollment("P2", until=MARCH)
    given.entry(other)
    send(datetime(2026, 6, 1, 18, tzinfo=UTC))
    assert told(given.later(2)) == [(JANUARY, ANA, "agent")]


def test_cancelled_coverage_tells_nothing() -> None:
    one = given.enrollment()
    given.entry(one)
    send()
    given.close(one_entry(one), given.later())
    Enrollment.objects.filter(pk=one.pk).update(cancelled=True)
    assert send(given.later(2)).interchanges == []


def test_a_cancelled_enrollment_discards_an_interchange_not_handed_over_and_the_rest_goes_anew() -> None:
    one, other = given.enrollment(), given.enrollment("P2")
    given.entry(one)
    given.entry(other)
    given.mailbox(folder="").parent.mkdir(parents=True)
    given.mailbox(folder="").write_text("in the way")
    assert operations.send(by=BY, now=NOW).failed
    given.mailbox(folder="").unlink()
    given.close(one_entry(one), given.later())
    Enrollment.objects.filter(pk=one.pk).update(cancelled=True)
    result = operations.send(by=BY, now=given.later(2))
    assert [i.sets for i in result.interchanges] == [1]
    first, second = Interchange.objects.order_by("id")
    assert [step.kind for step in first.steps.order_by("id")] == ["discarded"]
    assert int(second.isa13) > int(first.isa13)
    assert [s.enrollment_id for s in second.transaction_sets.all()] == [other.pk]


def test_a_mailbox_that_was_down_gets_the_same_interchange_later() -> None:
    given.entry(given.enrollment())
    given.mailbox(folder="").parent.mkdir(parents=True)
    given.mailbox(folder="").write_text("in the way")
    assert operations.send(by=BY, now=NOW).failed
    given.mailbox(folder="").unlink()
    assert len(send(given.later()).interchanges) == 1
    assert Interchange.objects.count() == 1
    assert Step.objects.get(kind="handed over").at == given.later()


def test_a_removal_left_composed_is_discarded_once_the_one_whom_it_removes_was_rejected() -> None:
    given.associated(given.enrollment())
    [first] = send().interchanges
    Ending.objects.create(
        association=Association.objects.get(), at=given.later(), kind="ended", recorded_at=given.later()
    )
    settle.everything(now=given.later())
    box = given.mailbox()
    box.rename(box.with_name("aside"))
    box.touch()
    assert operations.send(by=BY, now=given.later(2)).failed
    box.unlink()
    operations.acknowledge(BytesIO(answers.answer(first, "R")), name="answer.999", by=BY, now=given.later(3))
    assert told() == [(JANUARY, ANA, "agent"), (MARCH, "", "removal")]
    result = operations.send(by=BY, now=given.later(4))
    assert (result.interchanges, Step.objects.filter(kind="discarded").count()) == ([], 1)


def test_reinstated_coverage_is_told_again_only_if_a_removal_had_gone() -> None:
    one, other = given.enrollment(), given.enrollment("P2")
    for each in (one, other):
        given.entry(each)
    send()
    changed(one, given.later())  # an end: a removal goes
    changed(other, given.later())  # a termination: nothing goes
    Enrollment.objects.filter(pk=other.pk).update(until=MARCH)
    send(given.later(2))
    for each in (one, other):
        given.close(one_entry(each), given.later(3))
        given.entry(each, known_from=given.later(3))
    Enrollment.objects.filter(pk=other.pk).update(until=date(2027, 1, 1))
    send(given.later(4))
    assert told(given.later(4)) == [(MARCH, ANA, "correction")]
    assert TransactionSet.objects.order_by("id").last().enrollment == one  # type: ignore[union-attr]  # there are sets


def test_an_undone_change_is_corrected_by_one_set_if_it_was_told() -> None:
    one = given.enrollment()
    given.entry(one, ANA)
    send()
    changed(one, given.later())
    ben = given.entry(one, BEN, start=MARCH, known_from=given.later())
    send(given.later(2))
    given.close(ben, given.later(3))
    changed(one, given.later(3), until=date(2027, 1, 1))
    send(given.later(4))
    assert told() == [(JANUARY, ANA, "agent"), (MARCH, BEN, "agent"), (MARCH, ANA, "correction")]


def test_an_undone_first_designation_is_removed_from_its_day() -> None:
    one = given.enrollment()
    ana = given.entry(one)
    send()
    given.close(ana, given.later())
    send(given.later(2))
    assert told(given.later(2)) == [(JANUARY, "", "removal")]


def test_a_change_undone_before_it_was_told_tells_nothing() -> None:
    one = given.enrollment()
    ana = given.entry(one)
    given.close(ana, given.later())
    assert send(given.later(2)).interchanges == []


def test_a_later_version_of_the_same_entry_is_no_new_send() -> None:
    one = given.enrollment()
    ana = given.entry(one)
    send()
    given.close(ana, given.later())
    given.entry(one, known_from=given.later())
    assert send(given.later(2)).interchanges == []


def test_an_opening_balance_is_known_to_the_carrier() -> None:
    one = given.enrollment()
    given.opening_balance(one, ANA, start=JANUARY)
    ana = given.entry(one)
    assert send().interchanges == []
    given.close(ana, given.later())
    given.entry(one, until=MARCH, known_from=given.later())
    given.entry(one, BEN, start=MARCH, known_from=given.later())
    send(given.later(2))
    assert told() == [(MARCH, BEN, "agent")]


def test_an_enrollment_file_with_our_agent_is_the_first_send() -> None:
    one = given.enrollment()
    given.entry(one)
    given.mention(one, f"000{ANA}", NOW - timedelta(days=3))
    assert send().interchanges == []
    changed(one, given.later())
    send(given.later(2))
    assert told() == [(MARCH, "", "removal")]


def test_an_enrollment_file_dated_ahead_is_known_as_told_from_the_first_run_after_its_date() -> None:
    """It came before a run that did not count it yet; what denies it after that run changes nothing."""
    given.broker("7000003", appointed=False)
    one = given.enrollment()
    given.entry(one, "7000003")
    given.mention(one, "7000003", given.later(2), accepted_at=NOW - timedelta(days=1))
    assert send().held == 1
    assert not Told.objects.exists()
    send(given.later(3))
    assert list(Told.objects.values_list("npn", "effective_from")) == [("7000003", JANUARY)]
    assert told() == []


def test_an_enrollment_file_counts_for_the_next_entry_of_its_broker_with_nobody_between() -> None:
    one, other = given.enrollment(), given.enrollment("P2")
    given.entry(one, BEN, start=FEBRUARY)
    given.entry(other, ANA, until=FEBRUARY)
    given.entry(other, BEN, start=FEBRUARY)
    given.mention(one, BEN, NOW - timedelta(days=3))
    given.mention(other, BEN, NOW - timedelta(days=3))
    send()
    assert told() == [(JANUARY, ANA, "agent"), (FEBRUARY, BEN, "agent")]


def test_an_enrollment_file_is_no_send_of_an_entry_that_was_not_decided_then() -> None:
    """Whoever was associated on its day begins on the first of the next month at the latest (R2)."""
    one = given.enrollment()
    given.entry(one, BEN, start=MARCH)
    given.mention(one, BEN, NOW - timedelta(days=3))
    send()
    assert told() == [(MARCH, BEN, "agent")]


def test_an_enrollment_file_with_another_broker_or_none_that_can_be_read_hinders_nothing() -> None:
    one = given.enrollment()
    given.entry(one)
    given.mention(one, BEN, NOW - timedelta(days=3))
    given.mention(one, "not a number", NOW - timedelta(days=2))
    send()
    assert told() == [(JANUARY, ANA, "agent")]


def test_an_entry_that_a_file_told_and_that_is_undone_is_removed() -> None:
    one = given.enrollment()
    ana = given.entry(one)
    given.mention(one, ANA, NOW - timedelta(days=3))
    send()
    given.close(ana, given.later())
    send(given.later(2))
    assert told() == [(JANUARY, "", "removal")]


def test_a_file_that_named_another_broker_then_is_no_send_of_a_later_version_of_that_brokers_entry() -> None:
    one = given.enrollment()
    given.entry(one, ANA, until=MARCH, in_standing=False)
    given.mention(one, BEN, NOW - timedelta(days=3))
    given.close(given.entry(one, BEN, start=MARCH), NOW)
    given.entry(one, BEN, start=MARCH, known_from=NOW)  # the same, with another finding
    send()
    assert told() == [(MARCH, BEN, "agent")]


def test_a_mention_of_one_who_is_held_is_no_send() -> None:
    one = given.enrollment()
    given.entry(one, in_standing=False)
    given.mention(one, ANA, NOW - timedelta(days=3))
    assert send().held == 1


def test_a_broken_set_is_not_sent_and_the_others_go() -> None:
    given.entry(given.enrollment())
    broken = given.enrollment("P2")
    Enrollment.objects.filter(pk=broken.pk).update(last_name="")
    given.entry(broken, until=MARCH)
    result = operations.send(by=BY, now=NOW)
    assert [i.sets for i in result.interchanges] == [1]
    assert result.findings == ["policy P2: not sent, the subscriber last is missing"]


def test_only_the_carrier_asked_for_is_served() -> None:
    given.carrier("88888")
    given.broker("7000009", naic="88888")
    given.entry(given.enrollment())
    given.entry(given.enrollment("P8", hios="88888"), "7000009")
    result = operations.send(by=BY, now=NOW, carrier=HIOS)
    assert [i.hios_issuer_id for i in result.interchanges] == [HIOS]


def test_a_dry_run_says_what_would_go_and_does_nothing() -> None:
    given.entry(given.enrollment())
    result = operations.send(by=BY, now=NOW, dry_run=True)
    assert (result.would, result.interchanges, Interchange.objects.count()) == ({HIOS: 1}, [], 0)
