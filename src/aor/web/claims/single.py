"""One discrepancy as a form: the same questions as the sheet, looked at and submitted as a file is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aor.carriers import queries as carriers
from aor.terms.period import day_of
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.claims import draft, own, words
from aor.web.claims.draft import Draft
from aor.web.components import NavItem
from aor.web.forms import DayField, Form
from aor.workbooks.discrepancy_sheet import APPLICATION_METHODS, SUBMISSION_METHODS, WHICH_DATES
from aor.workbooks.returned import REQUIRED, Returned, ReturnedRow
from aor.workbooks.returned_fields import REMOVED, SOCIAL_SECURITY

UNKNOWN: list[tuple[str, Any]] = [("", gettext_lazy("Not known"))]
WHICH: list[tuple[str, Any]] = [
    (WHICH_DATES[0], gettext_lazy("The application was submitted")),
    (WHICH_DATES[1], gettext_lazy("The enrollment was completed")),
]


class Case(Form):
    """What the discrepancy sheet asks for."""

    last_name = forms.CharField(label=gettext_lazy("Consumer's last name"), max_length=60)
    first_name = forms.CharField(label=gettext_lazy("Consumer's first name"), max_length=35)
    birth_date = DayField(label=gettext_lazy("Consumer's date of birth"), earliest="1900-01-01")
    application_or_enrollment_date = DayField(
        label=gettext_lazy("Date of the application or of the enrollment"),
        help_text=gettext_lazy("Either date will do."),
        earliest="2013-10-01",
    )
    which_date = forms.ChoiceField(
        label=gettext_lazy("What happened on that date?"), widget=forms.RadioSelect, choices=WHICH
    )
    carrier = forms.ChoiceField(label=gettext_lazy("Carrier the consumer enrolled with"))
    submission_method = forms.ChoiceField(
        label=gettext_lazy("How you were submitted as agent of record"),
        choices=UNKNOWN + [(one, one) for one in SUBMISSION_METHODS],
        required=False,
    )
    application_method = forms.ChoiceField(
        label=gettext_lazy("How the consumer applied"),
        choices=UNKNOWN + [(one, one) for one in APPLICATION_METHODS],
        required=False,
    )
    address = forms.CharField(label=gettext_lazy("Consumer's address, if known"), max_length=300, required=False)
    comments = forms.CharField(
        label=gettext_lazy("Why you should be the agent of record"),
        help_text=gettext_lazy("Never write a Social Security number."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2_000,
        required=False,
    )

    def __init__(self, *args: Any, today: date, now_says: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        """`now_says`: of a claim that is completed, what it says; then nothing is required."""
        super().__init__(*args, initial=now_says, **kwargs)
        self.today = today
        names = {partner.name for partner in carriers.trading_partners().values()}
        known = (now_says or {}).get("carrier")
        offered = sorted(names | ({known} if known else set()))
        self.fields["carrier"].choices = [("", _("Choose")), *((one, one) for one in offered)]  # type: ignore[attr-defined]  # a ChoiceField
        if now_says is not None:
            for field in self.fields.values():
                field.required = False

    def clean_birth_date(self) -> date | None:
        return self._past("birth_date", date(1900, 1, 1))

    def clean_application_or_enrollment_date(self) -> date | None:
        return self._past("application_or_enrollment_date", date(2013, 10, 1))

    def _past(self, name: str, first: date) -> date | None:
        given: date | None = self.cleaned_data[name]
        if given is not None and not first <= given <= self.today:
            raise forms.ValidationError(
                _("Enter a day from %(first)s to today, with all four digits of the year.") % {"first": first}
            )
        return given

    def said(self) -> dict[str, str]:
        """What was filled in, as the sheet's reader would give it, without Social Security numbers."""
        given = {name: str(self.cleaned_data.get(name) or "") for name in words.FIELDS}
        return {name: SOCIAL_SECURITY.sub(REMOVED, text.strip()) for name, text in given.items() if text.strip()}


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: PortalRequest) -> HttpResponse:
    """Takes one case in to be looked at before it is submitted."""
    own.npn(request)
    form = Case(request.POST if request.method == "POST" else None, today=day_of(request.now))
    if request.method == "POST" and form.is_valid():
        said = form.said()
        row = ReturnedRow("", 0, said, missing=tuple(name for name in REQUIRED if name not in said))
        draft.keep(request, Draft(Returned((row,), (), (), (), "", ()), "", ""))
        return HttpResponseRedirect(reverse("claims:check"))
    context = {
        "title": _("Report one discrepancy"),
        "crumbs": [NavItem(_("Report questions"), reverse("claims:list")), NavItem(_("One consumer"))],
        "lead": _("For a consumer whom you miss on your report."),
        "form": form,
        "submit": _("Continue"),
        "cancel_url": reverse("claims:list"),
    }
    return render(request, "web/form.html", context)
