"""Names of consumers are on the pages of whoever may see them, and nowhere else: no log, mail, address or journal.

Every surname of a consumer in the world of `tests.portal` is marked (ASVS 5.0: 14.2.1 to 14.2.3, 16.2.5).
"""

from __future__ import annotations

import base64
import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection

from aor.audit.models import Act
from aor.jobs import due
from aor.notices.models import Notice
from aor.web import logs
from tests.portal import test_access, world
from tests.portal.test_access import OURS, Page
from tests.portal.world import MARK, NOW, SEATS, World

pytestmark = pytest.mark.django_db
LEADS_TO = re.compile(r'(?:href|src|action|formaction|hx-[a-z-]+)="([^"]*)"')


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What the handler of production writes, filter and form included."""
    lines = StringIO()
    (handler,) = (one for one in logging.getLogger("aor").handlers if isinstance(one.formatter, logs.Json))
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(lines)
    yield lines
    handler.setStream(before)


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(parents=True, exist_ok=True)
    return world.make(home)


def opened(town: World) -> Iterator[tuple[Page, str, str]]:
    """Every page in every role that it admits, as text, and where an answer without a page leads."""
    for page in OURS:
        for name, (role, _) in SEATS.items():
            if page.rule and issubclass(test_access.KINDS[role], page.rule.kinds or (object,)):
                response = town.client(name).get(page.url(town.ours))
                yield page, response.headers.get("Location", ""), _text(response)


def _text(response: object) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]  # streamed answers alone have it
    return bytes(content).decode("utf-8", errors="replace")


def test_no_address_on_any_page_holds_a_name(town: World, logged: StringIO) -> None:
    shown = 0
    for page, location, text in opened(town):
        shown += MARK in text
        assert MARK not in location, page.name
        assert not [one for one in LEADS_TO.findall(text) if MARK in one], page.name
    assert shown, "no page showed a marked name: the test would not notice anything"
    assert MARK not in logged.getvalue()


def test_nothing_private_is_in_the_cache(town: World) -> None:
    cache.clear()
    cache.set("noticed", MARK)
    assert MARK in _cached(), "the test would not notice anything"
    cache.clear()
    assert any(MARK in text for _, _, text in opened(town))
    held = _cached()
    assert held, "nothing was cached"
    assert MARK not in held


def _cached() -> str:
    """All that the cache's table holds, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM portal_cache")
        rows = cursor.fetchall()
    return " ".join(key + base64.b64decode(value).decode(errors="replace") for key, value in rows)


def test_no_log_line_holds_what_a_request_held(town: World, logged: StringIO) -> None:
    client = town.client("Ana")
    client.get(f"/nothing/{MARK}", query_params={"q": MARK})
    client.post("/broker/", {"q": MARK})
    logging.getLogger("aor.web").error("a page broke", exc_info=ValueError(f"no such person: {MARK}"))
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert {"request answered 404", "a page broke"} <= {line["message"] for line in lines}
    assert all(line["at"].endswith("+00:00") for line in lines)
    assert MARK not in logged.getvalue()


def test_a_line_break_in_what_is_logged_makes_no_second_line(logged: StringIO) -> None:
    logging.getLogger("aor.web").warning("read %s", 'a\n{"level": "INFO"}')
    assert len(logged.getvalue().splitlines()) == 1


def test_no_mail_notice_or_journal_entry_holds_a_name(
    town: World, logged: StringIO, mailoutbox: list[EmailMessage]
) -> None:
    due.Worker(logging.getLogger("aor.jobs").warning).round(now=NOW + timedelta(minutes=1))
    call_command("send", "--json", stdout=StringIO(), stderr=StringIO())
    due.deliver(now=NOW + timedelta(hours=1))
    assert mailoutbox, "nothing was mailed: the test would not notice anything"
    said = [(mail.subject, str(mail.body), str(mail.extra_headers)) for mail in mailoutbox]
    said += [(notice.subject, notice.body, "") for notice in Notice.objects.all()]
    assert not [words for words in said if MARK in "".join(words)]
    acts = list(Act.objects.values())
    assert acts
    assert not [act for act in acts if MARK in str(act)]
    assert MARK not in logged.getvalue()


def test_no_file_is_named_after_a_person(town: World, home: Path) -> None:
    call_command("send", "--json", stdout=StringIO(), stderr=StringIO())
    paths = [str(path) for path in home.rglob("*")]
    assert any(path.endswith(".834") for path in paths)
    assert not [path for path in paths if MARK in path]
