"""Brokers are asked, and answer for themselves; support staff come by a code."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.builders import ANA, BEN, CRUZ
from tests.portal.world import OURS, THEIRS, World

from aor.accounts import queries as accounts
from aor.accounts.models import Invitation, RoleName
from aor.brokers import agencies
from aor.brokers import queries as brokers
from aor.notices.models import Notice
from aor.notices.operations import _cipher
from aor.web.agency.tests.pages import hidden, hiddens, refused, send, words

pytestmark = pytest.mark.django_db
PASSWORD = "four small grey herons wait"


def agency_of(npn: str) -> str:
    return brokers.roster([npn])[npn].agency_npn


def code_to(address: str) -> str:
    """The code of the latest mail to an address."""
    notice = Notice.objects.filter(kind="account invitation", address=address).latest("id")
    return _cipher().decrypt(notice.secret.encode()).decode()


def test_a_broker_on_the_roster_is_asked_and_says_yes(town: World) -> None:
    manager, cruz = town.client("manager"), town.client("Cruz")
    assert send(manager, "/agency/roster/ask/", npn=CRUZ) == "/agency/done/asked/"
    assert re.search(r"aor-reference\">[0-9A-F]{8}<", words(manager, "/agency/done/asked/"))
    assert agency_of(CRUZ) == THEIRS, "nobody joins by another's word"
    assert f"NPN {CRUZ}" in words(manager, "/agency/roster/")
    assert "Aurora Agency" in words(cruz, "/agency/joining/")
    assert send(cruz, f"/agency/joining/{OURS}/", answer="yes") == "/agency/done/joined/"
    assert agency_of(CRUZ) == OURS
    assert send(cruz, "/agency/joining/leave/") == "/agency/done/left/"
    assert agency_of(CRUZ) == ""


def test_a_broker_says_no_and_an_invitation_is_asked_again_and_taken_back(town: World) -> None:
    manager, cruz = town.client("manager"), town.client("Cruz")
    send(manager, "/agency/roster/ask/", npn=CRUZ)
    send(manager, f"/agency/roster/{CRUZ}/ask-again/")
    assert send(manager, f"/agency/roster/{CRUZ}/take-back/") == "/agency/done/taken-back/"
    assert cruz.get(f"/agency/joining/{OURS}/").status_code == 404
    send(manager, "/agency/roster/ask/", npn=CRUZ)
    assert send(cruz, f"/agency/joining/{OURS}/", answer="no") == "/agency/done/declined/"
    assert agency_of(CRUZ) == THEIRS
    assert town.client("other manager").get(f"/agency/roster/{CRUZ}/ask-again/").status_code == 404


def test_a_new_broker_opens_an_account_by_the_code_and_then_answers(town: World) -> None:
    manager, browser = town.client("manager"), Client(headers={"host": "localhost"})
    assert "is on no roster yet" in refused(manager, "/agency/roster/ask/", npn="7000009")
    send(manager, "/agency/roster/ask/", npn="7000009", first_name="Dee", last_name="New", email="dee@example.org")
    code = code_to("dee@example.org")
    assert code not in Notice.objects.get(kind="account invitation", address="dee@example.org").body
    assert send(browser, "/agency/accept/", code=code.lower(), password=PASSWORD) == "/agency/accept/done/"
    user = accounts.by_email("dee@example.org")
    assert user is not None
    assert EmailAddress.objects.get(user=user).verified
    assert [one.npn for one in accounts.holders(user).values()] == ["7000009"]  # type: ignore[attr-defined]  # a broker
    assert agency_of("7000009") == ""
    answer = browser.post(
        "/agency/accept/", {**hidden(browser, "/agency/accept/"), "code": code, "password": PASSWORD}
    )
    assert answer.status_code == 410, "a code works once"


def test_support_staff_are_invited_accept_by_code_and_are_removed(town: World) -> None:
    manager, browser = town.client("manager"), Client(headers={"host": "localhost"})
    send(manager, "/agency/support/invite/", name="Sam Staff", email="sam@example.org")
    first = code_to("sam@example.org")
    asked = Invitation.objects.get(email="sam@example.org").pk
    send(manager, f"/agency/support/invited/{asked}/again/")
    stale = browser.post(
        "/agency/accept/", {**hidden(browser, "/agency/accept/"), "code": first, "password": PASSWORD}
    )
    assert stale.status_code == 410
    assert "too short" in refused(browser, "/agency/accept/", code=code_to("sam@example.org"), password="short")
    send(browser, "/agency/accept/", code=code_to("sam@example.org"), password=PASSWORD)
    user = accounts.by_email("sam@example.org")
    assert user is not None
    assert user in accounts.support_staff(OURS)
    assert "Sam Staff" in words(manager, "/agency/support/")
    assert town.client("other manager").get(f"/agency/support/{user.pk}/remove/").status_code == 404
    send(manager, f"/agency/support/{user.pk}/remove/")
    assert user not in accounts.support_staff(OURS)


def test_a_code_is_for_the_address_it_went_to(town: World) -> None:
    send(town.client("manager"), "/agency/support/invite/", name="Sam", email="sam@example.org")
    page = refused(town.client("Cruz"), "/agency/accept/", code=code_to("sam@example.org"))
    assert "went to another address" in page
    send(town.client("manager"), "/agency/support/invite/", name="Ben", email="Ben@example.org")
    send(town.client("Ben"), "/agency/accept/", code=code_to("ben@example.org"))
    held = accounts.holders(town.users["Ben"]).values()
    assert {type(one).__name__ for one in held} == {"Broker", "SupportStaff"}


def test_an_account_is_never_opened_over_another(town: World) -> None:
    send(town.client("manager"), "/agency/support/invite/", name="Ben", email="ben@example.org")
    browser = Client(headers={"host": "localhost"})
    page = refused(browser, "/agency/accept/", code=code_to("ben@example.org"), password=PASSWORD)
    assert "Sign in first" in page


def test_codes_are_not_tried_without_end(town: World) -> None:
    browser = Client(headers={"host": "localhost"})
    form = hidden(browser, "/agency/accept/") | {"password": PASSWORD}
    statuses = [browser.post("/agency/accept/", form | {"code": f"WRONG{n}"}).status_code for n in range(12)]
    assert statuses == [200] * 10 + [429] * 2


def test_a_roster_file_is_shown_first_and_taken_at_a_second_click(town: World) -> None:
    manager, url = town.client("manager"), "/agency/roster/file/"
    rows = [
        "npn,first_name,last_name,email",
        f"{ANA},Ana,Broker,",
        f"{CRUZ},,,",
        "7000008,Eva,New,eva@example.org",
        "7000007,No,Address,",
        "x,Bad,Number,bad@example.org",
        "7000008,Eva,Again,eva@example.org",
    ]
    file = SimpleUploadedFile("roster.csv", "\n".join(rows).encode())
    page = refused(manager, url, file=file)
    assert "2 brokers will be asked to join" in page
    assert "email is empty" in page
    assert "an NPN has digits only" in page
    assert "twice" in page
    assert not brokers.roster(["7000008"]), "nothing before the click"
    assert manager.post(url, {**hiddens(page), "send": "1"}).headers["Location"] == "/agency/done/imported/"
    asked = agencies.agency_invitations(agency_npn=OURS, now=Notice.objects.latest("id").queued_at)
    assert {one.npn for one in asked} == {CRUZ, "7000008"}
    assert agency_of(ANA) == OURS
    assert agency_of(BEN) == OURS


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"first_name\nAna", b"%PDF-1.7"])
def test_a_file_that_is_no_roster_is_refused_in_words(town: World, content: bytes) -> None:
    page = refused(town.client("manager"), "/agency/roster/file/", file=SimpleUploadedFile("r.xlsx", content))
    assert "usa-error-message" in page


def test_support_staff_get_no_managers_page(town: World) -> None:
    for url in ("", "roster/", "support/", "book/", "readiness/", "cover/", "reports/", "data/"):
        assert town.client("support").get(f"/agency/{url}").status_code == 403


def test_roles_of_an_invitation_are_named(town: World) -> None:
    assert set(Invitation.objects.values_list("role", flat=True)) == {RoleName.SUPPORT_STAFF}
