"""The answer to a broker: the workbook in the shape in which they reported, with the determination of each case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from aor.audit import operations as journal
from aor.brokers import queries as brokers
from aor.discrepancies import queries
from aor.discrepancies.queries import AsTold
from aor.terms.actor import Actor
from aor.terms.period import day_of
from aor.workbooks import determination
from aor.workbooks.determination import Determinations, Determined


@dataclass(frozen=True, slots=True)
class Answer:
    """A workbook, its file name, and how many of its cases are determined."""

    name: str
    content: bytes
    cases: int
    determined: int


def answer(npn: str, *, by: Actor, purpose: str, now: datetime) -> Answer:
    """Every claim of a broker with its determination, or that it is in review; the read is recorded."""
    told = queries.as_told(queries.of_broker(npn))
    journal.record_read(subject=("broker", npn), what="determinations", purpose=purpose, by=by, at=now)
    broker = brokers.roster([npn]).get(npn)
    content = determination.render(
        Determinations(
            number=f"DA-{day_of(now)}-{npn}",
            broker_name=broker.name if broker else "",
            npn=npn,
            agency_name=broker.agency_name if broker else "",
            marketplace=str(settings.AOR_MARKETPLACE),
            written_at=now,
            answers=tuple(map(_determined, told)),
        )
    )
    determined = sum(one.determined_on is not None for one in told)
    return Answer(f"AOR-determinations-{day_of(now)}-{npn}.xlsx", content, len(told), determined)


def _determined(told: AsTold) -> Determined:
    """A case that is not determined yet says so, and what was found so far."""
    says, because = told.determination, told.because
    if told.state in (queries.IN_REVIEW, queries.ANOTHER_REVIEW):
        says = f"{told.state}; so far: {told.determination}"
        because = f"{told.because}; place {told.place} in the queue, answered by {told.expected_on}"
    return Determined(
        receipt=told.receipt,
        determination=says,
        reason="; ".join((because, *told.problems)) if told.state == queries.MORE else because,
        determined_on=told.determined_on,
        what_to_do=told.what_to_do,
        fields=told.fields,
        sheet=told.sheet,
        line=told.line,
    )
