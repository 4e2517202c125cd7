"""A document of a case, for the broker team."""

from __future__ import annotations

from django.http import FileResponse, Http404
from django.views.decorators.http import require_safe

from aor.cases import queries as cases
from aor.web import access
from aor.web import evidence as documents
from aor.web.access import PortalRequest
from aor.web.staff import team


@access.allow(*team.READERS)
@require_safe
def evidence(request: PortalRequest, case: str, evidence: int) -> FileResponse:
    """A conversation is for its two sides; every other case's documents are the team's to open."""
    row = cases.cases([case]).get(case)
    if row is None or row.kind == "message":
        raise Http404
    return documents.opened(request, case, evidence)
