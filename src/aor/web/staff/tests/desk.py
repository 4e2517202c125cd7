"""A town with its team, and a form as a browser would send it."""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.test import Client

FIELD = re.compile(r'<input type="hidden" name="(submission|version|rule)" value="([^"]*)"')


def hidden(client: Client, url: str, action: str = "") -> dict[str, str]:
    """The hidden fields of the page's form, or of the one that is sent to `action`."""
    page = client.get(url).content.decode()
    part = page.partition(f'action="{action}"')[2].partition("</form>")[0] if action else page
    found = dict(FIELD.findall(part))
    assert "submission" in found, page
    return found


def send(client: Client, url: str, action: str = "", /, **words: object) -> HttpResponse:
    """Opens a page and sends its form."""
    answer: HttpResponse = client.post(action or url, {**hidden(client, url, action), **words})  # type: ignore[assignment]  # an answer of Django's test client
    return answer


def text(client: Client, url: str) -> str:
    """A page as its reader sees it, without markup."""
    answer = client.get(url)
    assert answer.status_code == 200, answer
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())
