"""Documents of cases: listed by name with their size, opened as a file of their own, never inside the page."""

from __future__ import annotations

from io import BytesIO

from django.http import FileResponse, Http404
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.safestring import SafeString

from aor.cases import correspondence
from aor.cases import queries as cases
from aor.cases.models import Case
from aor.cases.operations import Refused
from aor.documents.evidence import SUFFIX
from aor.terms.actor import Actor
from aor.web.access import PortalRequest
from aor.web.components import link
from aor.web.templatetags.components import instant

ANY = "application/octet-stream"


def listed(row: Case, address: str) -> list[tuple[SafeString, str, SafeString | str]]:
    """A link to each document of a case, its size and when it came; `address` names the page that opens one."""
    return [
        (
            link(one.name, reverse(address, args=[row.number, one.pk])),
            str(filesizeformat(one.size)),
            instant(one.at),
        )
        for one in cases.evidence(row)
    ]


def opened(request: PortalRequest, number: str, evidence: int, *, by: Actor | None = None) -> FileResponse:
    """One document as a download, of a type that browsers run nothing of; the read is recorded, as by `by`."""
    purpose = request.holder.label
    try:
        row, content = correspondence.open_evidence(
            number, evidence=evidence, purpose=purpose, by=by or request.actor, now=request.now
        )
    except Refused:
        raise Http404 from None
    safe = row.media_type if row.media_type in SUFFIX else ANY
    return FileResponse(BytesIO(content), as_attachment=True, filename=row.name, content_type=safe)
