"""A row that should not be on two reports, in the database of the process that asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from aor.engine import store
from aor.incidents import operations as incidents
from aor.incidents.tests import market
from aor.incidents.tests.market import BROKER, HOUR, OFFICER
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
    row = Line.objects.get(report=market.report(), policy_id="P1").pk
    now = MAY_1 + HOUR
    number = incidents.report_rows([row], npn=ANA, by=BROKER, now=now)[1]
    incidents.privacy_officer_told(number, by=OFFICER, now=now)
    incidents.begin(number, by=OFFICER, now=now)
    incidents.assess(number, wrong=True, breach=True, words="the wrong household", by=OFFICER, now=now)
    return number


def reissued(number: str) -> list[str]:
    return incidents.reissue(number, by=OFFICER, now=MAY_1 + 2 * HOUR)


def issues() -> list[tuple[str, bool]]:
    """Every report, and whether its workbook is stored."""
    rows = Report.objects.order_by("number").values_list("number", "workbook")
    return [(number, bool(workbook) and store.exists(workbook)) for number, workbook in rows]
