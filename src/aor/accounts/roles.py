"""The roles, one class each: what a person is here, and for whom. A page names the classes that may pass."""

from __future__ import annotations

from dataclasses import dataclass

from aor.terms.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class Holder:
    """A signed-in person in one of their roles. `account` is the id of the account, `name` what pages call it."""

    account: int
    name: str

    @property
    def actor(self) -> Actor:
        """Who the journal says acted: the account, and the broker it was for."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The role in words, for the menu."""
        raise NotImplementedError

    def _actor(self, role: Role, npn: str = "") -> Actor:
        return Actor(role, f"account {self.account}", npn)


@dataclass(frozen=True, slots=True)
class Broker(Holder):
    """Sees the households associated with the own NPN, and the own standing and reports."""

    npn: str

    @property
    def actor(self) -> Actor:
        return self._actor(Role.BROKER, self.npn)

    @property
    def label(self) -> str:
        return f"Broker, NPN {self.npn}"


@dataclass(frozen=True, slots=True)
class AgencyManager(Holder):
    """Keeps an agency: its roster, data and support staff; sees the book of its brokers while they are members."""

    agency_npn: str

    @property
    def actor(self) -> Actor:
        return self._actor(Role.AGENCY_MANAGER)

    @property
    def label(self) -> str:
        return f"Agency manager, agency {self.agency_npn}"


@dataclass(frozen=True, slots=True)
class SupportStaff(Holder):
    """Acts for one broker of the agency at a time, with narrower rights; is never agent of record (readings, R1)."""

    agency_npn: str
    npn: str = ""  # the broker acted for now, if one was chosen

    @property
    def actor(self) -> Actor:
        return self._actor(Role.SUPPORT_STAFF, self.npn)

    @property
    def label(self) -> str:
        return f"Support staff for NPN {self.npn}" if self.npn else f"Support staff, agency {self.agency_npn}"


@dataclass(frozen=True, slots=True)
class Consumer(Holder):
    """A household's own person, as the marketplace account says: chooses, confirms and ends; sees who looked."""

    subscriber_id: str

    @property
    def actor(self) -> Actor:
        return self._actor(Role.CONSUMER)

    @property
    def label(self) -> str:
        return "My marketplace account"


@dataclass(frozen=True, slots=True)
class Officer(Holder):
    """The broker team: tasks, cases, transmissions, the close."""

    @property
    def actor(self) -> Actor:
        return self._actor(Role.OFFICER)

    @property
    def label(self) -> str:
        return "Broker team"


@dataclass(frozen=True, slots=True)
class Lead(Officer):
    """An officer who may also give the second consent: waivers, NPN corrections, mass decertification."""

    @property
    def actor(self) -> Actor:
        return Holder._actor(self, Role.LEAD)

    @property
    def label(self) -> str:
        return "Broker team lead"


@dataclass(frozen=True, slots=True)
class Auditor(Holder):
    """Reads the journal, the record and the seals; changes nothing."""

    @property
    def actor(self) -> Actor:
        return self._actor(Role.AUDITOR)

    @property
    def label(self) -> str:
        return "Auditor"


@dataclass(frozen=True, slots=True)
class CarrierStaff(Holder):
    """A carrier's own enrollments, files and acknowledgments."""

    hios_issuer_id: str

    @property
    def actor(self) -> Actor:
        return self._actor(Role.CARRIER)

    @property
    def label(self) -> str:
        return f"Carrier {self.hios_issuer_id}"
