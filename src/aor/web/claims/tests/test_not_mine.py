"""A broker ticks the rows that are not theirs: no name is typed, the report is withdrawn, the copies asked for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.builders import ANA, BEN
from tests.portal.world import World

from aor.accounts import operations as accounts
from aor.accounts.models import RoleName
from aor.audit.models import Read
from aor.incidents.models import Incident
from aor.incidents.tests import market
from aor.reports.models import Line
from aor.terms.actor import system
from aor.web.claims.tests.test_upload import hidden

pytestmark = pytest.mark.django_db
NOW = market.APRIL_1 + timedelta(days=1)


@pytest.fixture
def town(home: Path, monkeypatch: pytest.MonkeyPatch, settings: object) -> World:
    """Ana's report of March has two rows."""
    home.mkdir(exist_ok=True)
    market.open_market(home)
    market.through_march()
    made = World()
    for npn, name in ((ANA, "Ana"), (BEN, "Ben")):
        user = accounts.open_account(email=f"{name}@example.org", name=name, by=system("test"), now=NOW)
        accounts.grant(user, role=RoleName.BROKER, subject=npn, by=system("test"), now=NOW)
        made.users[name] = user
    return made


def url() -> str:
    return f"/claims/not-mine/{market.report().number}/"


def tick(town: World, **said: object) -> str:
    """Where the form leads; the page where it is refused."""
    ana = town.client("Ana")
    answer = ana.post(url(), {**hidden(ana.get(url()).content.decode()), **said})
    return answer.headers.get("Location") or answer.content.decode()


def test_a_ticked_row_opens_an_incident_and_closes_the_report(town: World) -> None:
    ana, line = town.client("Ana"), Line.objects.get(report=market.report(), policy_id="P1")
    assert f'href="{url()}"' in ana.get("/broker/reports/").content.decode()
    where = tick(town, rows=[line.pk])
    incident = Incident.objects.get()
    assert where == f"/claims/incident/{incident.case.number}/done/reported/"
    page = ana.get(where).content.decode()
    assert incident.case.number in page
    assert "Expected by" in page
    assert [row.line_id for row in incident.rows.all()] == [line.pk]
    assert ana.get(f"/broker/reports/{market.report().number}/").status_code == 404
    assert ana.get(url()).status_code == 410
    assert Read.objects.filter(what="report rows", subject_id="S1").exists()


def test_a_whole_list_that_is_another_brokers_is_one_tick(town: World) -> None:
    tick(town, every="on")
    assert set(Incident.objects.get().rows.values_list("line__policy_id", flat=True)) == {"P1", "P2"}


def test_nothing_ticked_and_a_row_of_another_report_open_nothing(town: World) -> None:
    assert "Tick the rows" in tick(town)
    other = Line.objects.exclude(report__npn=ANA).first()
    assert other is not None
    assert "is not one of the available choices" in tick(town, rows=[other.pk])
    assert not Incident.objects.exists()


def test_another_brokers_report_is_not_found(town: World) -> None:
    assert town.client("Ben").get(url()).status_code == 404
