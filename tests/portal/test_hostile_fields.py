"""Hostile strings in every field and every parameter of every page: a clear page, no trace of markup, no traceback.

The pages come from the resolver and the fields from the pages themselves; nothing is listed by hand. What is sent is
taken back after each form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch

from tests.portal.test_access import KINDS, OURS, Page, town
from tests.portal.world import NOW, SEATS, World

__all__ = ["town"]
pytestmark = pytest.mark.django_db
MARKUP = "<zz'\"onload=x>&{{7*7}}{%x%}${7*7}=1+1|@SUM(A1)"
HOSTILE = {
    "markup": MARKUP,
    "control": "a\x00b\u202e\u2028\x1b[31m\r\nBcc: x@example.org",
    "long": "Ł" * 20_000,
    "number": "9" * 5_000,
    "digits": "²",
    "statement": "1' OR '1'='1'; DROP TABLE audit_act; --",
    "day": "0001-01-01",
    "last day": "9999-12-31",
}
TYPED = ("markup", "control", "long")
MOST = 500  # letters of a parameter
OF_LIBRARIES = ("/account/", "/language/", "/demo/")
KEPT = {"csrfmiddlewaretoken", "submission"}
TEXTS = {"text", "search", "textarea"}


@dataclass
class Form:
    """A form of a page: where it leads, and each field's kind with the values that it offers."""

    action: str
    post: bool
    fields: dict[str, tuple[str, list[str]]] = field(default_factory=dict)

    def filled(self, hostile: str, *, everywhere: bool) -> dict[str, str]:
        """Every field hostile, or only those that take any text and the rest as a person would."""
        return {
            name: choices[0] if name in KEPT or (not everywhere and kind not in TEXTS) else hostile
            for name, (kind, choices) in self.fields.items()
            if choices and kind != "file"
        }


class Forms(HTMLParser):
    """The forms of a page, and the parameters of its links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self.forms.append(Form(given.get("action", ""), given.get("method", "").lower() == "post"))
            case "a":
                self.links.append(given.get("href", ""))
            case "input" | "textarea" | "select" | "button" if self.forms and given.get("name"):
                self._field(tag, given)
            case "option" if self._select:
                self.forms[-1].fields[self._select][1].extend([given["value"]] if given.get("value") else [])

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def _field(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text") if tag == "input" else tag
        usual = {"date": f"{NOW.date()}", "email": "x@example.org", "number": "1", "select": ""}.get(kind, "1")
        value = given.get("value") or usual
        _kind, choices = self.forms[-1].fields.setdefault(given["name"], (kind, []))
        choices.extend([value] if value else [])
        if tag == "select":
            self._select = given["name"]


def seat(page: Page) -> str | None:
    """Somebody who may open it; None where everybody may."""
    assert page.rule is not None
    kinds = page.rule.kinds
    return next((name for name, (role, _) in SEATS.items() if kinds and issubclass(KINDS[role], kinds)), None)


def text(response: object) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]  # an answer of the test client
    return bytes(content).decode("utf-8", errors="replace")


def wrong(client: Client, url: str, said: dict[str, str] | None) -> Iterator[str]:
    """What is bad about the answer, and about the page that it leads to."""
    client.raise_request_exception = False  # a traceback is logged, and the answer is 500
    answer = client.get(url) if said is None else client.post(url, said, follow=True)
    client.raise_request_exception = True
    if answer.status_code >= 500:
        yield f"{answer.status_code}"
    if "html" in answer.headers.get("Content-Type", "") and "<zz" in text(answer):
        yield "the markup comes back unescaped"


def addresses(url: str, links: list[str]) -> set[tuple[str, tuple[str, ...]]]:
    """The pages that links with parameters lead to, each with the names of these."""
    asked = [urlsplit(urljoin(url, one)) for one in links if "?" in one]
    return {(one.path, tuple(name for name, _value in parse_qsl(one.query))) for one in asked}


def sent(client: Client, target: str, form: Form, said: dict[str, str]) -> list[str]:
    """What is bad about what a form does; it is taken back."""
    with transaction.atomic():
        cache.clear()
        if form.post:
            found = list(wrong(client, target, said))
        else:
            query = urlencode({name: value[:MOST] for name, value in said.items()})
            found = list(wrong(client, f"{target.partition('?')[0]}?{query}", None))
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("page", OURS, ids=lambda page: page.name)
def test_nothing_typed_anywhere_breaks_a_page_or_comes_back_as_markup(page: Page, town: World) -> None:
    client, url = town.client(seat(page)), page.url(town.ours)
    answer = client.get(url)
    if answer.status_code != 200 or "html" not in answer.headers["Content-Type"]:
        return
    found, troubles = Forms(text(answer)), set[str]()
    for path, names in addresses(url, found.links):
        for kind, hostile in HOSTILE.items():
            asked = f"{path}?{urlencode(dict.fromkeys(names, hostile[:MOST]))}"
            troubles |= {f"{path}?{names} {kind}: {one}" for one in wrong(client, asked, None)}
    for form in found.forms:
        target = urljoin(url, form.action)
        if target.startswith(OF_LIBRARIES):
            continue
        for kind, hostile in HOSTILE.items():
            for everywhere in (True, False) if kind in TYPED else (True,):
                bad = sent(client, target, form, form.filled(hostile, everywhere=everywhere))
                troubles |= {f"{target} {kind}: {one}" for one in bad}
    assert not troubles, "\n".join(sorted(troubles))


@pytest.mark.parametrize("page", [page for page in OURS if page.parts], ids=lambda page: page.name)
def test_a_forged_part_of_an_address_leads_to_a_clear_page(page: Page, town: World) -> None:
    client = town.client(seat(page))
    for number, name in ((10**30, MARKUP.replace("/", "")), (2**63, "9" * 5_000), (0, "%00")):
        own = town.ours
        forged: dict[str, object] = {part: number if isinstance(own[part], int) else name for part in page.parts}
        try:
            url = page.url(forged)
        except NoReverseMatch:
            continue
        assert not list(wrong(client, url, None)), url
        assert client.get(url).status_code in (200, 302, 404, 405, 410), url


def test_forms_are_filled_in_as_a_person_does(town: World) -> None:
    """Else the test above would send only what every form refuses."""
    client = town.client("Ana")
    for url in ("/broker/profile/", "/broker/invitations/new/", "/messages/new/"):
        (form,) = [one for one in Forms(text(client.get(url))).forms if "submission" in one.fields]
        with transaction.atomic():
            said = form.filled("Some words", everywhere=False)
            assert client.post(urljoin(url, form.action), said).status_code == 302, url
            transaction.set_rollback(True)
