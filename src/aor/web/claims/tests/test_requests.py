"""A retroactive request: rules answered while it is filled in, checked, submitted, followed, appealed, taken back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.builders import ANA, NORTH_STAR
from tests.portal import world
from tests.portal.world import MARK, NOW, World

from aor.cases import queries as cases
from aor.cases.models import Case, State
from aor.policy.retro import Outcome
from aor.retro import operations as retro
from aor.retro import queries, rulings
from aor.retro.models import Request
from aor.terms.actor import Actor, Role
from aor.terms.period import day_of
from aor.web.claims.tests.test_claim import picture
from aor.web.claims.tests.test_upload import hidden

pytestmark = pytest.mark.django_db
ASK, FINDINGS, CHECK = "/claims/earlier/new/", "/claims/earlier/new/findings/", "/claims/earlier/new/check/"
OFFICER = Actor(Role.OFFICER, "officer 1")
TODAY = day_of(NOW)
FIRST = TODAY.replace(day=1)
SAID = {
    "last_name": f"{MARK}-KAYING", "first_name": "Kaying", "birth_date": "1984-05-02", "hios_issuer_id": NORTH_STAR,
    "coverage_kind": "HLT", "effective_on": FIRST.isoformat(), "enrolled_on": (FIRST - timedelta(9)).isoformat(),
    "enrolled_is": "enrollment completed", "because": "paper application",
    "agreement_on": (FIRST - timedelta(9)).isoformat(),
}  # fmt: skip


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(exist_ok=True)
    return world.make(home)


def submit(client: Client, said: dict[str, str] = SAID, **attested: object) -> str:
    assert client.post(ASK, said).headers["Location"] == CHECK
    page = client.get(CHECK).content.decode()
    answer = client.post(CHECK, {**hidden(page), "attested": "on", **attested})
    return answer.headers.get("Location", "") or answer.content.decode()


def submitted(client: Client) -> str:
    return submit(client, evidence=picture()).split("/")[3]


def step(client: Client, number: str, act: str, **said: object) -> str:
    url = f"/claims/earlier/{number}/{act}/"
    page = client.get(url).content.decode()
    version = Case.objects.get(number=number).version
    answer = client.post(url, {**hidden(page), "version": version, **said})
    return answer.headers.get("Location", "") or answer.content.decode()


def decided(number: str, outcome: Outcome = Outcome.DENIED) -> None:
    version = Case.objects.get(number=number).version
    rulings.decide(number, version=version, outcome=outcome, because="too late", by=OFFICER, now=NOW)


def test_the_rules_are_answered_while_it_is_filled_in(town: World) -> None:
    ana = town.client("Ana")
    said = ana.post(FINDINGS, {"effective_on": FIRST.isoformat()}).content.decode()
    assert "issing: last name" in said
    assert "<html" not in said
    said = ana.post(FINDINGS, SAID).content.decode()
    assert "issing: " not in said
    assert "possible until" in said
    late = {**SAID, "effective_on": (TODAY - timedelta(300)).isoformat()}
    assert "; possible until" in ana.post(FINDINGS, late).content.decode()
    assert Request.objects.filter(npn=ANA).count() == 1  # the world's own: nothing is kept


def test_without_scripts_they_are_answered_on_the_next_page(town: World) -> None:
    ana = town.client("Ana")
    assert "“Coverage effective date” is missing." in ana.post(ASK, {**SAID, "effective_on": ""}).content.decode()
    late = {**SAID, "effective_on": (TODAY - timedelta(300)).isoformat()}
    ana.post(ASK, late)
    page = ana.get(CHECK).content.decode()
    assert "A rule is not met." in page
    assert "possible until" in page
    assert "“Carrier” is missing." in ana.post(ASK, {**SAID, "hios_issuer_id": ""}).content.decode()
    assert "between" in ana.post(ASK, {**SAID, "enrolled_on": (TODAY + timedelta(30)).isoformat()}).content.decode()


def test_submitted_with_its_evidence_and_confirmed(town: World) -> None:
    ana = town.client("Ana")
    assert "Tick" in submit(ana, attested="")
    assert "cannot be taken" in submit(ana, evidence=SimpleUploadedFile("a.pdf", b"MZ nonsense"))
    assert Request.objects.filter(npn=ANA).count() == 1
    done = submit(ana, evidence=picture())
    number = done.split("/")[3]
    assert done == f"/claims/earlier/{number}/done/received/"
    page = ana.get(done).content.decode()
    assert number in page
    assert "What happens next" in page
    assert [one.name for one in cases.evidence(Case.objects.get(number=number))] == ["proof.png"]
    page = ana.get(f"/claims/earlier/{number}/").content.decode()
    assert "the signed agreement is on file" in page.lower()
    assert "Our decision" in page
    assert number in ana.get("/claims/earlier/").content.decode()
    assert ana.get(CHECK).headers["Location"] == ASK


def test_a_click_too_many_asks_once(town: World) -> None:
    ana = town.client("Ana")
    ana.post(ASK, SAID)
    form = {**hidden(ana.get(CHECK).content.decode()), "attested": "on"}
    assert ana.post(CHECK, form).headers["Location"] == ana.post(CHECK, form).headers["Location"]
    assert Request.objects.filter(npn=ANA).count() == 2


def test_a_discrepancy_fills_the_form_in(town: World) -> None:
    page = town.client("Ana").get(f"{ASK}?claim={town.ours['claim']}").content.decode()
    assert f'value="{MARK}-KAYING"' in page
    assert town.client("Ana").get(f"{ASK}?claim={town.theirs['claim']}").status_code == 404


def test_more_is_added_and_the_clock_runs_on(town: World) -> None:
    ana = town.client("Ana")
    number = submitted(ana)
    version = Case.objects.get(number=number).version
    retro.ask_more(number, version=version, words="Please send the second page.", by=OFFICER, now=NOW)
    page = ana.get(f"/claims/earlier/{number}/").content.decode()
    assert "Please send the second page." in page
    assert "stands still" in page
    assert "Add words or a document." in step(ana, number, "add")
    assert "changed since it was read" in step(ana, number, "add", version="1", body="Here.")
    assert step(ana, number, "add", body="Here.", evidence=picture()) == f"/claims/earlier/{number}/done/added/"
    case = Case.objects.get(number=number)
    assert (case.state, len(cases.evidence(case))) == (State.QUEUED, 2)


def test_decided_with_a_letter_and_appealed_once(town: World) -> None:
    ana = town.client("Ana")
    number = submitted(ana)
    assert ana.get(f"/claims/earlier/{number}/letter/").status_code == 404
    assert "not decided yet" in step(ana, number, "appeal")
    decided(number)
    page = ana.get(f"/claims/earlier/{number}/").content.decode()
    assert "Denied" in page
    letter = ana.get(f"/claims/earlier/{number}/letter/")
    assert b"".join(letter.streaming_content).startswith(b"%PDF-")  # type: ignore[attr-defined]  # a file
    assert town.client("Cruz").get(f"/claims/earlier/{number}/letter/").status_code == 404
    assert step(ana, number, "appeal") == f"/claims/earlier/{number}/done/appealed/"
    assert Case.objects.get(number=number).state == State.ESCALATED
    assert "Appeal in review" in ana.get(f"/claims/earlier/{number}/").content.decode()


def test_taken_back_before_it_is_decided(town: World) -> None:
    ana = town.client("Ana")
    number = submitted(ana)
    assert step(ana, number, "withdraw") == f"/claims/earlier/{number}/done/withdrawn/"
    assert queries.latest_ruling(queries.request(number)).outcome == Outcome.WITHDRAWN  # type: ignore[union-attr]  # it was ruled on above
    assert "Withdrawn" in ana.get("/claims/earlier/").content.decode()


def test_support_staff_add_and_ask_nothing(town: World) -> None:
    number, support = submitted(town.client("Ana")), town.client("support")
    assert support.get(ASK).status_code == 403
    assert step(support, number, "add", body="The broker sends this.").endswith("/done/added/")
    assert support.get(f"/claims/earlier/{number}/withdraw/").status_code == 403


def test_a_list_asks_no_more_when_there_is_more(town: World) -> None:
    ana = town.client("Ana")

    def asked() -> int:
        with CaptureQueriesContext(connection) as made:
            assert ana.get("/claims/earlier/").status_code == 200
        return len(made)

    asked()
    few = asked()
    fields = queries.Fields(
        ANA, "Nemo", "A", TODAY.replace(year=1984), NORTH_STAR, "HLT", FIRST, FIRST, "enrollment completed",
        "paper application", attested=True,
    )  # fmt: skip
    for _ in range(8):
        retro.submit(fields=fields, by=Actor(Role.BROKER, "ana", ANA), now=NOW)
    assert asked() == few
