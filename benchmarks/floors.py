"""The least that a job could take: the same rows read, plain text made, the same tables loaded; no rule asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import batched
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from aor.consumers.models import Household, Subscriber
from aor.engine import bulk
from aor.enrollments.models import Enrollment, EnrollmentFile, Event
from aor.enrollments.operations import EVENT_COLUMNS
from aor.transmissions.models import Interchange, TransactionSet
from benchmarks import market

_ROWS = """
SELECT e.id, e.npn, e.effective_from, n.policy_id, n.plan_id, n.member_id, n.start, n.last_name, n.first_name,
       n.birth_date, n.sex, n.coverage_kind, s.exchange_subscriber_id, n.id, b.first_name, b.last_name
FROM record_entry e JOIN enrollments_enrollment n ON n.id = e.enrollment_id
JOIN consumers_subscriber s ON s.id = n.subscriber_id JOIN brokers_broker b ON b.npn = e.npn
WHERE e.known_until IS NULL ORDER BY e.enrollment_id
"""
_SET_COLUMNS = ["interchange_id", "enrollment_id", "npn", "effective_from", "kind", "gs06", "st02", "bgn02"]


def send() -> int:
    """Rows read, f-strings, one file, the ledger's table with its indexes and keys."""
    now = market.SENT
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ROWS)
        one = Interchange.objects.create(
            hios_issuer_id=market.HIOS, isa06="x", isa08="x", isa13="1", name="x", sha256="", sets=0, composed_at=now
        )
        path = Path(os.environ["AOR_HOME"]) / "floor.834"
        with path.open("w", encoding="ascii") as file:
            loaded = bulk.load(TransactionSet, [*_SET_COLUMNS, "fingerprint"], _written(cursor, one.pk, file))
            file.flush()
            os.fsync(file.fileno())
    return loaded


def _written(cursor: Any, interchange: int, file: Any) -> Iterator[tuple[Any, ...]]:
    at = f"{market.SENT:%Y%m%d*%H%M%S}"
    number = 0
    while rows := cursor.fetchmany(2000):
        texts = []
        for row in rows:
            number += 1
            st02 = f"{number:09d}"
            texts.append(_set(row, st02, at))
            yield interchange, row[13], row[1], row[2], "agent", "1", st02, st02, f"{number:032x}"
        file.write("".join(texts))


def _set(row: tuple[Any, ...], st02: str, at: str) -> str:
    """One maintenance set."""
    _, npn, day, policy, plan, member, start, last, first, born, sex, kind, subscriber, _, b_first, b_last = row
    day, start, born = (str(value).replace("-", "") for value in (day, start, born))
    return (
        f"ST*834*{st02}*005010X220A1~BGN*00*{st02}*{at}*UT***2~N1*P5*{first.upper()} {last.upper()}*94*{subscriber}~"
        f"N1*IN*North Star Health*FI*410000001~N1*BO*{b_first.upper()} {b_last.upper()}*94*{npn}~"
        f"INS*Y*18*001**A***AC~REF*0F*{subscriber}~REF*17*{member}~DTP*303*D8*{day}~"
        f"NM1*IL*1*{last.upper()}*{first.upper()}****ZZ*{subscriber}~DMG*D8*{born}*{sex}~HD*001**{kind}~"
        f"DTP*348*D8*{start}~DTP*303*D8*{day}~REF*CE*{plan}~REF*1L*{policy}~LS*2700~LX*1~N1*75*ADDL MAINT REASON~"
        f"REF*17*AGENT BROKER INFO~LE*2700~SE*22*{st02}~"
    )


_DAY = """
SELECT n.policy_id, s.exchange_subscriber_id, n.hios_issuer_id, n.coverage_kind, n.start, n.until, n.cancelled,
       n.sent_at, e.npn, e.effective_from, e.effective_until, e.in_standing, d.findings, t.npn, t.effective_from,
       t.interchange_id, t.kind
FROM record_entry e JOIN enrollments_enrollment n ON n.id = e.enrollment_id
JOIN consumers_subscriber s ON s.id = n.subscriber_id JOIN audit_decision d ON d.id = e.decision_id
LEFT JOIN transmissions_transactionset t ON t.enrollment_id = n.id
WHERE e.known_until IS NULL ORDER BY n.id
"""


def record_day() -> int:
    """The rows of the tables of a day's record, read by one statement."""
    count = 0
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_DAY)
        while rows := cursor.fetchmany(4_000):
            count += len(rows)
    return count


def receive(path: Path) -> int:
    """The same bytes split, and the same tables loaded."""
    day, sent = date(2026, 1, 5), datetime(2026, 1, 5, 12, tzinfo=UTC)
    with transaction.atomic():
        file = EnrollmentFile.objects.create(sha256="0", name="floor", received_at=sent)
    people: list[tuple[str, ...]] = []
    events = _events(path, file.pk, sent, day, people)
    for some in batched(events, 5_000):
        bulk.load(Event, EVENT_COLUMNS, some)
    for part in batched(people, 10_000):
        with transaction.atomic():
            keys = bulk.next_ids(Household, len(part))
            bulk.load(Household, ["id"], ((key,) for key in keys))
            ids = bulk.next_ids(Subscriber, len(part))
            rows = list(zip(ids, keys, part, strict=True))
            columns = ["id", "exchange_subscriber_id", "household_id", "application_id"]
            bulk.load(Subscriber, columns, ((id, one[0], key, one[1]) for id, key, one in rows))
            bulk.load(Enrollment, _ENROLLMENT, (_enrollment(id, one, sent, day) for id, _, one in rows))
    return len(people)


_ENROLLMENT = [
    "hios_issuer_id", "policy_id", "subscriber_id", "coverage_kind", "plan_id", "member_id", "start", "until",
    "told_until", "cancelled", "enrolled_on", "sent_at", "sent_day", "last_name", "first_name", "middle_name",
    "birth_date", "sex",
]  # fmt: skip


def _enrollment(key: int, one: tuple[str, ...], sent: datetime, day: date) -> tuple[Any, ...]:
    subscriber, _, policy, plan, last, first = one
    start, until = date(2026, 1, 1), date(2027, 1, 1)
    return (
        plan[:5], policy, key, "HLT", plan, subscriber, start, until, until, False, day, sent, day, last, first, "",
        start, "F",
    )  # fmt: skip


def _events(
    path: Path, file: int, sent: datetime, day: date, people: list[tuple[str, ...]]
) -> Iterator[tuple[Any, ...]]:
    """Every subscriber's row, picked out of plainly split segments."""
    start = date(2026, 1, 1)
    found: dict[str, str] = {}
    with path.open("rb") as stream:
        for text in _pieces(stream):
            for segment in text.split("~"):
                elements = segment.split("*")
                match elements[0]:
                    case "REF" | "DTP" | "LX":
                        found[segment[:6]] = elements[-1]
                    case "NM1":
                        found["last"], found["first"] = elements[3], elements[4]
                    case "ST":
                        found = {"ST": elements[2]}
                    case "INS":
                        if elements[1] == "N":
                            found = {"ST": found["ST"], "N": "N", "REF*0F": ""}
                    case "LE" if "N" not in found:
                        subscriber, plan, policy = found["REF*0F"], found["REF*CE"], found["REF*1L"]
                        application = found["REF*6M"][:-2]
                        last, first = found["last"], found["first"]
                        people.append((subscriber, application, policy, plan, last, first))
                        yield (
                            file, sent, day, "410000001", "000000501", found["ST"], "410000001", "add", plan[:5],
                            policy, subscriber, subscriber, plan, "HLT", start, None, day, application, last, first,
                            "", start, "F", "100 MAIN STREET, SAINT PAUL, MN", "6125550100",
                            "somebody@example.org", "", "", "",
                        )  # fmt: skip


def _pieces(stream: Any) -> Iterator[str]:
    rest = ""
    while block := stream.read(1 << 20):
        text, _, rest = (rest + block.decode("ascii")).rpartition("~")
        yield text
