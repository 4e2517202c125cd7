"""A document that this broker sent with a discrepancy or a request."""

from __future__ import annotations

from django.http import FileResponse
from django.views.decorators.http import require_safe

from aor.web import access
from aor.web import evidence as documents
from aor.web.access import PortalRequest
from aor.web.claims import own


@access.allow(*own.FAMILY)
@require_safe
def evidence(request: PortalRequest, case: str, evidence: int) -> FileResponse:
    """Another broker's is not found, as if it were not there."""
    own.npn(request)
    return documents.opened(request, case, evidence)
