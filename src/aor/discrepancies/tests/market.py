"""A market with people to claim, and the rows in which brokers claim them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

from tests.builders import ANA, BEN, Policy, associated, broker, carrier, enrollment_file

from aor.acts import receive, settle
from aor.discrepancies import intake
from aor.discrepancies.intake import Received
from aor.discrepancies.models import Claim, NameCounts
from aor.discrepancies.queries import AsTold
from aor.terms.actor import Actor, Role, system
from aor.workbooks import discrepancy_sheet

NOON = datetime(2026, 2, 10, 18, tzinfo=UTC)
BROKER = Actor(Role.BROKER, "ana", ANA)
OLA, PER = Actor(Role.OFFICER, "ola"), Actor(Role.OFFICER, "per")
HEADINGS = [column.heading for column in discrepancy_sheet.INPUTS]
START = date(2026, 1, 1)

# Who is whose: Kaying is Ana's, Tou has nobody, Mai is Ben's, Pa was Ana's until she took Ben, Bao's came late.
KAYING = {"last_name": "Vang", "first_name": "Kaying", "birth_date": "1984-05-02"}
TOU = {"last_name": "Okonkwo", "first_name": "Tou", "birth_date": "1971-11-23"}
MAI = {"last_name": "Lindqvist", "first_name": "Mai", "birth_date": "1990-03-17"}
PA = {"last_name": "Abdirahman", "first_name": "Pa", "birth_date": "1966-08-09"}
BAO = {"last_name": "Thao", "first_name": "Bao", "birth_date": "1979-12-30"}
NOBODY = {"last_name": "Nemo", "first_name": "Ulysses", "birth_date": "1955-01-31"}
PEOPLE = {"S1": KAYING, "S2": TOU, "S3": MAI, "S4": PA, "S5": BAO}


def opened(path: Path) -> None:
    """The market, with its enrollments received and its record decided; names are as rare as among very many."""
    carrier()
    carrier("45127", name="Prairie Dental", tax_id="410000002", x12_id="410000002")
    broker(ANA, email="ana@example.org")
    broker(BEN, "Ben", "Olsen", email="ben@example.org")
    associated("S1", ANA, date(2025, 12, 1))
    associated("S3", BEN, date(2025, 12, 1))
    associated("S4", ANA, date(2025, 10, 1))
    associated("S4", BEN, date(2025, 12, 1))
    associated("S5", ANA, date(2026, 2, 3))
    ended = {"S5": {"end": date(2026, 2, 28)}}
    sent(path, *(policy(f"P{name[1:]}", name, **ended.get(name, {})) for name in PEOPLE))
    firsts, lasts = ([[one[name], 150] for one in PEOPLE.values()] for name in ("first_name", "last_name"))
    NameCounts.objects.create(persons=300_000, counts=json.dumps([firsts, lasts, [], [["31616", 90_000]]]))


def policy(policy_id: str, subscriber: str, **others: object) -> Policy:
    person = PEOPLE[subscriber]
    year, month, day = person["birth_date"].split("-")
    values: dict[str, object] = {
        "policy": policy_id,
        "subscriber": subscriber,
        "last": person["last_name"].upper(),
        "first": person["first_name"].upper(),
        "application": f"55000{subscriber[1:]}-1",
        "birth": date(int(year), int(month), int(day)),
    }
    return Policy(**(values | others))  # type: ignore[arg-type]  # whatever a policy takes


def sent(path: Path, *policies: Policy, isa13: int = 501) -> None:
    """The marketplace sends an enrollment file."""
    at = datetime(2026, 1, 5, 12, tzinfo=UTC)
    path.write_bytes(enrollment_file(*policies, sent=at, isa13=isa13))
    receive.receive(path, by=system("test"), now=at)
    settle.settle(now=at)


def row(person: dict[str, str], **others: str) -> dict[str, str]:
    """What the sheet asks for, of a consumer."""
    plain = {
        "application_or_enrollment_date": "2025-12-05",
        "which_date": "Enrollment completed",
        "carrier": "North Star Health",
    }
    return {**person, **plain, **others}


def table(*rows: dict[str, str]) -> bytes:
    """The rows under the headings of our sheet, as a CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for one in rows:
        writer.writerow([one.get(column.name, "") for column in discrepancy_sheet.INPUTS])
    return out.getvalue().encode()


def claimed(*rows: dict[str, str], npn: str = ANA, now: datetime = NOON) -> Received:
    """A broker returns these rows."""
    return intake.receive(table(*rows), name="returned.csv", npn=npn, by=Actor(Role.BROKER, "b", npn), now=now)


def without_identity(told: AsTold) -> dict[str, object]:
    """What is told beside what the broker wrote and where it stands."""
    own = {name: getattr(told, name) for name in AsTold.__slots__}
    return {name: value for name, value in own.items() if name not in ("receipt", "line", "fields", "place")}


def claims() -> list[Claim]:
    return list(Claim.objects.select_related("case").order_by("case_id"))
