"""Forms tell a reader of any kind which field is wrong, and why."""

from __future__ import annotations

import re
import uuid

from django import forms
from django.template import Context, Template

from aor.web import forms as portal_forms
from aor.web.styleguide import Everything


def drawn(form: forms.BaseForm) -> str:
    return Template("{% load components %}{% error_summary form %}{% fields form %}").render(Context({"form": form}))


def test_every_input_is_labelled_and_described_by_its_hint_and_error() -> None:
    said = drawn(Everything({"email": "no"}))
    ids = set(re.findall(r' id="([^"]+)"', said))
    assert len(ids) == len(re.findall(r' id="([^"]+)"', said))
    assert set(re.findall(r' for="([^"]+)"', said)) <= ids
    described = {each for value in re.findall(r'aria-describedby="([^"]+)"', said) for each in value.split()}
    assert {"id_name_helptext", "id_name_error", "id_path_error", "id_agreed_error"} <= described <= ids
    for visible in re.findall(r"<(?:input|select|textarea)[^>]*>", said):
        if 'type="hidden"' not in visible:
            (name,) = re.findall(r' id="([^"]+)"', visible)
            assert f'for="{name}"' in said, visible


def test_the_summary_says_the_same_words_as_the_field() -> None:
    form = Everything({"email": "no"})
    said = drawn(form)
    for complaint in portal_forms.complaints(form):
        assert said.count(f">{complaint.message}<") + said.count(f"</span>{complaint.message}</p>") >= 1
        if complaint.target:
            assert f'href="#{complaint.target}"' in said
            assert f'id="{complaint.target}"' in said


def test_a_missing_answer_is_named() -> None:
    messages = {complaint.message for complaint in portal_forms.complaints(Everything({}))}
    assert {
        "“Name” is missing.",
        "Choose an answer: “How did it begin?”",
        "Tick “I have read the agreement” to go on.",
    } <= messages


def test_a_fields_own_words_stay() -> None:
    class Asked(portal_forms.Form):
        code = forms.CharField(error_messages={"required": "Enter the code from your letter."})

    assert portal_forms.complaints(Asked({}))[0].message == "Enter the code from your letter."


def test_an_optional_field_says_so() -> None:
    assert "(optional)" in drawn(Everything()).partition("id_email")[2].partition("<input")[0]


def test_a_token_is_new_at_each_showing_and_stays_with_errors() -> None:
    first, second = (re.findall(r'name="submission" value="([^"]+)"', drawn(Everything()))[0] for _ in range(2))
    assert first != second
    assert uuid.UUID(first)
    assert f'value="{first}"' in drawn(Everything({"submission": first}))


def test_what_was_seen_comes_back() -> None:
    class Change(portal_forms.Versioned):
        pass

    assert 'name="version" value="7"' in drawn(Change(initial={"version": "7"}))
    assert Change({"version": "7"}).is_valid()


def test_a_day_is_asked_by_the_browsers_own_input() -> None:
    class Asked(portal_forms.Form):
        day = portal_forms.DayField(earliest="2026-01-01")

    assert re.search(r'type="date"[^>]*min="2026-01-01"', drawn(Asked()))
    assert portal_forms.complaints(Asked({"day": "2026-02-30"}))[0].message.startswith("Enter a real date")


def test_what_was_typed_is_escaped() -> None:
    said = drawn(Everything({"name": '"><script>', "reason": "</textarea><script>"}))
    assert "<script" not in said
