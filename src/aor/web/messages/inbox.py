"""The conversations of a person, and a new one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import messages
from aor.acts.messages import TEAM, Party, Topic
from aor.brokers import queries as brokers
from aor.cases.operations import Refused
from aor.terms.actor import Role
from aor.terms.npn import Npn
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.components import Column, NavItem, Table
from aor.web.forms import Form, Submitted
from aor.web.messages import party
from aor.web.templatetags.components import instant, tag

TOPICS = (
    (Topic.CLIENT.name, gettext_lazy("A client or a policy")),
    (Topic.REPORT.name, gettext_lazy("A report")),
    (Topic.STANDING.name, gettext_lazy("Certification, license or appointment")),
    (Topic.ACCOUNT.name, gettext_lazy("My account or access")),
    (Topic.COPY.name, gettext_lazy("A copy of my data")),
    (Topic.CORRECTION.name, gettext_lazy("A correction of my data")),
    (Topic.OTHER.name, gettext_lazy("Something else")),
)


class New(Submitted, Form):
    """Whom to write to, what about, and the words."""

    to = forms.ChoiceField(label=gettext_lazy("To"), widget=forms.RadioSelect)
    topic = forms.ChoiceField(label=gettext_lazy("About"), choices=TOPICS)
    body = forms.CharField(
        label=gettext_lazy("Your message"),
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=10_000,
        help_text=gettext_lazy("Never write a Social Security number."),
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        self.initial.setdefault("to", choices[0][0])


class NewFromTeam(Submitted, Form):
    """The team writes to a broker by NPN."""

    npn = forms.CharField(label=gettext_lazy("NPN of the broker"), max_length=10)
    topic = forms.ChoiceField(label=gettext_lazy("About"), choices=TOPICS)
    body = forms.CharField(
        label=gettext_lazy("Your message"), widget=forms.Textarea(attrs={"rows": 8}), max_length=10_000
    )

    def clean_npn(self) -> str:
        try:
            npn = Npn.parse(self.cleaned_data["npn"])
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None
        if npn not in brokers.roster([npn]):
            raise forms.ValidationError(_("No broker on the roster has this NPN."))
        return npn


@access.allow(*party.WRITERS)
@require_safe
def inbox(request: PortalRequest) -> HttpResponse:
    """The conversations, latest first."""
    me = party.of(request.holder)
    threads = messages.threads(me)
    others = {one.number: messages.other(one, me) for one in threads}
    called = party.words(others.values())
    rows = [
        (_link(one.number), called[others[one.number]], instant(one.opened_at), _state(one.state)) for one in threads
    ]
    columns = [Column(_("Conversation")), Column(_("With")), Column(_("Begun")), Column(_("State"))]
    table = Table(_("Conversations"), columns, rows, empty=_("You have no conversations yet."), show_caption=False)
    shown = {"title": _("Messages"), "table": table, "waiting": messages.unread(me)}
    return render(request, "messages/inbox.html", shown)


def _link(number: str) -> SafeString:
    return format_html('<a class="usa-link" href="{}">{}</a>', reverse("messages:thread", args=[number]), number)


def _state(state: str) -> SafeString:
    return tag(_("closed")) if state == "closed" else tag(_("open"), "info")


@access.allow(*party.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def new(request: PortalRequest) -> HttpResponse:
    """Begins a conversation."""
    form, choices = _form(request)
    if request.method == "POST" and form.is_valid():
        to = Party(Role.BROKER, form.cleaned_data["npn"]) if not choices else choices[form.cleaned_data["to"]][0]
        topic = Topic[form.cleaned_data["topic"]]
        try:
            number = messages.start(
                topic=topic,
                sender=party.of(request.holder),
                to=TEAM if choices and topic in messages.FOR_TEAM else to,
                body=form.cleaned_data["body"],
                by=request.actor,
                now=request.now,
            )
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return HttpResponseRedirect(reverse("messages:thread", args=[number]) + "?sent=1")
    crumbs = [NavItem(_("Messages"), reverse("messages:inbox")), NavItem(_("New message"))]
    shown = {"title": _("New message"), "form": form, "crumbs": crumbs, "submit": _("Send")}
    return render(request, "web/form.html", shown)


def _form(request: PortalRequest) -> tuple[forms.Form, dict[str, tuple[Party, str]]]:
    sent = request.POST if request.method == "POST" else None
    if party.of(request.holder) == TEAM:
        return NewFromTeam(sent, initial={"npn": request.GET.get("npn", "")}), {}
    choices = party.recipients(request)
    initial = {"topic": request.GET.get("topic", "")}
    return New(sent, choices=[(key, label) for key, (_to, label) in choices.items()], initial=initial), choices
