"""Two requests at the very same time, on a database that serves two: one association, and the other is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from tests.builders import BEN, CRUZ
from tests.portal import world

from aor.associations.models import Association, Open
from aor.web.consumer.tests.pages import hidden, words

on_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


@on_postgres
def test_two_choices_at_the_same_moment_make_one(committed: None, home: Path) -> None:
    home.mkdir(exist_ok=True)
    cache.clear()
    consumer = world.make(home).client("consumer")
    wanted = {npn: f"/my/broker/choose/{npn}/check/?scope=all" for npn in (BEN, CRUZ)}
    forms = {npn: {**hidden(consumer.get(url)), "agree": "on"} for npn, url in wanted.items()}
    start = Barrier(2)

    def choose(npn: str) -> tuple[int, str]:
        client = Client(headers={"host": "localhost"})
        client.cookies = consumer.cookies
        start.wait()
        try:
            answer = client.post(wanted[npn], forms[npn])
            return answer.status_code, words(answer)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        (won, _), (lost, said) = sorted(threads.map(choose, (BEN, CRUZ)))
    assert (won, lost) == (302, 409)
    (npn,) = Open.objects.filter(association__subscriber_id="S1").values_list("association__npn", flat=True)
    assert npn in said
    assert Association.objects.filter(subscriber_id="S1", npn__in=(BEN, CRUZ)).count() == 1
