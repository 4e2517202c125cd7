"""Many are invited from a file: what was understood is shown first, each line that was not says why, and once."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.builders import ANA, BEN
from tests.portal import world
from tests.portal.world import World

from aor.associations.models import Invitation
from aor.web.agency.tests.pages import hidden, hiddens

pytestmark = pytest.mark.django_db
MANY = "/broker/invitations/many/"
PEOPLE = (
    ("last_name", "first_name", "birth_date"),
    ("Warsame", "Asad", "1984-05-02"),
    ("<script>alert(1)</script>", "=HYPERLINK(1)", "1990-01-31"),
    ("Vang", "", "1990-01-31"),
    ("Xiong", "Mai", "yesterday"),
)


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(exist_ok=True)
    cache.clear()
    return world.make(home)


def csv(rows: tuple[tuple[str, ...], ...] = PEOPLE) -> SimpleUploadedFile:
    return SimpleUploadedFile("people.csv", "\n".join(",".join(row) for row in rows).encode())


def xlsx(rows: tuple[tuple[str, ...], ...] = PEOPLE) -> SimpleUploadedFile:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = book.worksheets[0].cell(number, column, value)
            cell.data_type = "s"  # text, also where it begins as a formula does
    book.save(out)
    return SimpleUploadedFile("people.xlsx", out.getvalue())


@pytest.mark.parametrize("file", [csv, xlsx])
def test_what_was_understood_is_shown_and_then_invited_once(
    town: World, file: Callable[[], SimpleUploadedFile]
) -> None:
    client, before = town.client("Ana"), Invitation.objects.count()
    page = client.post(MANY, {**hidden(client, MANY), "file": file()}).content.decode()
    assert "2 people were understood." in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert re.findall(r'<th scope="row"[^>]*>(\d+)</th>', page.partition("Not understood")[2]) == ["4", "5"]
    assert Invitation.objects.count() == before
    form = {**hiddens(page), "send": "1"}
    answers = [client.post(MANY, form) for _ in range(2)]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert Invitation.objects.count() == before + 2
    done = client.get(answers[0].headers["Location"]).content.decode()
    assert "2 of 2 invitations are on their way." in done
    newest = Invitation.objects.latest("pk").pk
    assert f"INV-{newest - 1} – INV-{newest}" in done
    assert "A reminder goes on day 3 and day 10." in done


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("people.xlsx", b"MZ\x90\x00 not a workbook", "not"),
        ("people.csv", b"last_name,first_name\nVang,Mai", "lacks the column birth_date"),
        ("people.csv", b"\xff\xfe\x00\x00\x00", ""),
        ("people.csv", b"", "empty"),
        ("people.xlsx", b"PK\x03\x04" + bytes(200), ""),
    ],
)
def test_an_upload_that_is_not_what_it_says_is_a_sentence_at_its_field(
    town: World, name: str, content: bytes, says: str
) -> None:
    client = town.client("Ana")
    answer = client.post(MANY, {**hidden(client, MANY), "file": SimpleUploadedFile(name, content)})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'href="#id_file"' in page
    assert says in page
    assert "Invite them all" not in page


def test_a_list_made_for_one_broker_is_not_sent_for_another(town: World) -> None:
    client, before = town.client("support"), Invitation.objects.count()
    page = client.post(MANY, {**hidden(client, MANY), "file": csv()}).content.decode()
    form = {**hiddens(page), "send": "1"}
    session = client.session
    session["acting_for"] = BEN
    session.save()
    answer = client.post(MANY, form)
    assert answer.status_code == 409
    assert Invitation.objects.count() == before
    session["acting_for"] = ANA
    session.save()
    assert client.post(MANY, form).status_code == 302
    assert set(Invitation.objects.order_by("-pk").values_list("npn", flat=True)[:2]) == {ANA}


def test_a_broker_s_own_address_is_shown_with_its_code_each_broker_s_another(town: World) -> None:
    ana, cruz = town.client("Ana"), town.client("Cruz")
    page = ana.get("/broker/invitations/").content.decode()
    assert f"/my/broker/choose/{ANA}/" in page
    assert 'src="/broker/invitations/own-code/"' in page
    code = ana.get("/broker/invitations/own-code/")
    assert code["Content-Type"] == "image/svg+xml"
    assert code.content.startswith(b"<svg")
    assert ana.get("/broker/invitations/own-code/").content == code.content
    assert cruz.get("/broker/invitations/own-code/").content != code.content
