"""Find a broker: the public directory of certified, licensed and willing brokers."""

from __future__ import annotations

from datetime import date

from django import forms
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.acts import queries as acts
from aor.brokers import queries as brokers
from aor.brokers.models import Broker
from aor.terms.period import day_of
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, Table, link, pages_of, query_url
from aor.web.forms import Form

AT_ONCE = 20
MINUTES = 5 * 60


class Search(Form):
    """What one may look for; nothing must be filled in."""

    words = forms.CharField(label=gettext_lazy("Broker or agency"), max_length=100, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)
    city = forms.CharField(label=gettext_lazy("City or town"), max_length=100, required=False)
    zip = forms.RegexField(
        r"^\d{3,5}$",
        label=gettext_lazy("ZIP code"),
        required=False,
        error_messages={"invalid": gettext_lazy("Enter three to five digits of the ZIP code.")},
    )

    def __init__(self, *args: object, languages: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Any language")), *((one, one) for one in languages)]
        self.fields["language"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


@access.public
@require_safe
def search(request: PortalRequest) -> HttpResponse:
    """Certified and willing brokers by name, language and place."""
    day = day_of(request.now)
    offered, languages = _offered(day)
    form = Search(request.GET or None, languages=languages)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    wanted = {key: asked[key].strip() for key in ("words", "language", "city", "zip") if asked.get(key)}
    npns = [npn for npn in brokers.directory(**wanted).values_list("npn", flat=True) if npn in offered]
    if form.is_bound and not form.is_valid():
        npns = []
    pages = Paginator(npns, AT_ONCE)
    page = pages.get_page(request.GET.get("page"))
    said = _("%(start)s to %(end)s of %(all)s brokers") % {
        "start": page.start_index(), "end": page.end_index(), "all": pages.count,
    }  # fmt: skip
    context = {
        "title": _("Find a broker"),
        "lead": _("A broker helps you choose and keep health coverage. You pay nothing for it."),
        "form": form,
        "table": _table(_in_standing(list(page.object_list), day)),
        "pages": pages_of(page, lambda number: query_url(request.GET, page=number), said=said if npns else ""),
        "searched": bool(wanted),
    }
    return render(request, "consumer/directory.html", context)


def _offered(day: date) -> tuple[frozenset[str], list[str]]:
    """Who may be offered, and the languages they speak; looked up every few minutes, the shown ones each time."""
    key = f"directory:{day}"
    known: tuple[frozenset[str], list[str]] | None = cache.get(key)
    if known is None:
        rows = dict(brokers.directory().values_list("npn", "languages"))
        standing = _in_standing(list(rows), day)
        spoken = sorted({one.strip() for npn in standing for one in rows[npn].split(";") if one.strip()})
        known = (frozenset(standing), spoken)
        cache.set(key, known, MINUTES)
    return known


def _in_standing(npns: list[str], day: date) -> list[str]:
    found = acts.own_standings(npns, day) if npns else {}
    return [npn for npn in npns if all(finding.met for finding in found[npn])]


def _table(npns: list[str]) -> Table:
    rows = {one.npn: one for one in brokers.directory().filter(npn__in=npns)}
    columns = [Column(_("Broker")), Column(_("Agency")), Column(_("Place")), Column(_("Languages")), Column("NPN")]
    shown = [
        (
            link(_name(rows[npn]), reverse("directory_broker", args=[npn])),
            rows[npn].agency_name or _("None"),
            _where(rows[npn]),
            _languages(rows[npn]),
            npn,
        )
        for npn in npns
        if npn in rows
    ]
    empty = _("No broker fits this search. Try fewer words, or another place.")
    return Table(_("Brokers"), columns, shown, empty=empty, show_caption=False)


def _name(row: Broker) -> str:
    return f"{row.first_name} {row.last_name}".strip()


def _where(row: Broker) -> str:
    return ", ".join(filter(None, (row.city, row.zip))) or _("Not given")


def _languages(row: Broker) -> str:
    return ", ".join(one.strip() for one in row.languages.split(";") if one.strip()) or _("Not given")


@access.public
@require_safe
def broker(request: PortalRequest, npn: str) -> HttpResponse:
    """One broker of the directory; whoever may not be offered is not found."""
    row = brokers.directory().filter(npn=npn).first()
    if row is None or not _in_standing([npn], day_of(request.now)):
        raise Http404
    facts = [
        Fact(_("Agency"), row.agency_name or _("None")),
        Fact(_("Place"), _where(row)),
        Fact(_("Languages"), _languages(row)),
        Fact("NPN", row.npn),
        Fact(_("Checked today"), _("Certified by the marketplace, and licensed in Minnesota")),
    ]
    if row.phone:
        facts.insert(3, Fact(_("Telephone"), row.phone))
    context = {
        "title": _name(row),
        "crumbs": [NavItem(_("Find a broker"), reverse("directory")), NavItem(_name(row))],
        "facts": facts,
        "npn": npn,
    }
    return render(request, "consumer/directory_broker.html", context)
