"""The ledger reads every enrollment once, in order, however its keys lie and whoever's are between."""

from __future__ import annotations

import pytest
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from aor.consumers.models import Household, Subscriber
from aor.enrollments.models import Enrollment
from aor.transmissions import ledger
from aor.transmissions.ledger import Ledger, Scope
from aor.transmissions.tests import builders as given
from aor.transmissions.tests.builders import HIOS, NOW

pytestmark = pytest.mark.django_db
OTHER = "85736"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@hypothesis_given(
    keys=st.dictionaries(st.integers(1, 12) | st.integers(1, 4_000), st.sampled_from([HIOS, OTHER]), max_size=15)
)
def test_each_is_read_once_and_in_order(monkeypatch: pytest.MonkeyPatch, keys: dict[int, str]) -> None:
    monkeypatch.setattr(ledger, "AT_ONCE", 3)
    for model in (Enrollment, Subscriber, Household):
        model.objects.all().delete()
    for key, hios in keys.items():
        Enrollment.objects.filter(pk=given.enrollment(f"P{key}", hios=hios).pk).update(id=-key)
    Enrollment.objects.update(id=-F("id"))
    for scope in (
        Scope(),
        Scope(hios_issuer_id=HIOS),
        Scope(without=(HIOS,)),
        Scope(enrollments=tuple(sorted(keys))),
    ):
        wanted = [key for key in sorted(keys) if (scope.hios_issuer_id or keys[key]) == keys[key]]
        wanted = [key for key in wanted if keys[key] not in scope.without]
        assert [enrolled.id for enrolled, _ in Ledger(scope, now=NOW).accounts()] == wanted
