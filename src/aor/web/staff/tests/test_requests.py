"""A retroactive request at the desk: the coverage is named, the documents opened, the decision given and appealed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import ANA
from tests.portal.world import MARK, NOW, World

from aor.audit.models import Read
from aor.cases import correspondence
from aor.cases.models import Case, Evidence
from aor.engine import store
from aor.notices.models import Notice
from aor.retro import rulings
from aor.retro.models import Identified, Ruling
from aor.terms.actor import Actor, Role
from aor.web.staff.tests.desk import send, text

pytestmark = pytest.mark.django_db
BROKER = Actor(Role.BROKER, "test", ANA)


@pytest.fixture
def number(town: World) -> str:
    return str(town.ours["retro"])


def page(number: str) -> str:
    return f"/staff/cases/{number}/"


def version(number: str) -> int:
    return Case.objects.get(number=number).version


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_the_officer_names_the_coverage_and_the_consumer_is_told(town: World, number: str) -> None:
    officer, url = town.client("officer"), f"{page(number)}coverage/"
    assert "Say which coverage it is" in text(officer, page(number))
    assert f"P1: {MARK}-KAYING, KAYING" in text(officer, url)
    assert Read.objects.filter(what="policies near a request", subject_id="S1").exists()
    assert "has no policy with this number" in send(officer, url, enrollment="other").content.decode()
    done = send(officer, url, enrollment="other", policy_id="P1").headers["Location"]
    assert "The rules propose now" in text(officer, done)
    assert Identified.objects.get(request__case__number=number).enrollment.policy_id == "P1"
    assert Notice.objects.filter(kind="past months asked", recipient_id="S1").count() == 1
    assert "The policy found" in text(officer, page(number))


def test_a_decided_request_is_not_named_anew(town: World, number: str) -> None:
    officer, url = town.client("officer"), f"{page(number)}coverage/"
    send(officer, page(number), f"{page(number)}decide/", outcome="denied", because="nobody of this name")
    assert "Say which coverage" not in text(officer, page(number))
    answer = send(officer, url, enrollment="other", policy_id="P1")
    assert (answer.status_code, "was decided" in answer.content.decode()) == (409, True)
    assert town.client("auditor").get(url).status_code == 403
    assert officer.get(f"{page(str(town.ours['case']))}coverage/").status_code == 404


def test_it_is_decided_with_a_reason_and_heard_once_more_by_another(town: World, number: str) -> None:
    officer, lead, url = town.client("officer"), town.client("lead"), page(number)
    without = send(officer, url, f"{url}decide/", outcome="denied")
    assert without.status_code == 409
    assert not Ruling.objects.exists()
    done = send(officer, url, f"{url}decide/", outcome="denied", because="no agreement").headers["Location"]
    assert "may agree or ask for another review" in text(officer, done)
    assert store.exists(Ruling.objects.get().letter)
    assert rulings.appeal(number, version=version(number), by=BROKER, now=NOW).granted
    again = send(officer, url, f"{url}decide/", outcome="denied", because="no agreement")
    assert "another officer" in again.content.decode()
    send(lead, url, f"{url}decide/", outcome="denied", because="still none")
    assert list(Ruling.objects.order_by("number").values_list("number", "because")) == [
        (1, "no agreement"), (2, "still none"),
    ]  # fmt: skip
    assert not rulings.appeal(number, version=version(number), by=BROKER, now=NOW).granted


def test_documents_are_opened_by_the_team_and_by_whose_they_are(town: World) -> None:
    number, id = str(town.ours["case"]), town.ours["evidence"]
    assert "agreement.pdf" in text(town.client("officer"), page(number))
    assert "agreement.pdf" in text(town.client("Ana"), f"/claims/case/{number}/")
    for name, url in (
        ("officer", f"{page(number)}evidence/{id}/"),
        ("auditor", f"{page(number)}evidence/{id}/"),
        ("Ana", f"/claims/documents/{number}/{id}/"),
        ("support", f"/claims/documents/{number}/{id}/"),
    ):
        before = Read.objects.filter(what=f"evidence {id}").count()
        answer = town.client(name).get(url)
        assert (answer.headers["Content-Type"], body(answer)) == ("application/pdf", b"%PDF-1.7 signed")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="agreement.pdf"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert Read.objects.filter(what=f"evidence {id}").count() == before + 1


def test_a_document_is_not_found_by_others_nor_under_another_case(town: World) -> None:
    number, id, other = str(town.ours["case"]), town.ours["evidence"], str(town.ours["retro"])
    for name, url in (
        ("Cruz", f"/claims/documents/{number}/{id}/"),
        ("other support", f"/claims/documents/{number}/{id}/"),
        ("Ana", f"/claims/documents/{other}/{id}/"),
        ("officer", f"{page(other)}evidence/{id}/"),
        ("officer", f"{page(str(town.ours['thread']))}evidence/{id}/"),
    ):
        assert town.client(name).get(url).status_code == 404, (name, url)
    assert not Read.objects.filter(what=f"evidence {id}").exists()


def test_a_document_of_an_unheard_type_is_bytes_and_one_disposed_of_is_not_found(town: World, number: str) -> None:
    kept = correspondence.keep_evidence(
        number, content=b"<script>", name="a.html", media_type="text/html", by=BROKER, now=NOW
    )
    url = f"{page(number)}evidence/{kept}/"
    assert town.client("officer").get(url).headers["Content-Type"] == "application/octet-stream"
    store.path_of(Evidence.objects.get(pk=kept).sha256).unlink()
    assert town.client("officer").get(url).status_code == 404
