"""What of the claims and requests is this broker's: every page loads through here, and what it shows is journaled."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404

from aor.audit import operations as journal
from aor.discrepancies import queries as discrepancies
from aor.discrepancies.models import Claim
from aor.documents import evidence
from aor.documents.evidence import Accepted
from aor.retro import queries as retro
from aor.retro.models import Request
from aor.web.access import PortalRequest
from aor.web.broker.own import FAMILY, npn

__all__ = ["FAMILY", "accepted", "claim", "npn", "request_of", "saw"]


def claim(request: PortalRequest, number: str) -> Claim:
    """A claim of this broker; another's is not found, as if it were not there."""
    found = discrepancies.numbered([number]).get(number)
    if found is None or found.npn != npn(request):
        raise Http404
    return found


def request_of(request: PortalRequest, number: str) -> Request:
    """A retroactive request of this broker."""
    found = retro.of_broker(npn(request)).filter(case__number=number).first()
    if found is None:
        raise Http404
    return found


def saw(request: PortalRequest, numbers: Iterable[str], *, what: str) -> None:
    """Journals that cases with what was written in them were shown."""
    subjects = [("case", number) for number in numbers]
    journal.record_reads(subjects=subjects, what=what, purpose=request.holder.label, by=request.actor, at=request.now)


def accepted(request: PortalRequest, field: str) -> Accepted | None:
    """The document of a form's field, written anew; None where there is none. Raises evidence.Refused."""
    uploaded = request.FILES.get(field)
    if uploaded is None or (uploaded.size or 0) == 0:
        return None
    if (uploaded.size or 0) > evidence.MOST_BYTES:
        raise evidence.Refused(f"it is larger than {evidence.MOST_BYTES // evidence.MEGABYTE} MB")
    return evidence.accept(b"".join(uploaded.chunks()), name=uploaded.name or "")
