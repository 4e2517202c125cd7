"""A broker's own address as a QR code, to be scanned at a desk or printed on a card."""

from __future__ import annotations

import qrcode
from django.http import HttpResponse
from django.views.decorators.http import require_safe
from qrcode.image.svg import SvgPathFillImage

from aor.web import access
from aor.web.access import PortalRequest
from aor.web.broker import own


@access.allow(*own.FAMILY)
@require_safe
def own_code(request: PortalRequest) -> HttpResponse:
    """The picture, black on white whatever the page's colours are."""
    drawn = qrcode.make(own.address(request), image_factory=SvgPathFillImage).to_string()
    name = f'inline; filename="broker-{own.npn(request)}.svg"'
    return HttpResponse(drawn, content_type="image/svg+xml", headers={"Content-Disposition": name})
