"""After a restore nothing is sent until the ledger knows what carriers may have seen."""

from __future__ import annotations

import pytest
from django.db import transaction

from aor.audit import triggers
from aor.audit.models import Act
from aor.enrollments.models import Enrollment
from aor.record.models import Entry, Told
from aor.transmissions import after_restore, operations, reconciling
from aor.transmissions.models import Acknowledgment, Answer, Counter, Interchange, Run, Step, TransactionSet
from aor.transmissions.reconciling import FARTHEST, GAP, Reconciled
from aor.transmissions.tests import answers
from aor.transmissions.tests import builders as given
from aor.transmissions.tests.builders import ANA, BEN, BY, HIOS, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def marketplace() -> None:
    given.carrier()
    given.broker(ANA)
    given.broker(BEN)
    given.entry(given.enrollment())


def lose_what_was_sent() -> None:
    """The database is as it was before the run; the mailboxes are as they are."""
    triggers.lift()
    for model in (Answer, Acknowledgment, Step, TransactionSet, Interchange, Run, Told):
        model._default_manager.all().delete()
    Counter.objects.all().update(value=1)
    triggers.install()
    after_restore.restored(by=BY, now=given.later(), details={})


def reconciled() -> Reconciled:
    return reconciling.reconcile(by=BY, now=given.later())


def counters() -> dict[str, int]:
    return dict(Counter.objects.values_list("kind", "value"))


def test_what_lies_in_the_mailbox_is_in_the_ledger_again_and_goes_once() -> None:
    operations.send(by=BY, now=NOW)
    before = Interchange.objects.get()
    one = TransactionSet.objects.get()
    lose_what_was_sent()
    result = operations.send(by=BY, now=given.later())
    assert (result.interchanges, result.findings) == ([], [])
    after, again = Interchange.objects.get(), TransactionSet.objects.get()
    assert (after.name, after.isa13, after.sha256, after.sets) == (before.name, before.isa13, before.sha256, 1)
    for column in ("enrollment_id", "npn", "effective_from", "kind", "gs06", "st02", "bgn02", "fingerprint"):
        assert getattr(again, column) == getattr(one, column), column
    assert Told.objects.known_at().get().npn == ANA
    assert not after_restore.needed()


def test_a_removal_is_taken_back_as_one() -> None:
    operations.send(by=BY, now=NOW)
    given.close(Entry.objects.get(), given.later(0.1))
    operations.send(by=BY, now=given.later(0.5), carrier=HIOS)
    kinds = list(TransactionSet.objects.order_by("id").values_list("kind", "npn"))
    assert kinds == [("agent", ANA), ("removal", "")]
    lose_what_was_sent()
    assert len(reconciled().taken_back) == 2
    assert [npn for _, npn in TransactionSet.objects.order_by("id").values_list("kind", "npn")] == [ANA, ""]


def test_numbers_move_past_what_was_answered_and_on() -> None:
    operations.send(by=BY, now=NOW)
    interchange = Interchange.objects.get()
    one = TransactionSet.objects.get()
    answers.leave(answers.answer(interchange))
    answers.leave(answers.ta1(interchange), "answer.ta1")
    given.mailbox().joinpath(interchange.name).unlink()
    lose_what_was_sent()
    assert reconciled().taken_back == []
    numbers = {"isa13": int(interchange.isa13), "gs06": int(one.gs06), "st02": int(one.st02)}
    assert counters() == {kind: number + GAP[kind] for kind, number in numbers.items()}
    result = operations.send(by=BY, now=given.later())
    assert int(result.interchanges[0].isa13) == numbers["isa13"] + GAP["isa13"] + 1


def test_a_copy_made_before_anything_was_sent_numbers_on_all_the_same() -> None:
    operations.send(by=BY, now=NOW)
    number = int(Interchange.objects.get().isa13)
    lose_what_was_sent()
    Counter.objects.all().delete()
    assert len(reconciled().taken_back) == 1
    assert counters()["isa13"] == number + GAP["isa13"]


def test_a_carrier_cannot_use_up_our_numbers() -> None:
    operations.send(by=BY, now=NOW)
    interchange = Interchange.objects.get()
    far = answers.answer(interchange).replace(TransactionSet.objects.get().gs06.encode(), b"999999999")
    answers.leave(far)
    after_restore.restored(by=BY, now=given.later(), details={})
    before = counters()
    result = reconciled()
    assert counters()["gs06"] == before["gs06"] + GAP["gs06"] < FARTHEST * 10
    assert "too far off" in result.findings[0]


def test_what_cannot_be_taken_back_is_said_and_numbers_move_all_the_same() -> None:
    operations.send(by=BY, now=NOW)
    number = int(Interchange.objects.get().isa13)
    lose_what_was_sent()
    triggers.lift()
    Entry.objects.all().delete()
    Enrollment.objects.all().delete()
    triggers.install()
    result = reconciled()
    assert result.taken_back == []
    assert "policy P1 is not known" in result.findings[0]
    assert counters()["isa13"] == number + GAP["isa13"]
    assert not Interchange.objects.exists()


def test_a_file_of_somebody_else_is_left_alone() -> None:
    operations.send(by=BY, now=NOW)
    (file,) = given.mailbox().iterdir()
    file.write_bytes(file.read_bytes().replace(b"*ZZ*MN0 ", b"*ZZ*XX9 ", 1))
    lose_what_was_sent()
    assert "its sender is XX9" in reconciled().findings[0]


def test_nothing_goes_while_a_mailbox_cannot_be_read_but_a_trial_may_be_asked() -> None:
    given.carrier("22222", mailbox="sftp://aor@127.0.0.1:1/in")
    after_restore.restored(by=BY, now=NOW, details={})
    result = operations.send(by=BY, now=NOW)
    assert (result.interchanges, result.failed) == ([], True)
    assert "until every mailbox was read" in result.findings[0]
    assert after_restore.needed()
    assert operations.send(by=BY, now=NOW, dry_run=True).would[HIOS] == 1


def test_nothing_is_resent_before_either() -> None:
    operations.send(by=BY, now=NOW)
    after_restore.restored(by=BY, now=given.later(), details={})
    with pytest.raises(operations.CannotResend, match="was restored"), transaction.atomic():
        operations.resend(by=BY, now=given.later(), isa13=Interchange.objects.get().isa13)


def test_reconciling_is_journaled_and_done_once() -> None:
    assert not after_restore.needed()
    after_restore.restored(by=BY, now=NOW, details={})
    assert after_restore.needed()
    operations.send(by=BY, now=NOW)
    operations.send(by=BY, now=given.later(48))
    assert Act.objects.filter(verb=after_restore.RECONCILED).count() == 1
