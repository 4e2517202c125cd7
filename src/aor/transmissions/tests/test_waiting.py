"""What waits for a person is listed: by `aor exceptions`, and what is overdue also by `aor collect`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from aor.transmissions import operations
from aor.transmissions.models import Interchange
from aor.transmissions.tests import answers
from aor.transmissions.tests import builders as given
from aor.transmissions.tests.builders import ANA, BY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(settings: LazySettings) -> None:
    settings.AOR_TIME_TRAVEL = True
    given.carrier()
    given.broker(ANA)
    given.associated(given.enrollment())
    operations.send(by=BY, now=NOW)


def said(*words: str, at: datetime) -> Any:
    out = StringIO()
    call_command(*words, "--json", "--now", at.isoformat(), stdout=out)
    return json.loads(out.getvalue())


def test_an_interchange_is_overdue_once_the_carriers_hours_have_passed() -> None:
    assert said("collect", at=NOW + timedelta(hours=1))["overdue"] == []
    late = NOW + timedelta(days=9)
    (one,) = said("collect", at=late)["overdue"]
    assert (one["carrier"], one["sets"]) == (given.HIOS, 1)
    assert said("exceptions", at=late)["counts"] == {"overdue": 1}
    assert said("exceptions", "--carrier", "99999", at=late)["exceptions"] == []


def test_a_rejected_set_is_listed_in_words_and_is_not_overdue() -> None:
    answers.leave(answers.answer(Interchange.objects.get(), "R"))
    said("collect", at=answers.SOON)
    (one,) = said("exceptions", at=NOW + timedelta(days=9))["exceptions"]
    assert (one["kind"], one["subject"]) == ("rejected", "P1")
    assert "NM1 in position 9" in one["because"]


def test_a_carrier_is_five_digits() -> None:
    with pytest.raises(CommandError, match="five digits"):
        said("exceptions", "--carrier", "x", at=NOW)
