"""The book of business: only one's own, the same number of questions for any size, exports as shown."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.builders import Policy, enrollment_file
from tests.portal import world
from tests.portal.world import MARK, NOW, World

from aor.acts import receive
from aor.terms.actor import system
from aor.terms.period import day_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(exist_ok=True)
    cache.clear()
    return world.make(home)


def more_policies(folder: Path, count: int) -> None:
    """Kaying gets further policies: the book grows."""
    start = day_of(NOW).replace(day=1)
    policies = [
        Policy(f"X{number}", "S1", start=start, first="KAYING", last=f"{MARK}-KAYING", application="5500001-1")
        for number in range(count)
    ]
    path = folder / "more.834"
    sent = NOW - timedelta(hours=12)
    path.write_bytes(enrollment_file(*policies, sent=sent, isa13=777))
    receive.receive(path, by=system("test"), now=sent)


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_a_book_holds_ones_own_and_no_others(town: World) -> None:
    page = town.client("Ana").get("/broker/clients/").content.decode()
    assert f"{MARK}-KAYING" in page
    assert "ASAD" not in page


def test_more_rows_ask_no_more(town: World, home: Path) -> None:
    ana = town.client("Ana")
    ana.get("/broker/clients/")
    few = queries(ana, "/broker/clients/")
    more_policies(home, 40)
    assert queries(ana, "/broker/clients/") <= few + 1  # a second page is counted


def test_a_name_is_searched_for_and_never_in_an_address(town: World) -> None:
    ana = town.client("Ana")
    answer = ana.post("/broker/clients/search/", {"words": "zzpii kay"})
    assert MARK not in answer.headers["Location"].upper()
    assert f"{MARK}-KAYING" in ana.get(answer.headers["Location"]).content.decode()
    ana.post("/broker/clients/search/", {"words": "nobody"})
    assert "No client fits" in ana.get("/broker/clients/").content.decode()


def test_what_is_exported_is_what_is_shown(town: World, home: Path) -> None:
    more_policies(home, 3)
    ana = town.client("Ana")
    content = b"".join(ana.get("/broker/clients/export/xlsx/?column=carrier&sort=-policy").streaming_content)  # type: ignore[attr-defined]  # streamed
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("Consumer", "Policy", "Carrier")
    assert [row[1] for row in rows[1:]] == ["X2", "X1", "X0", "P1"]


def test_a_formula_stays_text(town: World) -> None:
    from aor.workbooks import listing

    content = b"".join(listing.csv_chunks(["Name"], [["=1+1"], ["@x"], ["fine"]])).decode("utf-8-sig")
    assert content.splitlines() == ["Name", "'=1+1", "'@x", "fine"]


def test_kept_filters_come_back(town: World) -> None:
    ana = town.client("Ana")
    ana.post("/broker/clients/keep/", {"name": "Held", "state": "held"})
    assert "state=held" in ana.get("/broker/clients/").content.decode()


def test_the_filter_by_state_finds_what_the_count_counted(town: World) -> None:
    ana = town.client("Ana")
    page = ana.get("/broker/").content.decode()
    assert "Ready to send" in page
    policy = re.compile(r"\bP1\b")  # a token of the page may hold these letters within others
    assert policy.search(ana.get("/broker/clients/?state=ready").content.decode())
    assert not policy.search(ana.get("/broker/clients/?state=rejected").content.decode())
