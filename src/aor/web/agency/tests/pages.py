"""Forms filled in as a person does: the hidden fields of the page go along."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

HIDDEN = re.compile(r'<input type="hidden" name="(submission|version)" value="([^"]+)"')


def hidden(client: Client, url: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return hiddens(words(client, url))


def hiddens(page: str) -> dict[str, str]:
    """The hidden fields of a page that one has."""
    return dict(HIDDEN.findall(page))


def words(client: Client, url: str) -> str:
    """What a page says; it must be there."""
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]  # of a download
    return bytes(content).decode()


def send(client: Client, url: str, **fields: Any) -> str:
    """Sends the page's form and returns where it leads; a refused one fails, with its errors."""
    answer = client.post(url, {**hidden(client, url), **fields})
    assert answer.status_code == 302, re.sub(r"\s+", " ", answer.content.decode().partition("<main")[2])[:1500]
    return str(answer.headers["Location"])


def refused(client: Client, url: str, **fields: Any) -> str:
    """Sends the page's form, which is shown again; returns what the page says."""
    answer = client.post(url, {**hidden(client, url), **fields})
    assert answer.status_code == 200
    return answer.content.decode()
