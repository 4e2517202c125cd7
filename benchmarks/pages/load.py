"""Requests at a steady rate, whoever has not answered yet: each is timed from when it should have begun."""

from __future__ import annotations

import http.client
import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

THREADS = 64
SEED = 2026


@dataclass(frozen=True)
class Answered:
    """One request: which page, seconds from its due time to the last byte, the status."""

    page: str
    seconds: float
    status: int


def run(port: int, people: list[dict[str, object]], *, rate: int, seconds: int) -> list[Answered]:
    """`rate` requests a second for `seconds`: six of ten the book, three the Why page, one a write."""
    chance = random.Random(SEED)
    begins = time.perf_counter() + 0.5
    with ThreadPoolExecutor(THREADS) as pool:
        asked = [
            pool.submit(_ask, port, chance.choice(people), chance.random(), begins + number / rate)
            for number in range(rate * seconds)
        ]
        return [one.result() for one in asked]


def _ask(port: int, person: dict[str, object], chance: float, due: float) -> Answered:
    time.sleep(max(0.0, due - time.perf_counter()))
    own = person["enrollments"]
    assert isinstance(own, list)
    cookies, form, url = f"sessionid={person['session']}", "", "/broker/clients/"
    page = "book"
    if chance < 0.1:
        page, url, token = "write", "/broker/invitations/new/", uuid.uuid4().hex
        cookies += f"; csrftoken={token}"
        form = urlencode(
            {
                "csrfmiddlewaretoken": token, "submission": str(uuid.uuid4()), "first_name": f"Ada {token[:6]}",
                "last_name": "Nobody", "birth_date": "1980-02-03",
            }
        )  # fmt: skip
    elif chance < 0.4:
        page, url = "why", f"/broker/clients/{own[int(chance * 1000) % len(own)]}/"
    elif chance < 0.6:
        url += ("?state=ready", "?coverage=HLT&sort=-start", "?size=100", "?carrier=31616")[int(chance * 100) % 4]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Cookie": cookies, "Host": "localhost"}
        if form:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST" if form else "GET", url, form or None, headers)
        answer = connection.getresponse()
        answer.read()
        return Answered(page, time.perf_counter() - due, answer.status)
    finally:
        connection.close()
