"""Carriers' receipts: every row answered, kept beside what was told, and contradictions shown to staff."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from aor.carriers import queries as carriers
from aor.enrollments.models import Enrollment
from aor.gateways.mailbox import FROM_CARRIER
from aor.transmissions import collecting, handover, operations, queries, receipts, story
from aor.transmissions.models import Acknowledgment, Receipt, TransactionSet
from aor.transmissions.receipts import Said
from aor.transmissions.tests import builders as given
from aor.transmissions.tests.builders import ANA, BEN, BY, HIOS, NOW

JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)
LATER = NOW + timedelta(days=1)
HEAD = "exchange_policy_id,npn,recorded_from,result,reason\n"


@pytest.fixture
def sent(db: None) -> None:
    """P1 and P2 are Ana's and the carrier was told so, from January; P9 is another carrier's."""
    given.carrier()
    given.broker(ANA)
    given.associated(given.enrollment())
    given.associated(given.enrollment("P2"))
    operations.send(by=BY, now=NOW)


def take(*said: Said, hios: str = HIOS) -> list[receipts.Answered]:
    with transaction.atomic():
        return receipts.take(said, hios_issuer_id=hios, source="test", by=BY, now=LATER)


def doubts() -> list[str]:
    return [one.because for one in queries.exceptions(now=LATER) if one.kind == "receipt"]


def test_forty_rows_in_are_forty_answers_out(sent: None) -> None:
    rows = [
        Said("P1", ANA, JANUARY, "recorded") if n % 2 else Said(f"X{n}", ANA, JANUARY, "recorded") for n in range(40)
    ]
    answers = take(*rows)
    assert [one.number is not None for one in answers] == [bool(n % 2) for n in range(40)]
    assert Receipt.objects.count() == 20
    assert {one.because for one in answers[::2]} == {"no such policy of this carrier is known"}


def test_a_receipt_is_tied_to_the_set_that_told_so(sent: None) -> None:
    take(Said("P1", ANA, JANUARY, "recorded"))
    receipt = Receipt.objects.get()
    assert receipt.told == JANUARY
    assert receipt.transaction_set == TransactionSet.objects.get(enrollment__policy_id="P1")
    assert doubts() == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said("P1", ANA, MARCH, "recorded"), "from 2026-03-01; we had told so from 2026-01-01"),
        (Said("P1", BEN, JANUARY, "recorded"), f"recorded broker {BEN} from 2026-01-01; we had told no such thing"),
        (Said("P1", ANA, JANUARY, "rejected", "unknown broker"), "unknown broker; we had told so from 2026-01-01"),
    ],
)
def test_what_is_not_what_we_told_waits_for_a_person_until_the_carrier_says_otherwise(
    sent: None, said: Said, words: str
) -> None:
    take(said)
    (because,) = doubts()
    assert because.endswith(words)
    take(Said("P1", said.npn, JANUARY, "recorded"))
    assert len(doubts()) == (said.npn == BEN)


@pytest.mark.parametrize(
    "said",
    [
        Said("P1", ANA, None, "recorded"),
        Said("P1", ANA, JANUARY, "rejected"),
        Said("P1", ANA, JANUARY, "done"),
        Said("P1", "12a", JANUARY, "recorded"),
        Said("P1", "12345678901", JANUARY, "recorded"),
    ],
)
def test_a_row_that_lacks_something_is_answered_and_not_kept(sent: None, said: Said) -> None:
    (answer,) = take(said)
    assert answer.number is None
    assert answer.because
    assert not Receipt.objects.exists()


def test_policies_of_others_are_as_unknown_as_none(sent: None) -> None:
    given.carrier("85736")
    assert take(Said("P1", ANA, JANUARY, "recorded"), hios="85736") == take(
        Said("NONE", ANA, JANUARY, "recorded"), hios="85736"
    )


def test_the_story_tells_of_receipts_as_known(sent: None) -> None:
    take(Said("P1", ANA, JANUARY, "recorded"))
    enrollment = Enrollment.objects.get(policy_id="P1").pk
    told = story.why(enrollment, on=JANUARY, now=LATER)
    assert f"the carrier recorded broker {ANA} from 2026-01-01" in told.chapters[-1].what
    before = story.why(enrollment, on=JANUARY, now=LATER, known_at=NOW)
    assert not any("receipt" in chapter.what for chapter in before.chapters)


def test_receipts_are_never_changed(sent: None) -> None:
    take(Said("P1", ANA, JANUARY, "recorded"))
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Receipt.objects.update(result="rejected")


def test_a_csv_left_in_the_mailbox_is_read_once(sent: None) -> None:
    rows = f"P1,000{ANA},2026-01-01,Recorded,\nP2,{ANA},,rejected,no such plan\nP8,{ANA},2026-01-01,recorded,\n"
    (partner,) = carriers.trading_partners().values()
    for name in ("receipts.csv", "again.CSV"):
        with handover.mailbox_of(partner) as mailbox:
            mailbox.put(name, (HEAD + rows).encode(), FROM_CARRIER)
        (taken,) = operations.collect(by=BY, now=LATER)
        assert taken.accepted
        counted = (taken.accepted_sets, taken.rejected_sets, taken.unknown)
        assert counted == ((1, 1, 1) if name == "receipts.csv" else (0, 0, 0))
    assert Receipt.objects.count() == 2
    assert Acknowledgment.objects.get().findings == '["line 4: no such policy of this carrier is known"]'
    assert [one.kind for one in queries.exceptions(now=LATER) if one.kind == "unreadable"] == []


def test_headings_are_read_in_any_case_and_a_list_without_rows_is_a_list(sent: None) -> None:
    for content, accepted in (
        (HEAD.replace("npn", " NPN ").upper() + f"P1,{ANA},2026-01-01,recorded,\n", 1),
        (HEAD, 0),
    ):
        taken = collecting.take_receipts(content.encode(), name="x.csv", carrier=HIOS, by=BY, now=LATER)
        assert (taken.accepted, taken.accepted_sets) == (True, accepted)
    assert [one for one in queries.exceptions(now=LATER) if one.kind == "unreadable"] == []


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"a,b\n1,2\n", b'exchange_policy_id,"npn\n', b"\0", (HEAD + '"').encode()]
)
def test_what_is_no_list_of_receipts_is_said_and_kept_from_view(sent: None, content: bytes) -> None:
    taken = collecting.take_receipts(content, name="x.csv", carrier=HIOS, by=BY, now=LATER)
    assert not taken.accepted
    assert [one.kind for one in queries.exceptions(now=LATER)].count("unreadable") == 1


@pytest.mark.parametrize(
    "row",
    [
        "P1", "P1,,,,", f"P1,{ANA},31.01.2026,recorded,", f"P1,{ANA},2026-01-01,recorded,a,b,c",
        f"P\0001,{ANA},2026-01-01,recorded,", "P1,7\0,,rejected,no", f"P1,{ANA},,rejec\0ted,no",
        f"P1,{ANA},0001-01-01,recorded,", f"P1,{ANA},9999-12-31,recorded,",
    ],
)  # fmt: skip
def test_a_bad_row_never_stops_the_others(sent: None, row: str) -> None:
    content = f"{HEAD}{row}\nP2,{ANA},2026-01-01,recorded,\n".encode()
    taken = collecting.take_receipts(content, name="x.csv", carrier=HIOS, by=BY, now=LATER)
    assert taken.accepted_sets + taken.unknown == 2
    assert Receipt.objects.filter(enrollment__policy_id="P2").count() == 1
