"""Which party of a conversation a person is, and to whom they may write."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from aor.accounts import roles
from aor.acts import messages
from aor.acts.messages import TEAM, Party
from aor.associations import queries as associations
from aor.brokers import queries as brokers
from aor.terms.actor import Role
from aor.terms.period import day_of
from aor.web.access import PortalRequest

WRITERS = (roles.Broker, roles.AgencyManager, roles.Consumer, roles.Officer)


def of(holder: roles.Holder) -> Party:
    """Support staff have none: a conversation is the broker's own."""
    match holder:
        case roles.Broker():
            return Party(Role.BROKER, holder.npn)
        case roles.AgencyManager():
            return Party(Role.AGENCY_MANAGER, holder.agency_npn)
        case roles.Consumer():
            return Party(Role.CONSUMER, holder.subscriber_id)
    return TEAM


def recipients(request: PortalRequest) -> dict[str, tuple[Party, str]]:
    """To whom this person may write without being asked first, by a key for the form."""
    found = {"team": (TEAM, _("The broker team"))}
    match request.holder:
        case roles.Consumer(subscriber_id=subscriber):
            open_to = associations.seen_by(subscriber, day_of(request.now))
            for npn, name in brokers.names(open_to).items():
                found["broker"] = (Party(Role.BROKER, npn), _("My broker, %(name)s") % {"name": name})
        case roles.Officer():
            return {}
    return found


def words(parties: Iterable[Party]) -> dict[Party, str]:
    """What a page calls parties; a consumer is never called by name in a list."""
    wanted = set(parties)
    names = brokers.names({one.id for one in wanted if one.role is Role.BROKER})
    return {one: _words(one, names.get(one.id, "")) for one in wanted}


def _words(party: Party, name: str) -> str:
    match party.role:
        case Role.BROKER:
            return _("Broker %(name)s, NPN %(npn)s") % {"name": name, "npn": party.id}
        case Role.AGENCY_MANAGER:
            return _("Agency %(npn)s") % {"npn": party.id}
        case Role.CONSUMER:
            return _("A household")
    return _("The broker team")


def unread(holder: roles.Holder) -> int:
    """How many messages wait."""
    return messages.unread(of(holder))
