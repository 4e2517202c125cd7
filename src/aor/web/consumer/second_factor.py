"""Before a broker is replaced: this visit's second factor, if it is fresh, else a code by mail (readings, R1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django import forms
from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.acts import second_factor as acts
from aor.acts.second_factor import Answer, Kept
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import NavItem
from aor.web.consumer import own
from aor.web.forms import Form

FRESH = timedelta(minutes=10)
SAID = {
    Answer.WRONG: gettext_lazy("This code is not right. Look at the latest mail and try again."),
    Answer.OVER: gettext_lazy("This code no longer works. Send a new one."),
    Answer.TOO_MANY: gettext_lazy("Too many codes were sent today. Try again tomorrow, or call the marketplace."),
    Answer.NO_CONTACT: gettext_lazy("We hold no mail address of your own to send a code to. Call the marketplace."),
    Answer.SENT: gettext_lazy("We sent a code to the mail address that the marketplace has for you."),
}


class Code(Form):
    """The six digits."""

    code = forms.RegexField(
        r"^\s*\d{6}\s*$",
        label=gettext_lazy("Code from the mail"),
        help_text=gettext_lazy("Six digits. It works once, for ten minutes."),
        error_messages={"invalid": gettext_lazy("Enter the six digits of the code.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


def given(request: PortalRequest) -> bool:
    """Whether a second factor was given within the last ten minutes: at the sign-in, or by a code."""
    moments = [request.session.get("proved_at")]
    if request.session.get("provider_second_factor"):
        moments.append(request.session.get("began"))
    at = [datetime.fromisoformat(moment) for moment in moments if moment]
    records = get_authentication_records(request, request.user)
    at += [datetime.fromtimestamp(one["at"], UTC) for one in records if one["method"] == "mfa"]
    demo = settings.AOR_DEMO and request.session.get("demo")
    return bool(demo) or any(timedelta(0) <= request.now - one <= FRESH for one in at)


def ask(request: PortalRequest) -> HttpResponse:
    """To the page of the code, and back to this one afterwards."""
    request.session["prove_for"] = request.get_full_path()
    return HttpResponseRedirect(reverse("consumer:second_factor"))


def use(request: PortalRequest) -> None:
    """A code is good for one change."""
    request.session.pop("proved_at", None)


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: PortalRequest) -> HttpResponse:
    """Sends a code and takes it. Not wrapped in `once`: a wrong try must stay written down."""
    if given(request):
        return HttpResponseRedirect(request.session.get("prove_for") or reverse("consumer:dashboard"))
    if request.method == "POST" and "send" in request.POST:
        return _send(request)
    form = Code(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        answer = _check(request, form.cleaned_data["code"])
        if answer is Answer.RIGHT:
            request.session["proved_at"] = request.now.isoformat()
            return HttpResponseRedirect(request.session.get("prove_for") or reverse("consumer:dashboard"))
        form.add_error("code", str(SAID[answer]))
    said = request.session.pop("code_said", "")
    context = {
        "title": _("Prove it is you"),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(_("Code"))],
        "form": form,
        "said": SAID[Answer(said)] if said else "",
        "tone": "success" if said == Answer.SENT else "warning",
        "was_sent": "code" in request.session,
        "again": _again(request),
        "cancel_url": reverse("consumer:dashboard"),
    }
    return render(request, "consumer/second_factor.html", context)


def _send(request: PortalRequest) -> HttpResponse:
    answer, kept = acts.send(subscriber_id=own.subscriber(request), by=request.actor, now=request.now)
    if kept is not None:
        request.session["code"] = [kept.digest, kept.sent_at.isoformat()]
    request.session["code_said"] = answer.value
    return HttpResponseRedirect(reverse("consumer:second_factor"))


def _check(request: PortalRequest, code: str) -> Answer:
    if "code" not in request.session:
        return Answer.OVER
    digest, sent_at = request.session["code"]
    kept = Kept(digest, datetime.fromisoformat(sent_at))
    answer = acts.check(code, kept, subscriber_id=own.subscriber(request), by=request.actor, now=request.now)
    if answer in (Answer.RIGHT, Answer.OVER):
        request.session.pop("code")
    return answer


def _again(request: PortalRequest) -> str:
    """Where the second factor of the sign-in can be used once more, for who has one here."""
    for method in get_adapter().get_reauthentication_methods(request.user):
        if method["id"].startswith("mfa_"):
            return f"{method['url']}?{urlencode({'next': reverse('consumer:second_factor')})}"
    return ""
