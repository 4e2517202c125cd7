"""The broker's word on an answer: agreed, not agreed, or the discrepancy taken back."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import roles
from aor.cases.operations import Refused
from aor.discrepancies import operations as discrepancies
from aor.discrepancies import queries
from aor.discrepancies.queries import AsTold
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.claims import own, words
from aor.web.components import Fact, NavItem, NextStep, Words
from aor.web.forms import Form, Submitted
from aor.web.templatetags.components import day
from aor.workbooks.returned_fields import REMOVED, SOCIAL_SECURITY


class Sure(Submitted, Form):
    """Nothing to fill in."""


class Why(Submitted, Form):
    """Why the broker does not agree."""

    body = forms.CharField(
        label=gettext_lazy("Why do you not agree?"),
        help_text=gettext_lazy("Say what we should look at again. Never write a Social Security number."),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=10_000,
    )

    def clean_body(self) -> str:
        return SOCIAL_SECURITY.sub(REMOVED, self.cleaned_data["body"])


DONE: dict[str, tuple[Words, tuple[Words, ...]]] = {
    "agreed": (
        gettext_lazy("You agreed with the answer"),
        (gettext_lazy("The case is closed. Nothing more is to do."),),
    ),
    "disagreed": (
        gettext_lazy("Another officer looks at it"),
        (
            gettext_lazy("An officer who did not decide before reads what you wrote."),
            gettext_lazy("The answer is sent to you, and shown here."),
        ),
    ),
    "withdrawn": (
        gettext_lazy("The discrepancy was taken back"),
        (gettext_lazy("The case is closed. You may report it again."),),
    ),
    "answered": (
        gettext_lazy("We received what you added"),
        (
            gettext_lazy("The case goes on, at its old place in the queue."),
            gettext_lazy("If something is still missing, the case says so at once."),
        ),
    ),
}


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def agree(request: PortalRequest, claim: str) -> HttpResponse:
    """The answer is right: the case is closed."""
    form = Sure(request.POST if request.method == "POST" else None)

    def act(_form: forms.Form) -> None:
        discrepancies.agree(claim, by=request.actor, now=request.now)

    return _step(request, claim, form, act, _("Agree with the answer"), _("Agree"), "agreed")


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def disagree(request: PortalRequest, claim: str) -> HttpResponse:
    """The answer is not right: another officer hears it."""
    form = Why(request.POST if request.method == "POST" else None)

    def act(form: forms.Form) -> None:
        discrepancies.disagree(claim, body=form.cleaned_data["body"], by=request.actor, now=request.now)

    return _step(request, claim, form, act, _("Ask for another review"), _("Ask for another review"), "disagreed")


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def withdraw(request: PortalRequest, claim: str) -> HttpResponse:
    """The broker takes the discrepancy back."""
    form = Sure(request.POST if request.method == "POST" else None)

    def act(_form: forms.Form) -> None:
        discrepancies.withdraw(claim, by=request.actor, now=request.now)

    return _step(request, claim, form, act, _("Take the discrepancy back"), _("Take it back"), "withdrawn")


def _step(
    request: PortalRequest,
    number: str,
    form: forms.Form,
    act: Callable[[forms.Form], None],
    title: str,
    submit: str,
    done: str,
) -> HttpResponse:
    (told,) = queries.as_told([own.claim(request, number)])
    if request.method == "POST" and form.is_valid():
        try:
            act(form)
        except Refused as refused:
            form.add_error(None, words.sentence(str(refused)))
        else:
            return HttpResponseRedirect(reverse("claims:done", args=[number, done]))
    own.saw(request, [number], what="discrepancy")
    context = {
        "title": title,
        "crumbs": [
            NavItem(_("Report questions"), reverse("claims:list")),
            NavItem(number, reverse("claims:claim", args=[number])),
            NavItem(submit),
        ],
        "facts": facts(told),
        "form": form,
        "submit": submit,
        "cancel_url": reverse("claims:claim", args=[number]),
    }
    return render(request, "claims/step.html", context)


def facts(told: AsTold) -> list[Fact]:
    """The claim and what was found, in a few lines."""
    return [
        Fact(_("Receipt"), told.receipt),
        Fact(_("Consumer"), words.person(told.fields)),
        Fact(_("Finding"), words.lines([words.sentence(told.determination), words.sentence(told.because)])),
    ]


@access.allow(*own.FAMILY)
@require_safe
def done(request: PortalRequest, claim: str, done: str) -> HttpResponse:
    """What was done, and what happens next."""
    (told,) = queries.as_told([own.claim(request, claim)])
    if done not in DONE:
        raise Http404
    title, steps = DONE[done]
    last = format_html(_("Expected by {}"), day(told.expected_on)) if told.expected_on else ""
    context = {
        "title": title,
        "reference": claim,
        "next_steps": [NextStep(one, last if at == len(steps) - 1 else "") for at, one in enumerate(steps)],
        "links": [
            NavItem(_("The case"), reverse("claims:claim", args=[claim])),
            NavItem(_("All discrepancies"), reverse("claims:list")),
        ],
    }
    return render(request, "web/confirmation.html", context)
