"""No page asks more when there is more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import builders
from tests.builders import ANA, NORTH_STAR, Policy, enrollment_file
from tests.portal.world import MARK, NOW, OURS, World

from aor.acts import receive
from aor.brokers.models import AgencyInvitation, Cover
from aor.notices.models import Notice, State
from aor.terms.actor import system
from aor.terms.period import day_of

pytestmark = pytest.mark.django_db
PAGES = ("/agency/", "/agency/roster/", "/agency/readiness/", "/agency/book/", "/agency/reports/", "/agency/cover/")


def asked(client: Client, url: str) -> int:
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def more(folder: Path, numbers: range) -> None:
    """Brokers, invitations, bounces and policies."""
    start = day_of(NOW).replace(day=1)
    for number in numbers:
        npn = f"71{number:05d}"
        builders.broker(npn, f"Broker {number}", certified=(NOW.year,), appointed=(NORTH_STAR,), agency_npn=OURS)
        AgencyInvitation.objects.create(
            agency_npn=OURS, npn=f"72{number:05d}", sent_at=NOW, expires_at=NOW + timedelta(days=9)
        )
        Cover.objects.create(
            npn=npn, colleague_npn=ANA, start=day_of(NOW), until=day_of(NOW) + timedelta(days=9), known_from=NOW
        )
        Notice.objects.create(
            kind="report published", recipient_kind="broker", recipient_id=npn, address="a@example.org",
            subject="Report", body="", dedupe_key=npn, queued_at=NOW, state=State.BOUNCED,
        )  # fmt: skip
    path, sent = folder / f"more{numbers.start}.834", NOW - timedelta(hours=12)
    policies = (
        Policy(f"X{number}", "S1", start=start, first="KAYING", last=f"{MARK}-KAYING", application="5500001-1")
        for number in numbers
    )
    path.write_bytes(enrollment_file(*policies, sent=sent, isa13=778 + numbers.start))
    receive.receive(path, by=system("test"), now=sent)


def test_no_page_asks_more_when_there_is_more(town: World, tmp_path: Path) -> None:
    client = town.client("manager")
    more(tmp_path, range(1))
    client.get("/agency/")
    few = {url: asked(client, url) for url in PAGES}
    more(tmp_path, range(1, 51))
    many = {url: asked(client, url) for url in PAGES}
    assert "Broker 50" in client.get("/agency/roster/").content.decode()
    assert many["/agency/book/"] <= few["/agency/book/"] + 1, "a second page is counted"
    assert {url: n for url, n in many.items() if url != "/agency/book/"} == {
        url: n for url, n in few.items() if url != "/agency/book/"
    }
