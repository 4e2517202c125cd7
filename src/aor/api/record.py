"""The record over the API: who was agent of record, in pages of one instant; and why, for one policy."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, NamedTuple

from django.http import HttpResponse
from ninja import Path, Query, Router

from aor.accounts import tokens
from aor.accounts.models import Token
from aor.accounts.tokens import Scope
from aor.api import cursors
from aor.api.answers import RecordPage, Why, page
from aor.api.door import ApiRequest, Bearer
from aor.api.fields import Day, Hios, Instant, Npn, PolicyId
from aor.api.problems import Problem
from aor.audit import operations as journal
from aor.engine import kept
from aor.terms.period import day_of
from aor.transmissions import rows as record
from aor.transmissions import story
from aor.transmissions.ledger import Scope as Enrollments
from aor.transmissions.rows import Row

router = Router(tags=["record"])
Limit = Annotated[int, Query(ge=1, le=cursors.MOST)]
Cursor = Annotated[str | None, Query(min_length=1, max_length=2_000)]


class Walk(NamedTuple):
    """What is asked, and where the next page begins: an enrollment, and how many of its rows to skip."""

    on: str | None
    known_at: str
    npn: str
    enrollment: int = 0
    skip: int = 0


@router.get("/record", response=RecordPage, auth=Bearer(Scope.RECORD, "on", "known_at", "npn", "cursor", "limit"))
@kept.page()
def record_page(
    request: ApiRequest,
    on: Annotated[Day | None, Query(description="only entries in effect that day")] = None,
    known_at: Annotated[Instant | None, Query(description="as known at an instant; else now")] = None,
    npn: Annotated[Npn | None, Query(description="one broker's entries")] = None,
    cursor: Cursor = None,
    limit: Limit = cursors.MOST,
) -> HttpResponse:
    """Who was agent of record: the rows of `aor record`, a carrier's own only.

    All pages of one walk are of one instant. A page may be short, or empty: go on while there is a `next`.
    """
    if cursor is None:
        known = min(known_at or request.now, request.now)
        walk = Walk(on.isoformat() if on else None, known.isoformat(), npn or "")
    elif on or known_at or npn:
        raise Problem(400, "a cursor says already what is asked: give no on, known_at or npn with it")
    else:
        walk = Walk(*cursors.read(cursor, of="record", token=request.auth))
    rows, following = _rows(walk, limit, request.auth.hios_issuer_id, request.now)
    saw(request, (row.exchange_subscriber_id for row in rows), what="agents of record")
    after = cursors.write(list(following), of="record", token=request.auth) if following else None
    return page(f"[{', '.join(row.as_json() for row in rows)}]", known_at=walk.known_at, after=after)


def _rows(walk: Walk, limit: int, hios: str, now: datetime) -> tuple[list[Row], Walk | None]:
    """A page's rows, and where the next one begins."""
    wanted = Enrollments(hios_issuer_id=hios, npn=walk.npn).rows().filter(id__gte=walk.enrollment)
    found = list(wanted.values_list("id", "hios_issuer_id", "policy_id")[: limit + 1])
    ids = {(carrier, policy): id for id, carrier, policy in found[:limit]}
    if not ids:
        return [], None
    scope = Enrollments(hios_issuer_id=hios, npn=walk.npn, enrollments=tuple(ids.values()))
    known_at = datetime.fromisoformat(walk.known_at)
    day = date.fromisoformat(walk.on) if walk.on else None
    rows = list(record.rows(scope, now=now, on=day, known_at=known_at))[walk.skip :]
    if len(rows) > limit:
        rows, last = rows[:limit], rows[limit]
        enrollment = ids[last.hios_issuer_id, last.exchange_policy_id]
        shown = sum(ids[row.hios_issuer_id, row.exchange_policy_id] == enrollment for row in rows)
        again = walk.skip if enrollment == walk.enrollment else 0
        return rows, walk._replace(enrollment=enrollment, skip=again + shown)
    return rows, walk._replace(enrollment=found[limit][0], skip=0) if len(found) > limit else None


@router.get("/enrollments/{policy}/why", response=Why, auth=Bearer(Scope.RECORD, "on", "known_at", "carrier"))
@kept.page()
def why(
    request: ApiRequest,
    policy: Annotated[PolicyId, Path()],
    on: Annotated[Day | None, Query(description="the day asked about; else today")] = None,
    known_at: Annotated[Instant | None, Query(description="as known at an instant; else now")] = None,
    carrier: Annotated[Hios | None, Query(description="whose policy, where carriers share its id")] = None,
) -> HttpResponse:
    """Who is agent of record of a policy on a day, and why: findings, cures, what was sent and answered."""
    found = {id: hios for id, hios in story.find(policy).items() if _asked(hios, carrier, request.auth)}
    if not found:
        raise Problem(404, "no such policy is known to you")
    if len(found) > 1:
        raise Problem(400, f"several carriers have this policy: say which of {', '.join(found.values())}")
    (enrollment,) = found
    told = story.why(enrollment, on=on or day_of(request.now), now=request.now, known_at=known_at)
    journal.record_read(
        subject=("enrollment", policy), what="its story", purpose="API", by=tokens.actor(request.auth), at=request.now
    )
    return HttpResponse(json.dumps(told.as_json(), ensure_ascii=False), content_type="application/json")


def _asked(hios: str, carrier: str | None, token: Token) -> bool:
    return hios == (token.hios_issuer_id or carrier or hios) and carrier in (None, hios)


def saw(request: ApiRequest, subscribers: Iterable[str], *, what: str) -> None:
    """Journals that the system of this token saw private data of these subscribers."""
    journal.record_reads(
        subjects=[("subscriber", one) for one in dict.fromkeys(subscribers)],
        what=what,
        purpose="API",
        by=tokens.actor(request.auth),
        at=request.now,
    )
