"""What a broker is about to send, as it was understood: kept with the visit until it is sent or dropped.

The file itself is kept nowhere: what was read of it has no Social Security numbers any more (readings, R11).
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aor.web.access import PortalRequest
from aor.web.broker import own
from aor.workbooks.returned import Heading, Returned, ReturnedRow, SheetRead
from aor.workbooks.tables import RefusedRow

KEY = "discrepancies to send"


@dataclass(frozen=True, slots=True)
class Draft:
    """What was understood, the name of the file and the hash of its bytes; both "" for a form."""

    returned: Returned
    name: str
    sha256: str


def keep(request: PortalRequest, draft: Draft) -> None:
    """Until it is sent, dropped, or the visit ends."""
    said = json.dumps({"npn": own.npn(request), **asdict(draft)})
    request.session[KEY] = base64.b64encode(zlib.compress(said.encode())).decode()


def drop(request: PortalRequest) -> None:
    """Forgets it."""
    request.session.pop(KEY, None)


def kept(request: PortalRequest) -> Draft | None:
    """What is about to be sent for this broker; another's, of a person who acts for several, is not shown."""
    packed = request.session.get(KEY)
    if not packed:
        return None
    said = json.loads(zlib.decompress(base64.b64decode(packed)))
    if said["npn"] != own.npn(request):
        return None
    return Draft(_returned(said["returned"]), said["name"], said["sha256"])


def _returned(said: Mapping[str, Any]) -> Returned:
    return Returned(
        rows=tuple(_row(one) for one in said["rows"]),
        sheets=tuple(_sheet(one) for one in said["sheets"]),
        refused=tuple(RefusedRow(**one) for one in said["refused"]),
        notices=tuple(said["notices"]),
        report_number=said["report_number"],
        report_numbers=tuple(said["report_numbers"]),
    )


def _row(said: Mapping[str, Any]) -> ReturnedRow:
    lists = {name: tuple(said[name]) for name in ("marks", "missing", "problems")}
    row_id = tuple(said["row_id"]) if said["row_id"] else None
    return ReturnedRow(**{**said, **lists, "row_id": row_id})


def _sheet(said: Mapping[str, Any]) -> SheetRead:
    return SheetRead(
        name=said["name"],
        hidden=said["hidden"],
        heading_lines=tuple(said["heading_lines"]),
        headings=tuple(Heading(**one) for one in said["headings"]),
        notes=tuple((line, text) for line, text in said["notes"]),
    )
