"""Before a click that names a broker: what changes on which day, and the consent as it will be kept."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aor.acts import consent
from aor.acts.consent import Shown
from aor.acts.place import Place
from aor.acts.preview import Effect, Preview
from aor.brokers import queries as brokers
from aor.policy.association import Path
from aor.web import problems
from aor.web.components import Column, Fact, Table
from aor.web.consumer import own
from aor.web.forms import Form, Submitted, Versioned
from aor.web.templatetags.components import day


class Agree(Versioned, Submitted, Form):
    """The consumer's own act; `digest` is of the text that was shown."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    agree = forms.BooleanField(label=gettext_lazy("I have read this and I agree"))


def text(place: Place, path: Path, npn: str, plan_year: int | None = None) -> Shown:
    """The consent in the reader's language."""
    return consent.shown(
        path=path, npn=npn, language=own.language(), plan_year=plan_year, replaces=place.replaces(npn)
    )


def form(sent: object, place: Place, shown: Shown) -> Agree:
    """The form of a page that shows a consent."""
    initial = {"version": own.version(place), "digest": shown.digest}
    return Agree(sent, initial=initial)


def expect_as_shown(sent: Agree, shown: Shown) -> None:
    """Stale where the words have changed since they were shown."""
    if sent.cleaned_data["digest"] != shown.digest:
        raise problems.Stale(
            _("The words you agree to have changed. Read them again. Nothing was changed by you now.")
        )


def facts(preview: Preview) -> list[Fact]:
    """Who can see the household's data from now on, and who no longer can."""
    seen = [(_("Can see your data"), preview.access_after)]
    if preview.access_before != preview.access_after:
        seen.append((_("Can no longer see your data"), preview.access_before))
    names = own.titles(npn for _label, npn in seen if npn)
    since = own.written(preview.access_on)
    words = _("%(broker)s, from %(day)s")
    return [Fact(label, words % {"broker": names[npn], "day": since}) for label, npn in seen if npn]


def effects(place: Place, preview: Preview) -> Table:
    """The policies that will count another broker, and from which day."""
    mine = own.policy_ids(place)
    shown = [one for one in preview.effects if one.changes_on and one.policy_id in mine]
    names = brokers.names({npn for one in shown for npn in (one.before, one.after) if npn})
    columns = [
        Column(_("Policy")),
        Column(_("Insurance company")),
        Column(_("Changes on")),
        Column(_("Broker before")),
        Column(_("Broker after")),
    ]
    rows = [
        (
            f"{one.policy_id} ({own.COVERAGES.get(one.coverage_kind, one.coverage_kind)})",
            one.carrier_name,
            day(one.changes_on),
            names.get(one.before, one.before) or _("Nobody"),
            _after(one, names),
        )
        for one in shown
    ]
    empty = _("None of the policies you have now changes. It counts for your next ones.")
    return Table(_("Your policies"), columns, rows, empty=empty, show_caption=False)


def _after(effect: Effect, names: dict[str, str]) -> str:
    name = names.get(effect.after, effect.after) or _("Nobody")
    if not effect.held_because:
        return name
    return _("%(name)s, but this waits: the broker is not yet cleared to work with this company") % {"name": name}


def held_for_standing(preview: Preview) -> bool:
    """Whether the broker cannot be counted yet."""
    return any(effect.held_because for effect in preview.effects)


def lost(preview: Preview) -> Iterable[Effect]:
    """The policies that will have no broker."""
    return [one for one in preview.effects if one.changes_on and one.before and not one.after]
