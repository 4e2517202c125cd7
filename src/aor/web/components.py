"""The parts that pages are made of, as frozen facts; `{% load components %}` has a tag that draws each.

    {% page_title title crumbs lead %}     heading of the page; crumbs: NavItems, the last without an address
    {% alert "success" heading text %}     kinds: info, success, warning, error
    {% summary facts %}                    Facts: label and value, and an address that changes it
    {% data_table table %}                 a Table; stacked on a phone; `sorting(...)` makes sortable Columns
    {% pagination pages %}                 Pages, of `pages_of(page, url)` or of previous and next alone
    {% filter_chips chips clear_url %}     Chips: what is filtered now, each with the address without it
    {% count_cards cards %}                CountCards: counts that are filters
    {% timeline events %}                  Events in the order given
    {% finding_list findings %}            aor.policy.decision.Finding: met, not met or not known; why, cure, text
    {% state_tag "held" %}                 held, ready, sent, accepted, rejected, ended
    {% tag "Ending soon" "warning" %}      any other short state: neutral, info, success, warning, error
    {% task_list tasks %}                  Tasks: what is to be done, and how far it is
    {% steps labels current %}             step indicator; current counts from 1
    {% empty_state heading text url label %}
    {% chart chart %}                      a Chart (bar or line) with its data table
    {% search_form "q" label value %}      one field, by GET; `post_to=url` where words may be a name
    {% error_summary form %}  {% fields form %}   with aor.web.forms.Form
    {% icon "search" %}                    decoration only: always beside words
    {{ day|day }}  {{ instant|instant }}   in the reader's language, in Minnesota time

Whole pages to extend: web/base.html (block main), web/form.html, web/check_answers.html, web/confirmation.html.
A cell or value is text; what is safe markup (of format_html or `link`) is kept as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import urlencode

from django.core.paginator import Page
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from aor.policy.decision import Finding

type Words = str | Promise
type Tone = Literal["neutral", "info", "success", "warning", "error"]


@dataclass(frozen=True, slots=True)
class NavItem:
    """One way to go: of the primary navigation, the account menu or the crumbs."""

    label: Words
    url: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a summary or of check-answers; `change_url` leads to where it can be changed."""

    label: Words
    value: object
    change_url: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; `sort_url` sorts by it, `order` says how the rows are sorted now."""

    label: Words
    sort_url: str = ""
    order: Literal["", "ascending", "descending"] = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under columns; the first cell of a row names it. `empty` is said where there is no row."""

    caption: Words
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    empty: Words = ""
    show_caption: bool = True


@dataclass(frozen=True, slots=True)
class PageLink:
    """A numbered page; number None is a gap."""

    number: int | None
    url: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one is among pages, and the addresses beside it; `said` is such as "51 to 100 of 2,310"."""

    previous: str = ""
    next: str = ""
    links: Sequence[PageLink] = ()
    said: Words = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the address without it."""

    label: Words
    remove_url: str


@dataclass(frozen=True, slots=True)
class CountCard:
    """A count that is a filter."""

    label: Words
    count: int
    url: str
    tone: Tone = "neutral"
    current: bool = False
    hint: Words = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, when, by whom; with the findings it rested on."""

    at: datetime | date
    what: Words
    by: Words = ""
    detail: Words = ""
    findings: Sequence[Finding] = ()
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do, and how far it is, in words; without `url` it cannot be begun yet."""

    label: Words
    status: Words
    url: str = ""
    hint: Words = ""
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a chart, in the chart's unit."""

    label: Words
    value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Values in their order (`rows`: of names, else of a sequence); the numbers stand beside it in a table."""

    title: Words
    points: Sequence[Point]
    kind: Literal["bar", "line", "rows"] = "bar"
    label_heading: Words = ""
    value_heading: Words = ""


@dataclass(frozen=True, slots=True)
class NextStep:
    """Of a confirmation: what happens next, and when."""

    what: Words
    when: Words = ""


def link(label: Words, url: str, *, described: Words = "") -> SafeString:
    """A link for a cell; `described` is added for screen readers, where many links have the same words."""
    hidden = format_html(' <span class="usa-sr-only">{}</span>', described) if described else ""
    return format_html('<a class="usa-link" href="{}">{}{}</a>', url, label, hidden)


def query_url(query: Mapping[str, Any], **changes: object) -> str:
    """The same page with some parameters changed, or left out where None; `page` starts anew unless given.

    `query` is a QueryDict or a dict; a list keeps its values.
    """
    kept: dict[str, object] = dict(query.lists()) if hasattr(query, "lists") else dict(query)
    kept.pop("page", None)
    kept |= changes
    return "?" + urlencode({key: value for key, value in kept.items() if value not in (None, "", [])}, doseq=True)


def sorting(label: Words, key: str, query: Mapping[str, Any], *, by: str, numeric: bool = False) -> Column:
    """A column that sorts by `key`; `by` is the order now, such as "name" or "-name"."""
    turned = f"-{key}" if by == key else key
    order: Literal["", "ascending", "descending"] = (
        "ascending" if by == key else "descending" if by == f"-{key}" else ""
    )
    return Column(label, query_url(query, sort=turned), order, numeric)


def pages_of(page: Page[Any], url: Callable[[int], str], *, said: Words = "") -> Pages:
    """The first, last and neighbouring pages of a Django page; `url` gives a page's address."""
    last = page.paginator.num_pages
    shown = sorted({1, last, *range(max(1, page.number - 1), min(last, page.number + 1) + 1)})
    links: list[PageLink] = []
    for number in shown:
        if links and number - (links[-1].number or 0) > 1:
            links.append(PageLink(None))
        links.append(PageLink(number, url(number), number == page.number))
    return Pages(
        previous=url(page.number - 1) if page.has_previous() else "",
        next=url(page.number + 1) if page.has_next() else "",
        links=links,
        said=said,
    )
