"""What waits for a person is found by what is on record of it: the same as by walking the whole ledger."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aor.enrollments.models import Enrollment
from aor.transmissions import operations, queries
from aor.transmissions.exceptions import candidates
from aor.transmissions.models import Interchange, TransactionSet, Unwritten
from aor.transmissions.queries import StaffException
from aor.transmissions.tests import answers
from aor.transmissions.tests import builders as given
from aor.transmissions.tests.builders import ANA, BEN, BY, HIOS, NOW

pytestmark = pytest.mark.django_db
OTHER = "22222"


@pytest.fixture(autouse=True)
def marketplace() -> None:
    given.carrier()
    given.broker(ANA)
    given.broker(BEN)


def sent(policy: str) -> Enrollment:
    one = given.enrollment(policy)
    given.mention(one, "", NOW - timedelta(days=9))
    given.associated(one)
    return one


def answered(interchange: Interchange, policies: dict[str, str], *, number: int) -> None:
    """A 999 that accepts all sets but those of some policies."""
    named = TransactionSet.objects.filter(interchange=interchange).values_list("st02", "enrollment__policy_id")
    said = {st02: policies.get(policy, "A") for st02, policy in named}
    answers.leave(answers.answer(interchange, said, number=number, at=given.later(number)), f"{number}.999")
    operations.collect(by=BY, now=given.later(number))


def walked(monkeypatch: pytest.MonkeyPatch, **asked: object) -> list[StaffException]:
    """The list, every enrollment asked."""
    with monkeypatch.context() as patched:
        every = list(Enrollment.objects.order_by("id").values_list("id", flat=True))
        patched.setattr(queries, "candidates", lambda hios: every)
        return list(queries.exceptions(now=given.later(9), hios_issuer_id=str(asked.get("hios", ""))))


def test_only_those_are_asked_of_whom_something_is_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {policy: sent(policy) for policy in (f"P{n}" for n in range(12))}
    given.mention(many["P1"], ANA, NOW - timedelta(days=5), kind="change")  # who is decided
    given.mention(many["P2"], BEN, NOW - timedelta(days=5), kind="change")  # who is not
    Enrollment.objects.filter(pk=many["P3"].pk).update(last_name="")
    (first,) = operations.send(by=BY, now=NOW).interchanges
    assert [one.enrollment_id for one in Unwritten.objects.all()] == [many["P3"].pk]
    answered(first, {"P4": "R", "P5": "R"}, number=1)
    asked = [many[policy].pk for policy in ("P2", "P3", "P4", "P5")]
    assert candidates("") == candidates(HIOS) == asked
    assert candidates(OTHER) == []
    found = list(queries.exceptions(now=given.later(9)))
    assert found == walked(monkeypatch)
    assert {(one.kind, one.subject) for one in found} == {
        ("another broker", "P2"), ("cannot be written", "P3"), ("rejected", "P4"), ("rejected", "P5"),
    }  # fmt: skip


def test_what_goes_again_and_is_taken_is_asked_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    one = sent("P1")
    sent("P2")
    (first,) = operations.send(by=BY, now=NOW).interchanges
    answered(first, {"P1": "R"}, number=1)
    assert candidates("") == [one.pk]
    (again,) = operations.resend(by=BY, now=given.later(2), isa13=first.isa13).interchanges
    assert candidates("") == []
    assert list(queries.exceptions(now=given.later(2))) == []
    answered(again, {"P1": "R"}, number=3)
    assert candidates("") == [one.pk]
    assert [one.kind for one in queries.exceptions(now=given.later(9))] == ["rejected"]
    assert list(queries.exceptions(now=given.later(9))) == walked(monkeypatch)


def test_a_rejection_without_words_says_that_there_are_none() -> None:
    sent("P1")
    (first,) = operations.send(by=BY, now=NOW).interchanges
    answers.leave(answers.answer(first, "R", why=False))
    operations.collect(by=BY, now=answers.SOON)
    (found,) = queries.exceptions(now=given.later(9))
    assert found.because.endswith(": without a reason")


def test_a_file_that_was_rejected_whole_is_asked_with_all_its_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [sent(f"P{n}") for n in range(3)]
    (first,) = operations.send(by=BY, now=NOW).interchanges
    answers.leave(answers.ta1(first, "R"))
    operations.collect(by=BY, now=answers.SOON)
    assert candidates("") == [one.pk for one in some]
    found = list(queries.exceptions(now=given.later(9)))
    assert [one.kind for one in found] == ["rejected"] * 3
    assert found == walked(monkeypatch)


def test_what_could_not_be_written_is_off_the_list_as_soon_as_it_can_be() -> None:
    one = sent("P1")
    Enrollment.objects.filter(pk=one.pk).update(last_name="")
    operations.send(by=BY, now=NOW)
    assert [each.kind for each in queries.exceptions(now=given.later())] == ["cannot be written"]
    Enrollment.objects.filter(pk=one.pk).update(last_name="Vang")
    assert list(queries.exceptions(now=given.later())) == []
    operations.send(by=BY, now=given.later(24))
    assert not Unwritten.objects.exists()


def test_before_a_carriers_first_run_every_enrollment_of_it_is_asked() -> None:
    one = sent("P1")
    Enrollment.objects.filter(pk=one.pk).update(last_name="")
    assert candidates("") == candidates(HIOS) == [one.pk]
    assert [each.kind for each in queries.exceptions(now=NOW)] == ["cannot be written"]


def test_the_list_takes_as_many_queries_for_sixty_enrollments_as_for_six() -> None:
    taken = []
    for many in (6, 60):
        for n in range(many):
            sent(f"P{many}-{n}")
        (interchange,) = operations.send(by=BY, now=given.later(many)).interchanges
        answered(interchange, {f"P{many}-0": "R"}, number=many + 1)
        with CaptureQueriesContext(connection) as asked:
            assert list(queries.exceptions(now=given.later(99)))
        taken.append(len(asked))
    assert taken[0] == taken[1]
