"""Requests at a steady rate, whoever has not answered yet: each is timed from when it should have begun."""

from __future__ import annotations

import http.client
import random
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

THREADS = 64
SEED = 2026


@dataclass(frozen=True)
class Asked:
    """One request: what it asks for, where, and with which headers; with a body it is a POST."""

    what: str
    url: str
    headers: Mapping[str, str]
    body: str = ""


@dataclass(frozen=True)
class Answered:
    """One request: what was asked for, seconds from its due time to the last byte, the status."""

    what: str
    seconds: float
    status: int


def run(port: int, ask: Callable[[random.Random], Asked], *, rate: int, seconds: int) -> list[Answered]:
    """`rate` requests a second for `seconds`; `ask` draws each."""
    chance = random.Random(SEED)
    begins = time.perf_counter() + 0.5
    with ThreadPoolExecutor(THREADS) as pool:
        asked = [
            pool.submit(_answered, port, ask(chance), begins + number / rate) for number in range(rate * seconds)
        ]
        return [one.result() for one in asked]


def _answered(port: int, asked: Asked, due: float) -> Answered:
    time.sleep(max(0.0, due - time.perf_counter()))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        method = "POST" if asked.body else "GET"
        connection.request(method, asked.url, asked.body or None, {"Host": "localhost", **asked.headers})
        answer = connection.getresponse()
        answer.read()
        return Answered(asked.what, time.perf_counter() - due, answer.status)
    finally:
        connection.close()


def pages(people: list[dict[str, object]]) -> Callable[[random.Random], Asked]:
    """Of some brokers, each with a session and enrollments: six of ten the book, three the Why page, one a write."""

    def ask(chance: random.Random) -> Asked:
        person, part = chance.choice(people), chance.random()
        own = person["enrollments"]
        assert isinstance(own, list)
        cookies = f"sessionid={person['session']}"
        if part < 0.1:
            token = uuid.uuid4().hex
            form = urlencode(
                {
                    "csrfmiddlewaretoken": token, "submission": str(uuid.uuid4()), "first_name": f"Ada {token[:6]}",
                    "last_name": "Nobody", "birth_date": "1980-02-03",
                }
            )  # fmt: skip
            headers = {
                "Cookie": f"{cookies}; csrftoken={token}", "Content-Type": "application/x-www-form-urlencoded"
            }  # fmt: skip
            return Asked("write", "/broker/invitations/new/", headers, form)
        if part < 0.4:
            return Asked("why", f"/broker/clients/{chance.choice(own)}/", {"Cookie": cookies})
        filters = ("", "", "?state=ready", "?coverage=HLT&sort=-start", "?size=100", "?carrier=31616")
        return Asked("book", f"/broker/clients/{chance.choice(filters)}", {"Cookie": cookies})

    return ask
