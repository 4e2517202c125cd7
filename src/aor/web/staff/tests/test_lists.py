"""The lists of the desk: letters are printed once, a guide says what files say, renewals are a broker's."""

from __future__ import annotations

import pytest
from tests.builders import ANA, NORTH_STAR
from tests.portal import world
from tests.portal.world import MARK, World

from aor.acts import say
from aor.audit.models import Act, Read
from aor.notices.models import Notice
from aor.web.staff.tests.desk import text

pytestmark = pytest.mark.django_db


def test_letters_are_printed_once_and_on_record(town: World) -> None:
    say.to_consumers("broker chosen", ["S1"], about="test", now=world.NOW)
    assert Notice.objects.filter(recipient_id="S1", state="unaddressed").exists()
    client = town.client("officer")
    page = client.get("/staff/letters/").content.decode()
    assert "N-" in page
    assert MARK not in page
    assert town.client("auditor").post("/staff/letters/print/").status_code == 403
    answer = client.post("/staff/letters/print/")
    assert answer.content.startswith(b"%PDF-")
    letters = Notice.objects.filter(state="unaddressed", recipient_kind="subscriber")
    assert Act.objects.filter(verb="notice.printed").count() == letters.count()
    assert Read.objects.filter(what="letters", subject_id="S1").exists()
    assert client.post("/staff/letters/print/").status_code == 409
    assert "No letter waits" in text(client, "/staff/letters/")


def test_a_guide_is_made_from_the_profile(town: World) -> None:
    said = text(town.client("auditor"), f"/staff/carriers/{NORTH_STAR}/guide/")
    assert "Usage (ISA15)" in said
    assert "INS" in said
    assert town.client("auditor").get("/staff/carriers/00000/guide/").status_code == 404


def test_renewals_of_a_broker(town: World) -> None:
    client = town.client("officer")
    assert "NPN of the broker" in text(client, "/staff/renewals/")
    assert "P1" in text(client, f"/staff/renewals/?npn={ANA}")
    assert "P1" not in text(client, f"/staff/renewals/?npn={ANA}&renewal=lost").partition("Policy")[2]
    assert "There is a problem" in text(client, "/staff/renewals/?npn=1")


def test_parameters_and_metrics_are_there_to_read(town: World) -> None:
    assert "appointment days after" in text(town.client("auditor"), "/staff/parameters/")
    assert "Enrollments in force today" in text(town.client("auditor"), "/staff/metrics/")
