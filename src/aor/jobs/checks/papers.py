"""Documents, and the books of the months."""

from __future__ import annotations

import json
from collections import Counter
from itertools import batched

from django.db.models import Count

from aor.close import steps
from aor.close.models import Close
from aor.engine import store
from aor.jobs import documents
from aor.jobs.checks import Findings, Seen, Wrong
from aor.policy import report as rules
from aor.policy.report import Sums
from aor.reports import queries, statements
from aor.reports.accounting import ALL
from aor.reports.models import Accounted, Changed, Line, Report, Statement, Withheld
from aor.retention import queries as retention
from aor.retention.schedule import PERSONAL

AT_ONCE = 200


def documents_are_whole(seen: Seen) -> Findings:
    """Every document that a row names is there, with the content that its name says."""
    for label, id, sha256 in documents.named():
        seen.rows += 1
        if not store.NAME.fullmatch(sha256):
            yield Wrong("name", label, id, f"row {id} of {label} names no document: {sha256[:80]!r}")
        elif words := store.verify(sha256):
            yield Wrong("document", label, id, f"{words} (row {id} of {label})")


def disposed_stays_disposed(seen: Seen) -> Findings:
    """What was disposed of by a rule of retention is gone: documents from the disk, personal data from the rows."""
    seen.rows = len(PERSONAL)  # tables that were looked at
    for sha256 in sorted(retention.gone_documents()):
        seen.rows += 1
        if store.exists(sha256):
            because = f"document {sha256} was disposed of and is still there: aor dispose --confirm takes it away"
            yield Wrong("document", "documents", sha256, because)
    for label, id in retention.not_emptied():
        yield Wrong("row", label, id, f"row {id} of {label} was disposed of and holds personal data again")


def months_balance(seen: Seen) -> Findings:
    """The books of each closed month balance to the row, and its hash is that of its reports."""
    for close in Close.objects.filter(state="closed").order_by("month"):
        seen.rows += 1
        sums = {name: Sums(**one) for name, one in json.loads(close.sums).items()}
        if not rules.balanced(sums).met:
            yield Wrong("sums", "close.Close", close.pk, f"the books of {close.month} do not balance")
        stored = _stored(close.month)
        for hios, one in sums.items():
            if (one.reported, one.excepted, one.carried_out) != stored.get(hios, (0, 0, 0)):
                because = f"the books of {close.month} for {hios} are not what its reports and accounts add up to"
                yield Wrong("books", "close.Close", close.pk, because)
        first = Report.objects.filter(month=close.month, issue=1).order_by("npn")
        if (first.count(), steps.hash_of(first.values_list("number", "lines_sha256"))) != (close.reports, close.hash):
            yield Wrong("hash", "close.Close", close.pk, f"the hash of {close.month} is not that of its reports")


def _stored(month: str) -> dict[str, tuple[int, int, int]]:
    """By carrier and of all: rows reported, excepted, carried out."""
    lines = Line.objects.filter(report__month=month, report__issue=1, on_month=True)
    found: Counter[tuple[str, str]] = Counter()
    for hios, count in lines.values_list("hios_issuer_id").annotate(Count("id")):
        found[hios, "reported"] += count
    rest = Accounted.objects.filter(month=month).exclude(outcome="reported")
    for hios, outcome, count in rest.values_list("hios_issuer_id", "outcome").annotate(Count("id")):
        found[hios, outcome] += count
    for (_, outcome), count in list(found.items()):
        found[ALL, outcome] += count
    return {
        hios: (found[hios, "reported"], found[hios, "excepted"], found[hios, "carried out"])
        for hios in {hios for hios, _ in found}
    }


def reports_are_as_published(seen: Seen) -> Findings:
    """The lines of every report give the hash it was published with."""
    gone = reports_without_names()
    rows = Report.objects.order_by("id").iterator(chunk_size=AT_ONCE)
    for some in batched((row for row in rows if row.pk not in gone), AT_ONCE):
        drafts = queries.drafts_of(some)
        for report in some:
            seen.rows += 1
            if drafts[report.pk].lines_sha256 != report.lines_sha256:
                because = f"the lines of report {report.number} are not those that were published"
                yield Wrong("lines", "reports.Report", report.pk, because)


def reports_without_names() -> set[int]:
    """Reports with rows whose names were disposed of: what they were published with cannot be computed again."""
    lines = Line.objects.filter(pk__in=retention.disposed_rows("reports.Line"))
    withheld = Withheld.objects.filter(pk__in=retention.disposed_rows("reports.Withheld"))
    return {*lines.values_list("report_id", flat=True), *withheld.values_list("report_id", flat=True)}


def statements_are_as_published(seen: Seen) -> Findings:
    """The reports and changes of every statement give the hash it was published with.

    One that rests on rows whose names were disposed of, of its own month or before, cannot be computed again.
    """
    changed = Changed.objects.filter(pk__in=retention.disposed_rows("reports.Changed")).values_list(
        "month", flat=True
    )
    emptied = Report.objects.filter(pk__in=reports_without_names()).values_list("month", flat=True)
    after = max((*changed, *emptied), default="")
    for month in (
        Statement.objects.filter(month__gt=after).order_by("month").values_list("month", flat=True).distinct()
    ):
        for some in batched(
            Statement.objects.filter(month=month).order_by("id").iterator(chunk_size=AT_ONCE), AT_ONCE
        ):
            seen.rows += len(some)
            for row in statements.unfounded(some):
                because = f"statement {row.number} does not rest on what was published"
                yield Wrong("statement", "reports.Statement", row.pk, because)
