"""A returned file: shown as it was understood, submitted once, a receipt a row; and what is not theirs, apart."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.builders import ANA, BEN
from tests.portal import world
from tests.portal.world import MARK, World

from aor.cases.models import Case
from aor.discrepancies.models import Batch, Claim
from aor.discrepancies.tests.market import NOBODY, row, table
from aor.incidents.models import Incident

pytestmark = pytest.mark.django_db
NOT_HERS = (
    b"Last name,First name,Date of birth,Date of enrollment,Which date,Carrier,Not my client?\n"
    b"Nemo,Ulysses,1955-01-31,,,,Yes"
)
SEND, CHECK = "/claims/send/", "/claims/send/check/"


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(exist_ok=True)
    return world.make(home)


def hidden(page: str) -> dict[str, str]:
    """The hidden fields that a form carries."""
    found = dict(re.findall(r'<input type="hidden" name="(submission|version)" value="([^"]+)"', page))
    assert "submission" in found, page
    return found


def send(client: Client, content: bytes, name: str = "returned.csv") -> HttpResponse:
    return client.post(SEND, {"file": SimpleUploadedFile(name, content)})  # type: ignore[return-value]  # a response


def submit(client: Client) -> str:
    page = client.get(CHECK).content.decode()
    answer = client.post(CHECK, hidden(page))
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def test_forty_rows_in_forty_receipts_out(town: World) -> None:
    ana = town.client("Ana")
    rows = [row({**NOBODY, "last_name": f"Nemo{n}"}) for n in range(38)]
    assert send(ana, table(*rows, row(NOBODY, carrier=""), row(NOBODY, birth_date="soon"))).status_code == 302
    assert Batch.objects.filter(npn=ANA).count() == 1  # the world's own: nothing is submitted yet
    page = ana.get(CHECK).content.decode()
    assert "Submit 40 rows" in page
    assert "Nemo0, Ulysses" in page
    assert "no association with you found".capitalize() in page
    assert "Carrier" in page
    url = submit(ana)
    page = ana.get(url).content.decode()
    assert "We received 40 rows" in page
    receipts = set(re.findall(r"D-\d{4}-\d{6}", page))
    assert len(receipts) == 40
    assert Case.objects.filter(number__in=receipts).count() == 40
    listed = ana.get("/claims/").content.decode()
    assert receipts <= set(re.findall(r"D-\d{4}-\d{6}", listed))
    assert "2 discrepancies wait for you" in listed or "discrepancies wait for you" in listed
    assert "Nothing here" in ana.get("/claims/?state=closed").content.decode()


def test_a_workbook_with_a_row_added_is_read_sheet_by_sheet(town: World) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "My people"
    sheet.append(["Surname", "Given name", "DOB", "Date of enrollment", "Carrier", "Shoe size"])
    sheet.append(["Nemo", "Ulysses", "1955-01-31", "2025-12-05", "North Star Health", "44"])
    content = io.BytesIO()
    book.save(content)
    ana = town.client("Ana")
    send(ana, content.getvalue(), "mine.xlsx")
    page = ana.get(CHECK).content.decode()
    assert "My people, row 2" in page
    assert "Shoe size" in page
    assert "Nemo, Ulysses" in page


def test_the_same_file_twice_has_the_same_receipts(town: World) -> None:
    ana, content = town.client("Ana"), table(row(NOBODY))
    send(ana, content)
    first = submit(ana)
    send(ana, content)
    again = submit(ana)
    assert again == f"{first}?again=1"
    assert "You sent just this file before" in ana.get(again).content.decode()
    assert Claim.objects.filter(npn=ANA, fields__contains="Nemo").count() == 1


def test_a_click_too_many_submits_once(town: World) -> None:
    ana = town.client("Ana")
    send(ana, table(row(NOBODY)))
    form = hidden(ana.get(CHECK).content.decode())
    first, second = ana.post(CHECK, form), ana.post(CHECK, form)
    assert first.headers["Location"] == second.headers["Location"]
    assert Claim.objects.filter(npn=ANA, fields__contains="Nemo").count() == 1


def test_not_my_client_opens_an_incident_and_no_claim(town: World) -> None:
    ana = town.client("Ana")
    send(ana, NOT_HERS + b"\nOther,Ann,1960-02-03,2025-12-05,Enrollment completed,North Star Health,")
    page = ana.get(CHECK).content.decode()
    assert "Rows marked “not my client”" in page
    assert "Submit 2 rows" in page
    page = ana.get(submit(ana)).content.decode()
    number = Incident.objects.filter(npn=ANA).latest("pk").case.number
    assert number in page
    url = f"/claims/incident/{number}/"
    assert f'href="{url}"' in page
    assert "not yet" in ana.get(url).content.decode()
    answer = ana.post(url, hidden(ana.get(url).content.decode()))
    assert "your word is kept with the incident" in ana.get(answer.headers["Location"]).content.decode()
    assert "Your word is kept with the incident." in ana.get(url).content.decode()
    assert town.client("Cruz").get(url).status_code == 404
    assert len(set(re.findall(r"D-\d{4}-\d{6}", page))) == 1


def test_only_not_my_client(town: World) -> None:
    ana = town.client("Ana")
    send(ana, NOT_HERS)
    page = ana.get(submit(ana)).content.decode()
    assert "We received your file" in page
    assert Incident.objects.filter(npn=ANA).count() == 2  # with the one of the world


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 nothing", "cannot be read"),
        (b"%PDF-1.7", "cannot be read"),
        (table(), "no row was added"),
    ],
)
def test_what_cannot_be_read_is_said_at_the_field(content: bytes, words: str, town: World) -> None:
    answer = send(town.client("Ana"), content, "returned.xlsx")
    assert answer.status_code == 200
    assert words in answer.content.decode()


def test_no_social_security_number_is_kept_on_the_way(town: World) -> None:
    ana = town.client("Ana")
    send(ana, table(row(NOBODY, comments="her number is 412-55-9876")))
    assert "412-55-9876" not in ana.get(CHECK).content.decode()
    assert "removed" in ana.get(CHECK).content.decode()


def test_dropped_and_gone(town: World) -> None:
    ana = town.client("Ana")
    send(ana, table(row(NOBODY)))
    ana.post("/claims/send/drop/")
    assert ana.get(CHECK).headers["Location"] == SEND


def test_support_staff_send_for_their_broker_alone(town: World) -> None:
    support = town.client("support")
    send(support, table(row(NOBODY)))
    session = support.session
    session["acting_for"] = BEN
    session.save()
    assert support.get(CHECK).headers["Location"] == SEND  # what was read for Ana is not Ben's
    session = support.session
    session["acting_for"] = ANA
    session.save()
    submit(support)
    assert Claim.objects.filter(npn=ANA, fields__contains="Nemo").count() == 1
    assert Claim.objects.get(fields__contains="Nemo").case.opened_role == "support staff"


def test_one_case_by_a_form(town: World) -> None:
    ana = town.client("Ana")
    said = {
        "last_name": "Nemo", "first_name": "Ulysses", "birth_date": "1955-01-31",
        "application_or_enrollment_date": "2025-12-05", "which_date": "Enrollment completed",
        "carrier": "North Star Health", "comments": "SSN 412-55-9876",
    }  # fmt: skip
    assert (
        "“Carrier the consumer enrolled with” is missing."
        in ana.post("/claims/send/one/", {**said, "carrier": ""}).content.decode()
    )
    assert "all four digits" in ana.post("/claims/send/one/", {**said, "birth_date": "0055-01-31"}).content.decode()
    assert ana.post("/claims/send/one/", said).headers["Location"] == CHECK
    assert "We received one row" in ana.get(submit(ana)).content.decode()
    claim = Claim.objects.get(npn=ANA, fields__contains="Nemo")
    assert "412" not in claim.fields


def test_a_list_asks_no_more_when_there_is_more(town: World) -> None:
    ana = town.client("Ana")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert ana.get("/claims/").status_code == 200
        return len(asked)

    queries()
    few = queries()
    send(ana, table(*(row({**NOBODY, "last_name": f"Nemo{n}"}) for n in range(49))))
    submit(ana)
    assert queries() <= few


def test_another_broker_finds_none_of_it(town: World) -> None:
    for url in (f"/claims/received/{town.ours['batch']}/", f"/claims/case/{town.ours['claim']}/"):
        assert town.client("Ana").get(url).status_code == 200
        assert town.client("Cruz").get(url).status_code == 404
        assert f"{MARK}-KAYING" in town.client("Ana").get(url).content.decode()
