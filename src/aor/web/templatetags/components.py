"""Tags that draw the components; `aor.web.components` says what each takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms, template
from django.template.base import render_value_in_context
from django.template.context import Context
from django.templatetags.static import static
from django.utils import formats
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from aor.notices import languages
from aor.policy.decision import Finding
from aor.terms.period import ZONE
from aor.web import charts
from aor.web.components import (
    Chart,
    Chip,
    CountCard,
    Event,
    Fact,
    NavItem,
    Pages,
    Table,
    Task,
    Tone,
    Words,
)
from aor.web.forms import complaints

register = template.Library()

STATES: Mapping[str, tuple[Words, Tone, str]] = {
    "held": (pgettext_lazy("state of an agent of record", "Held"), "warning", "lock"),
    "ready": (pgettext_lazy("state of an agent of record", "Ready to send"), "info", "schedule"),
    "sent": (pgettext_lazy("state of an agent of record", "Sent"), "info", "send"),
    "accepted": (pgettext_lazy("state of an agent of record", "Accepted"), "success", "check"),
    "rejected": (pgettext_lazy("state of an agent of record", "Rejected by the carrier"), "error", "close"),
    "ended": (pgettext_lazy("state of an agent of record", "Ended"), "neutral", "event"),
}
ALERTS: Mapping[str, Words] = {
    "info": gettext_lazy("Information"),
    "success": gettext_lazy("Done"),
    "warning": gettext_lazy("Warning"),
    "error": gettext_lazy("Error"),
}


@register.filter(name="day")
def day(value: date | None) -> SafeString | str:
    """A day as the reader's language writes it."""
    if value is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.date_format(value, "DATE_FORMAT"))


@register.filter(name="instant")
def instant(value: datetime | None) -> SafeString | str:
    """An aware instant in Minnesota time, as the reader's language writes it."""
    if value is None:
        return ""
    words = formats.date_format(value.astimezone(ZONE), "DATETIME_FORMAT")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)


@register.filter
def when(value: datetime | date) -> SafeString | str:
    """A day or an instant, as it is known."""
    return instant(value) if isinstance(value, datetime) else day(value)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing of the vendored sprite, for decoration beside words."""
    return format_html(
        '<svg class="usa-icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("uswds/img/sprite.svg"),
        name,
    )


@register.simple_tag
def tag(words: Words, tone: str = "neutral", picture: str = "") -> SafeString:
    """A short state in words; the colour only repeats them."""
    drawn = icon(picture) if picture else ""
    return format_html('<span class="aor-tag aor-tag--{}">{}{}</span>', tone, drawn, words)


@register.simple_tag
def state_tag(state: str) -> SafeString:
    """The state of an agent of record: held, ready, sent, accepted, rejected or ended."""
    return tag(*STATES[state])


@register.inclusion_tag("web/components/page_title.html")
def page_title(
    title: Words, crumbs: Sequence[NavItem] = (), lead: Words = "", caption: Words = ""
) -> dict[str, object]:
    """The page's heading, where it lies, and one sentence on it."""
    return {"title": title, "crumbs": crumbs, "lead": lead, "caption": caption}


@register.inclusion_tag("web/components/alert.html")
def alert(kind: str, heading: Words = "", text: Words = "") -> dict[str, object]:
    """A message: info, success, warning or error."""
    return {"kind": kind, "heading": heading, "text": text, "said": ALERTS[kind]}


@register.inclusion_tag("web/components/summary.html")
def summary(facts: Sequence[Fact]) -> dict[str, object]:
    """Labels and values; a day or an instant is written as the reader's language does."""
    shown = [(fact, when(fact.value) if isinstance(fact.value, date) else fact.value) for fact in facts]
    return {"facts": shown}


@register.inclusion_tag("web/components/data_table.html", takes_context=True)
def data_table(context: Context, table: Table) -> dict[str, object]:
    """A table that a phone stacks; every cell knows its column. Rows are joined here: a template takes five times."""
    return {
        "table": table,
        "rows": _rows(context, table),
        "sortable": [column for column in table.columns if column.sort_url],
    }


def _rows(context: Context, table: Table) -> SafeString:
    first = '<th scope="row" role="rowheader" data-label="{}">'
    others = {True: '<td role="cell" data-label="{}" class="aor-number">', False: '<td role="cell" data-label="{}">'}
    heads = [
        format_html(others[column.numeric] if number else first, column.label)
        for number, column in enumerate(table.columns)
    ]
    drawn: list[str] = []
    for row in table.rows:
        drawn.append('<tr role="row">')
        for number, (head, cell) in enumerate(zip(heads, row, strict=True)):
            said = conditional_escape(cell) if isinstance(cell, str) else render_value_in_context(cell, context)
            drawn += head, said, "</td>" if number else "</th>"
        drawn.append("</tr>\n")
    return SafeString("".join(drawn))  # nosec B703  # every cell and label was escaped above


@register.inclusion_tag("web/components/pagination.html")
def pagination(pages: Pages) -> dict[str, object]:
    """Where one is among pages."""
    return {"pages": pages}


@register.inclusion_tag("web/components/filter_chips.html")
def filter_chips(chips: Sequence[Chip], clear_url: str = "") -> dict[str, object]:
    """Filters that are on."""
    return {"chips": chips, "clear_url": clear_url}


@register.inclusion_tag("web/components/count_cards.html")
def count_cards(cards: Sequence[CountCard]) -> dict[str, object]:
    """Counts that are filters."""
    return {"cards": cards}


@register.inclusion_tag("web/components/timeline.html")
def timeline(events: Sequence[Event]) -> dict[str, object]:
    """What happened, in the order given."""
    return {"events": events}


@register.inclusion_tag("web/components/finding_list.html")
def finding_list(findings: Sequence[Finding]) -> dict[str, object]:
    """What was found, what cures it, and by which text."""
    return {"findings": findings}


@register.inclusion_tag("web/components/task_list.html")
def task_list(tasks: Sequence[Task]) -> dict[str, object]:
    """What is to be done, and how far it is."""
    return {"tasks": tasks}


@register.inclusion_tag("web/components/steps.html")
def steps(labels: Sequence[Words], current: int) -> dict[str, object]:
    """Where one is in a form of several pages; `current` counts from 1."""
    return {
        "labels": labels,
        "current": current,
        "total": len(labels),
        "label": labels[current - 1],
    }


@register.inclusion_tag("web/components/empty_state.html")
def empty_state(heading: Words, text: Words = "", url: str = "", label: Words = "") -> dict[str, object]:
    """What is said where there is nothing, and what to do about it."""
    return {"heading": heading, "text": text, "url": url, "label": label}


@register.inclusion_tag("web/components/chart.html")
def chart(chart: Chart) -> dict[str, object]:
    """A drawing with its numbers in a table."""
    return {"chart": chart, "drawing": charts.drawing(chart)}


@register.inclusion_tag("web/components/search_form.html", takes_context=True)
def search_form(
    context: Context, name: str, label: Words, value: str = "", hint: Words = "", post_to: str = ""
) -> dict[str, object]:
    """One field that asks by GET; the other parameters of the page stay, its place among pages does not.

    What may be a person's name never stands in an address: `post_to` is where such words are posted to.
    """
    request = context.get("request")
    kept = [
        (key, each)
        for key, values in (request.GET.lists() if request else ())
        if key not in (name, "page")
        for each in values
    ]
    asked = {"name": name, "label": label, "value": value, "hint": hint}
    return asked | {"kept": kept, "post_to": post_to, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("web/components/error_summary.html")
def error_summary(form: forms.BaseForm | None) -> dict[str, object]:
    """Everything wrong with a form, each line leading to its field."""
    return {"complaints": complaints(form) if form and form.is_bound else []}


@register.simple_tag
def fields(form: forms.BaseForm) -> Any:
    """The form's fields, without what the error summary says."""
    return form.render("web/forms/fields.html")


@register.simple_tag
def draft_note() -> SafeString | str:
    """Where the page's language is a draft: that it is one, and who interprets for free, in that language."""
    language = languages.known((get_language() or languages.ENGLISH).partition("-")[0])
    if language.reviewed:
        return ""
    return format_html(
        '<aside class="aor-draft" aria-label="{}"><p class="aor-wide"><strong>{}</strong> {}</p></aside>',
        language.name,
        _("This translation is a draft."),
        language.interpreter,
    )


@register.simple_tag
def title_prefix(form: forms.BaseForm | None) -> str:
    """ "Error: " where the form has errors, so that a screen reader says it first."""
    return _("Error: ") if form and form.is_bound and form.errors else ""
