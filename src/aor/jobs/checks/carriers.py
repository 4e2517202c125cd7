"""What carriers were told: each thing has its hand-over, its numbers, its file; what is not told is explained."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.db.models import Count, F, Max, Q

from aor.audit.models import Act
from aor.carriers import queries as carriers
from aor.gateways.mailbox import TO_CARRIER, Mailbox
from aor.gateways.outcomes import Refused, Retryable
from aor.jobs.checks import Findings, Seen, Wrong
from aor.record.models import Entry
from aor.record.models import Told as KnownAsTold
from aor.transmissions import handover, lifecycle
from aor.transmissions.compose import CannotCompose, Desk
from aor.transmissions.ledger import DISCARDED, HANDED_OVER, Ledger, Scope
from aor.transmissions.lifecycle import AGENT, BY_ENROLLMENT_FILE, REJECTED
from aor.transmissions.models import Counter, Interchange, Run, Step, TransactionSet, Trial

INTERCHANGE = "transmissions.Interchange"

type Identity = tuple[int, str, date]


def interchanges_are_whole(seen: Seen) -> Findings:
    """Each interchange has the sets that it counts, and was handed over or discarded, never both."""
    seen.rows = Interchange.objects.count()
    wrong = Interchange.objects.annotate(count=Count("transaction_sets")).exclude(count=F("sets"))
    for id, name, sets, count in wrong.values_list("id", "name", "sets", "count"):
        yield Wrong("sets", INTERCHANGE, id, f"{name} counts {sets} sets, the ledger has {count}")
    discarded = Step.objects.filter(kind=DISCARDED).values("interchange")
    both = Step.objects.filter(kind=HANDED_OVER, interchange__in=discarded)
    for id, name in both.values_list("interchange_id", "interchange__name"):
        yield Wrong("steps", INTERCHANGE, id, f"{name} was both handed over and discarded")


def control_numbers_rise(seen: Seen) -> Findings:
    """ISA13, GS06 and ST02 of a sender rise with every interchange, never repeat, and its counters are past them."""
    columns = ("interchange__isa06", "interchange__isa13", "interchange_id", "gs06", "st02", "id")
    rows = TransactionSet.objects.order_by("interchange__isa06", "interchange_id", "id").values_list(*columns)
    for sender, sets in groupby(rows.iterator(chunk_size=5_000), key=itemgetter(0)):
        last = {"isa13": 0, "gs06": 0, "st02": 0}
        of: int | None = None
        for _, isa13, interchange, gs06, st02, id in sets:
            seen.rows += 1
            numbers = {"st02": st02} if interchange == of else {"isa13": isa13, "gs06": gs06, "st02": st02}
            of = interchange
            for kind, text in numbers.items():
                number = int(text)
                if number <= last[kind]:
                    because = f"{kind} {number} of {sender} does not rise: {last[kind]} was used before it"
                    yield Wrong(kind, "transmissions.TransactionSet", id, because)
                last[kind] = max(last[kind], number)
        yield from _behind(sender, last)


def _behind(sender: str, last: dict[str, int]) -> Findings:
    counters = dict(Counter.objects.filter(sender=sender).values_list("kind", "value"))
    for kind, number in last.items():
        if counters.get(kind, 0) < number:
            because = f"the counter {kind} of {sender} stands at {counters.get(kind, 0)}, but {number} was used"
            yield Wrong("counter", "transmissions.Counter", f"{sender}/{kind}", because)


def told_is_known_as_told(seen: Seen) -> Findings:
    """The record keeps in standing exactly what sets told a carrier and the carrier did not reject."""
    known: dict[int, set[tuple[str, date]]] = {}
    rows = KnownAsTold.objects.known_at().values_list("enrollment_id", "npn", "effective_from")
    for enrollment, npn, day in rows.iterator(chunk_size=5_000):
        known.setdefault(enrollment, set()).add((npn, day))
    for enrolled, account in Ledger(Scope(), now=seen.now).accounts():
        seen.rows += 1
        live = [one for one in account.told if one.verdict != REJECTED]
        # A file names a broker and no day: which entry it told follows the record.
        by_files = {one.npn for one in live if one.channel == BY_ENROLLMENT_FILE}
        own = known.pop(enrolled.id, set())
        for one in live:
            if one.set_id and one.kind == AGENT and (one.npn, one.day) not in own:
                because = f"set {one.set_id} told NPN {one.npn} for policy {enrolled.policy_id}; the record forgot it"
                yield Wrong("forgotten", "transmissions.TransactionSet", one.set_id, because)
        for npn, day in own - {(one.npn, one.day) for one in live}:
            if npn in by_files:
                continue
            because = f"the record holds that a carrier was told NPN {npn} from {day}; no hand-over says so"
            yield Wrong("never told", "record.Told", enrolled.id, because)
    for enrollment in known:
        yield Wrong("never told", "record.Told", enrollment, f"enrollment {enrollment} is not there")


def untold_is_explained(seen: Seen) -> Findings:
    """Whatever was ready at a carrier's last run went with it: the rest is held, rejected or cannot be written."""
    partners = carriers.trading_partners()
    for hios, last in Run.objects.values_list("hios_issuer_id").annotate(Max("id")):
        if hios not in partners:
            continue
        run = Run.objects.get(id=last)
        if _clock_went_back(run):
            continue
        ledger = Ledger(Scope(hios_issuer_id=hios), now=run.at, known_at=run.at)
        composed = TransactionSet.objects.filter(
            interchange__hios_issuer_id=hios, interchange__composed_at__gte=run.at
        )
        explained: set[Identity] = set(composed.values_list("enrollment_id", "npn", "effective_from"))
        try:
            desk = Desk.of(partners[hios], now=seen.now)
        except CannotCompose:
            continue  # said by every run, and by `doctor`
        for enrolled, account in ledger.accounts():
            seen.rows += 1
            for point in lifecycle.to_send(account, ledger.granted(enrolled, run.as_of), lambda _: ""):
                identity = (enrolled.id, point.npn, point.day)
                if not point.npn or identity in explained:
                    continue
                # A run takes what was so at its cutoff; what came in that very instant may have come after it.
                if not (_so(identity) and _so(identity, run.as_of - timedelta(microseconds=1))):
                    continue
                if lifecycle.rejected(lifecycle.spell(account.told, point.npn, point.day)):
                    continue
                if not desk.wrong(enrolled, point):
                    because = f"policy {enrolled.policy_id} was ready at the run of {run.at:%Y-%m-%d} and did not go"
                    yield Wrong("left", "enrollments.Enrollment", enrolled.id, because)


def _clock_went_back(run: Run) -> bool:
    """Whether the journal has acts of before the run after it, or of after it before it: or an import took long.

    What was recorded then is known from before the run, which did not see it; or the run saw what is known only from
    after it. The next run sees all of it.
    """
    served = Act.objects.filter(verb="carrier.served", subject_kind="carrier", subject_id=run.hios_issuer_id)
    own = served.aggregate(Max("id"))["id__max"]
    if own is None:
        return False
    return Act.objects.filter(Q(id__gt=own, at__lt=run.at) | Q(id__lt=own, at__gt=run.at)).exists()


def _so(identity: Identity, known_at: datetime | None = None) -> bool:
    """Whether the record has the broker in standing on the day, as known at an instant."""
    enrollment, npn, day = identity
    rows = Entry.objects.known_at(known_at).filter(enrollment=enrollment, npn=npn, in_standing=True)
    return rows.filter(effective_from__lte=day, effective_until__gt=day).exists()


@dataclass
class Listing:
    """What lies in one carrier's mailbox: file name and SHA-256, which is "" where the file was not read."""

    hios_issuer_id: str
    files: list[tuple[str, str]] = field(default_factory=list)
    trouble: str = ""


def listings() -> list[Listing]:
    """The mailboxes, read before the ledger, so that what is composed meanwhile is nobody's riddle."""
    return [_listing(hios, partner) for hios, partner in carriers.trading_partners().items()]


def _listing(hios: str, partner: carriers.TradingPartner) -> Listing:
    result = Listing(hios)
    try:
        with handover.mailbox_of(partner) as mailbox:
            for folder in handover.TAKEN:
                result.files += _files(mailbox, folder)
    except (handover.Unreachable, Retryable, Refused, OSError) as trouble:
        result.trouble = f"the mailbox of carrier {hios} could not be compared: {trouble}"
    return result


def _files(mailbox: Mailbox, folder: str) -> Iterator[tuple[str, str]]:
    """Those not yet taken away are read whole."""
    try:
        names = mailbox.list(folder)
    except FileNotFoundError:
        return  # a carrier need not keep what it took
    for name in names:
        try:
            content = mailbox.get(name, folder) if folder == TO_CARRIER else None
        except FileNotFoundError:
            continue  # taken away this moment
        yield name, "" if content is None else hashlib.sha256(content).hexdigest()


def mailboxes_hold_what_we_sent(seen: Seen, found: list[Listing]) -> Findings:
    """Every file in a mailbox is an interchange of ours, byte for byte, that may have gone."""
    discarded = set(Step.objects.filter(kind=DISCARDED).values_list("interchange_id", flat=True))
    for listing in found:
        if listing.trouble:
            yield Wrong("unreachable", "carriers.Carrier", listing.hios_issuer_id, listing.trouble)
        rows = Interchange.objects.filter(hios_issuer_id=listing.hios_issuer_id)
        ours = {name: (id, sha256) for id, name, sha256 in rows.values_list("id", "name", "sha256")}
        tests = Trial.objects.filter(hios_issuer_id=listing.hios_issuer_id)
        ours |= {name: (0, sha256) for name, sha256 in tests.values_list("name", "sha256")}
        for name, sha256 in listing.files:
            seen.rows += 1
            id, stored = ours.get(name, (None, ""))
            if id is None:
                yield Wrong("stranger", "mailbox", name, f"{name} lies in the mailbox, and we never composed it")
            elif sha256 and sha256 != stored:
                table = INTERCHANGE if id else "transmissions.Trial"
                yield Wrong("bytes", table, id or name, f"{name} in the mailbox is not what we composed")
            elif id in discarded:
                yield Wrong("discarded", INTERCHANGE, id, f"{name} lies in the mailbox, but it was discarded")
