"""The preview of a transfer: looked up once for all its pages; every page a read of its households."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.portal.world import World

from aor.audit.models import Read

pytestmark = pytest.mark.django_db


def test_a_page_turned_asks_nothing_of_the_book_again_and_is_a_read_again(town: World) -> None:
    cache.clear()
    officer, url = town.client("officer"), f"/staff/transfers/{town.ours['transfer']}/"
    pages, asked = [], []
    for number in (1, 2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            pages.append(officer.get(url, {"page": str(number)}).content.decode())
        asked.append(sum("associations_association" in one["sql"] for one in queries))
        assert Read.objects.filter(what="transfer preview", subject_id="S1").count() == number
    assert asked[0] > 0
    assert asked[1] == 0
    assert all("can move" in page for page in pages)
