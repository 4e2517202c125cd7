"""Support staff choose the broker they act for: a member of their agency today, asked anew at each request."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.audit import operations as journal
from aor.brokers.queries import RosterBroker
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.agency import own
from aor.web.forms import Form

FEW = 12  # more brokers than this are chosen from a list that folds


class Chosen(Form):
    """One of the agency's brokers."""

    npn = forms.ChoiceField(label=gettext_lazy("The broker you act for"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, members: list[RosterBroker], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(members) > FEW:
            self.fields["npn"].widget = forms.Select()
        self.fields["npn"].choices = [(one.npn, f"{one.name}, NPN {one.npn}") for one in members]  # type: ignore[attr-defined]  # a ChoiceField


@access.allow(roles.SupportStaff)
@require_http_methods(["GET", "HEAD", "POST"])
def acting(request: PortalRequest) -> HttpResponse:
    """Chooses; what is done afterwards is recorded as this person's, for that broker."""
    members = own.members(request)
    now = getattr(request.holder, "npn", "")
    form = Chosen(request.POST if request.method == "POST" else None, members=members, initial={"npn": now})
    if request.method == "POST" and form.is_valid():
        npn = form.cleaned_data["npn"]
        request.session["acting_for"] = npn
        journal.write(
            verb="acting chosen",
            subject=("broker", npn),
            by=request.actor,
            at=request.now,
            details={"agency": own.npn(request)},
        )
        return HttpResponseRedirect(reverse("broker:dashboard"))
    context = {
        "title": _("Choose a broker"),
        "lead": _("You act for one broker at a time. The marketplace records that it was you."),
        "caption": own.name(request),
        "form": form,
        "submit": _("Act for this broker"),
        "members": members,
    }
    return render(request, "agency/acting.html", context)
