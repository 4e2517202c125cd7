"""Consumers see who, what for, how long and how to end it; what is kept is what was shown (readings, R1)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path as Folder

import pytest
from django.conf import LazySettings
from tests import builders
from tests.builders import ANA, BEN

from aor.acts import associate, consent
from aor.acts.tests.test_associate import CONSUMER, OFFICER
from aor.associations.models import Consent
from aor.audit.models import Read
from aor.policy.association import Path

START = datetime(2025, 12, 10, 15, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def brokers(tmp_path: Folder, settings: LazySettings) -> None:
    settings.AOR_HOME = tmp_path
    builders.carrier()
    builders.broker(ANA)
    builders.broker("7000020", "Nia", "Moua", kind="navigator")


@pytest.mark.parametrize("path", list(Path))
def test_every_path_says_who_what_for_how_long_and_how_to_end_it(path: Path) -> None:
    shown = consent.shown(path=path, npn=ANA)
    for part in (f"Ana Garcia (NPN {ANA})", shown.purpose, shown.scope, shown.duration, shown.how_to_rescind):
        assert part in shown.text
    assert shown.template_version == consent.VERSION


def test_scope_replacement_navigators_and_strangers_change_the_words_and_the_digest() -> None:
    plain = consent.shown(path=Path.DESIGNATED, npn=ANA)
    scoped = consent.shown(path=Path.DESIGNATED, npn=ANA, plan_year=2027, replaces=True)
    assert "your coverage from plan year 2027 on" in scoped.text
    assert "Your present broker can then no longer see your data." in scoped.text
    assert "never your broker of record" in consent.shown(path=Path.DESIGNATED, npn="7000020").text
    assert f"NPN {BEN}" in consent.shown(path=Path.DESIGNATED, npn=BEN).text
    assert len({plain.digest, scoped.digest, consent.shown(path=Path.INVITED, npn=ANA).digest}) == 3
    assert plain.digest == consent.shown(path=Path.DESIGNATED, npn=ANA).digest


def test_a_draft_language_reads_as_english_in_production_with_an_interpreter_offered(settings: LazySettings) -> None:
    settings.AOR_ENV = "production"
    shown = consent.shown(path=Path.DESIGNATED, npn=ANA, language="es")
    assert shown.written_in == "en"
    assert shown.text.startswith("You choose Ana Garcia")
    assert shown.text.endswith("Llame al mercado de seguros.")
    settings.AOR_ENV = "development"
    assert consent.shown(path=Path.DESIGNATED, npn=ANA, language="es").written_in == "es"


def test_what_is_kept_is_what_was_shown_and_is_exported_with_its_end() -> None:
    shown = consent.shown(path=Path.DESIGNATED, npn=ANA)
    associate.designate(
        subscriber_id="S1",
        npn=ANA,
        consent=shown.given(act="designated"),
        second_factor=False,
        by=CONSUMER,
        now=START,
    )
    associate.end(subscriber_id="S1", by=CONSUMER, now=START)
    assert Consent.objects.get().shown == shown.text
    (one,) = consent.export(subscriber_id="S1", purpose="regulator", by=OFFICER, now=START)
    assert json.loads(json.dumps(one)) == one
    assert (one["npn"], one["path"], one["ended"]) == (
        ANA,
        "designated",
        [{"at": START.isoformat(), "kind": "ended"}],
    )
    kept = one["consent"]
    assert isinstance(kept, dict)
    assert (kept["shown"], kept["revoked_at"]) == (shown.text, START.isoformat())
    assert Read.objects.get().what == "consents"
