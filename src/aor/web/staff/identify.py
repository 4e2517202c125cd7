"""The coverage that a retroactive request is about, named by an officer where the broker's words did not (R8)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.cases.models import State
from aor.cases.operations import Refused
from aor.enrollments.models import Enrollment
from aor.retro import operations as retro
from aor.retro import queries
from aor.retro.models import Request
from aor.web import access, once, problems, reads
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem, NextStep
from aor.web.forms import Form, Submitted
from aor.web.staff import team

OTHER = "other"


class Identify(Submitted, Form):
    """One of the policies that may be meant, or another one by its number."""

    enrollment = forms.ChoiceField(label=gettext_lazy("Which policy is it?"), widget=forms.RadioSelect)
    policy_id = forms.CharField(
        label=gettext_lazy("Number of the other policy"), max_length=50, required=False,
        help_text=gettext_lazy("As the exchange numbers it, with the same carrier."),
    )  # fmt: skip

    def __init__(self, *args: Any, row: Request, near: list[Enrollment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        found = [(str(one.pk), f"{one.policy_id}: {one.last_name}, {one.first_name}, {one.start}") for one in near]
        self.fields["enrollment"].choices = [*found, (OTHER, _("Another policy"))]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("enrollment") == OTHER:
            rows = Enrollment.objects.filter(hios_issuer_id=self.row.hios_issuer_id, policy_id=said.get("policy_id"))
            one = rows.first()
            if one is None:
                self.add_error("policy_id", _("This carrier has no policy with this number."))
            return {**said, "id": one.pk if one else None}
        return {**said, "id": int(said["enrollment"]) if said.get("enrollment") else None}


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def identify(request: PortalRequest, case: str) -> HttpResponse:
    """The broker's words beside the policies that are near; the consumer is told of the request."""
    row = _row(case)
    back = reverse("staff:case", args=[case])
    if row.case.assigned_to not in ("", request.actor.name):
        raise problems.Stale(_("Another officer has claimed this case."), back=back)
    near = queries.near(row)
    form = Identify(request.POST if request.method == "POST" else None, row=row, near=near)
    if request.method == "POST" and form.is_valid():
        try:
            retro.identify(case, enrollment=form.cleaned_data["id"], by=request.actor, now=request.now)
        except Refused as refused:
            raise problems.Stale(str(refused), back=back) from None
        return HttpResponseRedirect(reverse("staff:identified", args=[case]))
    people = queries.people_of(near)
    reads.saw(request, people, what="policies near a request")
    context = {
        "title": _("Which coverage is it?"),
        "caption": case,
        "lead": _("What the broker wrote names no policy on file, or more than one."),
        "crumbs": [NavItem(case, back), NavItem(_("Coverage"))],
        "facts": [
            Fact(_("Consumer"), f"{row.last_name}, {row.first_name}"),
            Fact(_("Date of birth"), row.birth_date),
            Fact(_("Coverage effective date"), row.effective_on),
            Fact(_("Policy number given"), row.policy_id or _("none")),
        ],
        "form": form,
        "submit": _("This is the coverage"),
        "cancel_url": back,
    }
    return render(request, "consumer/sure.html", context)


def _row(number: str) -> Request:
    found = Request.objects.select_related("case").filter(case__number=number).first()
    if found is None or found.case.state == State.CLOSED:
        raise Http404
    return found


@access.allow(*team.WRITERS)
@require_safe
def identified(request: PortalRequest, case: str) -> HttpResponse:
    """The receipt: what the rules propose now."""
    row = _row(case)
    if not row.identified.exists():
        raise Http404
    found = queries.latest_assessment(row)
    context = {
        "title": _("The coverage is named"),
        "reference": case,
        "facts": [Fact(_("The rules propose now"), found.outcome if found else "")],
        "next_steps": [
            NextStep(_("The consumer is told of the request, and may object."), _("within the hour")),
            NextStep(_("An officer decides."), _("by the day on the case")),
        ],
        "links": [NavItem(_("The case"), reverse("staff:case", args=[case]))],
    }
    return render(request, "web/confirmation.html", context)
