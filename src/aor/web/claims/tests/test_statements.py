"""A broker's monthly statements: listed, taken in both forms, and nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.portal.world import NOW, World

from aor.accounts import operations as accounts
from aor.accounts.models import RoleName
from aor.audit.models import Read
from aor.close import operations as close
from aor.close.steps import Wanted
from aor.close.tests import world
from aor.close.tests.world import ANA, BY, CY
from aor.terms.actor import system
from aor.terms.month import Month

pytestmark = pytest.mark.django_db
END = datetime(2026, 10, 1, 18, tzinfo=UTC)


@pytest.fixture
def town(home: Path) -> World:
    """September is closed: Ana sold in it, Cy has not."""
    home.mkdir(exist_ok=True)
    world.carrier()
    made = World()
    for npn, name in ((ANA, "Ana"), (CY, "Cy")):
        world.broker(npn, first_name=name)
        user = accounts.open_account(email=f"{name}@example.org", name=name, by=system("test"), now=NOW)
        accounts.grant(user, role=RoleName.BROKER, subject=npn, by=system("test"), now=NOW)
        made.users[name] = user
    world.sold("P1", datetime(2026, 9, 10, 18, tzinfo=UTC))
    world.run(datetime(2026, 9, 30, 22, tzinfo=UTC))
    result = close.close(
        Month(2026, 9), by=BY, now=END, waivers=[Wanted("ALL_SENT", "not of this test", "officer 3")]
    )
    assert result.state == "closed", result
    return made


def test_taken_as_pdf_and_workbook(town: World) -> None:
    ana = town.client("Ana")
    assert f"AORS-2026-09-B{ANA}" in ana.get("/claims/statements/").content.decode()
    before = Read.objects.count()
    for kind, starts in (("pdf", b"%PDF-"), ("xlsx", b"PK")):
        answer = ana.get(f"/claims/statements/2026-09/{kind}/")
        assert b"".join(answer.streaming_content).startswith(starts)  # type: ignore[attr-defined]  # a file
    assert Read.objects.count() == before + 2
    for url in ("2026-09/csv/", "2026-08/pdf/", "nonsense/pdf/"):
        assert ana.get(f"/claims/statements/{url}").status_code == 404


def test_another_broker_has_their_own_or_none(town: World) -> None:
    cy = town.client("Cy")
    assert ANA not in cy.get("/claims/statements/").content.decode()
    answer = cy.get("/claims/statements/2026-09/xlsx/")
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert CY in answer.headers["Content-Disposition"]
