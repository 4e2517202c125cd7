"""Documents, notices and invitations: things with a day of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import batched
from typing import Any, cast

from django.db.models import Model, QuerySet

from aor.associations.models import Invitation
from aor.enrollments.models import EnrollmentFile, Event
from aor.notices.models import Notice, State
from aor.reports.models import Line, Report, StatementFile, StatementReport
from aor.retention.candidates import AT_ONCE, Candidate, Gathered, not_disposed
from aor.retention.schedule import DOCUMENTS
from aor.terms.period import day_of, end_of
from aor.transmissions.models import Acknowledgment, Answer, Interchange, TransactionSet

SUBSCRIBER = "enrollment__subscriber__exchange_subscriber_id"

type About = Iterable[tuple[int, str, str, str]]
"""Row, subscriber, NPN, carrier; what is not known of it is empty."""


def letters(by: date) -> Iterator[list[Candidate]]:
    """Notices that were written on that day or before, and wait no more."""
    rows = not_disposed(Notice).filter(queued_at__lt=end_of(by)).exclude(state=State.QUEUED)
    yield from _each(rows, "queued_at", _of_notices)


def _of_notices(some: list[Any]) -> About:
    for row in some:
        kind, to = row.recipient_kind, row.recipient_id
        yield row.pk, to if kind == "subscriber" else "", to if kind == "broker" else "", ""


def invitations(by: date) -> Iterator[list[Candidate]]:
    """Invitations of persons who were not found: nobody can say whom they named."""
    rows = not_disposed(Invitation).filter(sent_at__lt=end_of(by), subscriber_id="")
    yield from _each(rows, "sent_at", lambda some: ((row.pk, "", row.npn, "") for row in some), placed=False)


def documents(by: date) -> Iterator[list[Candidate]]:
    """Interchanges, answers, workbooks and statements of that day or before."""
    for model, at, about in (
        (EnrollmentFile, "received_at", _of_files),
        (Interchange, "composed_at", _of_interchanges),
        (Acknowledgment, "received_at", _of_answers),
        (Report, "published_at", _of_reports),
        (StatementFile, "statement__published_at", _of_statements),
    ):
        column = DOCUMENTS[model._meta.label]
        rows = not_disposed(cast("type[Model]", model)).filter(**{f"{at}__lt": end_of(by), f"{column}__gt": ""})
        yield from _each(rows, at, about)


def _each(
    rows: QuerySet[Any], at: str, about: Callable[[list[Any]], About], *, placed: bool = True
) -> Iterator[list[Candidate]]:
    """Each row a thing of its own, by its instant `at`."""
    label, first, _, rest = rows.model._meta.label, *at.partition("__")
    for batch in batched(rows.order_by("pk").iterator(chunk_size=AT_ONCE), AT_ONCE):
        some, found = list(batch), defaultdict[int, Gathered](Gathered)
        for id, subscriber, npn, carrier in about(some):
            found[id].subscribers |= {subscriber} - {""}
            found[id].npns.add(npn)
            found[id].carriers.add(carrier)
        ready = []
        for row in some:
            instant = getattr(getattr(row, first), rest) if rest else getattr(row, first)
            one = found[row.pk]
            one.rows[label].add(row.pk)
            ready.append(one.candidate(ended=day_of(instant), placed=placed))
        yield ready


def _of_files(some: list[Any]) -> About:
    rows = Event.objects.filter(file__in=some)
    yield from rows.values_list("file_id", "subscriber_id", "broker_npn", "hios_issuer_id").distinct()


def _of_interchanges(some: list[Any]) -> About:
    rows = TransactionSet.objects.filter(interchange__in=some)
    yield from rows.values_list("interchange_id", SUBSCRIBER, "npn", "interchange__hios_issuer_id")


def _of_answers(some: list[Any]) -> About:
    yield from ((row.pk, "", "", row.hios_issuer_id) for row in some)
    for id, subscriber, npn in Answer.objects.filter(
        acknowledgment__in=some, transaction_set__isnull=False
    ).values_list("acknowledgment_id", f"transaction_set__{SUBSCRIBER}", "transaction_set__npn"):
        yield id, subscriber, npn, ""


def _of_reports(some: list[Any]) -> About:
    yield from ((row.pk, "", row.npn, "") for row in some)
    for id, subscriber, carrier in Line.objects.filter(report__in=some).values_list(
        "report_id", SUBSCRIBER, "hios_issuer_id"
    ):
        yield id, subscriber, "", carrier


def _of_statements(some: list[Any]) -> About:
    of = defaultdict[int, list[int]](list)
    for row in some:
        of[row.statement_id].append(row.pk)
    reports = StatementReport.objects.filter(statement__in=of)
    for statement, subscriber, npn, carrier in reports.values_list(
        "statement_id", f"report__lines__{SUBSCRIBER}", "report__npn", "report__lines__hios_issuer_id"
    ):
        yield from ((id, subscriber or "", npn, carrier or "") for id in of[statement])
