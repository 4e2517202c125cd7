"""Cases are claimed by one, handed over, answered once; clear claims together; whoever comes second is told."""

from __future__ import annotations

import re

import pytest
from tests.builders import ANA
from tests.portal.world import MARK, NOW, World

from aor.cases.models import Case, Message
from aor.discrepancies import intake
from aor.discrepancies.models import Assessment
from aor.discrepancies.tests.market import NOBODY
from aor.discrepancies.tests.market import row as row_of
from aor.terms.actor import Actor, Role
from aor.web.staff.team import ACCOUNT
from aor.web.staff.tests.desk import hidden, send, text
from aor.workbooks.returned import ReturnedRow

pytestmark = pytest.mark.django_db


def page(town: World) -> str:
    return f"/staff/cases/{town.ours['case']}/"


def row(town: World) -> Case:
    return Case.objects.get(number=town.ours["case"])


def test_a_case_is_claimed_by_one_and_the_other_is_told(town: World) -> None:
    officer, lead, url = town.client("officer"), town.client("lead"), page(town)
    late = hidden(lead, url, f"{url}claim/")
    send(officer, url, f"{url}claim/")
    answer = lead.post(f"{url}claim/", late)
    assert answer.status_code == 409
    assert "has changed since it was read" in answer.content.decode()
    assert "officer has claimed this case" in text(lead, url)
    assert f"{town.ours['case']}" in text(officer, "/staff/")


def test_a_case_is_given_back_or_handed_over(town: World) -> None:
    officer, url = town.client("officer"), page(town)
    send(officer, url, f"{url}claim/")
    send(officer, url, f"{url}release/")
    assert row(town).assigned_to == ""
    to = f"{ACCOUNT}{town.users['lead'].pk}"
    assert send(officer, url, f"{url}hand-over/", to=to).headers["Location"] == f"{url}done/"
    assert row(town).assigned_to == to
    assert send(town.client("lead"), url, f"{url}hand-over/", to="account 999999").status_code == 400


def test_an_auditor_reads_a_case_and_changes_nothing(town: World) -> None:
    auditor, url = town.client("auditor"), page(town)
    said = text(auditor, url)
    assert f"{MARK}-KAYING" in said
    assert "Claim this case" not in said
    assert auditor.post(f"{url}claim/", {"version": "1"}).status_code == 403


def test_a_claim_is_determined_with_a_reason_where_it_is_another_than_found(town: World) -> None:
    officer, url = town.client("officer"), page(town)
    without = send(officer, url, f"{url}determine/", determination="held")
    assert without.status_code == 409
    assert "needs a reason" in without.content.decode()
    send(officer, url, f"{url}determine/", determination="held", because="the licence")
    assert row(town).state == "answered"
    assert Assessment.objects.filter(claim__case=row(town), confirmed=True).get().determination == "held"
    assert str(town.ours["case"]) in text(officer, f"{url}done/")


def test_more_is_asked_in_a_message_and_the_clock_stands(town: World) -> None:
    officer, url = town.client("officer"), page(town)
    send(officer, url, f"{url}ask/", words="Which policy is it?")
    assert row(town).state == "waiting"
    assert Message.objects.get(case=row(town)).body == "Which policy is it?"
    assert "stands still while we wait" in text(officer, url)


def test_clear_claims_are_confirmed_together_and_a_stale_one_is_named(town: World) -> None:
    officer = town.client("officer")
    said = text(officer, "/staff/cases/claims/")
    assert f"{MARK}-KAYING" in said
    assert f"{MARK}-ASAD" in said
    ticked = [f"{one}:{version}" for one, version in ((town.ours["case"], 1), (town.theirs["case"], 9))]
    form = {**hidden(officer, page(town), f"{page(town)}claim/"), "claim": [*ticked, "nonsense"]}
    done = officer.post("/staff/cases/claims/confirm/", form, follow=True).content.decode()
    assert str(town.theirs["case"]) in done
    assert Case.objects.get(number=town.theirs["case"]).state != "answered"


def test_where_nobody_was_found_an_officer_ticks_it_having_looked(town: World) -> None:
    rows = [ReturnedRow("", 1, row_of(person)) for person in (NOBODY, {**NOBODY, "first_name": "Penelope"})]
    batch = intake.submit(rows, npn=ANA, by=Actor(Role.BROKER, "test", ANA), now=NOW)
    found = {
        one.claim_id: (one.found, one.clear, one.confirmed) for one in Assessment.objects.filter(claim__batch=batch)
    }
    assert set(found.values()) == {("none", True, False)}
    said = town.client("officer").get("/staff/cases/claims/").content.decode()
    boxes = dict(re.findall(r'id="c(\d+)" value="[^"]+" form="confirm" (checked)?>', said))
    assert {boxes[str(claim)] for claim in found} == {""}


def test_conversations_of_others_are_not_the_teams(town: World) -> None:
    assert town.client("officer").get(f"/staff/cases/{town.ours['thread']}/").status_code == 404
    assert str(town.ours["thread"]) not in text(town.client("officer"), "/staff/cases/")


@pytest.mark.parametrize("query", ["kind=discrepancy", "kind=x&state=y&after=z", "after=99999999999999999999999"])
def test_any_filter_is_a_list(query: str, town: World) -> None:
    assert "Case" in text(town.client("officer"), f"/staff/cases/?{query}")
