"""A row that should not be on two reports, in the database of the process that asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from aor.associations.models import Ending
from aor.engine import store
from aor.incidents import operations as incidents
from aor.incidents.tests import market
from aor.incidents.tests.market import BROKER, HOUR, OFFICER
from aor.policy.association import EndKind
from aor.reports.models import Line, Report
from aor.terms.month import Month
from tests.builders import ANA

MAY_1 = datetime(2026, 5, 1, 18, tzinfo=UTC)


def assessed() -> str:
    """Two months of reports that carry the row; the number of the incident, assessed as wrong."""
    market.open_market(Path(settings.AOR_HOME))
    market.through_march()
    market.send(MAY_1 - timedelta(days=10))
    market.designate("S3", ANA, MAY_1 - timedelta(days=9))
    market.closed(Month(2026, 4), MAY_1)
    number = _reported("P1", now=MAY_1 + HOUR)
    assess(number)
    return number


def _reported(*policies: str, now: datetime) -> str:
    rows = Line.objects.filter(report=market.report(), policy_id__in=policies).values_list("pk", flat=True)
    number = incidents.report_rows(rows, npn=ANA, by=BROKER, now=now)[1]
    incidents.privacy_officer_told(number, by=OFFICER, now=now)
    incidents.begin(number, by=OFFICER, now=now)
    return number


def reported() -> str:
    """A month's report with two wrong rows; the number of the incident, not assessed yet."""
    market.open_market(Path(settings.AOR_HOME))
    market.through_march()
    return _reported("P1", "P2", now=MAY_1)


def assess(number: str) -> int:
    """Assessed as wrong, one association in a transaction; how many were annulled."""
    incidents.AT_ONCE = 1
    return incidents.assess(number, wrong=True, breach=True, words="wrong", by=OFFICER, now=MAY_1 + HOUR)


def gone_on_with() -> int:
    return incidents.correct(now=MAY_1 + 2 * HOUR)


def annulled() -> list[str]:
    """Whose associations are annulled, each as often as it was."""
    ends = Ending.objects.filter(kind=EndKind.UNDONE.value).order_by("pk")
    return list(ends.values_list("association__subscriber_id", flat=True))


def reissued(number: str) -> list[str]:
    return incidents.reissue(number, by=OFFICER, now=MAY_1 + 2 * HOUR)


def issues() -> list[tuple[str, bool]]:
    """Every report, and whether its workbook is stored."""
    rows = Report.objects.order_by("number").values_list("number", "workbook")
    return [(number, bool(workbook) and store.exists(workbook)) for number, workbook in rows]
