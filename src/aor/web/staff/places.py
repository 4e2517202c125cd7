"""Where cases are worked whose steps have pages of their own; the others are worked on the page of the case."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse

from aor.cases.models import Case

OWN: Mapping[str, tuple[str, str]] = {
    "incident": ("staff:incidents", "staff:incident"),
    "transfer": ("staff:transfers", "staff:transfer"),
    "npn correction": ("staff:corrections", "staff:correction"),
    "dispute": ("staff:disowned", "staff:disowned_one"),
    "agency registration": ("staff:registrations", ""),
}
"""By kind of case the list, and the page of one: by its number, of a dispute by its association."""


def list_of(kind: str) -> str:
    """The address of a kind's list."""
    if kind in OWN:
        return reverse(OWN[kind][0])
    return f"{reverse('staff:cases')}?kind={kind.replace(' ', '+')}"


def page_of(row: Case) -> str:
    """The address where a case's steps are taken; "" where that is the page of the case."""
    if row.kind not in OWN:
        return ""
    listed, one = OWN[row.kind]
    if not one:
        return reverse(listed)
    return reverse(one, args=[row.subject_id if row.kind == "dispute" else row.number])
