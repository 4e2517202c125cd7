"""Components say in words what they show, escape what they are given, and link to where they say."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

import pytest
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from aor.policy.decision import Finding
from aor.web import charts
from aor.web import components as c
from aor.web.templatetags import components as tags

HOSTILE = "<script>alert(1)</script>"


def drawn(tag: str, **context: object) -> str:
    return " ".join(Template("{% load components %}" + tag).render(Context(context)).split())


def test_what_is_given_is_escaped_everywhere() -> None:
    table = c.Table(HOSTILE, (c.Column(HOSTILE),), ((HOSTILE,),))
    events = (c.Event(date(2026, 1, 1), HOSTILE, HOSTILE, HOSTILE),)
    findings = (Finding(HOSTILE, False, HOSTILE, HOSTILE, HOSTILE),)
    said = (
        drawn("{% data_table table %}", table=table)
        + drawn("{% timeline events %}", events=events)
        + drawn("{% finding_list findings %}", findings=findings)
        + drawn("{% summary facts %}", facts=(c.Fact(HOSTILE, HOSTILE),))
        + drawn("{% page_title words %}{% alert 'info' words words %}{% tag words %}", words=HOSTILE)
        + drawn("{% empty_state words words %}{% search_form 'q' words words %}", words=HOSTILE)
        + drawn("{% filter_chips chips %}", chips=(c.Chip(HOSTILE, "?"),))
        + drawn("{% chart chart %}", chart=c.Chart(HOSTILE, (c.Point(HOSTILE, 1),)))
        + str(c.link(HOSTILE, "javascript:1", described=HOSTILE))
    )
    assert "<script" not in said
    assert said.count("&lt;script&gt;") > 20


@pytest.mark.parametrize(("met", "words"), [(True, "Met"), (False, "Not met"), (None, "Not known")])
def test_a_finding_says_whether_it_is_met_in_words(met: bool | None, words: str) -> None:
    said = drawn("{% finding_list f %}", f=(Finding("APPOINTED", met, "not appointed", "Policy 3", "appoint them"),))
    assert f"</svg>{words}</span>" in said
    assert "Not appointed" in said
    assert "appoint them" in said
    assert "Policy 3" in said


@pytest.mark.parametrize("state", ["held", "ready", "sent", "accepted", "rejected", "ended"])
def test_every_state_has_words(state: str) -> None:
    assert str(tags.STATES[state][0]) in tags.state_tag(state)


def test_an_instant_is_told_in_minnesota_time_and_the_readers_language() -> None:
    instant = datetime(2026, 7, 1, 3, 30, tzinfo=UTC)
    assert "June 30, 2026, 10:30 p.m." in tags.instant(instant)
    with translation.override("es"):
        assert "30 de junio de 2026" in tags.instant(instant)


def test_a_sortable_column_turns_its_order_and_keeps_the_filters() -> None:
    query = QueryDict("state=held&state=sent&page=4&q=%C3%A9")
    column = c.sorting("Name", "name", query, by="name")
    assert column.order == "ascending"
    assert column.sort_url == "?state=held&state=sent&q=%C3%A9&sort=-name"
    assert c.sorting("Name", "name", query, by="-name").order == "descending"
    assert c.sorting("Name", "name", query, by="day").sort_url.endswith("sort=name")


def test_a_table_says_when_it_is_empty() -> None:
    said = drawn("{% data_table t %}", t=c.Table("Clients", (c.Column("Name"),), (), empty="Nobody yet"))
    assert "Nobody yet" in said
    assert "<table" not in said


def test_a_row_of_the_wrong_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        drawn("{% data_table t %}", t=c.Table("Clients", (c.Column("Name"),), (("a", "b"),)))


@given(st.integers(1, 60), st.data())
def test_pages_show_the_ends_and_the_neighbours(last: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, last))
    pages = c.pages_of(Paginator(range(last), 1).page(number), lambda page: f"?page={page}")
    numbers = [link.number for link in pages.links]
    assert {1, last, number} <= set(numbers)
    assert [link.number for link in pages.links if link.current] == [number]
    assert bool(pages.previous) == (number > 1)
    assert bool(pages.next) == (number < last)
    for before, after in itertools.pairwise(numbers):
        assert before is None or after is None or after == before + 1


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=40))
def test_a_chart_stays_inside_its_frame(values: list[float]) -> None:
    drawing = charts.drawing(c.Chart("Sent", [c.Point(str(n), value) for n, value in enumerate(values)]))
    for mark, value in zip(drawing.marks, values, strict=True):
        assert drawing.left <= mark.x <= mark.x + mark.width <= drawing.right
        assert 0 <= mark.y <= drawing.floor
        assert mark.value == value
    assert 2 <= len(drawing.grid) <= 7
    highest = max(range(len(values)), key=values.__getitem__)
    assert drawing.marks[highest].height == max(mark.height for mark in drawing.marks)


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=10))
def test_a_chart_of_names_names_every_bar_at_every_width(values: list[float]) -> None:
    chart = c.Chart("Held", [c.Point(f"cause {n}", value) for n, value in enumerate(values)], "rows")
    drawing = charts.drawing(chart)
    for mark, value in zip(drawing.marks, values, strict=True):
        assert 0 <= mark.x + mark.width <= charts.LONGEST < drawing.width
        assert mark.y + mark.height <= drawing.height
        assert mark.value == value
    said = drawn("{% chart chart %}", chart=chart)
    assert [said.count(f">cause {n}</text>") for n in range(len(values))] == [1] * len(values)
    assert "--minor" not in said  # a phone leaves those out


def test_a_chart_of_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="zero or more"):
        charts.drawing(c.Chart("Sent", [c.Point("Jan", -1)]))


def test_a_search_keeps_the_filters_and_begins_at_the_first_page() -> None:
    class Request:
        GET = QueryDict("state=held&page=3&q=old")

    said = drawn("{% search_form 'q' 'Find' 'old' %}", request=Request())
    assert '<input type="hidden" name="state" value="held">' in said
    assert 'name="page"' not in said
    assert said.count('name="q"') == 1


def test_words_that_may_be_a_name_are_posted() -> None:
    said = drawn("{% search_form 'words' 'Find' post_to='/search/' %}", csrf_token="token")
    assert '<form class="aor-search" role="search" method="post" action="/search/">' in said
    assert 'name="csrfmiddlewaretoken" value="token"' in said
