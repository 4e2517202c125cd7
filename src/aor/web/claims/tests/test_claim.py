"""One discrepancy: what may be known of it, what was asked added, agreed or heard again."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from tests.builders import ANA
from tests.portal import world
from tests.portal.world import MARK, NOW, World

from aor.audit.models import Read
from aor.cases import queries as cases
from aor.cases.models import Case, State
from aor.discrepancies import intake, queries
from aor.discrepancies import operations as discrepancies
from aor.discrepancies.models import Claim
from aor.discrepancies.tests.market import NOBODY, row
from aor.policy.discrepancy import Determination
from aor.terms.actor import Actor, Role
from aor.web.claims.tests.test_upload import hidden
from aor.workbooks.returned import ReturnedRow

pytestmark = pytest.mark.django_db
OFFICER, OTHER_OFFICER = Actor(Role.OFFICER, "officer 1"), Actor(Role.OFFICER, "officer 2")


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(exist_ok=True)
    return world.make(home)


def claimed(**others: str) -> str:
    """The receipt of a claim of Ana about nobody."""
    fields = {name: text for name, text in row(NOBODY, **others).items() if text}
    missing = tuple(name for name, text in others.items() if not text)
    rows = [ReturnedRow("", 2, fields, missing=missing)]
    batch = intake.submit(rows, npn=ANA, by=Actor(Role.BROKER, "ana", ANA), now=NOW)
    return str(Claim.objects.values_list("case__number", flat=True).get(batch=batch))


def determined(number: str, by: Actor = OFFICER) -> None:
    version = Case.objects.get(number=number).version
    discrepancies.confirm(
        number, version=version, by=by, now=NOW, determination=Determination.NOT_FOUND, because="looked again"
    )


def step(client: Client, number: str, act: str, **said: object) -> str:
    url = f"/claims/case/{number}/{act}/"
    answer = client.post(url, {**hidden(client.get(url).content.decode()), **said})
    return answer.headers.get("Location", "") or answer.content.decode()


def picture() -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(content, "PNG")
    return SimpleUploadedFile("proof.png", content.getvalue())


def test_what_was_claimed_and_found_and_where_it_stands(town: World) -> None:
    before = Read.objects.count()
    page = town.client("Ana").get(f"/claims/case/{town.ours['claim']}/").content.decode()
    assert f"{MARK}-KAYING, KAYING" in page
    assert "Place in the queue" in page
    assert "You reported it" in page
    assert Read.objects.count() > before


def test_what_is_missing_is_added_and_the_clock_runs_on(town: World) -> None:
    number, ana = claimed(carrier=""), town.client("Ana")
    assert "Add what is missing" in ana.get(f"/claims/case/{number}/").content.decode()
    assert "Add what is missing, an answer or a document." in step(ana, number, "answer")
    assert "cannot be taken" in step(
        ana, number, "answer", carrier="North Star Health", evidence=SimpleUploadedFile("a.pdf", b"MZ nonsense")
    )
    assert Case.objects.get(number=number).state == State.WAITING  # nothing of it was taken
    done = step(
        ana, number, "answer", carrier="North Star Health", body="SSN 412-55-9876 is hers", evidence=picture()
    )
    assert done == f"/claims/case/{number}/done/answered/"
    assert "What happens next" in ana.get(done).content.decode()
    case = Case.objects.get(number=number)
    assert case.state == State.QUEUED
    assert [one.name for one in cases.evidence(case)] == ["proof.png"]
    page = ana.get(f"/claims/case/{number}/").content.decode()
    assert "North Star Health" in page
    assert "412-55" not in page
    assert "is hers" in page
    assert "You added what was missing" in page


def test_an_officer_asks_and_the_broker_reads_it_there(town: World) -> None:
    number, ana = claimed(), town.client("Ana")
    version = Case.objects.get(number=number).version
    discrepancies.ask_more(number, version=version, body="Which plan was it?", by=OFFICER, now=NOW)
    assert "Which plan was it?" in ana.get(f"/claims/case/{number}/answer/").content.decode()
    step(ana, number, "answer", body="The silver one.")
    assert Case.objects.get(number=number).state == State.QUEUED


def test_agreed(town: World) -> None:
    number, ana = claimed(), town.client("Ana")
    assert "in review" in step(ana, number, "agree").lower()  # not answered yet: refused in words
    determined(number)
    page = ana.get(f"/claims/case/{number}/").content.decode()
    assert "I agree" in page
    assert "officer" not in page.lower()
    assert "looked again" not in page
    assert step(ana, number, "agree") == f"/claims/case/{number}/done/agreed/"
    assert Case.objects.get(number=number).state == State.CLOSED


def test_not_agreed_is_heard_by_another_officer(town: World) -> None:
    number, ana = claimed(), town.client("Ana")
    determined(number)
    assert "missing" in step(ana, number, "disagree")
    assert step(ana, number, "disagree", body="He is mine.") == f"/claims/case/{number}/done/disagreed/"
    assert Case.objects.get(number=number).state == State.ESCALATED
    assert "Another review" in ana.get(f"/claims/case/{number}/").content.decode()
    determined(number, by=OTHER_OFFICER)
    assert queries.as_told([queries.numbered([number])[number]])[0].state == queries.ANSWERED


def test_taken_back(town: World) -> None:
    number, ana = claimed(), town.client("Ana")
    assert step(ana, number, "withdraw") == f"/claims/case/{number}/done/withdrawn/"
    assert "Closed" in ana.get(f"/claims/case/{number}/").content.decode()


def test_an_unreleased_answer_cannot_be_told_from_none(town: World) -> None:
    """Of two claims of one file nothing may be told: the one that is determined reads as the other does."""
    rows = [ReturnedRow("", n, row({**NOBODY, "first_name": f"U{n}"})) for n in (2, 3)]
    batch = intake.submit(rows, npn=ANA, by=Actor(Role.BROKER, "ana", ANA), now=NOW)
    first, second = Claim.objects.filter(batch=batch).order_by("pk").values_list("case__number", flat=True)
    determined(first)
    shown = []
    for number, name in ((first, "U2"), (second, "U3")):
        page = town.client("Ana").get(f"/claims/case/{number}/").content.decode()
        main = page[page.index("<main") : page.index("</main")]
        main = main.replace(number, "D").replace(name, "U").replace("line 2", "L").replace("line 3", "L")
        main = main.replace("Line 2", "L").replace("Line 3", "L")
        shown.append([one for one in main.splitlines() if "lace in the queue" not in one])
    told = queries.as_told(list(Claim.objects.filter(batch=batch).select_related("case").order_by("pk")))
    assert [one.determined_on for one in told] == [None, None]
    assert shown[0] == shown[1]


def test_support_staff_answer_and_decide_nothing(town: World) -> None:
    number, support = claimed(carrier=""), town.client("support")
    assert step(support, number, "answer", carrier="North Star Health").endswith("/done/answered/")
    determined(number)
    for act in ("agree", "disagree", "withdraw"):
        assert support.get(f"/claims/case/{number}/{act}/").status_code == 403
    assert "I agree" not in support.get(f"/claims/case/{number}/").content.decode()


def test_all_answers_as_a_workbook(town: World) -> None:
    number = claimed()
    answer = town.client("Ana").get("/claims/answers/")
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a file
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    said = {str(cell) for sheet in book.worksheets for line in sheet.iter_rows(values_only=True) for cell in line}
    assert {number, str(town.ours["claim"])} <= said
    assert str(town.theirs["claim"]) not in said
