"""What has pages of its own is counted in the inbox, led to from its case, and not closed past its steps."""

from __future__ import annotations

import pytest
from tests.portal.world import World

from aor.cases.models import Case, State
from aor.web.staff import places
from aor.web.staff.tests.desk import hidden, text

pytestmark = pytest.mark.django_db


def test_the_inbox_counts_what_waits_and_leads_to_it(town: World) -> None:
    said, page = text(town.client("officer"), "/staff/"), town.client("officer").get("/staff/").content.decode()
    for words, url in (
        ("2 Incidents", "/staff/incidents/"),
        ("4 Transfers of books", "/staff/transfers/"),
        ("2 Corrections of NPNs", "/staff/corrections/"),
        ("2 Signals to look at", "/staff/signals/"),
    ):
        assert words in said
        assert f'href="{url}"' in page


@pytest.mark.parametrize("kind", ["incident", "transfer", "correction"])
def test_a_case_with_steps_of_its_own_leads_to_them_and_is_not_closed_past_them(kind: str, town: World) -> None:
    number, officer = str(town.ours[kind]), town.client("officer")
    url = f"/staff/cases/{number}/"
    own = places.page_of(Case.objects.get(number=number))
    assert f'href="{own}"' in officer.get(url).content.decode()
    assert "Close the case" not in text(officer, url)
    form = {**hidden(officer, url, f"{url}claim/"), "note": "done"}
    assert officer.post(f"{url}close/", form).status_code == 404
    assert Case.objects.get(number=number).state != State.CLOSED
    assert number in text(officer, own)
