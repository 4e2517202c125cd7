"""All data held on one person, table by table: the copy of a data subject (Minn. Stat. 13.04, subd. 3)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from django.apps import apps
from django.db.models import Q

from aor.associations.models import Association
from aor.consumers.models import Membership
from aor.retention.households import people_of
from aor.terms.period import ZONE

SUBSCRIBER = "exchange_subscriber_id"
OF_ENROLLMENT = f"enrollment__subscriber__{SUBSCRIBER}"

# What the table holds, in the words of the copy, and which column names the person.
TABLES: Mapping[str, tuple[str, str]] = {
    "consumers.Subscriber": ("You, by number", SUBSCRIBER),
    "consumers.Membership": ("Your household", SUBSCRIBER),
    "consumers.Contact": ("Where we reach you", SUBSCRIBER),
    "consumers.Preference": ("Your language", SUBSCRIBER),
    "enrollments.Enrollment": ("Your policies", f"subscriber__{SUBSCRIBER}"),
    "enrollments.Event": ("What enrollment files said of you", "subscriber_id"),
    "associations.Invitation": ("Brokers who asked to help you", "subscriber_id"),
    "record.Entry": ("Who was your agent of record", OF_ENROLLMENT),
    "transmissions.TransactionSet": ("What carriers were told", OF_ENROLLMENT),
    "transmissions.Receipt": ("What carriers answered", OF_ENROLLMENT),
    "reports.Line": ("Where a broker's report showed you", OF_ENROLLMENT),
    "reports.Withheld": ("Where a report said that you are held", OF_ENROLLMENT),
    "reports.Changed": ("Where a statement showed a change", OF_ENROLLMENT),
    "retro.Request": ("Requests for past months", f"identified__{OF_ENROLLMENT}"),
    "discrepancies.Claim": ("What a broker claimed about you", f"assessments__subscriber__{SUBSCRIBER}"),
    "incidents.Dispute": ("Brokers you did not ask for", "subscriber_id"),
}
NEVER = {"code_hash", "asked", "secret", "fingerprint"}  # they tell nothing of a person, and could be misused

type Copy = dict[str, list[dict[str, str]]]


def copy(subscriber: str) -> Copy:
    """Every row on a person, by what it is; columns by name, as text. Empty where nobody has that number."""
    found: Copy = {}
    for label, (words, column) in TABLES.items():
        found[words] = _rows(label, Q(**{column: subscriber}))
    if not found["You, by number"]:
        return {}
    keys = Membership.objects.filter(exchange_subscriber_id=subscriber).values_list("household_id", flat=True)
    ours = Q(subscriber_id=subscriber) | Q(household_id__in=list(keys))
    consents = Association.objects.filter(ours).values_list("consent_id", flat=True)
    found["Your brokers"] = _rows("associations.Association", ours)
    found["What you agreed to"] = _rows("associations.Consent", Q(pk__in=[one for one in consents if one]))
    told = Q(recipient_kind="subscriber", recipient_id=subscriber)
    found["What we wrote to you"] = _rows("notices.Notice", told)
    written = Q(to_role="consumer", to_id=subscriber) | Q(case__in=_cases(subscriber))
    found["Messages"] = _rows("cases.Message", written)
    about = Q(subject_kind="subscriber", subject_id=subscriber)
    found["Who looked at your data"] = _rows("audit.Read", about)
    found["What was done"] = _rows("audit.Act", about)
    return found


def _cases(subscriber: str) -> list[int]:
    """Cases that are about this person alone."""
    some = apps.get_model("incidents.Dispute")._default_manager.filter(subscriber_id=subscriber)
    cases = set(some.values_list("case_id", flat=True))
    requests = apps.get_model("retro.Identified")._default_manager.filter(**{OF_ENROLLMENT: subscriber})
    cases |= set(requests.values_list("request__case_id", flat=True))
    return sorted(case for case, (people, _carriers) in people_of(sorted(cases)).items() if people == {subscriber})


def _rows(label: str, where: Q) -> list[dict[str, str]]:
    model = apps.get_model(label)
    columns = [field.attname for field in model._meta.concrete_fields if field.attname not in NEVER]
    rows = model._default_manager.filter(where).order_by("pk").distinct()
    return [
        {column: str(value) for column, value in row.items() if value not in (None, "")}
        for row in rows.values(*columns)
    ]


def packed(subscriber: str, found: Copy, *, now: datetime) -> bytes:
    """The copy as a ZIP: `copy.html` to read, `copy.json` for a program."""
    content, at = io.BytesIO(), now.astimezone(ZONE)
    document = {"subscriber": subscriber, "made_at": now.isoformat(), "data": found}
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("copy.html", page(subscriber, found, made=f"{at:%Y-%m-%d %H:%M}")),
            ("copy.json", json.dumps(document, ensure_ascii=False, indent=1)),
        ):
            archive.writestr(zipfile.ZipInfo(name, at.timetuple()[:6]), text)
    return content.getvalue()


def page(subscriber: str, found: Copy, *, made: str) -> str:
    """The copy as one page without scripts or styles from elsewhere."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Your data</title></head><body>',
        f"<h1>Your data</h1><p>All that we hold on the person with the number {escape(subscriber)}, {made}.</p>",
    ]
    for words, rows in found.items():
        parts.append(f"<h2>{escape(words)} ({len(rows)})</h2>")
        parts += [_table(rows)] if rows else ["<p>Nothing.</p>"]
    return "\n".join([*parts, "</body></html>"])


def _table(rows: Sequence[Mapping[str, str]]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    head = "".join(f'<th scope="col">{escape(column.replace("_", " "))}</th>' for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(row.get(column, ''))}</td>" for column in columns) + "</tr>" for row in rows
    )
    return f"<table border><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
