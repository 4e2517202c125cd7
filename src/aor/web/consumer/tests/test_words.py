"""Plain words: the English of every consumer's page and letter is of grade 8 or less; every language is drawn."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from tests.builders import ANA, CRUZ
from tests.portal.world import World

from aor.acts import consent
from aor.notices import languages
from aor.notices import words as letters
from aor.policy.association import Path
from aor.web.consumer.tests.pages import hidden, words

pytestmark = pytest.mark.django_db
PUBLIC = ("/find-a-broker/", f"/find-a-broker/{ANA}/", "/invitation/")
OWN = (
    "/my/broker/", "/my/broker/before/", "/my/broker/choose/", f"/my/broker/choose/{CRUZ}/",
    f"/my/broker/choose/{CRUZ}/check/?scope=all", f"/my/broker/choose/{CRUZ}/check/?scope=next", "/my/broker/end/",
    "/my/broker/undo/", "/my/broker/lock/", "/my/broker/not-asked/", "/my/broker/done/chosen/", "/my/who-looked/",
    "/my/consents/", "/my/language/",
)  # fmt: skip
GRADE = 8
DRAFTS = [code for code, one in languages.languages().items() if not one.reviewed]


def grade(sentences: list[str]) -> float:
    """The school grade of Flesch and Kincaid (1975); syllables are counted by vowels, a silent e left out."""
    found = [re.findall(r"[A-Za-z']+", sentence) for sentence in sentences]
    lines = [line for line in found if line]
    said = [word for line in lines for word in line]
    return 0.39 * len(said) / len(lines) + 11.8 * sum(map(syllables, said)) / len(said) - 15.59


def syllables(word: str) -> int:
    groups = re.findall(r"[aeiouy]+", word.lower())
    silent = word.lower().endswith(("e", "es", "ed")) and not word.lower().endswith(("le", "ted", "ded", "ses"))
    return max(1, len(groups) - (silent and len(groups) > 1))


def sentences(text: str) -> list[str]:
    """Those of a page, but for labels of a word or three: a tag ends one, as a full stop does."""
    main = text[text.find("<main") :].partition("</main>")[0]
    plain = html.unescape(re.sub(r"</?(?:a|strong|span|time|svg|use)\b[^>]*>", " ", main))
    return [part.strip() for part in re.split(r"<[^>]+>|[.!?:]\s", plain) if len(part.split()) > 3]


def test_the_measure_tells_easy_from_hard() -> None:
    assert grade(["The cat sat on the mat", "We ran home"]) < 1
    hard = "Notwithstanding aforementioned considerations, beneficiaries shall expeditiously effectuate remediation"
    assert grade([hard]) > 20


@pytest.mark.parametrize("url", [*PUBLIC, *OWN])
def test_a_page_is_of_grade_eight_or_less(url: str, town: World) -> None:
    page = town.client(None if url in PUBLIC else "consumer").get(url)
    assert page.status_code == 200
    found = grade(sentences(page.content.decode()))
    assert found <= GRADE, f"{url}: {found:.1f}"


def test_letters_and_consents_are_of_grade_eight_or_less() -> None:
    values = {"day": "May 2", "sent": "May 1"}
    for kind in letters.TO_CONSUMER:
        said = letters.to_consumer(kind, **values)
        assert grade([said.subject, *re.split(r"[.!?]\s", said.body)]) <= GRADE, kind
    for path in Path:
        text = consent.shown(path=path, npn="1000001", plan_year=2027, replaces=True).text
        assert grade(re.split(r"[.!?:]\s", text)) <= GRADE, path


def heading(text: str) -> str:
    return text.partition("<h1>")[2].partition("</h1>")[0]


@pytest.mark.parametrize("code", DRAFTS)
def test_every_page_is_drawn_in_every_language_and_a_draft_says_so(code: str, town: World) -> None:
    for url in (*PUBLIC, *OWN):
        client = town.client(None if url in PUBLIC else "consumer")
        page = client.get(url, headers={"accept-language": code})
        assert page.status_code == 200, url
        text = page.content.decode()
        assert f'<html lang="{code}"' in text
        assert languages.known(code).interpreter in html.unescape(text)
        if url in OWN:  # every sentence of ours has a draft; titles stand for all
            assert heading(text) != heading(client.get(url).content.decode()), url


def test_in_production_what_is_agreed_to_is_the_approved_english(town: World, settings: Settings) -> None:
    client: Client = town.client("consumer")
    url = f"/my/broker/choose/{CRUZ}/check/?scope=all"
    client.cookies["django_language"] = "es"
    draft = client.get(url)
    settings.AOR_ENV = "production"
    approved = client.get(url)
    assert "You choose Cruz Broker" in words(approved)
    assert 'class="aor-consent" lang="en"' in approved.content.decode()
    assert "Un intérprete puede ayudarle gratis" in words(approved)
    assert client.post(url, {**hidden(draft), "agree": "on"}).status_code in (302, 409)
