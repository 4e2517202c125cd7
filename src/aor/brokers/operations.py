"""What becomes known of brokers other than by file: their certifications, cover, agreements and agencies.

Each closes what was known and follows it with what is; the caller marks what is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from aor.brokers.models import (
    AgencyInvitation,
    AgencyInvitationStep,
    Agreement,
    Certification,
    Cover,
    Death,
    Registration,
    Suspension,
)
from aor.engine.known import KnownFact
from aor.terms.period import ONE_DAY

_KNOWN = ("id", "known_from", "known_until")


def died(*, npn: str, died_on: date, now: datetime) -> bool:
    """Records a broker's death, or its corrected day; returns whether that is news."""
    with transaction.atomic():
        known = Death.objects.known_at().select_for_update().filter(npn=npn).first()
        if known is not None and known.died_on == died_on:
            return False
        if known is None:
            Death.objects.create(npn=npn, died_on=died_on, known_from=now)
        else:
            supersede(known, now=now, died_on=died_on)
    return True


def supersede(known: KnownFact, *, now: datetime, **changes: object) -> None:
    """Closes what was known and makes known what is, with some fields changed."""
    at = close(known, now=now)
    values = {field.attname: getattr(known, field.attname) for field in known._meta.concrete_fields}
    kept = {name: value for name, value in values.items() if name not in _KNOWN}
    type(known)(**kept | changes, known_from=at).save(force_insert=True)


def close(known: KnownFact, *, now: datetime) -> datetime:
    """Closes what was known; returns when, which is never before it became known."""
    known.known_until = max(now, known.known_from + timedelta(microseconds=1))
    known.save(update_fields=["known_until"])
    return known.known_until


def certify(*, npn: str, plan_year: int, agreement_version: str, day: date, now: datetime) -> None:
    """A certification from a day on; one of the same day that was taken away is given again."""
    same = Certification.objects.known_at().filter(npn=npn, plan_year=plan_year, certified_on=day).first()
    if same is not None:
        supersede(same, now=now, revoked_on=None, agreement_version=agreement_version)
        return
    Certification.objects.create(
        npn=npn, plan_year=plan_year, certified_on=day, agreement_version=agreement_version, known_from=now
    )


def decertify(*, npn: str, day: date, now: datetime) -> int:
    """Every certification that is held ends on a day: the first that no longer counts; how many."""
    held = Certification.objects.known_at().select_for_update().filter(npn=npn)
    ending = [one for one in held if one.revoked_on is None or one.revoked_on > day]
    for one in ending:
        supersede(one, now=now, revoked_on=max(day, one.certified_on + ONE_DAY))
    return len(ending)


def suspend(*, npn: str, day: date, now: datetime) -> None:
    """No certification counts from a day on; one that ended on that very day goes on."""
    same = Suspension.objects.known_at().filter(npn=npn, start=day).first()
    if same is None:
        Suspension.objects.create(npn=npn, start=day, known_from=now)
    else:
        supersede(same, now=now, until=None)


def restore(*, npn: str, day: date, now: datetime) -> int:
    """The suspensions that last end before a day; one that began that day is taken back. How many."""
    lasting = list(Suspension.objects.known_at().select_for_update().filter(npn=npn, until=None))
    for one in lasting:
        if one.start < day:
            supersede(one, now=now, until=day)
        else:
            close(one, now=now)
    return len(lasting)


def lend(*, npn: str, colleague_npn: str, start: date, until: date, now: datetime) -> None:
    """Cover for leave; for the same first day, other days."""
    same = Cover.objects.known_at().filter(npn=npn, colleague_npn=colleague_npn, start=start).first()
    if same is None:
        Cover.objects.create(npn=npn, colleague_npn=colleague_npn, start=start, until=until, known_from=now)
    elif same.until != until:
        supersede(same, now=now, until=until)


def end_cover(*, npn: str, day: date, now: datetime) -> int:
    """Every cover that a broker lends ends on a day, or never begins; how many."""
    lent = list(Cover.objects.known_at().select_for_update().filter(npn=npn, until__gt=day))
    for one in lent:
        if one.start < day:
            supersede(one, now=now, until=day)
        else:
            close(one, now=now)
    return len(lent)


def sign(*, npn: str, plan_year: int, version: str, text_sha256: str, by: str, now: datetime) -> bool:
    """A broker signs a version of a plan year's agreement; whether for the first time."""
    _, created = Agreement.objects.get_or_create(
        npn=npn,
        plan_year=plan_year,
        version=version,
        defaults={"text_sha256": text_sha256, "by": by[:150], "signed_at": now},
    )
    return created


def ask_to_join(*, agency_npn: str, npn: str, now: datetime, expires_at: datetime) -> AgencyInvitation:
    """An agency asks a broker to join it."""
    return AgencyInvitation.objects.create(agency_npn=agency_npn, npn=npn, sent_at=now, expires_at=expires_at)


def answer_agency(invitations: Iterable[int], *, kind: str, at: datetime) -> None:
    """How agencies' invitations ended: accepted, declined or withdrawn."""
    for id in invitations:
        AgencyInvitationStep.objects.create(invitation_id=id, kind=kind, at=at)


def register(
    fields: Mapping[str, str], *, account: int, outcome: str, case_number: str, now: datetime
) -> Registration:
    """An account asked for an agency to be registered."""
    return Registration.objects.create(
        **fields, account=account, outcome=outcome, case_number=case_number, asked_at=now
    )
