"""How the pages of claims call fields, states and rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aor.discrepancies import queries
from aor.discrepancies.queries import AsTold
from aor.web.components import Tone, Words
from aor.web.templatetags.components import day, tag

FIELDS: dict[str, Words] = {
    "last_name": gettext_lazy("Last name"),
    "first_name": gettext_lazy("First name"),
    "birth_date": gettext_lazy("Date of birth"),
    "application_or_enrollment_date": gettext_lazy("Application or enrollment date"),
    "which_date": gettext_lazy("Which of the two dates it is"),
    "carrier": gettext_lazy("Carrier"),
    "submission_method": gettext_lazy("How the agent of record was submitted"),
    "application_method": gettext_lazy("How the application was made"),
    "address": gettext_lazy("Address"),
    "comments": gettext_lazy("Comments"),
}
STATES: dict[str, tuple[Words, Tone]] = {
    queries.IN_REVIEW: (gettext_lazy("In review"), "info"),
    queries.MORE: (gettext_lazy("Waiting for you"), "warning"),
    queries.ANSWERED: (gettext_lazy("Answered"), "success"),
    queries.ANOTHER_REVIEW: (gettext_lazy("Another review"), "info"),
    queries.CLOSED: (gettext_lazy("Closed"), "neutral"),
}


def person(fields: Mapping[str, str]) -> str:
    """Whom a row names, as it was written."""
    return ", ".join(filter(None, (fields.get("last_name", ""), fields.get("first_name", "")))) or _("not named")


def where(sheet: str, line: int) -> str:
    """Where a row stands in the file that was sent."""
    if not line:
        return _("the form")
    if not sheet:
        return _("line %(line)s") % {"line": line}
    return _("%(sheet)s, row %(line)s") % {"sheet": sheet, "line": line}


def fields(names: Iterable[str]) -> str:
    """Fields by name, in words."""
    return ", ".join(str(FIELDS.get(name, name)) for name in names)


def sentence(words: str) -> str:
    """A reason with a capital and a full stop."""
    return f"{capfirst(words).rstrip('.')}." if words else ""


def lines(words: Iterable[object]) -> SafeString:
    """Several sentences of one cell, each on a line."""
    return format_html_join(SafeString("<br>"), "{}", ((one,) for one in words if one))


def state(told: AsTold) -> SafeString:
    """The state of a claim, as its broker may know it."""
    return tag(*STATES[told.state])


def expected(told: AsTold) -> SafeString | str:
    """The place in the queue and the day by which we answer, while it is ours to work."""
    if told.place is None or told.expected_on is None:
        return "–"
    return format_html("{}<br>{}", _("place %(place)s") % {"place": told.place}, day(told.expected_on))
