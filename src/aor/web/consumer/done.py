"""The end of every act of a consumer: what was done, its number, what happens next and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.acts.place import Place
from aor.audit import queries as journal
from aor.calendar import queries as calendar
from aor.terms.period import day_of
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem, NextStep, Words
from aor.web.consumer import own


@dataclass(frozen=True, slots=True)
class Done:
    """A kind of act: the journal's verb, the title, and what happens next besides letters."""

    verb: str
    title: Words
    told: Words
    opens: bool = False
    about_policies: bool = True


_ALL_TOLD = gettext_lazy("We write to you, to the broker before and to the broker now.")
_BROKER_TOLD = gettext_lazy("We write to you and to the broker.")
KINDS: dict[str, Done] = {
    "chosen": Done("association.designated", gettext_lazy("You have chosen your broker"), _ALL_TOLD, opens=True),
    "confirmed": Done("association.confirmed", gettext_lazy("You said yes to your broker"), _ALL_TOLD, opens=True),
    "let-see": Done(
        "association.transfer confirmed",
        gettext_lazy("Your broker may see your data now"),
        gettext_lazy("The broker finds you in the list of clients."),
        about_policies=False,
    ),
    "ended": Done("association.ended", gettext_lazy("You have ended with your broker"), _BROKER_TOLD),
    "undone": Done("association.undone", gettext_lazy("The change was taken back"), _ALL_TOLD),
    "resumed": Done("association.resumed", gettext_lazy("Your earlier broker is back"), _ALL_TOLD),
    "disowned": Done("association.disowned", gettext_lazy("We closed the broker's view of your data"), _BROKER_TOLD),
    "staying": Done(
        "transfer.opted out",
        gettext_lazy("You said no to the new broker"),
        gettext_lazy("You do not go along when your broker gives their work away. You can choose another broker."),
        about_policies=False,
    ),
    "locked": Done(
        "association.locked",
        gettext_lazy("Your broker is locked"),
        gettext_lazy("Only you can change your broker, until you unlock."),
        about_policies=False,
    ),
    "unlocked": Done(
        "association.unlocked",
        gettext_lazy("Your broker is not locked any more"),
        gettext_lazy("A broker who takes over, or whom you say yes to, can become your broker."),
        about_policies=False,
    ),
    "language": Done(
        "language.chosen",
        gettext_lazy("Your language is kept"),
        gettext_lazy("We will write to you in the language you chose."),
        about_policies=False,
    ),
}


@access.allow(roles.Consumer)
@require_safe
def done(request: PortalRequest, done: str) -> HttpResponse:
    """The latest act of this kind by this household; without one there is no such page."""
    place, kind = own.place(request), KINDS.get(done)
    subjects = [("subscriber", name) for name in place.people]
    act = journal.latest([kind.verb], *subjects, ("household", place.key)) if kind else None
    if kind is None or act is None:
        raise Http404
    reads.saw(request, [own.subscriber(request)], what="confirmation")
    today = day_of(request.now)
    context = {
        "title": kind.title,
        "reference": f"MB-{act.id}",
        "facts": [
            Fact(_("Done on"), act.at),
            Fact(_("Your broker now"), own.title(place.open.npn) if place.open else _("Nobody")),
        ],
        "table": own.policy_table(own.policies(place, today), today) if kind.about_policies else None,
        "next_steps": _steps(done, kind, place, request),
        "links": [NavItem(_("My broker"), reverse("consumer:dashboard"))],
    }
    return render(request, "consumer/done.html", context)


def _steps(done: str, kind: Done, place: Place, request: PortalRequest) -> list[NextStep]:
    steps = [NextStep(kind.told, _("Today") if kind.about_policies else _("Now"))]
    if done == "disowned":
        steps.append(NextStep(_("Our staff look into it and write to you."), _("Within five business days")))
        return steps
    if kind.about_policies:
        steps.append(NextStep(_("We tell your insurance company."), _("With the next file to the company")))
    if kind.opens and place.open is not None:
        days = calendar.parameters().number("undo_days", day_of(request.now))
        last = own.written(day_of(place.open.confirmed_at) + timedelta(days=days))
        steps.append(NextStep(_("You can take this back on the page My broker."), _("Until %(day)s") % {"day": last}))
    return steps
