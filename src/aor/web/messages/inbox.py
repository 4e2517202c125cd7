"""The conversations of a person, and a new one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import roles
from aor.acts import messages
from aor.acts.messages import TEAM, Party, Topic
from aor.brokers import queries as brokers
from aor.cases import correspondence
from aor.cases.operations import Refused
from aor.terms.actor import Role, system
from aor.terms.npn import Npn
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.claims import upload
from aor.web.claims.draft import Draft
from aor.web.components import Column, NavItem, Table
from aor.web.forms import Form, Submitted
from aor.web.messages import party
from aor.web.templatetags.components import instant, tag
from aor.workbooks.discrepancy_return import TableRefused

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

    file = forms.FileField(
        label=gettext_lazy("Your report with rows added, or another table of discrepancies"),
        help_text=gettext_lazy(
            "Excel (.xlsx) or CSV, at most 20 MB. Each row gets a receipt, as on Report questions."
        ),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], returns: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not returns:
            del self.fields["file"]
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
            returned = (
                upload.understood(request, form.cleaned_data["file"]) if form.cleaned_data.get("file") else None
            )
            with transaction.atomic():
                number = messages.start(
                    topic=topic,
                    sender=party.of(request.holder),
                    to=TEAM if choices and topic in messages.FOR_TEAM else to,
                    body=form.cleaned_data["body"],
                    by=request.actor,
                    now=request.now,
                )
                if returned is not None:
                    return HttpResponseRedirect(_returned(request, number, returned))
        except Refused as refused:
            form.add_error(None, str(refused))
        except TableRefused as refused:
            because = _("This file cannot be read: %(because)s.") % {"because": str(refused).rstrip(".")}
            form.add_error("file", because)
        else:
            return HttpResponseRedirect(reverse("messages:sent", args=[number]))
    crumbs = [NavItem(_("Messages"), reverse("messages:inbox")), NavItem(_("New message"))]
    shown = {"title": _("New message"), "form": form, "crumbs": crumbs, "submit": _("Send")}
    return render(request, "web/form.html", shown)


def _returned(request: PortalRequest, number: str, sending: Draft) -> str:
    """A file that came with a message is taken in as on the page for it; the conversation says so. Its receipts."""
    batch = upload.submitted(request, sending).batch
    rows = len(sending.returned.claims) + len(sending.returned.incidents)
    words = ngettext(
        "One row was taken in from your file. Reference: %(reference)s.",
        "%(count)s rows were taken in from your file. Reference: %(reference)s.",
        rows,
    ) % {"count": rows, "reference": f"DB-{batch:06d}"}
    me = party.of(request.holder)
    correspondence.post(number, to=me.key, body=words, by=system("returned files"), now=request.now)
    return reverse("claims:received", args=[batch])


def _form(request: PortalRequest) -> tuple[forms.Form, dict[str, tuple[Party, str]]]:
    sent = request.POST if request.method == "POST" else None
    if party.of(request.holder) == TEAM:
        return NewFromTeam(sent, initial={"npn": request.GET.get("npn", "")}), {}
    files, returns = request.FILES if request.method == "POST" else None, isinstance(request.holder, roles.Broker)
    choices = party.recipients(request)
    initial = {"topic": request.GET.get("topic", "")}
    offered = [(key, label) for key, (_to, label) in choices.items()]
    return New(sent, files, choices=offered, returns=returns, initial=initial), choices
