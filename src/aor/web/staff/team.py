"""Who opens these pages, and how they tell of acts: an auditor reads them all and changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from aor.accounts import queries as accounts
from aor.accounts import roles
from aor.audit.queries import Act
from aor.web.components import Event, Tone

READERS = (roles.Officer, roles.Auditor)
WRITERS = (roles.Officer,)
ACCOUNT = "account "


def who(actors: Iterable[str]) -> dict[str, str]:
    """What pages call the actors of journal and cases: officers and brokers by name, commands as they are."""
    wanted = {name: name.removeprefix(ACCOUNT) for name in actors}
    numbers = {name: int(id) for name, id in wanted.items() if name.startswith(ACCOUNT) and id.isdigit()}
    called = accounts.names(set(numbers.values())) if numbers else {}
    return {name: called.get(numbers.get(name, 0)) or name for name in wanted}


def events(acts: Sequence[Act]) -> list[Event]:
    """Acts of the journal as a story, the latest first; their details hold no personal data."""
    called = who(act.by.name for act in acts)
    return [_event(act, called[act.by.name]) for act in sorted(acts, key=lambda act: (act.at, act.id), reverse=True)]


def _event(act: Act, name: str) -> Event:
    by = _("%(name)s (%(role)s)") % {"name": name, "role": act.by.role}
    decision = act.decision.decision if act.decision else None
    tone: Tone = "neutral" if decision is None else "success" if decision.granted else "warning"
    detail = "; ".join(f"{key}: {value}" for key, value in act.details.items() if value not in ("", None, [], {}))
    what = act.verb.replace(".", ": ").replace("_", " ")
    return Event(act.at, what[:1].upper() + what[1:], by, detail, decision.findings if decision else (), tone)
