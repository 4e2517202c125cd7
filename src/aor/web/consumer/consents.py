"""What I agreed to, how to take it back, and a copy."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.associations import queries as associations
from aor.associations.queries import Consented
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem
from aor.web.consumer import own
from aor.web.templatetags.components import instant


@access.allow(roles.Consumer)
@require_safe
def consents(request: PortalRequest) -> HttpResponse:
    """Every consent of the household, latest first, as it was shown."""
    rows = _own(request)
    names = own.titles(one.npn for one in rows)
    context = {
        "title": _("What I agreed to"),
        "lead": _(
            "You can take any of this back at any time, on this site or by telephone. Your coverage stays the same."
        ),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(_("What I agreed to"))],
        "consents": [(names[one.npn], _facts(one), one.consent) for one in rows],
    }
    return render(request, "consumer/consents.html", context)


def _own(request: PortalRequest) -> list[Consented]:
    place = own.place(request)
    reads.saw(request, [own.subscriber(request)], what="consents")
    return associations.consents(place.key, place.people)[::-1]


def _facts(one: Consented) -> list[Fact]:
    said = [Fact(_("Given on"), one.confirmed_at), Fact(_("How"), own.PATHS.get(one.path, _("From earlier records")))]
    if one.consent is not None:
        revoked = instant(one.consent.revoked_at) if one.consent.revoked_at else _("No")
        said += [
            Fact(_("For"), one.consent.scope),
            Fact(_("Taken back"), revoked),
            Fact(_("How to take it back"), one.consent.how_to_rescind),
        ]
    return said


@access.allow(roles.Consumer)
@require_safe
def copy(request: PortalRequest) -> HttpResponse:
    """The same as a text to keep."""
    rows = _own(request)
    names = own.titles(one.npn for one in rows)
    parts = []
    for one in rows:
        revoked = one.consent.revoked_at if one.consent else None
        head = f"{names[one.npn]}\n{_('Given on')}: {one.confirmed_at:%Y-%m-%d %H:%M} UTC"
        tail = f"\n{_('Taken back')}: {revoked:%Y-%m-%d %H:%M} UTC" if revoked else ""
        shown = one.consent.shown if one.consent else _("The words are not on record here.")
        parts.append(f"{head}{tail}\n\n{shown}\n")
    response = HttpResponse("\n---\n\n".join(parts), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="what-i-agreed-to.txt"'
    return response
