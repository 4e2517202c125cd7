"""Agencies read: their data, their members, who asked to keep one, and whom they asked to join."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aor.brokers.models import Agency, AgencyInvitation, Broker, Registration
from aor.brokers.queries import ROSTER, RosterBroker

ENDS_AN_AGENCY_INVITATION = ("accepted", "declined", "withdrawn")


def agency_addresses(npns: Iterable[str]) -> dict[str, str]:
    """The registered address of agencies, by agency NPN; who has none is left out."""
    rows = Agency.objects.known_at().filter(npn__in=list(npns)).exclude(email="")
    return dict(rows.values_list("npn", "email"))


def members(agency_npn: str, on: datetime | None = None) -> list[RosterBroker]:
    """The brokers of an agency, by name; as known at an instant, or now."""
    rows = Broker.objects.known_at(on).filter(agency_npn=agency_npn).exclude(agency_npn="")
    found = (RosterBroker(*row) for row in rows.values_list(*ROSTER))
    return sorted(found, key=lambda broker: (broker.last_name, broker.first_name, broker.npn))


def agency(npn: str) -> Agency | None:
    """An agency as it is known now."""
    return Agency.objects.known_at().filter(npn=npn).first()


def agencies_like(*, name: str, fein: str) -> list[str]:
    """The NPNs of agencies with a name or a tax number, whatever its hyphens."""
    digits = "".join(letter for letter in fein if letter.isdigit())
    rows = Agency.objects.known_at()
    alike = set(rows.filter(name__iexact=name.strip()).values_list("npn", flat=True))
    numbered = rows.exclude(fein="").values_list("npn", "fein") if digits else ()
    return sorted(alike | {npn for npn, known in numbered if "".join(filter(str.isdigit, known)) == digits})


def registrations(*, account: int, npn: str = "", outcome: str = "") -> list[Registration]:
    """The agencies that an account asked to be registered, the latest first."""
    rows = Registration.objects.filter(account=account)
    rows = rows.filter(npn=npn) if npn else rows
    return list((rows.filter(outcome=outcome) if outcome else rows).order_by("-id"))


def registrations_waiting(outcome: str) -> list[Registration]:
    """The agencies whose registration stands at an outcome, the oldest first."""
    return list(Registration.objects.filter(outcome=outcome).order_by("id"))


def registration(id: int) -> Registration | None:
    """A registration by its number, however it stands."""
    return Registration.objects.filter(id=id).first()


def agency_invitation(id: int) -> tuple[AgencyInvitation, str] | None:
    """An agency's invitation with its state: open, or the step that ended it."""
    row = AgencyInvitation.objects.filter(id=id).first()
    if row is None:
        return None
    step = row.steps.filter(kind__in=ENDS_AN_AGENCY_INVITATION).first()
    return row, "open" if step is None else step.kind


def agency_invitations(*, agency_npn: str = "", npn: str = "", now: datetime) -> list[AgencyInvitation]:
    """The open invitations of an agency, or to a broker, the latest first."""
    rows = AgencyInvitation.objects.filter(expires_at__gt=now).exclude(steps__kind__in=ENDS_AN_AGENCY_INVITATION)
    rows = rows.filter(agency_npn=agency_npn) if agency_npn else rows
    return list((rows.filter(npn=npn) if npn else rows).order_by("-sent_at", "-id"))
