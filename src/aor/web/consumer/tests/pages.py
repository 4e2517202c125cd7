"""What tests do with a page: its hidden fields, its words, a form sent."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client


def words(response: Any) -> str:
    """What the main part of a page says."""
    text = response.content.decode()
    main = text[text.find("<main") :].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def hidden(response: Any) -> dict[str, str]:
    """The hidden fields of a page."""
    found = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", response.content.decode()):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value:
            found[name[1]] = html.unescape(value[1])
    return found


def send(client: Client, url: str, **fields: str) -> Any:
    """Opens a page and sends its form."""
    page = client.get(url)
    assert page.status_code == 200, (page.status_code, page.headers.get("Location"), words(page))
    return client.post(url, {**hidden(page), **fields})


def forget_second_factor(client: Client, *, minutes: int = 11) -> None:
    """The visit began so long ago."""
    session = client.session
    at = (datetime.now(UTC) - timedelta(minutes=minutes)).timestamp()
    session["account_authentication_methods"] = [{"method": "password", "at": at}, {"method": "mfa", "at": at}]
    session.save()
