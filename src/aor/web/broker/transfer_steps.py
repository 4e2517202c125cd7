"""What who asked for a book can do until it is decided: add a document, or take the request back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django import forms
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.cases.models import State
from aor.cases.operations import Refused
from aor.documents import evidence as checks
from aor.transfers import operations as acts
from aor.transfers.models import Transfer
from aor.web import access, once, problems
from aor.web import evidence as documents
from aor.web.access import PortalRequest
from aor.web.broker import transfers
from aor.web.claims.own import accepted
from aor.web.components import NavItem, NextStep, Words
from aor.web.forms import Form, Submitted, Versioned, numbered
from aor.web.templatetags.components import day

DONE: Mapping[str, tuple[Words, Words]] = {
    "added": (gettext_lazy("We received the document"), gettext_lazy("The officer who decides reads it.")),
    "withdrawn": (gettext_lazy("The request was taken back"), gettext_lazy("Nothing moves. You may ask again.")),
}


class Document(Submitted, Versioned, Form):
    """One more document."""

    document = forms.FileField(
        label=gettext_lazy("A document"),
        help_text=gettext_lazy("PDF, PNG or JPEG, at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )


class Sure(Submitted, Versioned, Form):
    """Nothing to fill in."""


@access.allow(*transfers.ASKERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def add(request: PortalRequest, book: str) -> HttpResponse:
    """A document is added before it is decided."""
    row = _waiting(request, book)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = Document(*sent, initial={"version": row.case.version})

    def act() -> None:
        document = accepted(request, "document")
        if document is None:
            raise checks.Refused(_("it is empty"))
        by = transfers.acting(request, row)
        acts.add_evidence(
            book, content=document.content, name=document.name, media_type=document.media_type, by=by,
            now=request.now,
        )  # fmt: skip

    return _step(request, row, form, act, _("Add a document"), _("Add"), "added")


@access.allow(*transfers.ASKERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def withdraw(request: PortalRequest, book: str) -> HttpResponse:
    """The request is taken back before it is decided."""
    row = _waiting(request, book)
    form = Sure(request.POST if request.method == "POST" else None, initial={"version": row.case.version})

    def act() -> None:
        version = numbered(form.cleaned_data["version"])
        acts.withdraw(book, version=version, by=transfers.acting(request, row), now=request.now)

    return _step(request, row, form, act, _("Take the request back"), _("Take it back"), "withdrawn")


def _waiting(request: PortalRequest, number: str) -> Transfer:
    row = transfers.one_of(request, number)
    if transfers.decided(row) or row.case.state == State.CLOSED:
        raise problems.Stale(_("This request was decided or taken back."), back=_page(request, number))
    return row


def _page(request: PortalRequest, number: str) -> str:
    return transfers.address(request, "transfer", number)


def _step(
    request: PortalRequest,
    row: Transfer,
    form: forms.Form,
    act: Callable[[], None],
    title: str,
    submit: str,
    done: str,
) -> HttpResponse:
    number = row.case.number
    if request.method == "POST" and form.is_valid():
        try:
            act()
            return HttpResponseRedirect(transfers.address(request, "transfer_done", number, done))
        except checks.Refused as refused:
            form.add_error(
                "document", _("This document cannot be taken: %(because)s.") % {"because": refused.because}
            )
        except Refused as because:
            raise problems.Stale(str(because), back=_page(request, number)) from None
    context = {
        "title": title,
        "crumbs": transfers.crumbs(request, NavItem(number, _page(request, number)), NavItem(submit)),
        "facts": transfers.facts(row),
        "form": form,
        "submit": submit,
        "cancel_url": _page(request, number),
    }
    return render(request, "claims/step.html", context)


@access.allow(*transfers.ASKERS)
@require_safe
def done(request: PortalRequest, book: str, done: str) -> HttpResponse:
    """What was done, and what happens next, and when."""
    row = transfers.one_of(request, book)
    if done not in DONE:
        raise Http404
    title, follows = DONE[done]
    last = transfers.expected_on(row)
    context = {
        "title": title,
        "reference": book,
        "next_steps": [NextStep(follows, format_html(_("Expected by {}"), day(last)) if last else "")],
        "links": [
            NavItem(_("The request"), _page(request, book)),
            NavItem(_("All requests"), transfers.address(request, "transfers")),
        ],
    }
    return render(request, "web/confirmation.html", context)


@access.allow(*transfers.FAMILY)
@require_safe
def evidence(request: PortalRequest, case: str, evidence: int) -> FileResponse:
    """A document of one's own request."""
    row = transfers.one_of(request, case)
    return documents.opened(request, case, evidence, by=transfers.acting(request, row))
