"""Who looked at my data, and who changed something: names of brokers and of roles, never another consumer's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.audit import queries as journal
from aor.audit.queries import Act, Reading
from aor.terms.actor import Actor, Role
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import Column, NavItem, Pages, Table, Words
from aor.web.consumer import own
from aor.web.templatetags.components import instant

AT_ONCE, CHANGES = 25, 50
ROLES: Mapping[Role, Words] = {
    Role.SYSTEM: gettext_lazy("The marketplace's own program"),
    Role.CONSUMER: gettext_lazy("Somebody of your household"),
    Role.BROKER: gettext_lazy("Broker"),
    Role.AGENCY_MANAGER: gettext_lazy("The manager of your broker's agency"),
    Role.SUPPORT_STAFF: gettext_lazy("Staff of your broker's agency"),
    Role.OFFICER: gettext_lazy("The marketplace's broker team"),
    Role.LEAD: gettext_lazy("The marketplace's broker team"),
    Role.AUDITOR: gettext_lazy("The marketplace's auditor"),
    Role.CARRIER: gettext_lazy("Your insurance company"),
    Role.VISITOR: gettext_lazy("Somebody with your code"),
}
CHANGED: Mapping[str, Words] = {
    "association.designated": gettext_lazy("Chose a broker"),
    "association.confirmed": gettext_lazy("Said yes to a broker"),
    "association.invited": gettext_lazy("Asked to be your broker"),
    "association.application": gettext_lazy("Sent an application with a broker"),
    "association.assisted": gettext_lazy("Entered a broker as you asked"),
    "association.ended": gettext_lazy("Ended with the broker"),
    "association.withdrawn": gettext_lazy("Stopped being your broker"),
    "association.declined": gettext_lazy("Said no to being your broker"),
    "association.resumed": gettext_lazy("Let the earlier broker come back"),
    "association.undone": gettext_lazy("Took the last change back"),
    "association.disowned": gettext_lazy("Said: I did not ask for this"),
    "association.disowning decided": gettext_lazy("Decided about “I did not ask for this”"),
    "association.transfer confirmed": gettext_lazy("Let the new broker see your data"),
    "association.locked": gettext_lazy("Locked your broker"),
    "association.unlocked": gettext_lazy("Unlocked your broker"),
    "contact.changed": gettext_lazy("Changed your mail address or telephone"),
    "language.chosen": gettext_lazy("Chose the language of letters"),
    "second factor.sent": gettext_lazy("Asked for a code by mail"),
    "second factor.given": gettext_lazy("Gave the right code"),
    "second factor.wrong": gettext_lazy("Gave a wrong code"),
}
ANYTHING = gettext_lazy("Your policies and your broker")
SAW: tuple[tuple[Words, tuple[str, ...]], ...] = (
    (
        gettext_lazy("A list with your name and policies, kept as a file"),
        ("book of business, ", "book of an agency, "),
    ),
    (
        gettext_lazy("A list with your name and policies"),
        ("book of", "renewals", "exceptions", "record of", "agents of"),
    ),
    (gettext_lazy("One of your policies"), ("why page", "its story")),
    (gettext_lazy("Your messages"), ("messages", "letters")),
    (gettext_lazy("What you agreed to"), ("consents",)),
    (gettext_lazy("A broker’s report with you in it"), ("report workbook", "workbook", "incident file", "receipts")),
    (gettext_lazy("A broker’s question about you"), ("claim", "discrepanc", "determinations", "first findings")),
    (gettext_lazy("A broker’s request for past months"), ("retroactive", "requests for past", "policies near")),
)


@access.allow(roles.Consumer)
@require_safe
def looked(request: PortalRequest) -> HttpResponse:
    """The latest readers of my data, a page at a time, and the latest changes."""
    place, subject = own.place(request), ("subscriber", own.subscriber(request))
    before = request.GET.get("before", "")
    known = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    found = journal.readings(subject, but=request.actor, most=AT_ONCE + 1, before=known)
    subjects = [("subscriber", name) for name in place.people]
    changed = journal.last_acts(*subjects, ("household", place.key), verbs=CHANGED, most=CHANGES)
    names = own.titles({by.npn for by in (*(one.by for one in found), *(one.by for one in changed)) if by.npn})
    here = reverse("consumer:reads")
    pages = Pages(
        previous=here if known else "", next=f"{here}?before={found[AT_ONCE - 1].id}" if len(found) > AT_ONCE else ""
    )
    context = {
        "title": _("Who looked at my data"),
        "lead": _("Each look at your data and each change is written down. You can see it here."),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(_("Who looked"))],
        "looked": _looked(found[:AT_ONCE], names),
        "changed": _changed(changed, names, request.actor),
        "pages": pages,
    }
    return render(request, "consumer/looked.html", context)


def _looked(found: Sequence[Reading], names: Mapping[str, str]) -> Table:
    columns = [Column(_("When")), Column(_("Who")), Column(_("What they saw"))]
    rows = [(instant(one.at), who(one.by, names), saw(one.what)) for one in found]
    return Table(_("Who looked"), columns, rows, empty=_("Nobody but you has looked."), show_caption=False)


def _changed(found: Sequence[Act], names: Mapping[str, str], me: Actor) -> Table:
    columns = [Column(_("When")), Column(_("Who")), Column(_("What they did"))]
    rows = [
        (instant(one.at), _("You") if one.by.name == me.name else who(one.by, names), CHANGED[one.verb])
        for one in found
    ]
    return Table(_("What was changed"), columns, rows, empty=_("Nothing was changed."), show_caption=False)


def who(by: Actor, names: Mapping[str, str]) -> str:
    """A person by their role, with the broker for whom they acted."""
    role = str(ROLES[by.role])
    return f"{role}: {names[by.npn]}" if by.npn in names else role


def saw(what: str) -> Words:
    """What a reader saw, in a consumer's words; the journal names the page."""
    return next((words for words, pages in SAW if what.startswith(pages)), ANYTHING)
