"""Officers place and release legal holds, ask for disposal which a lead consents to, and hand out copies of data."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from tests.builders import ANA
from tests.portal import world
from tests.portal.world import World

from aor.audit.models import Act, Read
from aor.cases.models import Case
from aor.engine import store
from aor.reports.models import Report
from aor.retention import models, operations
from aor.terms.actor import system
from aor.web.staff import retention

pytestmark = pytest.mark.django_db
LATER = datetime(2050, 1, 1, tzinfo=UTC)


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(exist_ok=True)
    return world.make(home)


def sent(client: Client, url: str, **form: str) -> str:
    """The page after the form was sent, or the form again with what is wrong."""
    token = re.search(r'name="submission" value="([^"]+)"', client.get(url).content.decode())
    assert token
    return client.post(url, {**form, "submission": token[1]}, follow=True).content.decode()


def test_a_hold_is_placed_listed_and_released_with_reasons(town: World) -> None:
    officer = town.client("officer")
    page = sent(officer, "/staff/retention/hold/", kind="household", subject="S1", because="An order of the court")
    hold = models.Hold.objects.get()
    assert "The legal hold is in force" in page
    assert f'<strong class="aor-reference">{hold.pk}</strong>' in page
    assert "What happens next" in page
    assert "An order of the court" in officer.get("/staff/retention/").content.decode()
    assert (hold.kind, hold.subject) == ("household", "S1")
    page = sent(officer, "/staff/retention/release/", hold=str(hold.pk), because="Decided")
    assert "The legal hold is released" in page
    assert "With the next disposal" in page
    assert "No legal hold is in force." in officer.get("/staff/retention/").content.decode()
    assert list(Act.objects.filter(subject_kind="hold").values_list("verb", flat=True)) == [
        "hold.placed",
        "hold.released",
    ]


def test_a_hold_that_was_released_meanwhile_is_said_in_the_form(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = town.client("officer")
    sent(officer, "/staff/retention/hold/", kind="household", subject="S1", because="An order of the court")
    hold = models.Hold.objects.get()
    checked = retention.ReleaseHold.is_valid

    def another_officer(form: retention.ReleaseHold) -> bool:
        right = checked(form)
        operations.release(hold=hold.pk, because="Decided", by=system("another officer"), now=LATER)
        return right

    monkeypatch.setattr(retention.ReleaseHold, "is_valid", another_officer)
    page = sent(officer, "/staff/retention/release/", hold=str(hold.pk), because="Decided too")
    assert f"the legal hold {hold.pk} is not in force" in page
    assert models.Release.objects.count() == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"kind": "period", "first": "2026-02-01", "last": "2026-01-01"}, "A period has a first day"),
        ({"kind": "broker"}, "Say whose data are kept"),
        ({"kind": "household", "subject": "S-mistyped"}, "no household is known by S-mistyped"),
        ({"kind": "case", "subject": "D-2026-999999"}, "no case is known by D-2026-999999"),
        ({"kind": "carrier", "subject": "00000"}, "no carrier is known by 00000"),
    ],
)
def test_a_hold_on_nothing_is_asked_again(town: World, form: dict[str, str], words: str) -> None:
    assert words in sent(town.client("officer"), "/staff/retention/hold/", because="An order", **form)
    assert not models.Hold.objects.exists()


def test_a_period_is_held_to_its_last_day(town: World) -> None:
    form = {"kind": "period", "first": "2026-01-01", "last": "2026-01-31", "because": "An audit"}
    assert "2026-01-31" in sent(town.client("officer"), "/staff/retention/hold/", **form)
    assert str(models.Hold.objects.get().until) == "2026-02-01"


def test_disposal_waits_for_a_lead_who_did_not_ask_and_is_then_done_once(town: World) -> None:
    page = sent(town.client("officer"), "/staff/retention/dispose/", because="The yearly disposal")
    case = Case.objects.get(kind="second consent", subject_kind="disposal")
    assert f'<strong class="aor-reference">{case.number}</strong>' in page
    assert "Within an hour of the consent" in page
    assert operations.dispose_as_consented(now=LATER) == 0
    page = sent(town.client("lead"), f"/staff/second/{case.number}/", word="consented")
    assert f'<strong class="aor-reference">{case.number}</strong>' in page
    assert "Within an hour" in page
    assert operations.dispose_as_consented(now=LATER) > 0
    disposal = models.Disposal.objects.order_by("id")[0]
    assert disposal.by_name == case.opened_name != disposal.second_name
    count = models.Disposal.objects.count()
    assert "Consented by" in town.client("auditor").get("/staff/retention/").content.decode()
    assert town.client("officer").get("/staff/second/D-2026-999999/asked/").status_code == 404
    assert operations.dispose_as_consented(now=LATER) == 0
    assert models.Disposal.objects.count() == count


def test_nothing_is_disposed_of_without_the_leads_consent(town: World) -> None:
    sent(town.client("officer"), "/staff/retention/dispose/", because="The yearly disposal")
    case = Case.objects.get(kind="second consent", subject_kind="disposal")
    page = sent(town.client("lead"), f"/staff/second/{case.number}/", word="refused")
    assert "Not consented" in page
    assert "Nothing is done." in page
    assert operations.dispose_as_consented(now=LATER) == 0
    assert not models.Disposal.objects.exists()


def test_the_copy_of_one_person_names_no_other_and_is_on_record(town: World) -> None:
    answer = town.client("officer").post("/staff/households/S1/copy/")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        text = archive.read("copy.json").decode()
    assert '"P1"' in text
    assert '"P2"' not in text
    assert Read.objects.filter(subject_id="S1", what="copy of all data").count() == 1
    assert town.client("officer").post("/staff/households/S9/copy/").status_code == 404
    assert town.client("auditor").post("/staff/households/S1/copy/").status_code == 403


def test_a_document_that_is_not_kept_any_more_is_a_sentence_and_no_failure(town: World) -> None:
    kept = store.put(b"a workbook").sha256
    Report.objects.create(
        number="AOR-2014-01-7000001-1", month="2014-01", npn=ANA, issue=1, broker_name="Ana", cut=LATER,
        published_at=LATER, plan_years="2014", lines_sha256="0" * 64, workbook=kept,
    )  # fmt: skip
    url = "/broker/reports/AOR-2014-01-7000001-1/"
    answer = town.client("Ana").get(url)
    assert b"".join(answer) == b"a workbook"
    store.remove(kept)
    answer = town.client("Ana").get(url)
    assert answer.status_code == 410
    assert "This document is not kept any more." in answer.content.decode()
