"""A test goes to a carrier and is answered: apart from the record, from what was told, and from what waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from aor.audit.models import Act
from aor.engine import store
from aor.enrollments.models import Enrollment
from aor.jobs.checks import all as checks
from aor.record.models import Entry
from aor.transmissions import after_restore, queries, trials
from aor.transmissions import operations as transmissions
from aor.transmissions.models import Answer, Counter, Interchange, Run, Step, TransactionSet, Trial, TrialAnswer
from aor.transmissions.tests.answers import SOON, answer, envelope, leave, ta1
from aor.transmissions.tests.builders import BY, HIOS, NOW, associated, broker, carrier, enrollment, mailbox
from aor.x12 import reader
from aor.x12.envelope import Interchange as Envelope
from aor.x12.guides import x231a1
from aor.x12.tests import judge

pytestmark = pytest.mark.django_db
PRODUCTION = """
[base]
profile = "ffe"
[interchange]
usage = "P"
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Settings) -> Path:
    settings.AOR_HOME = tmp_path
    return tmp_path


def test_a_test_is_a_valid_834_of_invented_people_marked_as_a_test() -> None:
    carrier()
    trial = trials.send(HIOS, by=BY, now=NOW)
    content = (mailbox() / trial.name).read_bytes()
    assert content == store.path_of(trial.sha256).read_bytes()
    assert content[trials.USAGE] == b"T"
    assert judge.valid(content)
    assert trial.sets == 3
    assert trial.handed_over_at == NOW
    assert trial.name == f"AOR.{HIOS}.D260202.T130000000.{trial.isa13}.834"
    assert content.count(b"AORTEST-") >= 3 * trial.sets
    assert content.count(b"N1*BO*TEST BROKER*94*9990000001") == 2  # the third removes


def test_nothing_of_a_test_is_recorded_told_waited_for_or_booked() -> None:
    carrier()
    trials.send(HIOS, by=BY, now=NOW)
    for model in (Interchange, TransactionSet, Step, Run, Answer, Enrollment, Entry):
        assert not model.objects.exists(), model
    assert queries.overdue(NOW + timedelta(days=30)) == []
    assert queries.overdue_files(NOW + timedelta(days=30)) == {}
    assert list(queries.exceptions(now=NOW + timedelta(days=30))) == []
    assert [act.verb for act in Act.objects.all()] == ["carrier.tested"]
    assert wrong() == {}


def wrong() -> dict[str, object]:
    return {one.invariant: one.first for one in checks.check(now=SOON) if not one.ok}


def answered(trial: Trial, code: str = "A", *, number: int = 1) -> bytes:
    group = x231a1.GroupVerdict(trial.gs06, (x231a1.SetVerdict("000000101", code),))
    named = envelope_of(trial.sha256)
    return x231a1.compose_999(named, [group], isa13=number, gs06=number, composed_at=SOON, ta1=("A", "000"))


def envelope_of(sha256: str) -> Envelope:
    content = store.path_of(sha256).read_bytes()
    return next(one for one in reader.read_interchanges(BytesIO(content)) if isinstance(one, Envelope))


@pytest.mark.parametrize(("code", "verdict"), [("A", "accepted"), ("R", "rejected")])
def test_an_answer_to_a_test_is_placed_there_and_counts_nowhere_else(code: str, verdict: str) -> None:
    carrier()
    trial = trials.send(HIOS, by=BY, now=NOW)
    leave(answered(trial, code))
    (taken,) = transmissions.collect(by=BY, now=SOON)
    assert taken.accepted
    assert (taken.tests, taken.accepted_sets, taken.rejected_sets, taken.unknown) == (3, 0, 0, 0)
    said = TrialAnswer.objects.filter(trial=trial).order_by("id").values_list("answers", "verdict")
    assert list(said) == [
        (f"interchange {trial.isa13}", "received"),
        (f"group {trial.gs06}", verdict),
        ("set 000000101", verdict),
    ]
    assert not Answer.objects.exists()
    assert list(queries.exceptions(now=SOON)) == []
    assert wrong() == {}


def test_the_same_answer_twice_is_kept_once() -> None:
    carrier()
    trial = trials.send(HIOS, by=BY, now=NOW)
    for name in ("one.999", "again.999"):
        leave(answered(trial), name)
        transmissions.collect(by=BY, now=SOON)
    assert TrialAnswer.objects.count() == 3


def test_numbers_of_tests_and_of_what_is_sent_never_meet() -> None:
    carrier()
    broker()
    associated(enrollment())
    first = trials.send(HIOS, by=BY, now=NOW)
    (sent,) = transmissions.send(by=BY, now=NOW, carrier=HIOS).interchanges
    second = trials.send(HIOS, by=BY, now=SOON)
    numbers = [int(one.isa13) for one in (first, sent, second)]
    assert numbers == sorted(set(numbers))
    assert transmissions.acknowledge(BytesIO(answer(sent)), name="a.999", by=BY, now=SOON).accepted_sets == 1


def test_a_test_answer_is_no_answer_to_what_was_sent_in_earnest(home: Path, settings: Settings) -> None:
    (home / "overlay" / "profiles").mkdir(parents=True)
    (home / "overlay" / "profiles" / "earnest.toml").write_text(PRODUCTION)
    settings.AOR_OVERLAY = str(home / "overlay")
    carrier(profile="earnest")
    broker()
    associated(enrollment())
    (sent,) = transmissions.send(by=BY, now=NOW, carrier=HIOS).interchanges
    assert envelope(sent).isa15 == "P"
    for number, content in enumerate((answer(sent, "R"), ta1(sent, "R", number=2))):
        test = content.replace(b"*P*:~", b"*T*:~")
        taken = transmissions.acknowledge(BytesIO(test), name=f"{number}.999", by=BY, now=SOON)
        assert taken.rejected_sets == 0
        assert taken.unknown == 1
    assert transmissions.acknowledge(BytesIO(answer(sent)), name="real.999", by=BY, now=SOON).accepted_sets == 1


@contextmanager
def away(folder: Path) -> Iterator[None]:
    """The mailbox is a file, where nothing can be put."""
    folder.parent.parent.mkdir(parents=True, exist_ok=True)
    folder.parent.write_text("")
    yield
    folder.parent.unlink()


def test_a_test_that_the_mailbox_does_not_take_is_not_handed_over_and_the_next_has_new_numbers() -> None:
    carrier()
    with away(mailbox()), pytest.raises(trials.CannotTest, match="mailbox of carrier"):
        trials.send(HIOS, by=BY, now=NOW)
    assert Trial.objects.get().handed_over_at is None
    again = trials.send(HIOS, by=BY, now=SOON)
    assert int(again.isa13) == int(Trial.objects.order_by("id")[0].isa13) + 1
    assert wrong() == {}


def test_what_a_restore_forgot_of_tests_is_taken_back(unprotected: None) -> None:
    carrier()
    trial = trials.send(HIOS, by=BY, now=NOW)
    Trial.objects.all().delete()
    Counter.objects.all().delete()
    after_restore.restored(by=BY, now=NOW, details={})
    with pytest.raises(trials.CannotTest, match="was restored"):
        trials.send(HIOS, by=BY, now=SOON)
    assert transmissions.send(by=BY, now=SOON).findings == []
    assert Trial.objects.get().isa13 == trial.isa13
    assert int(trials.send(HIOS, by=BY, now=SOON).isa13) > int(trial.isa13)


def test_a_carrier_without_numbers_cannot_be_tested() -> None:
    carrier(tax_id="", x12_id="")
    with pytest.raises(trials.CannotTest, match="neither an X12 id nor a tax id"):
        trials.send(HIOS, by=BY, now=NOW)
    with pytest.raises(LookupError, match="on no roster"):
        trials.send("99999", by=BY, now=NOW)
    assert not Trial.objects.exists()
