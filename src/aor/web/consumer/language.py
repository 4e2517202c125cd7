"""The language in which a consumer reads and is written to."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.acts import contacts
from aor.consumers import queries as consumers
from aor.notices import languages
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.components import NavItem
from aor.web.consumer import own
from aor.web.forms import Form, Submitted


class Choice(Submitted, Form):
    """One of the register."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), widget=forms.RadioSelect)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.code, one.name) for one in languages.languages().values()]
        self.fields["language"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def language(request: PortalRequest) -> HttpResponse:
    """The choice is kept for letters, and taken for the pages of this browser."""
    subscriber = own.subscriber(request)
    now = consumers.languages_of([subscriber]).get(subscriber, languages.ENGLISH)
    form = Choice(request.POST if request.method == "POST" else None, initial={"language": now})
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["language"]
        contacts.set_language(subscriber_id=subscriber, language=chosen, by=request.actor, now=request.now)
        response = HttpResponseRedirect(reverse("consumer:done", args=["language"]))
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, secure=request.is_secure(), httponly=True, samesite="Lax"
        )
        return response
    drafts = [one for one in languages.languages().values() if not one.reviewed]
    context = {
        "title": _("My language"),
        "lead": _("We show the pages in it and write to you in it, where a person has checked our words."),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(_("Language"))],
        "form": form,
        "drafts": drafts,
        "submit": _("Keep"),
        "cancel_url": reverse("consumer:dashboard"),
    }
    return render(request, "consumer/language.html", context)
