"""What a case is about: a claim with its true finding, a retroactive request with its proposal, and what was said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from aor.cases import correspondence
from aor.cases.models import Case
from aor.discrepancies import queries as claims
from aor.policy.decision import Finding, finding_from_json
from aor.retro import operations as retro
from aor.retro import queries as retro_facts
from aor.web import reads
from aor.web.access import PortalRequest
from aor.web.components import Column, Event, Fact, Table, link
from aor.web.staff import team


@dataclass(frozen=True, slots=True)
class Inside:
    """`proposal` is what the rules say; `facts` what the broker said; `others` are near claims."""

    proposal: str
    facts: list[Fact]
    findings: tuple[Finding, ...]
    told: str = ""
    others: Table | None = None
    links: list[object] = field(default_factory=list)


def messages(request: PortalRequest, row: Case) -> list[Event]:
    """What was written in the case, on record."""
    written = correspondence.read_messages(
        row.number, purpose=request.holder.label, by=request.actor, now=request.now
    )
    called = team.who(one.by_name for one in written)
    return [Event(one.at, f"{called[one.by_name]} ({one.by_role})", detail=one.body) for one in written]


def of(request: PortalRequest, row: Case) -> Inside | None:
    """The claim or the request, on record; None for cases that are their messages."""
    if row.kind == claims.KIND:
        return _claim(request, row)
    if row.kind == retro.KIND:
        return _retro(request, row)
    return None


def _claim(request: PortalRequest, row: Case) -> Inside | None:
    claim = claims.numbered([row.number]).get(row.number)
    if claim is None:
        return None
    claims.record_reads([claim], purpose=request.holder.label, by=request.actor, now=request.now)
    fields, wrong = claims.current_fields([claim])[claim.pk]
    one = claims.latest([claim.pk])[claim.pk]
    links: list[object] = []
    if one.subscriber is not None:
        subscriber = one.subscriber.exchange_subscriber_id
        reads.saw(request, [subscriber], what="claim")
        links.append(link(_("The household found"), reverse("staff:household", args=[subscriber])))
    links.append(link(_("The broker"), reverse("staff:broker", args=[claim.npn])))
    facts = [Fact(name.replace("_", " ").capitalize(), value) for name, value in fields.items() if value]
    if wrong:
        facts.append(Fact(_("What is wrong with it"), "; ".join(wrong)))
    facts.append(Fact(_("Compared with what is on file"), _compared(one.comparison)))
    return Inside(
        proposal=one.determination if one.clear else _("%(found)s, not clear") % {"found": one.determination},
        facts=facts,
        findings=_findings(claims.findings(one)),
        told=f"{one.told_says}: {one.told_because}".strip(": "),
        others=_rivals(row),
        links=links,
    )


def _compared(text: str) -> str:
    found: Mapping[str, object] = json.loads(text)
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in found.items() if value) or _("nothing")


def _rivals(row: Case) -> Table | None:
    near = [one for one in claims.rivals(row.number) if one.case.number != row.number]
    if not near:
        return None
    cells = [
        (link(one.case.number, reverse("staff:case", args=[one.case.number])), one.npn, one.case.state)
        for one in near
    ]
    columns = [Column(_("Claim")), Column(_("NPN")), Column(_("State"))]
    return Table(_("Others claim the same consumer"), columns, cells)


def _retro(request: PortalRequest, row: Case) -> Inside:
    shown = retro.show(row.number, purpose=request.holder.label, by=request.actor, now=request.now)
    one, proposed = shown.request, retro_facts.latest_assessment(shown.request)
    days = {name: getattr(one, name) for name in ("birth_date", "effective_on", "enrolled_on", "agreement_on")}
    words = {
        name: str(getattr(one, name))
        for name in ("last_name", "first_name", "hios_issuer_id", "coverage_kind", "policy_id", "because")
    }
    facts = [Fact(name.replace("_", " ").capitalize(), value) for name, value in (words | days).items() if value]
    facts.append(Fact(_("Attested"), _("yes") if one.attested else _("no")))
    links: list[object] = [link(_("The broker"), reverse("staff:broker", args=[one.npn]))]
    identified = one.identified.select_related("enrollment__subscriber").order_by("-pk").first()
    if identified is not None:
        reads.saw(request, [identified.enrollment.subscriber.exchange_subscriber_id], what="retroactive request")
        links.append(link(_("The policy found"), reverse("staff:enrollment", args=[identified.enrollment_id])))
    if isinstance(request.holder, team.WRITERS) and shown.ruling is None:
        way = _("Name another coverage") if identified else _("Say which coverage it is")
        links.append(link(way, reverse("staff:identify", args=[row.number])))
    findings = _findings(json.loads(proposed.decision.findings)) if proposed else ()
    outcome = proposed.outcome if proposed else _("nothing yet")
    return Inside(outcome, facts, findings, shown.outcome, links=links)


def _findings(rows: Iterable[Mapping[str, object]]) -> tuple[Finding, ...]:
    return tuple(finding_from_json(one) for one in rows)
