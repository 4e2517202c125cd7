"""Forms in USWDS markup: every field has a label, a hint, and errors that it is described by.

`Form` is what pages derive from: {% error_summary form %} goes above the page's title, {% fields form %} into
<form method="post" novalidate>; or extend web/form.html, which does both. `Renderer` is the setting FORM_RENDERER,
so that forms of others (sign-in) look the same. Two mixins for what the web does to forms:

    Versioned    `version` (hidden): what the reader saw, for a page that answers 409 when it is stale
    Submitted    `submission` (hidden): a token of this showing of the form; two posts with it are one submission
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import django
from django import forms
from django.forms import renderers
from django.template.backends.django import DjangoTemplates
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

HERE = Path(__file__).parent / "templates" / "web" / "forms"
DJANGO = Path(django.__file__).parent / "forms" / "templates"


MISSING = _("“%(label)s” is missing.")  # a list of errors must say of which field each one is
NOT_CHOSEN = _("Choose an answer: “%(label)s”")
NOT_TICKED = _("Tick “%(label)s” to go on.")


def numbered(said: str) -> int:
    """A number as a hidden field or an address carries it; 0 where it is none that a database holds."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else 0


def typed(said: str, most: int) -> str:
    """Words that were typed outside of a form's field, without what no keyboard types and no database takes."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())[:most]


class Renderer(renderers.BaseRenderer):
    """Draws every form and widget with the templates of `web/forms`, and with Django's where we have none."""

    form_template_name = "web/forms/form.html"
    field_template_name = "web/forms/field.html"

    @cached_property
    def engine(self) -> DjangoTemplates:
        return DjangoTemplates({"NAME": "forms", "APP_DIRS": True, "DIRS": [HERE / "widgets", DJANGO], "OPTIONS": {}})

    def get_template(self, template_name: str) -> Any:
        return self.engine.get_template(template_name)


class Form(forms.Form):
    """A form of the portal: errors come from the server, in our words and in the reader's language."""

    default_renderer = Renderer
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _missing(field) % {"label": self[name].label}


def _missing(field: forms.Field) -> Any:
    if isinstance(field, forms.BooleanField):
        return NOT_TICKED
    return NOT_CHOSEN if field.widget.use_fieldset else MISSING


class DayField(forms.DateField):
    """A day, asked by the browser's own date input; ISO, or as the reader's language writes it."""

    default_error_messages = {"invalid": _("Enter a real date, such as 2026-01-31.")}

    def __init__(self, *, earliest: str = "", latest: str = "", **kwargs: Any) -> None:
        bounds = {key: value for key, value in (("min", earliest), ("max", latest)) if value}
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **bounds}), **kwargs)


class PoliciesField(forms.CharField):
    """Exchange policy ids, apart by spaces, commas or lines; cleaned, a tuple of them, empty for all."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Only the households of these policies"),
            help_text=_("Policy numbers of the marketplace, one a line. Leave it empty for all clients."),
            required=False,
            max_length=200_000,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def clean(self, value: Any) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(re.split(r"[\s,;]+", super().clean(value).strip())))
        for one in found:
            if not re.fullmatch(r"[!-~]{0,50}", one):
                raise forms.ValidationError(gettext("%(policy)s is no policy number.") % {"policy": one[:50]})
        return tuple(filter(None, found))


class VersionField(forms.CharField):
    """What the reader saw, in a hidden field."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, max_length=100)


class Versioned(forms.Form):
    """Carries `version`; give it as initial={"version": ...} and compare it with what is now before acting."""

    version = VersionField()


class Submitted(forms.Form):
    """Carries `submission`, new at every showing; it survives a showing with errors."""

    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error, and the id of the field it is about ("" for the whole form)."""

    message: str
    target: str = ""


def complaints(form: forms.BaseForm) -> list[Complaint]:
    """All errors in the order of the fields; those of the whole form, and of hidden fields, first."""
    found = [Complaint(str(message)) for message in form.non_field_errors()]
    for bound in form.hidden_fields():
        found += [Complaint(str(message)) for message in bound.errors]
    for bound in form.visible_fields():
        found += [Complaint(str(message), _target(bound)) for message in bound.errors]
    return found


def _target(bound: forms.BoundField) -> str:
    """The id of the element that takes the focus: of several inputs, the first."""
    if not bound.auto_id:
        return ""
    return bound.id_for_label or f"{bound.auto_id}_0"
