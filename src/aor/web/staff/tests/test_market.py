"""The renewal of the whole market: counted once a day, by carrier, agency and broker; the held and lost as a file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import ANA, NORTH_STAR
from tests.portal import world
from tests.portal.world import World

from aor.acts import renewals, standing
from aor.audit.models import Read
from aor.terms.actor import system
from aor.web.staff.tests.desk import text

pytestmark = pytest.mark.django_db
URL = "/staff/renewals/market/"


def test_the_market_is_counted_by_carrier_agency_and_broker(town: World) -> None:
    officer = town.client("officer")
    rows = list(renewals.renewals(world.NOW.year + 1, now=world.NOW))
    assert rows
    of_ana = [row for row in rows if row.prospect.npn == ANA]
    for by in ("carrier", "agency", "broker", "nonsense"):
        said = text(officer, f"{URL}?by={by}")
        assert "Counted" in said
    assert "&lt;" not in officer.get(URL).content.decode()  # markup that is shown
    said = text(officer, f"{URL}?by=broker")
    carried = sum(row.prospect.renewal == "carried" for row in of_ana)
    assert (
        f"{ANA} {carried} {len(of_ana) - carried} 0" in said or f"{ANA} {carried} 0 {len(of_ana) - carried}" in said
    )
    assert f'href="/staff/carriers/{NORTH_STAR}/"' in officer.get(URL).content.decode()


def test_it_is_counted_once_a_day(town: World) -> None:
    first = renewals.count(now=world.NOW)
    assert first > 0
    assert renewals.count(now=world.NOW + timedelta(hours=1)) == 0
    assert renewals.count(now=world.NOW + timedelta(hours=21)) == first
    assert renewals.counted(world.NOW.year + 1, now=world.NOW + timedelta(days=9)) is None


def test_the_held_and_lost_are_taken_along_with_why_and_on_record(town: World) -> None:
    officer = town.client("officer")
    standing.decertify(npn=ANA, because="test", by=system("test"), now=world.NOW)
    rows = list(renewals.renewals(world.NOW.year + 1, now=world.NOW + timedelta(minutes=1)))
    wanted = [row for row in rows if row.prospect.renewal != "carried"]
    before = Read.objects.filter(what="renewals").count()
    answer = officer.get(f"{URL}csv/")
    file = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # a stream
    assert file.count("\r\n") == 1 + len(wanted)
    assert "because" in file.splitlines()[0]
    assert Read.objects.filter(what="renewals").count() == before + len({row.subscriber_id for row in wanted})
    assert b"".join(officer.get(f"{URL}xlsx/").streaming_content).startswith(b"PK")  # type: ignore[attr-defined]  # a stream
    assert officer.get(f"{URL}pdf/").status_code == 404
