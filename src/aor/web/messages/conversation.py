"""One conversation: what was written, and the answer."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import messages
from aor.acts.messages import Party
from aor.cases.models import Message
from aor.cases.operations import Refused
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.components import Event, NavItem, NextStep
from aor.web.forms import Form, Submitted
from aor.web.messages import party


class Answer(Submitted, Form):
    """The words of an answer."""

    body = forms.CharField(
        label=gettext_lazy("Your answer"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=10_000,
        help_text=gettext_lazy("Never write a Social Security number."),
    )


@access.allow(*party.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def thread(request: PortalRequest, thread: str) -> HttpResponse:
    """Shows a conversation of this person, and takes an answer."""
    me = party.of(request.holder)
    case = messages.of(thread, me)
    if case is None:
        raise Http404
    form = Answer(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.reply(thread, party=me, body=form.cleaned_data["body"], by=request.actor, now=request.now)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            return HttpResponseRedirect(reverse("messages:sent", args=[thread]))
    other = messages.other(case, me)
    with_whom = party.words([other])[other]
    written = messages.read(thread, party=me, purpose=request.holder.label, by=request.actor, now=request.now)
    events = [Event(one.at, with_whom if _to(me, one) else _("You"), detail=one.body) for one in written]
    shown = {
        "title": _("Conversation %(number)s") % {"number": thread},
        "lead": with_whom,
        "crumbs": [NavItem(_("Messages"), reverse("messages:inbox")), NavItem(thread)],
        "events": events,
        "form": form,
        "closed": case.state == "closed",
    }
    return render(request, "messages/thread.html", shown)


@access.allow(*party.WRITERS)
@require_safe
def sent(request: PortalRequest, thread: str) -> HttpResponse:
    """The receipt of a message: the conversation's number, and what the other side is told."""
    if messages.of(thread, party.of(request.holder)) is None:
        raise Http404
    told = _("A mail tells the other side that it is waiting; it never says what it says.")
    context = {
        "title": _("Your message was sent"),
        "reference": thread,
        "next_steps": [NextStep(told, _("Today")), NextStep(_("The answer comes into this conversation."))],
        "links": [
            NavItem(_("Conversation %(number)s") % {"number": thread}, reverse("messages:thread", args=[thread])),
            NavItem(_("Messages"), reverse("messages:inbox")),
        ],
    }
    return render(request, "web/confirmation.html", context)


def _to(me: Party, message: Message) -> bool:
    return (message.to_role, message.to_id) == me.key
