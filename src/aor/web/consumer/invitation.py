"""A consumer opens the code of an invitation: who asks, before anything is confirmed."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import invite as acts
from aor.associations import queries as associations
from aor.associations.models import Invitation
from aor.terms.actor import Actor, Role
from aor.terms.period import day_of
from aor.web import access, problems
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem
from aor.web.consumer import own
from aor.web.consumer.designate import who
from aor.web.forms import Form

ANSWERED = {
    "confirmed": gettext_lazy("This invitation was answered with yes already. It cannot be used again."),
    "declined": gettext_lazy("This invitation was answered with no. The broker may ask again."),
    "withdrawn": gettext_lazy("The broker took this invitation back."),
    "sent again": gettext_lazy("The broker asked again. Use the code of the latest mail."),
}


class Code(Form):
    """The code of the mail."""

    code = forms.CharField(
        label=gettext_lazy("Code from the mail"),
        max_length=40,
        help_text=gettext_lazy("Capital or small letters, with or without spaces."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].replace("-", "").split()).upper()


@access.public
@require_http_methods(["GET", "HEAD", "POST"])
def open_code(request: PortalRequest) -> HttpResponse:
    """Asks for the code. Not wrapped in `once`: a wrong try must stay written down."""
    form = Code(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        decision, shown = acts.open_code(form.cleaned_data["code"], by=_who(request), now=request.now)
        if shown is not None:
            request.session["invitation"] = shown.invitation
            return HttpResponseRedirect(reverse("invitation_broker"))
        if any(finding.rule == "CODE_TRIES" for finding in decision.unmet):
            raise problems.TooMany(_("Too many wrong codes. Try again tomorrow, or ask your broker for a new code."))
        if found := associations.invitation_by_code(form.cleaned_data["code"]):
            expect_open(*found, request)
        form.add_error("code", _("This code is not right. Check it against the mail."))
    context = {
        "title": _("I have a code from my broker"),
        "lead": _("Your code shows which broker asks to help you. You can then say yes or no."),
        "form": form,
        "submit": _("Show the broker"),
        "cancel_url": reverse("home"),
    }
    return render(request, "web/form.html", context)


@access.public
@require_safe
def broker(request: PortalRequest) -> HttpResponse:
    """Who asks: name, agency and NPN. A yes needs the signing in of whom it was sent to."""
    found = associations.invitation(request.session.get("invitation", 0))
    if found is None:
        return HttpResponseRedirect(reverse("invitation"))
    expect_open(*found, request)
    context = {
        "title": _("This broker asks to help you"),
        "crumbs": [NavItem(_("Code"), reverse("invitation")), NavItem(_("Broker"))],
        "facts": [*who(found[0].npn), Fact(_("You may answer until"), day_of(found[0].expires_at))],
        "invitation": found[0].id,
    }
    return render(request, "consumer/invitation.html", context)


def expect_open(row: Invitation, state: str, request: PortalRequest) -> None:
    """Gone, with the reason, for an invitation that was used or is over."""
    if state == "open" and request.now < row.expires_at:
        return
    over = _("This invitation ended on %(day)s. The broker may ask again.") % {
        "day": own.written(day_of(row.expires_at))
    }
    raise problems.Gone(str(ANSWERED.get(state, over)), back=reverse("directory"))


def _who(request: PortalRequest) -> Actor:
    """Whose wrong codes are counted: the account's, or those of the visitor's address, which is not kept."""
    if hasattr(request, "actor"):
        return request.actor
    address = salted_hmac("aor.web.consumer.invitation", get_adapter().get_client_ip(request)).hexdigest()
    return Actor(Role.VISITOR, f"visitor {address[:32]}")
