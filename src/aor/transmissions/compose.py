"""Sets made into interchanges: what each says, its control numbers, the document, the rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from aor.audit import keys
from aor.brokers import queries as brokers
from aor.brokers.models import Agency
from aor.carriers.queries import TradingPartner
from aor.engine import bulk, faults, locks, store
from aor.enrollments.models import Interchange as Others
from aor.policy.timeline import Point
from aor.terms.period import day_of
from aor.transmissions.ledger import Enrolled
from aor.transmissions.models import Counter, Interchange, TransactionSet
from aor.x12 import profiles
from aor.x12.dialect import Dialect
from aor.x12.guides import x220a1_maintenance as maintenance
from aor.x12.guides.x220a1_maintenance import Broker, Composer, Draft, MaintenanceSet

LAST_NUMBER = 999_999_999


class CannotCompose(Exception):
    """Nothing can be written for this carrier until somebody mends what the sentence says."""


class Wanted(NamedTuple):
    """A set checked and written, but for its numbers; a resend keeps its business reference (BGN02)."""

    enrolled: Enrolled
    point: Point
    kind: str
    text: str
    resend_of: int | None = None
    bgn02: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """All that the sets to one carrier share: the carrier, its dialect, the brokers' names and numbers."""

    partner: TradingPartner
    dialect: Dialect
    composer: Composer
    names: Mapping[str, str]
    tax_ids: Mapping[str, str]
    licenses: Mapping[str, str]
    keyed: blake2b
    now: datetime
    _brokers: dict[str, Broker | None] = field(default_factory=lambda: {"": None})
    _said: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, partner: TradingPartner, *, now: datetime) -> Desk:
        """Raises CannotCompose."""
        overlay = Path(settings.AOR_OVERLAY) / "profiles" if settings.AOR_OVERLAY else None
        try:
            dialect = profiles.load(partner.profile, overlay)
        except ValueError as wrong:
            raise CannotCompose(f"carrier {partner.hios_issuer_id}: {wrong}") from None
        if not partner.x12_id:
            raise CannotCompose(f"carrier {partner.hios_issuer_id} has neither an X12 id nor a tax id to be sent to")
        roster = brokers.roster()
        feins: dict[str, str] = {}
        if dialect.names("broker_tax_id"):
            agencies = dict(Agency.objects.known_at().values_list("npn", "fein"))
            feins = {npn: agencies.get(row.agency_npn, "").replace("-", "") for npn, row in roster.items()}
        licenses = brokers.license_numbers(roster, day=day_of(now)) if dialect.names("broker_license") else {}
        names = {npn: row.name for npn, row in roster.items()}
        return cls(
            partner, dialect, Composer(dialect), names, feins, licenses,
            blake2b(digest_size=16, key=keys.named("transaction-sets.key")), now,
        )  # fmt: skip

    @property
    def counted_by(self) -> str:
        """Whose control numbers rise: the sender's, so that a number alone names what went to any partner."""
        return self.dialect.sender_id

    def broker(self, npn: str) -> Broker | None:
        if npn not in self._brokers:
            self._brokers[npn] = Broker(
                self.names.get(npn, ""), npn, self.tax_ids.get(npn, ""), self.licenses.get(npn, "")
            )
        return self._brokers[npn]

    def draft(self, enrolled: Enrolled, point: Point) -> Draft:
        """What one set says, and what is wrong with that."""
        entry = MaintenanceSet(
            subscriber_first=enrolled.first_name,
            subscriber_last=enrolled.last_name,
            subscriber_middle=enrolled.middle_name,
            subscriber_id=enrolled.subscriber_id,
            member_id=enrolled.member_id or enrolled.subscriber_id,
            birth_date=enrolled.birth_date,
            sex=enrolled.sex,
            carrier_name=self.partner.name,
            carrier_tax_id=self.partner.tax_id,
            broker=self.broker(point.npn),
            coverage=enrolled.coverage_kind,
            effective=point.day,
            benefit_begin=enrolled.start,
            plan_id=enrolled.plan_id,
            policy_id=enrolled.policy_id,
            composed_at=self.now,
        )
        return self.composer.draft(entry)

    def wrong(self, enrolled: Enrolled, point: Point) -> str:
        """Why a set cannot be written, in a sentence; empty when it can."""
        return in_words(self.draft(enrolled, point))

    def fingerprint(self, enrolled: Enrolled, point: Point) -> str:
        """A keyed hash of all that a set says but its numbers and times."""
        partner, npn = self.partner, point.npn
        if npn not in self._said:
            of_all = (self.broker(npn), partner.name, partner.tax_id, partner.x12_id, partner.profile)
            self._said[npn] = repr(of_all)[1:]
        one = enrolled
        # As `repr` of them in one tuple, but for days, of which equal ones are written once.
        own = (
            f"({one.policy_id!r}, {one.hios_issuer_id!r}, {one.subscriber_id!r}, {one.coverage_kind!r}, "
            f"{one.plan_id!r}, {one.member_id!r}, {_repr(one.start)}, {one.last_name!r}, {one.first_name!r}, "
            f"{one.middle_name!r}, {_repr(one.birth_date)}, {one.sex!r}, {_repr(point.day)}, {self._said[npn]}"
        )
        hashed = self.keyed.copy()
        hashed.update(own.encode())
        return hashed.hexdigest()


_repr = lru_cache(maxsize=1 << 14)(repr)


def in_words(draft: Draft) -> str:
    """Why a set cannot be written, in a sentence; empty when it can."""
    return "; ".join([finding.because for finding in draft.findings])


def compose(desk: Desk, wanted: Sequence[Wanted]) -> Interchange:
    """Composes one interchange: document first, then its rows; numbers, rows and document name one another."""
    with transaction.atomic(), locks.shared("writers"):
        isa13, gs06, first = numbers(desk, len(wanted))
        st02s = [f"{first + position:09d}" for position in range(len(wanted))]
        receiver = desk.partner.x12_id
        content = desk.composer.interchange(
            [maintenance.numbered(one.text, st02, one.bgn02) for one, st02 in zip(wanted, st02s, strict=True)],
            isa13=isa13,
            gs06=gs06,
            receiver=receiver,
            group_receiver=maintenance.group_receiver(
                desk.dialect, plan_id=wanted[0].enrolled.plan_id, receiver=receiver
            ),
            composed_at=desk.now,
        )
        faults.reached("send:composed")
        document = store.put(content)
        faults.reached("send:stored")
        interchange = Interchange.objects.create(
            hios_issuer_id=desk.partner.hios_issuer_id,
            isa06=desk.dialect.sender_id,
            isa08=desk.partner.x12_id,
            isa13=f"{isa13:09d}",
            name=file_name(desk, isa13),
            sha256=document.sha256,
            sets=len(wanted),
            composed_at=desk.now,
        )
        bulk.load(
            TransactionSet,
            (
                "interchange_id", "enrollment_id", "npn", "effective_from", "kind", "gs06", "st02", "bgn02",
                "resend_of_id", "fingerprint",
            ),
            (
                (
                    interchange.pk, one.enrolled.id, one.point.npn, one.point.day, one.kind, str(gs06), st02,
                    one.bgn02 or st02, one.resend_of, desk.fingerprint(one.enrolled, one.point),
                )
                for one, st02 in zip(wanted, st02s, strict=True)
            ),
        )  # fmt: skip
    faults.reached("send:committed")
    return interchange


def file_name(desk: Desk, isa13: int) -> str:
    """The name under which the carrier finds an interchange."""
    hios, receiver = desk.partner.hios_issuer_id, desk.partner.x12_id
    return maintenance.file_name(desk.dialect, hios=hios, isa13=isa13, receiver=receiver, composed_at=desk.now)


def numbers(desk: Desk, sets: int) -> tuple[int, int, int]:
    """An ISA13, a GS06 and the first of so many ST02, never used before. Raises CannotCompose."""
    isa13 = _free_isa13(desk)
    gs06 = _take(desk.counted_by, "gs06", desk.dialect.first_gs06, 1)
    return isa13, gs06, _take(desk.counted_by, "st02", desk.dialect.first_st02, sets)


def begin_counters(partners: Iterable[TradingPartner], *, now: datetime) -> None:
    """Makes the counters that the partners' files are to be numbered by, where nothing was ever sent."""
    for partner in partners:
        try:
            desk = Desk.of(partner, now=now)
        except CannotCompose:
            continue
        said = desk.dialect
        firsts = {"isa13": said.first_isa13, "gs06": said.first_gs06, "st02": said.first_st02}
        rows = [Counter(sender=desk.counted_by, kind=kind, value=first - 1) for kind, first in firsts.items()]
        Counter.objects.bulk_create(rows, ignore_conflicts=True)


def _take(sender: str, kind: str, first: int, count: int) -> int:
    """The first of `count` control numbers never used by a sender; they rise and never come again."""
    Counter.objects.bulk_create([Counter(sender=sender, kind=kind, value=first - 1)], ignore_conflicts=True)
    counter = Counter.objects.select_for_update().get(sender=sender, kind=kind)
    start = max(counter.value + 1, first)
    if start + count - 1 > LAST_NUMBER:
        raise CannotCompose(f"the {kind} numbers of {sender} are used up; the profile names a new range")
    Counter.objects.filter(pk=counter.pk).update(value=start + count - 1)
    return start


def _free_isa13(desk: Desk) -> int:
    """The next ISA13 that nobody used between the same two ids, the eligibility system included."""
    while True:
        number = _take(desk.counted_by, "isa13", desk.dialect.first_isa13, 1)
        used = Others.objects.filter(isa06=desk.dialect.sender_id, isa08=desk.partner.x12_id, isa13=f"{number:09d}")
        if not used.exists():
            return number
