"""Invitations by name: the broker learns nothing, the code reaches only a contact held before (readings, R1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import builders
from tests.builders import ANA, BEN, Policy, enrollment_file

from aor.acts import associate, contacts, invite, receive
from aor.acts.invite import Person
from aor.acts.tests.test_associate import BROKER, CONSUMER, OFFICER, consent
from aor.associations import queries as association_facts
from aor.associations.models import Invitation
from aor.audit.models import Act
from aor.brokers.models import Suspension
from aor.consumers.models import Contact
from aor.gateways.secure_mail import Courier
from aor.notices import operations as notices
from aor.notices.models import Notice
from aor.policy.decision import Decision
from aor.terms import actor

START = datetime(2025, 12, 10, 15, tzinfo=UTC)
BORN = date(1984, 5, 2)

pytestmark = pytest.mark.django_db


def reached_at(address: str, phone: str = "6125550100") -> tuple[str, ...]:
    return (f"PER*IP**TE*{phone}*EM*{address}",)


@pytest.fixture(autouse=True)
def market(tmp_path: Path, settings: LazySettings) -> None:
    """Kaying Vang has an address of her own; the two May Xiongs are two; Pa Her uses Ben's; Lee Moua has none."""
    settings.AOR_HOME = tmp_path
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    builders.carrier()
    builders.broker(ANA)
    builders.broker(BEN, "Ben", "Lee", email="Ben@Example.org")
    receive_file(
        tmp_path,
        Policy("P1", "S1", application="A1", extra=reached_at("KAYING@example.org")),
        Policy("P2", "S2", application="A2", first="MAY", last="XIONG", extra=reached_at("may2@example.org")),
        Policy("P3", "S3", application="A3", first="MAY", last="XIONG", extra=reached_at("may3@example.org")),
        Policy("P4", "S4", application="A4", first="PA", last="HER", extra=reached_at("ben@example.org")),
        Policy("P5", "S5", application="A5", first="LEE", last="MOUA"),
    )


def receive_file(folder: Path, *policies: Policy, isa13: int = 501, sent: datetime = START - timedelta(2)) -> None:
    path = folder / f"{isa13}.834"
    path.write_bytes(enrollment_file(*policies, isa13=isa13, sent=sent))
    assert receive.receive(path, by=actor.system("test"), now=START - timedelta(days=1)).accepted


def ask(first: str, last: str, now: datetime = START, npn: str = ANA, born: date = BORN) -> Decision:
    return invite.invite_by_name(npn=npn, first_name=first, last_name=last, birth_date=born, by=BROKER, now=now)


def relayed(now: datetime) -> dict[str, str]:
    notices.deliver(courier=Courier(), now=now)
    return {one.to[0]: str(one.body) for one in mail.outbox}


def code_in(body: str) -> str:
    return body.partition("this code: ")[2].split()[0]


def test_the_code_goes_to_the_contact_held_and_confirms() -> None:
    assert ask("Kaying", "Vang").granted
    body = relayed(START)["kaying@example.org"]
    code = code_in(body)
    decision, seen = invite.open_code(code.lower().replace("0", "o"), by=CONSUMER, now=START)
    assert decision.granted
    assert seen is not None
    assert (seen.broker_name, seen.npn, seen.replaces) == ("Ana Garcia", ANA, False)
    assert associate.confirm(
        invitation=seen.invitation, code=code, consent=consent(), second_factor=False, by=CONSUMER, now=START
    ).granted
    (listed,) = association_facts.asked(association_facts.invitations_of([ANA]))
    assert listed.state == "confirmed"


def test_no_row_holds_the_code() -> None:
    ask("Kaying", "Vang")
    code = code_in(relayed(START)["kaying@example.org"])
    notice = Notice.objects.get()
    held = (notice.body, notice.secret, Invitation.objects.get().code_hash)
    assert not any(code in text for text in held)


@pytest.mark.parametrize(
    ("first", "last", "because"),
    [
        ("Nobody", "Atall", "nobody has these names and this birth date"),
        ("May", "Xiong", "2 persons have these names and this birth date"),
        ("Pa", "Her", "the contact is also that of a broker or an agency"),
        ("Lee", "Moua", "the marketplace held no contact of its own for this consumer"),
    ],
)
def test_who_cannot_be_reached_looks_the_same_to_the_broker(first: str, last: str, because: str) -> None:
    with CaptureQueriesContext(connection) as found:
        reached = ask("Kaying", "Vang")
    with CaptureQueriesContext(connection) as missed:
        other = ask(first, last, born=BORN)
    assert [f.rule for f in other.findings] == [f.rule for f in reached.findings]
    assert other.granted
    assert abs(len(found) - len(missed)) <= 2, "about as much work"
    one, two = association_facts.asked(association_facts.invitations_of([ANA]))
    assert (one.state, two.state) == ("open", "open")
    assert one.expires_at == two.expires_at
    assert association_facts.not_sent().get().because == because
    assert list(relayed(START)) == ["kaying@example.org"]
    assert associate.expire_invitations(by=OFFICER, now=START + timedelta(days=15)) == 2


def test_names_are_found_in_other_letters_and_not_otherwise(tmp_path: Path) -> None:
    receive_file(
        tmp_path,
        Policy(
            "P9", "S9", first="ANNA MARIA", last="LOPEZ-NUNEZ", application="A9", extra=reached_at("anna@example.org")
        ),
        isa13=502,
    )
    for first, last in (("Anna-María", "López Núñez"), ("annamaria", "LOPEZNUNEZ"), ("ANNA MARIA", "Lopez’Nunez")):
        assert invite.find(Person(first, last, BORN)) == ["S9"]
    assert invite.find(Person("Anna", "Lopez-Nunez", BORN)) == []
    assert invite.find(Person("Anna Maria", "Lopez-Nunez", date(1984, 5, 3))) == []


def test_an_invitation_may_be_sent_again_three_times_in_fourteen_days() -> None:
    for time in range(4):
        assert ask("KAYING" if time % 2 else "Kaying", "Vang", START + timedelta(hours=time)).granted
    refused = ask("Kaying", "Vang", START + timedelta(hours=5))
    assert [finding.rule for finding in refused.unmet] == ["SENT_AGAIN_SELDOM"]
    states = [one.state for one in association_facts.asked(association_facts.invitations_of([ANA]))]
    assert states == ["open", "sent again", "sent again", "sent again"]
    assert ask("Kaying", "Vang", START + timedelta(days=15)).granted


def test_a_broker_invites_only_so_many_a_day(tmp_path: Path, settings: LazySettings) -> None:
    settings.AOR_OVERLAY = str(tmp_path)
    limit = '[invitations_per_broker_and_day]\ncites = "ours"\nvalues = [{ since = 2000-01-01, value = 5 }]'
    (tmp_path / "parameters.toml").write_text(limit)
    people = [Person(f"Nobody{n}", "Atall", BORN) for n in range(6)]
    answers = invite.invite_many(npn=ANA, people=people, by=BROKER, now=START)
    assert [decision.granted for _, decision in answers] == [True] * 5 + [False]
    assert [finding.rule for finding in answers[-1][1].unmet] == ["INVITED_A_DAY"]
    assert ask("Nobody", "Atall", npn=BEN).granted, "another broker's count is theirs"
    assert ask("Nobody", "Atall", START + timedelta(days=1)).granted


def test_a_broker_out_of_standing_asks_in_vain_and_leaves_no_row() -> None:
    Suspension.objects.create(npn=ANA, start=date(2025, 12, 1), known_from=START)
    decision = ask("Kaying", "Vang")
    assert [finding.rule for finding in decision.unmet] == ["CERTIFIED"]
    assert not Invitation.objects.exists()
    assert Act.objects.get(verb="association.invited refused").subject_id == ANA


def test_after_ten_wrong_codes_no_code_is_looked_at_for_a_day() -> None:
    ask("Kaying", "Vang")
    code = code_in(relayed(START)["kaying@example.org"])
    for n in range(10):
        assert not invite.open_code(f"WRONG{n}", by=CONSUMER, now=START)[0].granted
    decision, seen = invite.open_code(code, by=CONSUMER, now=START + timedelta(hours=1))
    assert "CODE_TRIES" in {finding.rule for finding in decision.unmet}
    assert seen is None
    assert invite.open_code(code, by=OFFICER, now=START)[0].granted, "another is not kept out"
    assert invite.open_code(code, by=CONSUMER, now=START + timedelta(days=2))[0].granted


def test_who_is_signed_in_as_the_one_invited_needs_no_code_and_others_have_no_say() -> None:
    ask("Kaying", "Vang")
    (row,) = association_facts.invitations_for(["S1"], START)
    assert not confirm(row.id, "S2").granted
    assert not invite.decline_invitation(invitation=row.id, subscriber_id="S2", by=CONSUMER, now=START).granted
    assert not invite.withdraw_invitation(invitation=row.id, npn=BEN, by=BROKER, now=START).granted
    assert confirm(row.id, "S1").granted


def confirm(invitation: int, subscriber: str) -> Decision:
    return associate.confirm(
        invitation=invitation,
        subscriber_id=subscriber,
        consent=consent(),
        second_factor=True,
        by=CONSUMER,
        now=START,
    )


def test_an_invitation_that_reached_nobody_is_nobodys_to_confirm() -> None:
    ask("Nobody", "Atall")
    assert not confirm(Invitation.objects.get().id, "").granted


def test_a_decline_tells_the_broker_and_a_withdrawal_ends_the_invitation() -> None:
    ask("Kaying", "Vang")
    (row,) = association_facts.invitations_for(["S1"], START)
    assert invite.decline_invitation(invitation=row.id, subscriber_id="S1", by=CONSUMER, now=START).granted
    assert Notice.objects.filter(kind="invitation declined", recipient_id=ANA).count() == 1
    ask("Kaying", "Vang", START + timedelta(days=1))
    (again,) = association_facts.invitations_for(["S1"], START + timedelta(days=1))
    assert invite.withdraw_invitation(invitation=again.id, npn=ANA, by=BROKER, now=START + timedelta(days=2)).granted


def test_reminders_come_on_the_third_and_tenth_day_once_each() -> None:
    ask("Kaying", "Vang")
    ask("Nobody", "Atall")
    counts = []
    for days in (2, 3, 4, 10, 11, 14):
        at = START + timedelta(days=days)
        counts.append(invite.remind_invitations(by=OFFICER, now=at))
    assert counts == [0, 1, 0, 1, 0, 0]
    assert Notice.objects.filter(kind="invitation reminder").count() == 2


def test_a_missed_reminder_is_made_up_for_once() -> None:
    ask("Kaying", "Vang")
    at = START + timedelta(days=11)
    assert [invite.remind_invitations(by=OFFICER, now=at) for _ in range(2)] == [1, 0]


def test_the_account_comes_before_the_file_and_the_old_address_is_told() -> None:
    assert contacts.contact_for("S1", now=START).address == "kaying@example.org"
    assert contacts.set_account_contact(subscriber_id="S1", email="New@example.org ", by=CONSUMER, now=START)
    assert not contacts.set_account_contact(subscriber_id="S1", email="new@example.org", by=CONSUMER, now=START)
    assert contacts.contact_for("S1", now=START).address == "new@example.org"
    assert Notice.objects.get(kind="contact changed").address == "kaying@example.org"


def test_the_later_said_address_counts_in_whatever_order_files_come(tmp_path: Path) -> None:
    same = Policy("P1", "S1", application="A1", kind="001", extra=reached_at("kaying@example.org"))
    other = Policy("P1", "S1", application="A1", kind="001", extra=reached_at("older@example.org"))
    receive_file(tmp_path, same, isa13=510, sent=START + timedelta(days=5))
    receive_file(tmp_path, other, isa13=509, sent=START + timedelta(days=3))
    assert contacts.contact_for("S1", now=START).address == "kaying@example.org"
    newer = Policy("P1", "S1", application="A1", kind="001", extra=reached_at("newer@example.org"))
    receive_file(tmp_path, newer, isa13=511, sent=START + timedelta(days=6))
    assert contacts.contact_for("S1", now=START).address == "newer@example.org"
    assert Contact.objects.filter(exchange_subscriber_id="S1", kind="email").count() == 2, "what was known stays"


def test_a_contact_of_more_than_three_households_is_refused_and_listed(tmp_path: Path) -> None:
    shared = [Policy(f"Q{n}", f"T{n}", application=f"B{n}", extra=reached_at("desk@example.org")) for n in range(4)]
    family = [Policy(f"R{n}", f"U{n}", application="B9", extra=reached_at("home@example.org")) for n in range(5)]
    receive_file(tmp_path, *shared, *family, isa13=520)
    answer = contacts.contact_for("T1", now=START)
    assert answer.address == ""
    assert answer.refused_because == "the contact is shared by 4 households; 3 may share one"
    assert contacts.contact_for("U1", now=START).address == "home@example.org", "one household may share"
    listed = {(one.address, one.households, one.of_broker) for one in contacts.shared_contacts(now=START)}
    assert listed == {("desk@example.org", 4, False), ("ben@example.org", 1, True)}
