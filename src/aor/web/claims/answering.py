"""The broker adds what was missing or asked for: fields, words, a document."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aor.cases import correspondence
from aor.cases.operations import Refused
from aor.discrepancies import operations as discrepancies
from aor.discrepancies import queries
from aor.discrepancies.queries import AsTold
from aor.documents import evidence
from aor.terms.period import day_of
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.claims import own, words
from aor.web.claims.claim import messages
from aor.web.claims.single import Case
from aor.web.components import NavItem
from aor.web.forms import Submitted
from aor.workbooks.returned import REQUIRED, ReturnedRow
from aor.workbooks.returned_fields import REMOVED, SOCIAL_SECURITY


def evidence_field(label: Any, **others: Any) -> forms.FileField:
    """A document as evidence."""
    return forms.FileField(
        label=label,
        help_text=gettext_lazy("PDF, PNG or JPEG, at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
        required=False,
        **others,
    )


class More(Submitted, Case):
    """What is added; a field that is left as it is stays so."""

    body = forms.CharField(
        label=gettext_lazy("Your answer to the broker team"),
        help_text=gettext_lazy("Never write a Social Security number."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=10_000,
        required=False,
    )
    evidence = evidence_field(gettext_lazy("A document that shows it"))

    def __init__(self, *args: Any, told: AsTold, today: date, **kwargs: Any) -> None:
        super().__init__(*args, today=today, now_says=told.fields, **kwargs)
        self.told = told

    def clean(self) -> dict[str, Any]:
        if not self.errors and not (self.changed() or self.files or self.cleaned_data.get("body", "").strip()):
            raise forms.ValidationError(_("Add what is missing, an answer or a document."))
        return self.cleaned_data

    def changed(self) -> dict[str, str]:
        """The fields that say something else than before."""
        return {name: text for name, text in self.said().items() if text != self.told.fields.get(name)}


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def answer(request: PortalRequest, claim: str) -> HttpResponse:
    """Takes what was added; the finding is made anew at once."""
    found = own.claim(request, claim)
    (told,) = queries.as_told([found])
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = More(*sent, told=told, today=day_of(request.now))
    if request.method == "POST" and form.is_valid() and _added(request, claim, form):
        return HttpResponseRedirect(reverse("claims:done", args=[claim, "answered"]))
    own.saw(request, [claim], what="discrepancy")
    context = {
        "title": _("Add what is missing"),
        "caption": claim,
        "crumbs": [
            NavItem(_("Report questions"), reverse("claims:list")),
            NavItem(claim, reverse("claims:claim", args=[claim])),
            NavItem(_("Add")),
        ],
        "form": form,
        "problems": [words.fields(queries.missing(found)), *map(words.sentence, told.problems)],
        "because": words.sentence(told.because),
        "events": messages(request, found.case),
        "waits": told.state == queries.MORE,
        "submit": _("Send"),
        "cancel_url": reverse("claims:claim", args=[claim]),
    }
    return render(request, "claims/answer.html", context)


def _added(request: PortalRequest, number: str, form: More) -> bool:
    """Whether it was taken; a document or a case that cannot be is an error of the form."""
    changed = form.changed()
    missing = tuple(name for name in REQUIRED if name not in form.said())
    row = ReturnedRow("", 0, changed, missing=missing) if changed else None
    try:
        document = own.accepted(request, "evidence")
        with transaction.atomic():
            body = SOCIAL_SECURITY.sub(REMOVED, form.cleaned_data["body"].strip())
            discrepancies.more_received(number, by=request.actor, now=request.now, row=row, body=body)
            if document is not None:
                correspondence.keep_evidence(
                    number, content=document.content, name=document.name, media_type=document.media_type,
                    by=request.actor, now=request.now,
                )  # fmt: skip
    except evidence.Refused as refused:
        form.add_error("evidence", _("This document cannot be taken: %(because)s.") % {"because": refused.because})
    except Refused as refused:
        form.add_error(None, words.sentence(str(refused)))
    else:
        return True
    return False
