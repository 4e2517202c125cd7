"""A carrier's page: whom to ask there, tests of its way and what it answered; exceptions and shared contacts."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from tests.builders import NORTH_STAR
from tests.portal import world
from tests.portal.world import World

from aor.audit.models import Act, Read
from aor.carriers.models import Contact
from aor.consumers import operations as consumers
from aor.consumers.queries import EMAIL, ENROLLMENT_FILE
from aor.terms.actor import system
from aor.terms.period import ONE_DAY
from aor.transmissions import operations as transmissions
from aor.transmissions import queries
from aor.transmissions.models import Acknowledgment, Interchange, Trial
from aor.web.staff import exceptions
from aor.web.staff.tests.desk import hidden, send, text

pytestmark = pytest.mark.django_db
PAGE = f"/staff/carriers/{NORTH_STAR}/"


def test_a_contact_is_kept_with_its_day_and_the_one_before_is_not_lost(town: World) -> None:
    officer = town.client("officer")
    assert "nobody named yet" in text(officer, PAGE)
    for name in ("EDI desk", "EDI desk", "Night desk"):
        answer = send(officer, f"{PAGE}contact/", name=name, email="edi@example.org")
        assert answer.headers["Location"] == f"{PAGE}contact/done/"
    assert "Night desk, edi@example.org" in text(officer, f"{PAGE}contact/done/")
    assert [(one.name, one.known_until is None) for one in Contact.objects.order_by("id")] == [
        ("EDI desk", False),
        ("Night desk", True),
    ]
    acts = Act.objects.filter(verb="carrier.contact_named")
    assert acts.count() == 2
    assert not [one for one in acts if "desk" in one.details or "example" in one.details]


def test_a_contact_needs_a_way_to_be_reached(town: World) -> None:
    assert "e-mail address or a phone" in send(town.client("officer"), f"{PAGE}contact/", name="x").content.decode()
    assert not Contact.objects.exists()


def test_a_test_is_sent_once_and_its_answer_is_shown(town: World) -> None:
    officer, url = town.client("officer"), f"{PAGE}test/"
    assert officer.get(f"{url}done/").status_code == 404
    form = hidden(officer, url)
    before = Interchange.objects.count()
    for _ in range(2):
        assert officer.post(url, form).headers["Location"] == f"{url}done/"
    trial = Trial.objects.get()
    assert Interchange.objects.count() == before
    assert trial.isa13 in text(officer, f"{url}done/")
    assert f"{trial.name}" in text(officer, PAGE)
    assert "Not answered" in text(officer, PAGE)
    ta1 = f"TA1*{trial.isa13}*260101*1200*R*025".join(envelope(trial))
    folder = Path(settings.AOR_HOME) / "mailboxes" / NORTH_STAR / "from-carrier"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.ta1").write_text(ta1)
    transmissions.collect(by=system("test"), now=world.NOW)
    assert "Rejected" in text(officer, PAGE).partition("Tests")[2]


def envelope(trial: Trial) -> tuple[str, str]:
    """What stands before and behind a TA1."""
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{trial.isa08:15}*ZZ*{trial.isa06:15}*260101*1200*^*00501*000000777*0*T*:~"
    return isa, "~IEA*0*000000777~"


def test_an_auditor_sees_tests_and_sends_none(town: World) -> None:
    auditor = town.client("auditor")
    said = auditor.get(PAGE).content.decode()
    assert "Tests" in said
    assert f"{PAGE}test/" not in said
    assert auditor.post(f"{PAGE}test/", {}).status_code == 403


def test_exceptions_are_counted_filtered_and_taken_along(town: World) -> None:
    officer = town.client("officer")
    transmissions.send(by=system("test"), now=world.NOW, carrier=NORTH_STAR)
    folder = Path(settings.AOR_HOME) / "mailboxes" / NORTH_STAR / "from-carrier"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "=1+1.999").write_text("nothing of X12")
    transmissions.collect(by=system("test"), now=world.NOW)
    url, before = "/staff/transmissions/exceptions/", Read.objects.filter(what="exceptions").count()
    said = text(officer, url)
    assert "1 Cannot be read" in said
    assert "=1+1.999" in said
    assert "=1+1.999" in text(officer, f"{url}?kind=unreadable&carrier={NORTH_STAR}")
    assert "=1+1.999" not in text(officer, f"{url}?kind=overdue")
    file = b"".join(officer.get(f"{url}csv/").streaming_content).decode()  # type: ignore[attr-defined]  # a stream
    assert "kind,hios_issuer_id,subject,because" in file
    assert "'=1+1.999" in file
    assert Read.objects.filter(what="exceptions").count() == before + 4
    assert officer.get(f"{url}pdf/").status_code == 404


def test_a_file_that_is_late_leads_to_its_page_and_says_since_when_in_minnesota(town: World) -> None:
    transmissions.send(by=system("test"), now=world.NOW, carrier=NORTH_STAR)
    sent = Interchange.objects.get()
    (late,) = (one for one in queries.exceptions(now=world.NOW + 9 * ONE_DAY) if one.kind == "overdue")
    assert late.because.endswith(("CST", "CDT"))
    assert exceptions._pages([late]) == {(NORTH_STAR, sent.name): f"/staff/transmissions/{sent.pk}/"}
    assert text(town.client("officer"), f"/staff/transmissions/{sent.pk}/")


def test_exceptions_are_shown_a_page_at_a_time(town: World) -> None:
    for n in range(exceptions.AT_ONCE + 2):
        Acknowledgment.objects.create(
            sha256=f"{n:064}", name=f"file-{n:03}.txt", hios_issuer_id=NORTH_STAR, received_at=world.NOW,
            findings='["it is no interchange"]',
        )  # fmt: skip
    officer, url = town.client("officer"), "/staff/transmissions/exceptions/?kind=unreadable"
    first, second = text(officer, url), text(officer, f"{url}&page=2")
    assert ("file-000.txt" in first, "file-101.txt" in first) == (True, False)
    assert ("file-000.txt" in second, "file-101.txt" in second) == (False, True)
    assert text(officer, f"{url}&page=nonsense").count("file-") == exceptions.AT_ONCE


def test_shared_contacts_are_listed_with_some_who_hold_them(town: World) -> None:
    said = [(name, EMAIL, ENROLLMENT_FILE, "all@example.org", world.NOW) for name in ("S1", "S2", "S3", "S4")]
    consumers.contacts(said, now=world.NOW)
    shown = text(town.client("officer"), "/staff/contacts/")
    assert "all@example.org 4" in shown
    assert "S1" in shown
    assert Read.objects.filter(what="shared contacts", subject_id="S1").exists()
