"""What is measured: a workbook of claims taken in, a transfer looked at, announced and entered."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from itertools import batched

from django.db import transaction
from openpyxl import Workbook

from aor.calendar import queries as calendar
from aor.discrepancies import candidates, intake
from aor.discrepancies.models import PersonKey
from aor.engine import bulk
from aor.enrollments.models import Enrollment
from aor.jobs import homes
from aor.matching import keys
from aor.terms.actor import Actor, Role
from aor.transfers import entering, queries
from aor.transfers import operations as transfers
from aor.transfers.models import Transfer
from aor.workbooks import discrepancy_sheet
from benchmarks import market
from benchmarks.matching import people
from benchmarks.taken import Taken, taking

ASKED, THE_DAY = datetime(2026, 4, 10, 15, tzinfo=UTC), datetime(2026, 6, 1, 15, tzinfo=UTC)
FROM, TO = market.npn(0), market.npn(1)
BROKER, OFFICER = Actor(Role.BROKER, "benchmarks", TO), Actor(Role.OFFICER, "benchmarks")
AT_ONCE = 5_000


def persons() -> Taken:
    """Gives everybody on file a name and a birth date of the demo's, and indexes them as enrollment files would."""
    homes.ready()
    ids = list(Enrollment.objects.order_by("subscriber_id", "id").values_list("id", "subscriber_id"))
    known = people.make(len(ids), seed=2026).persons
    rows = [(id, one.last_name, one.first_name, one.birth_date) for (id, _), one in zip(ids, known, strict=False)]
    with taking() as taken:
        for some in batched(rows, AT_ONCE):
            with transaction.atomic():
                bulk.update(Enrollment, "id", ["last_name", "first_name", "birth_date"], some)
        for subscribers in batched(sorted({one for _, one in ids}), AT_ONCE):
            found = candidates.persons(subscribers)
            wanted = sorted({(key, int(one.key)) for one in found for key in keys.blocking_keys(one)})
            with transaction.atomic():
                bulk.load(PersonKey, ["key", "subscriber_id"], wanted)
        candidates.frequencies()
        taken.rows = len(ids)
    return taken


def returned(rows: str) -> Taken:
    """A workbook of so many rows: the broker's own and others' clients, and some of nobody; read and taken in."""
    content = _workbook(int(rows))
    calendar.parameters()
    with taking() as taken:
        received = intake.receive(
            content, name="returned.xlsx", npn=FROM, by=Actor(Role.BROKER, "benchmarks", FROM), now=ASKED
        )
        taken.rows = len(received.receipts)
    assert taken.rows == int(rows), (taken.rows, received.returned.refused[:3])
    return taken


def _workbook(count: int) -> bytes:
    whole = Enrollment.objects.count()
    ids = [number * 7919 % whole for number in range(count)]
    on_file = list(Enrollment.objects.order_by("id").values_list("last_name", "first_name", "birth_date"))
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = discrepancy_sheet.SHEET
    sheet.append([column.heading for column in discrepancy_sheet.INPUTS])
    for number, at in enumerate(ids):
        last, first, birth = on_file[at]
        row = {
            "last_name": f"{last}ov" if number % 10 == 0 else last, "first_name": first, "birth_date": birth,
            "application_or_enrollment_date": date(2025, 12, 1), "which_date": "Enrollment completed",
            "carrier": "North Star Health",
        }  # fmt: skip
        sheet.append([row.get(column.name) for column in discrepancy_sheet.INPUTS])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def preview() -> Taken:
    """A broker's whole book looked at, by the officer who decides."""
    number = _asked()
    with taking() as taken:
        found = transfers.preview(number, purpose="benchmarks", by=OFFICER, now=ASKED)
        taken.rows = len(found.households)
    assert found.decision.granted, found.decision.unmet
    assert found.can_move == taken.rows, found.reasons
    assert transfers.approve(number, version=1, by=OFFICER, now=ASKED).granted
    return taken


def _asked() -> str:
    decision, number = transfers.ask(from_npn=FROM, to_npn=TO, on=THE_DAY.date(), by=BROKER, now=ASKED)
    assert decision.granted, decision.unmet
    transfers.add_evidence(
        number, content=b"%PDF", name="agreement.pdf", media_type="application/pdf", by=BROKER, now=ASKED
    )
    return number


def moved() -> Taken:
    """What was announced is entered: associations, record, consents, notices."""
    with taking() as taken:
        taken.rows = entering.due(now=THE_DAY)
    row = Transfer.objects.get()
    assert taken.rows == queries.progress(row)["written to"]
    return taken
