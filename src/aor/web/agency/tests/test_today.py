"""What an agency keeps of itself, cover for leave, and what is said each day of what needs somebody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from tests.builders import ANA
from tests.portal.world import MARK, NOW, OURS, World

from aor.acts import digest
from aor.brokers import queries as brokers
from aor.brokers.models import License
from aor.notices.models import Notice, State
from aor.terms.period import day_of
from aor.web.agency.tests.pages import hidden, refused, send, words

pytestmark = pytest.mark.django_db


def test_a_changed_address_is_told_to_the_old_one_and_a_stale_form_is_refused(town: World) -> None:
    client, url = town.client("manager"), "/agency/data/"
    form = hidden(client, url) | {"administrator_name": "Mo", "email": "new@example.org"}
    assert client.post(url, form).headers["Location"] == "/agency/done/data/"
    told = Notice.objects.get(kind="address changed")
    assert (told.recipient_kind, told.address) == ("agency", f"{OURS}@example.org")
    stale = form | {"submission": "00000000-0000-4000-8000-000000000001"}
    assert client.post(url, stale).status_code == 409


def test_cover_is_set_within_the_agency_and_ended(town: World) -> None:
    client, url = town.client("manager"), "/agency/cover/"
    first = day_of(NOW) + timedelta(days=2)
    said = {"npn": ANA, "colleague": "7000002", "first": f"{first}", "last": f"{first + timedelta(days=6)}"}
    assert "Select a valid choice" in refused(client, url, **said | {"colleague": "7000003"})
    assert "before the first" in refused(client, url, **said | {"last": f"{day_of(NOW)}"})
    assert send(client, url, **said) == "/agency/done/cover/"
    assert "Ben Broker" in words(client, url)
    assert client.get("/agency/cover/7000003/end/").status_code == 404
    assert send(client, f"/agency/cover/{ANA}/end/") == "/agency/done/cover-ended/"
    assert not brokers.covers_lent([ANA], first)


def test_the_dashboard_says_what_needs_somebody_and_the_digest_says_it_once_a_day(town: World) -> None:
    client, user = town.client("manager"), town.users["manager"]
    License.objects.filter(npn=ANA).update(known_until=NOW)
    Notice.objects.create(
        kind="report published", recipient_kind="broker", recipient_id=ANA, address="a@example.org", subject="Report",
        body="", dedupe_key="x", queued_at=NOW, state=State.BOUNCED,
    )  # fmt: skip
    page = words(client, "/agency/")
    assert "Ana Broker" in page
    assert "Missing" in page
    assert "Report" in words(client, "/agency/reports/")
    assert digest.queue(now=NOW) == 0, "nobody asked for it"
    assert client.post("/agency/daily-mail/", {"wanted": "on"}).status_code == 400, "of no page"
    receipt = client.post("/agency/daily-mail/", hidden(client, "/agency/") | {"wanted": "on"}).headers["Location"]
    assert "You will get the daily mail" in words(client, receipt)
    later = NOW + timedelta(minutes=1)
    assert [digest.queue(now=later), digest.queue(now=later + timedelta(minutes=1))] == [1, 0]
    told = Notice.objects.get(kind="agency digest")
    assert told.address == user.email
    assert "Agents of record that rest on it: 1." in told.body
    assert MARK not in told.body
    assert "Ana" not in told.body
    client.post("/agency/daily-mail/", hidden(client, "/agency/"))
    assert digest.queue(now=later + timedelta(days=1)) == 0
    cache.clear()
