"""A small marketplace with a person for every role, and what is theirs and what is another's.

Ana and Ben are brokers of one agency, Cruz of another. KAYING (S1, policy P1) is Ana's, ASAD (S2, policy P2) is
Cruz's. Every surname of a consumer is marked, so that it can be found where it must not be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.test import Client

from aor.accounts import invitations
from aor.accounts import operations as accounts
from aor.accounts.models import RoleName, User
from aor.acts import associate, messages, receive, registration
from aor.acts.messages import Party, Topic
from aor.associations import queries as associations
from aor.associations.models import Association
from aor.associations.operations import ConsentGiven
from aor.brokers.models import Agency
from aor.cases import correspondence
from aor.discrepancies import intake
from aor.discrepancies.models import Claim
from aor.enrollments.models import Enrollment
from aor.incidents import corrections
from aor.incidents import operations as incidents
from aor.incidents.models import Signal
from aor.retro import operations as retro
from aor.retro.queries import Fields
from aor.terms.actor import Actor, Role, system
from aor.terms.period import day_of, first_of_next_month, start_of
from aor.transfers import operations as transfers
from aor.workbooks.returned import NOT_MY_CLIENT, Returned, ReturnedRow
from tests import builders
from tests.builders import ANA, BEN, CRUZ, NORTH_STAR, Policy, enrollment_file
from tests.portal import laid

MARK = "ZZPII"
OURS, THEIRS = "8000001", "8000002"
OTHER_CARRIER = "85736"
NOW = datetime.now(UTC)
FIRST = day_of(NOW).replace(day=1)  # of the month in Minnesota
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SEATS: dict[str, tuple[RoleName, str]] = {
    "Ana": (RoleName.BROKER, ANA),
    "Ben": (RoleName.BROKER, BEN),
    "Cruz": (RoleName.BROKER, CRUZ),
    "manager": (RoleName.AGENCY_MANAGER, OURS),
    "other manager": (RoleName.AGENCY_MANAGER, THEIRS),
    "support": (RoleName.SUPPORT_STAFF, OURS),
    "other support": (RoleName.SUPPORT_STAFF, THEIRS),
    "consumer": (RoleName.CONSUMER, "S1"),
    "other consumer": (RoleName.CONSUMER, "S2"),
    "officer": (RoleName.OFFICER, ""),
    "lead": (RoleName.LEAD, ""),
    "auditor": (RoleName.AUDITOR, ""),
    "carrier": (RoleName.CARRIER, NORTH_STAR),
    "other carrier": (RoleName.CARRIER, OTHER_CARRIER),
}


@dataclass
class World:
    """The people by name, and the ids of what is Ana's and what is Cruz's."""

    users: dict[str, User] = field(default_factory=dict)
    browsers: dict[tuple[str | None, int], Client] = field(default_factory=dict)
    ours: dict[str, object] = field(default_factory=dict)
    theirs: dict[str, object] = field(default_factory=dict)

    def client(self, name: str | None, *, factors: int = 2) -> Client:
        """A browser in which this person is signed in; None is a visitor."""
        if (name, factors) in self.browsers:
            return self.browsers[name, factors]
        client = self.browsers[name, factors] = Client(headers={"host": "localhost"})
        if name is None:
            return client
        client.force_login(self.users[name], backend=BACKEND)
        session = client.session
        signed_in = datetime.now(UTC).timestamp()  # not NOW: a second factor is fresh for ten minutes
        methods = [{"method": "password", "at": signed_in}, {"method": "mfa", "at": signed_in}]
        session["account_authentication_methods"] = methods[:factors]
        session["account_authentication_methods_user"] = str(self.users[name].pk)
        if name in ("support", "other support"):
            session["acting_for"] = ANA if name == "support" else CRUZ
        session.save()
        return client


def consent(act: str) -> ConsentGiven:
    return ConsentGiven(act=act, shown="Your broker may see your coverage.", template_version="test", parties="both")


@laid.once
def make(folder: Path) -> World:
    """Builds it, as of now."""
    year = NOW.year
    for hios, name in ((NORTH_STAR, "North Star Health"), (OTHER_CARRIER, "Prairie Health")):
        builders.carrier(hios, name=name, naic_company_code=hios)
    for npn, name in ((OURS, "Aurora Agency"), (THEIRS, "Borealis Agency")):
        Agency.objects.create(known_from=builders.LONG_AGO, npn=npn, name=name, email=f"{npn}@example.org")
    for npn, first, agency in ((ANA, "Ana", OURS), (BEN, "Ben", OURS), (CRUZ, "Cruz", THEIRS)):
        builders.broker(
            npn, first, "Broker", certified=(year, year + 1), appointed=(NORTH_STAR, OTHER_CARRIER),
            email=f"{first.lower()}@example.org", agency_npn=agency, agency_name=agency, list_in_directory=True,
        )  # fmt: skip
    path = folder / "enrollments.834"
    sent = NOW - timedelta(days=2)
    path.write_bytes(
        enrollment_file(
            _policy("P1", "S1", "KAYING", "5500001-1"), _policy("P2", "S2", "ASAD", "5500002-1"), sent=sent
        )
    )
    receive.receive(path, by=system("test"), now=sent)
    by = Actor(Role.CONSUMER, "test")
    chosen = min(NOW - timedelta(days=1), start_of(FIRST) + timedelta(hours=12))  # credit began with the coverage
    for subscriber, npn in (("S1", ANA), ("S2", CRUZ)):
        associate.designate(
            subscriber_id=subscriber, npn=npn, consent=consent("designated"), second_factor=True, by=by,
            now=chosen,
        )  # fmt: skip
    world = World()
    for name, (role, subject) in SEATS.items():
        email = f"{name.replace(' ', '-').lower()}@example.org"
        user = accounts.open_account(email=email, name=name, by=system("test"), now=NOW)
        accounts.grant(user, role=role, subject=subject, by=system("test"), now=NOW)
        world.users[name] = user
    world.ours = _objects("P1", ANA, OURS, NORTH_STAR, "S1")
    world.theirs = _objects("P2", CRUZ, THEIRS, OTHER_CARRIER, "S2")
    for objects, name, agency in ((world.ours, "support", OURS), (world.theirs, "other support", THEIRS)):
        objects["account"] = world.users[name].pk
        objects["asked"] = invitations.invite(
            f"asked.{agency}@example.org", name="Asked", role=RoleName.SUPPORT_STAFF, subject=agency,
            by=system("test"), now=NOW,
        ).pk  # fmt: skip
    for objects, subscriber, npn in ((world.ours, "S1", ANA), (world.theirs, "S2", CRUZ)):
        objects["thread"] = messages.start(
            topic=Topic.CLIENT, sender=Party(Role.CONSUMER, subscriber), to=Party(Role.BROKER, npn),
            body=f"About {objects['name']}", by=by, now=NOW,
        )  # fmt: skip
        objects["retro"] = _retro(npn, str(objects["name"]))
        objects["incident"] = _incident(npn)
        objects["correction"] = _correction(npn)
        objects["transfer"] = _transfer(npn)
        objects["book"] = _book(npn, str(objects["agency_npn"]), other=CRUZ if npn == ANA else ANA)
        objects["signal"] = _signal(npn)
    return world


def _registration(agency: str) -> int:
    """Somebody else asks to keep the agency: it waits for the broker team."""
    asking = accounts.open_account(email=f"{agency}@asks.example.org", name="Asks", by=system("test"), now=NOW)
    fields = {"npn": agency, "name": "Another Agency", "email": "asks@example.org", "administrator_name": "Asks"}
    asked = registration.register(fields, user=asking, by=system("test"), now=NOW)
    assert asked.row is not None
    return asked.row.pk


def _policy(policy: str, subscriber: str, first: str, application: str) -> Policy:
    return Policy(policy, subscriber, start=FIRST, first=first, last=f"{MARK}-{first}", application=application)


def _objects(policy: str, npn: str, agency: str, hios: str, subscriber: str) -> dict[str, object]:
    """What the parts of an address stand for; a page with another part adds it here."""
    first = "KAYING" if policy == "P1" else "ASAD"
    return {
        "enrollment": Enrollment.objects.get(policy_id=policy).pk,
        "npn": npn,
        "agency_npn": agency,
        "hios": hios,
        "subscriber": subscriber,
        "month": f"{FIRST:%Y-%m}",
        "interchange": 1,
        "act": "suspend",
        "deed": "place",
        "step": "claim",
        **_claim(npn, f"{MARK}-{first}", first),
        "key": "officer",
        "registration": _registration(agency),
        "year": NOW.year,
        "kind": "csv",
        "number": "AOR-2026-10-1234567-1",
        "invitation": associations.invitations_of([npn]).values_list("id", flat=True).first() or 0,
        "association": Association.objects.get(subscriber_id=subscriber).pk,
        "done": "chosen",
        "hold": 1,
        "name": f"{MARK}-{first}",
    }


def _claim(npn: str, last: str, first: str) -> dict[str, object]:
    """A broker's claim about their own client, and what it came with."""
    fields = {"last_name": last, "first_name": first, "birth_date": "1984-05-02", "carrier": "North Star Health"}
    rows = [ReturnedRow("", 1, {**fields, "application_or_enrollment_date": f"{NOW:%Y-%m-%d}"})]
    batch = intake.submit(rows, npn=npn, by=Actor(Role.BROKER, "test", npn), now=NOW)
    number = Claim.objects.values_list("case__number", flat=True).get(batch=batch)
    kept = correspondence.keep_evidence(
        number, content=b"%PDF-1.7 signed", name="agreement.pdf", media_type="application/pdf",
        by=Actor(Role.BROKER, "test", npn), now=NOW,
    )  # fmt: skip
    return {"case": number, "claim": number, "batch": batch, "evidence": kept}


def _retro(npn: str, last: str) -> str:
    """The number of a broker's request for an earlier date."""
    asked = Fields(
        npn, last, "A", date(1984, 5, 2), NORTH_STAR, "HLT", effective_on=FIRST, enrolled_on=FIRST,
        enrolled_is="enrollment completed", because="paper application", attested=True,
    )  # fmt: skip
    return retro.submit(fields=asked, by=Actor(Role.BROKER, "test", npn), now=NOW).number


def _transfer(npn: str) -> str:
    """The number of a transfer of this broker's book that waits for the agreement."""
    on = first_of_next_month(day_of(NOW) + timedelta(days=31))
    by = Actor(Role.OFFICER, "somebody else")
    return transfers.ask(from_npn=npn, to_npn=BEN, on=on, by=by, now=NOW)[1]


def _book(npn: str, agency: str, *, other: str) -> str:
    """The number of an agency's request that another's book goes to this broker."""
    on = first_of_next_month(day_of(NOW) + timedelta(days=31))
    by = Actor(Role.AGENCY_MANAGER, "somebody else")
    number = transfers.ask_for_agency({other: npn}, agency_npn=agency, on=on, by=by, now=NOW)[other][1]
    transfers.add_evidence(
        number, content=b"%PDF-1.7 signed", name="agreement.pdf", media_type="application/pdf",
        by=Actor(Role.AGENCY_MANAGER, "somebody else", npn), now=NOW,
    )  # fmt: skip
    return number


def _signal(npn: str) -> int:
    """Something out of the ordinary about this broker's association."""
    row = Association.objects.get(npn=npn)
    return Signal.objects.create(association=row, rule="SIGNAL_BURST", because="many came", at=NOW).pk


def _correction(npn: str) -> str:
    """The number of a correction of this NPN that waits for a second officer."""
    by = Actor(Role.OFFICER, "somebody else")
    return corrections.propose(wrong=npn, right=BEN, because="mistyped", by=by, now=NOW)[1]


def _incident(npn: str) -> str:
    """The number of an incident that a broker opened by a returned file."""
    row = ReturnedRow("", 1, marks=(NOT_MY_CLIENT,))
    returned = Returned((row,), (), (), (), "", ())
    (number,) = incidents.report_returned(
        returned, npn=npn, batch=int(npn), by=Actor(Role.BROKER, "test", npn), now=NOW
    )
    return number
