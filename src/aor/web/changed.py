"""A form that was opened before what it shows was changed: by somebody else, or by oneself in another window."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from django.utils.translation import gettext as _

from aor.accounts import queries as accounts
from aor.audit import queries as journal
from aor.audit.operations import Subject
from aor.terms.actor import Actor
from aor.web import problems
from aor.web.access import PortalRequest
from aor.web.templatetags.components import instant

ACCOUNT = "account "


def meanwhile(
    request: PortalRequest, verb: str, subject: Subject, *, known_from: datetime, back: str
) -> problems.Stale:
    """The 409 that says who changed it and when; what came with a file is of the marketplace's records."""
    last = journal.latest([verb], subject)
    said = {
        "who": _who(last.by, request.actor) if last and last.at >= known_from else _("a file of the marketplace"),
        "when": instant(last.at if last and last.at >= known_from else known_from),
    }
    words = _("Nothing was changed by you now. In the meantime it was changed by %(who)s, on %(when)s.") % said
    return problems.Stale(f"{words} {_('Look at it again before you change it.')}", back=back)


def mark(request: PortalRequest, key: str) -> str:
    """What a page shows of what this visit keeps under a key; its form carries it as `version`."""
    return hashlib.sha256(json.dumps(request.session.get(key)).encode()).hexdigest()[:16]


def still(request: PortalRequest, key: str, *, back: str) -> None:
    """Nothing is sent that the page did not show. Raises Stale where it was sent, dropped or replaced meanwhile."""
    if request.method == "POST" and request.POST.get("version", "") != mark(request, key):
        words = _("What you see here was sent, dropped or replaced in another window. Nothing was sent by you now.")
        raise problems.Stale(f"{words} {_('Open the page again.')}", back=back)


def _who(by: Actor, reader: Actor) -> str:
    """By name and role; oneself is told so."""
    if by.name == reader.name:
        return _("you, in another window")
    number = by.name.removeprefix(ACCOUNT)
    name = accounts.names({int(number)}).get(int(number)) if number.isdecimal() else None
    return _("%(name)s (%(role)s)") % {"name": name or by.name, "role": by.role}
