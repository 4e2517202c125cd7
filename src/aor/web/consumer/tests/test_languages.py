"""Whoever reads another language reads nothing in English but names: every consumer's page, letter and consent."""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext
from tests.builders import ANA, CRUZ
from tests.portal.test_hostile_fields import OF_LIBRARIES, Forms
from tests.portal.world import World

from aor.acts import consent
from aor.notices import languages
from aor.notices import words as letters
from aor.policy.association import Path
from aor.web.consumer.done import KINDS
from aor.web.consumer.looked import ANYTHING, CHANGED, ROLES, SAW
from aor.web.errors import NOT_SENT, TITLES

pytestmark = pytest.mark.django_db
PUBLIC = ("/", "/help/", "/privacy/", "/accessibility/", "/account/login/", "/find-a-broker/",
          f"/find-a-broker/{ANA}/", "/find-a-broker/?zip=x", "/invitation/", "/nothing/")  # fmt: skip
OWN = (
    "/my/broker/", "/my/broker/before/", "/my/broker/choose/", f"/my/broker/choose/{CRUZ}/",
    f"/my/broker/choose/{CRUZ}/check/?scope=all", f"/my/broker/choose/{CRUZ}/check/?scope=next", "/my/broker/end/",
    "/my/broker/undo/", "/my/broker/lock/", "/my/broker/not-asked/", "/my/broker/taking-over/",
    "/my/broker/past-months/", "/my/who-looked/", "/my/consents/", "/my/language/", "/my/code/", "/messages/",
    "/messages/new/", "/my/broker/done/chosen/",
)  # fmt: skip
DRAFTS = [code for code, one in languages.languages().items() if not one.reviewed]
NAMES = (
    "Ana", "Ben", "Cruz", "Broker", "Aurora Agency", "Borealis Agency", "North Star Health", "Prairie Health", "NPN",
    "ZIP", "The marketplace", "the marketplace", "consumer", "English", "Español", "Hmoob", "Soomaali", "ASAD",
    "KAYING", "ZZPII", "Minnesota", "MN", "Hmong", "Somali", "Spanish", "WCAG", "JavaScript", "API",
    *(one.interpreter for one in languages.languages().values()),
)  # fmt: skip
STORED = ("all my coverage", "in the marketplace account, or by telephone")
"""Of the town's consents: shown as they were agreed to."""
SAME = {"es": {"No", "Error:"}, "hmn": {"Error:", "Email", "Password", "About"}, "so": {"Error:"}}
"""Words that are alike in both languages."""
SAID = re.compile(r'(?:aria-label|placeholder|alt|title|data-label)="([^"]*)"')


def said(page: str) -> set[str]:
    """The pieces of text that a page shows or reads aloud, those in a language of their own left out."""
    title = re.findall(r"<title>(.*?)</title>", page, re.DOTALL)
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page[page.find("<body") :], flags=re.DOTALL)
    body = re.sub(r'<(\w+)[^>]* lang="en"[^>]*>.*?</\1>', " ", body, flags=re.DOTALL)
    pieces = [*re.split(r"<[^>]+>", body), *SAID.findall(body), *title]
    return {" ".join(html.unescape(piece).split()) for piece in pieces}


def english(pieces: set[str], known: set[str], code: str) -> set[str]:
    """Those that are the same in English and say more than a name, a number or a day."""
    left = set()
    for piece in pieces & known - SAME[code]:
        bare = piece
        for name in sorted((*NAMES, *STORED), key=len, reverse=True):
            bare = bare.replace(name, "")
        bare = re.sub(r"\b[A-Z]+-?\d[\d-]*\b|\S+@\S+|\b[SP]\d\b", "", bare)
        if re.search(r"[^\W\d_]{2,}", bare):
            left.add(piece)
    return left


def drawn(client: Client, url: str, code: str) -> set[str]:
    answer = client.get(url, headers={"accept-language": code}, follow=True)
    assert answer.status_code in (200, 404, 410), (url, answer.status_code)
    return said(answer.content.decode())


def test_the_measure_finds_english_and_leaves_names() -> None:
    page = '<html lang="en"><title>Eins</title><body><p title="Look">Ana Broker</p><p>Who looked</p><b>Ja</b>'
    page += '<p lang="en">Agreed</p></html>'
    other = page.replace("Look", "Schau").replace("Ja", "Yes").replace("Eins", "One")
    assert english(said(page), said(other), "so") == {"Who looked"}


@pytest.mark.parametrize("code", DRAFTS)
def test_a_page_keeps_no_english_but_names(code: str, town: World) -> None:
    left: dict[str, set[str]] = {}
    for url in (*PUBLIC, *OWN):
        client = town.client(None if url in PUBLIC else "consumer")
        cache.clear()
        if found := english(drawn(client, url, code), drawn(client, url, "en"), code):
            left[url] = found - {piece for one in left.values() for piece in one}
    assert not any(left.values()), left


@pytest.mark.parametrize("code", DRAFTS)
def test_what_is_wrong_with_a_form_is_said_in_every_language(code: str, town: World) -> None:
    left: dict[str, set[str]] = {}
    shown = set[str]()
    for url in (*PUBLIC, *OWN):
        client = town.client(None if url in PUBLIC else "consumer")
        for form in Forms(client.get(url, follow=True).content.decode()).forms:
            target = urljoin(url, form.action)
            if not form.post or target.startswith(OF_LIBRARIES):
                continue
            empty = dict.fromkeys(form.fields, "") | {"submission": "0" * 32}
            pages = [refused(client, target, empty, one) for one in (code, "en")]
            shown |= {target} if all("aor-errors" in page for page in pages) else set()
            if found := english(said(pages[0]), said(pages[1]), code):
                left[target] = found
    assert not left, left
    assert len(shown) >= 4, shown


def refused(client: Client, url: str, fields: dict[str, str], code: str) -> str:
    """The page of an empty form; "" where nothing has to be filled in."""
    cache.clear()
    with transaction.atomic():
        answer = client.post(url, fields, headers={"accept-language": code})
        transaction.set_rollback(True)
    return answer.content.decode() if answer.status_code != 302 else ""


@pytest.mark.parametrize("code", DRAFTS)
def test_what_went_wrong_is_said_in_every_language(code: str) -> None:
    sentences = [
        *map(str, TITLES.values()),
        str(NOT_SENT),
        "This form was sent before. Open the page again.",
        "Something else is at work. Try again in a minute.",
        "This document is not kept any more.",
    ]
    with translation.override(code):
        assert not [one for one in sentences if gettext(one) == one]


@pytest.mark.parametrize("code", DRAFTS)
def test_a_letter_and_a_consent_keep_no_english(code: str) -> None:
    values = {"day": "1", "sent": "2", "code": "3", "phone": "4"}
    for kind, (subject, sentences) in letters.TO_CONSUMER.items():
        with translation.override(code):
            assert not [one for one in (subject, *sentences) if gettext(one) == one], kind
        there, here = letters.to_consumer(kind, language=code, **values), letters.to_consumer(kind, **values)
        assert (there.subject, there.body) != (here.subject, here.body)
    for path in Path:
        for year in (None, 2027):
            shown = {"path": path, "npn": "1000001", "plan_year": year, "replaces": True}
            texts = [consent.shown(**shown, language=one).text for one in ("en", code)]  # type: ignore[arg-type]  # of both
            lines = [set(re.split(r"\n|(?<=[.:]) ", text)) for text in texts]
            assert not english(lines[0], lines[1], code), path


@pytest.mark.parametrize("code", DRAFTS)
def test_what_was_done_and_by_whom_is_said_in_every_language(code: str) -> None:
    lists = [*ROLES.values(), *CHANGED.values(), *(words for words, _pages in SAW), ANYTHING]
    lists += [words for kind in KINDS.values() for words in (kind.title, kind.told)]
    with translation.override("en"):
        here = [str(words) for words in lists]
    with translation.override(code):
        there = [str(words) for words in lists]
    assert not [words for words, other in zip(here, there, strict=True) if words == other and words not in NAMES]
