"""Which enrollments may need a person: found by what is on record of them, so that nobody walks the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from aor.carriers import queries as carriers
from aor.enrollments.models import Enrollment, Event
from aor.record.models import Entry
from aor.transmissions.ledger import HANDED_OVER
from aor.transmissions.lifecycle import REJECTED
from aor.transmissions.models import Answer, Run, Step, TransactionSet, Unwritten


def candidates(hios_issuer_id: str) -> list[int]:
    """Enrollments, ascending, of one carrier or all: no other can be rejected, unwritable or of another broker.

    What could not be written is what the carrier's last run found so; of a carrier without a run (shadow mode,
    before the first one) every enrollment is asked.
    """
    found = {*rejected_sets(hios_issuer_id).values_list("enrollment_id", flat=True), *_named(hios_issuer_id)}
    of_carrier = Q(hios_issuer_id=hios_issuer_id) if hios_issuer_id else Q()
    found.update(Unwritten.objects.filter(of_carrier).values_list("enrollment_id", flat=True))
    partners = {hios_issuer_id} if hios_issuer_id else set(carriers.trading_partners())
    served = [hios for hios in partners if Run.objects.filter(hios_issuer_id=hios).exists()]
    if never := partners.difference(served):
        found.update(Enrollment.objects.filter(hios_issuer_id__in=never).values_list("id", flat=True))
    return sorted(found)


def ever_rejected(hios_issuer_id: str = "") -> QuerySet[TransactionSet]:
    """Sets that a carrier rejected, alone or with their file, whatever it said besides."""
    alone, whole = _rejections()
    sets = TransactionSet.objects.filter(Q(id__in=alone) | Q(interchange__in=whole))
    return sets.filter(interchange__hios_issuer_id=hios_issuer_id) if hios_issuer_id else sets


def rejected_sets(hios_issuer_id: str = "") -> QuerySet[TransactionSet]:
    """Those of them that did not go again since without being rejected."""
    alone, whole = _rejections()
    again = (
        TransactionSet.objects.filter(
            enrollment=OuterRef("enrollment"), npn=OuterRef("npn"), effective_from=OuterRef("effective_from"),
            id__gt=OuterRef("id"), interchange__in=Step.objects.filter(kind=HANDED_OVER).values("interchange"),
        )
        .exclude(id__in=alone)
        .exclude(interchange__in=whole)
    )  # fmt: skip
    return ever_rejected(hios_issuer_id).filter(~Exists(again))


def _rejections() -> tuple[QuerySet[Answer, Any], QuerySet[Answer, Any]]:
    """The sets that were rejected alone, and the files that were rejected whole."""
    rows = Answer.objects.filter(verdict=REJECTED)
    alone = rows.filter(transaction_set__isnull=False).values("transaction_set")
    return alone, rows.filter(transaction_set=None, interchange__isnull=False).values("interchange")


def _named(hios_issuer_id: str) -> Iterator[int]:
    """Enrollments of which a file named a broker who is not plainly the one decided."""
    entries = Entry.objects.known_at().filter(
        enrollment__policy_id=OuterRef("policy_id"), enrollment__hios_issuer_id=OuterRef("hios_issuer_id")
    )
    plain = entries.filter(npn=OuterRef("broker_npn"), in_standing=True, effective_until__gt=OuterRef("sent_day"))
    doubtful = Event.objects.filter(file__accepted_at__isnull=False).exclude(broker_npn="")
    doubtful = doubtful.filter(~Exists(plain) | Exists(entries.exclude(npn=OuterRef("broker_npn"))))
    policies = doubtful.filter(hios_issuer_id=hios_issuer_id) if hios_issuer_id else doubtful
    named = set(policies.values_list("policy_id", "hios_issuer_id"))
    rows = Enrollment.objects.filter(policy_id__in={policy for policy, _ in named})
    yield from (id for id, *key in rows.values_list("id", "policy_id", "hios_issuer_id") if tuple(key) in named)
