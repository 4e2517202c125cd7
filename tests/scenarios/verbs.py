"""The verbs of the policy book: each tells the world something, or tries an act and answers with its Decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from aor.brokers import agreements
from aor.enrollments import lifecycle as enrollments
from aor.enrollments.lifecycle import EventFacts
from aor.policy import access, roster
from aor.policy import association as rules
from aor.policy import invitation as invitations
from aor.policy.access import Change, Cover
from aor.policy.association import EndKind
from aor.policy.attribution import Correction
from aor.policy.decision import Decision
from aor.policy.standing import Certification
from aor.terms.coverage import Coverage
from aor.terms.month import Month
from aor.terms.period import ZONE, Period, day_of, end_of, from_inclusive, start_of
from aor.transmissions.lifecycle import Mention, Opening
from tests.scenarios import closing
from tests.scenarios.world import ALWAYS, Invitation, World


@dataclass(frozen=True, slots=True)
class Word:
    usage: str
    says: str
    does: Callable[..., Any]


VERBS: dict[str, Word] = {}


def verb(name: str, usage: str) -> Callable[[Callable[..., Decision | None]], Callable[..., Decision | None]]:
    """Registers a verb; its docstring is what the book's list of verbs says."""

    def register(function: Callable[..., Decision | None]) -> Callable[..., Decision | None]:
        VERBS[name] = Word(usage, " ".join((function.__doc__ or "").split()), function)
        return function

    return register


# the marketplace, its carriers and brokers


@verb("parameter", "NAME is WORD")
def parameter(w: World, name: str, is_: str) -> None:
    """A number or a choice of the policy is another than ours, as in a state's overlay."""
    w.set(name, {"yes": True, "no": False}.get(is_, int(is_) if is_.isdigit() else is_))


@verb("open-enrollment", "YEAR from DAY through DAY")
def open_enrollment(w: World, year: int, from_: date, through: date) -> None:
    """The calendar of a plan year was imported; both days count."""
    w.open_enrollment[year] = from_inclusive(from_, through)


@verb("carrier", "CARRIER [unknown WORD] [wait N] [no data] [off roster]")
def carrier(
    w: World, carrier: str, unknown: str = "", wait: int = 0, no_data: bool = False, off_roster: bool = False
) -> None:
    """A carrier. No data: it never told appointments. Unknown: hold or send then. Wait: hours after enrollments."""
    if unknown not in ("", "hold", "send"):
        raise ValueError("unknown is hold or send")
    w.carriers[carrier] = replace(
        w.carrier(carrier),
        known=not off_roster,
        appointments_known=not no_data,
        unknown_appointment=unknown,
        wait_after_enrollment=wait,
    )


@verb("broker", "NPN YEAR CARRIER")
def broker(w: World, npn: str, year: int, carrier: str) -> None:
    """A broker certified for a plan year, licensed and appointed, all from this day."""
    certify(w, npn, year)
    licensed(w, npn)
    appoint(w, npn, carrier)


@verb("certify", "NPN YEAR [revoked DAY]")
def certify(w: World, npn: str, year: int, revoked: date | None = None) -> None:
    """The broker is certified for a plan year from this day."""
    w.broker(npn).certifications.append(Certification(year, w.day, revoked))


@verb("license", "NPN [until DAY]")
def licensed(w: World, npn: str, until: date | None = None) -> None:
    """A Minnesota health licence from this day."""
    w.broker(npn).licenses.append(Period(w.day, until))


@verb("appoint", "NPN CARRIER [until DAY]")
def appoint(w: World, npn: str, carrier: str, until: date | None = None) -> None:
    """The carrier appoints the broker from this day."""
    held = w.broker(npn).appointments.setdefault(w.carrier(carrier).hios_issuer_id, [])
    held.append(Period(w.day, until))


@verb("lapse", "NPN [licence] [certification] [appointment with CARRIER]")
def lapse(w: World, npn: str, licence: bool = False, certification: bool = False, appointment_with: str = "") -> None:
    """From this day the broker's licence, certification or appointment no longer counts."""
    told = w.broker(npn)
    if licence:
        told.licenses = [one for p in told.licenses if (one := p.intersect(Period(date.min, w.day)))]
    if certification:
        told.certifications = [replace(one, revoked_on=w.day) for one in told.certifications]
    if appointment_with:
        hios = w.carrier(appointment_with).hios_issuer_id
        cut = [one for p in told.appointments[hios] if (one := p.intersect(Period(date.min, w.day)))]
        told.appointments[hios] = cut


def _ends(w: World, npn: str, kind: EndKind) -> None:
    told = w.broker(npn)
    told.ends.append((w.day, kind.value))


@verb("decertify", "NPN")
def decertify(w: World, npn: str) -> Decision:
    """The marketplace takes the broker's certification away."""
    decision = roster.taking_away(certifications=w.broker(npn).certifications, day=w.day)
    if decision.granted:
        lapse(w, npn, certification=True)
        _ends(w, npn, EndKind.DECERTIFIED)
    return decision


def _suspended_since(w: World, npn: str) -> date | None:
    return next((away.start for away in w.broker(npn).suspensions if away.until is None), None)


@verb("suspend", "NPN")
def suspend(w: World, npn: str) -> Decision:
    """The marketplace suspends the broker's certifications."""
    told, since = w.broker(npn), _suspended_since(w, npn)
    decision = roster.suspending(certifications=told.certifications, since=since, day=w.day)
    if decision.granted:
        told.suspensions.append(Period(w.day))
    return decision


@verb("restore", "NPN")
def restore(w: World, npn: str) -> Decision:
    """The marketplace ends the suspension."""
    since = _suspended_since(w, npn)
    if since is not None:
        w.broker(npn).suspensions[-1] = Period(since, w.day)
    return roster.restoring(since=since, day=w.day)


@verb("grant-certification", "NPN YEAR")
def grant_certification(w: World, npn: str, year: int) -> Decision:
    """An officer certifies the broker for a plan year in the portal."""
    agreement = w.signed.get((npn, year), "")
    decision = roster.certifying(
        standing=w.standing(npn), plan_year=year, agreement=agreement, day=w.day, parameters=w.parameters
    )
    if decision.granted:
        certify(w, npn, year)
    return decision


@verb("sign", "NPN YEAR version WORD")
def sign(w: World, npn: str, year: int, version: str) -> Decision:
    """The broker signs the agreement of a plan year, in a version."""
    text = agreements.current(year)
    decision = Decision.of(
        roster.on_roster(npn, w.standing(npn).on_roster),
        roster.agreement_current(year, version, text.version if text else ""),
    )
    if decision.granted:
        w.signed[npn, year] = version
    return decision


@verb("agency", "NPN asks NPN")
def agency(w: World, npn: str, asks: str) -> Decision:
    """An agency asks a broker to join it."""
    decision = roster.asking_to_join(npn=asks, standing=w.standing(asks), is_of=w.agencies.get(asks) == npn)
    if decision.granted:
        w.agency_invitations[npn, asks] = Invitation("open", w.now + timedelta(days=14))
    return decision


@verb("join", "NPN agency NPN")
def join(w: World, npn: str, agency: str) -> Decision:
    """The broker says yes to an agency."""
    invitation = w.agency_invitations[agency, npn]
    decision = Decision.of(roster.agency_invitation_open(invitation.state, invitation.expires_at, w.now))
    if decision.granted:
        invitation.state, w.agencies[npn] = "accepted", agency
    return decision


@verb("leave", "NPN agency NPN")
def leave(w: World, npn: str, agency: str) -> Decision:
    """The broker leaves an agency, or it removes them."""
    decision = Decision.of(roster.of_agency(npn, w.agencies.get(npn) == agency))
    if decision.granted:
        del w.agencies[npn]
    return decision


@verb("revoke-license", "NPN")
def revoke_license(w: World, npn: str) -> None:
    """Commerce revokes the broker's licence."""
    lapse(w, npn, licence=True)
    _ends(w, npn, EndKind.LICENSE_REVOKED)


@verb("die", "NPN")
def die(w: World, npn: str) -> None:
    """The broker dies."""
    _ends(w, npn, EndKind.DIED)


@verb("navigator", "NPN")
def navigator(w: World, npn: str) -> None:
    """This is a navigator, not a broker."""
    w.navigators.add(npn)


@verb("no-address", "NPN")
def no_address(w: World, npn: str) -> None:
    """The broker has no registered address."""
    w.without_address.add(npn)


# associations


def _replaces(w: World, npn: str, whom: str) -> bool:
    one = w.open(whom)
    return one is not None and one.npn != npn


def _locked(w: World, npn: str, whom: str) -> bool:
    return w.household(whom) in w.locked and _replaces(w, npn, whom)


@verb("designate", "NPN WHOM [from plan year YEAR] [without consent] [without second factor]")
def designate(
    w: World,
    npn: str,
    whom: str,
    from_plan_year: int | None = None,
    without_consent: bool = False,
    without_second_factor: bool = False,
) -> Decision:
    """The consumer names the broker in their marketplace account."""
    decision = rules.designation(
        consent=not without_consent, replaces=_replaces(w, npn, whom), second=not without_second_factor
    )
    if decision.granted:
        w.begin(npn, whom, "designated", w.now, from_plan_year)
    return decision


@verb("invite", "NPN WHOM [at a contact the broker gave]")
def invite(w: World, npn: str, whom: str, at_a_contact_the_broker_gave: bool = False) -> Decision:
    """The broker asks the consumer; only the consumer can complete it."""
    decision = rules.invitation(
        standing=w.standing(npn), contact=not at_a_contact_the_broker_gave, now=w.now, parameters=w.parameters
    )
    if decision.granted:
        days = timedelta(days=w.parameters.number("invitation_days", w.day))
        w.invitations[npn, w.household(whom)] = Invitation("open", w.now + days)
    return decision


@verb(
    "invite-by-name",
    "NPN WHOM [matching N] [no contact] [a contact of a broker] [a contact of households N]",
)
def invite_by_name(
    w: World,
    npn: str,
    whom: str,
    matching: int = 1,
    no_contact: bool = False,
    a_contact_of_a_broker: bool = False,
    a_contact_of_households: int = 1,
) -> Decision:
    """The broker asks for a person by name and birth date; this is what the broker is told. Matching: how many do."""
    key, today = w.household(whom), [one for one in w.asked if one[0] == npn and day_of(one[2]) == w.day]
    since = w.now - timedelta(days=w.parameters.number("invitation_resend_days", w.day))
    again = sum(one[:2] == (npn, key) and one[2] >= since for one in w.asked)
    decision = invitations.asking(
        standing=w.standing(npn), again=again, today=len(today), now=w.now, parameters=w.parameters
    )
    if decision.granted:
        contact = invitations.contacting(
            held=not no_contact,
            of_broker=a_contact_of_a_broker,
            households=a_contact_of_households,
            now=w.now,
            parameters=w.parameters,
        )
        w.asked.append((npn, key, w.now))
        w.reached[npn, key] = reached = invitations.reaching(persons=matching, contact=contact)
        days = timedelta(days=w.parameters.number("invitation_days", w.day))
        if reached.granted:
            w.invitations[npn, key] = Invitation("open", w.now + days)
    return decision


@verb("wrong-codes", "N")
def wrong_codes(w: World, n: int) -> None:
    """Somebody gives so many codes that no invitation has."""
    w.wrong_codes += [w.now] * n


@verb("give-code", "NPN WHOM")
def give_code(w: World, npn: str, whom: str) -> Decision:
    """The same one gives the code of an invitation, to look at it."""
    wrong = sum(at >= w.now - timedelta(days=1) for at in w.wrong_codes)
    invitation = w.invitations[npn, w.household(whom)]
    return Decision.of(
        invitations.code_tries(wrong, w.parameters.number("wrong_codes", w.day)),
        rules.invitation_open(invitation.state, invitation.expires_at, w.now),
    )


@verb("confirm", "NPN WHOM [from plan year YEAR] [without consent] [without second factor]")
def confirm(
    w: World,
    npn: str,
    whom: str,
    from_plan_year: int | None = None,
    without_consent: bool = False,
    without_second_factor: bool = False,
) -> Decision:
    """The consumer accepts the broker's invitation."""
    invitation = w.invitations.get((npn, w.household(whom)))
    if invitation is None:
        raise ValueError(f"{npn} invited nobody of that household")
    decision = rules.confirmation(
        state=invitation.state,
        expires_at=invitation.expires_at,
        consent=not without_consent,
        replaces=_replaces(w, npn, whom),
        second=not without_second_factor,
        locked=_locked(w, npn, whom),
        now=w.now,
    )
    if decision.granted:
        invitation.state = "confirmed"
        w.begin(npn, whom, "invited", w.now, from_plan_year)
    return decision


@verb("apply", "NPN WHOM [without consent] [without second factor]")
def apply(
    w: World, npn: str, whom: str, without_consent: bool = False, without_second_factor: bool = False
) -> Decision:
    """The application that the broker started with the consumer is submitted."""
    decision = rules.application(
        standing=w.standing(npn),
        consent=not without_consent,
        replaces=_replaces(w, npn, whom),
        second=not without_second_factor,
        locked=_locked(w, npn, whom),
        now=w.now,
        parameters=w.parameters,
    )
    if decision.granted:
        w.begin(npn, whom, "application", w.now, None)
    return decision


@verb("assist", "NPN WHOM [without consent] [without identity check]")
def assist(
    w: World, npn: str, whom: str, without_consent: bool = False, without_identity_check: bool = False
) -> Decision:
    """An officer records the association for a consumer without account or e-mail."""
    decision = rules.assistance(consent=not without_consent, checked=not without_identity_check)
    if decision.granted:
        w.begin(npn, whom, "assisted", w.now, None)
    return decision


@verb("transfer", "NPN WHOM")
def transfer(w: World, npn: str, whom: str) -> None:
    """The scheduled day of a transfer: the consumer did not opt out."""
    w.begin(npn, whom, "transferred", w.now, None)


@verb("import", "NPN WHOM [from plan year YEAR] [ended DAY]")
def import_(w: World, npn: str, whom: str, from_plan_year: int | None = None, ended: date | None = None) -> None:
    """An association is imported: confirmed during this day, ended during another."""
    one = w.begin(npn, whom, "designated", start_of(w.day), from_plan_year)
    if ended:
        w.end(one, EndKind.ENDED, end_of(ended) - timedelta(microseconds=1), from_plan_year)


@verb("end", "WHOM [from plan year YEAR]")
def end(w: World, whom: str, from_plan_year: int | None = None) -> Decision:
    """The consumer ends the association, for all coverage or from a plan year on."""
    one = w.open(whom)
    decision = Decision.of(rules.association_open(one is not None))
    if one is not None:
        w.end(one, EndKind.ENDED, w.now, from_plan_year)
    return decision


@verb("decline", "NPN WHOM")
def decline(w: World, npn: str, whom: str) -> Decision:
    """The broker declines a designation."""
    one = w.open(whom)
    mine = one if one is not None and one.npn == npn else None
    at = mine.confirmed_at if mine else w.now
    decision = rules.decline(is_open=mine is not None, confirmed_at=at, now=w.now, parameters=w.parameters)
    if decision.granted and mine is not None:
        w.end(mine, EndKind.DECLINED, w.now)
    return decision


@verb("resume", "WHOM")
def resume(w: World, whom: str) -> None:
    """Asked after a decline, the consumer says yes: the earlier broker resumes."""
    held = w.associations.get(w.household(whom), [])
    declined = [one for one in held if one.annulled_by() is EndKind.DECLINED]
    if not declined:
        raise ValueError("nobody declined")
    w.end(declined[-1], EndKind.DECLINED_RESUMED, w.now)


@verb("undo", "WHOM")
def undo(w: World, whom: str) -> Decision:
    """The consumer takes the last change back."""
    one = w.open(whom)
    at = one.confirmed_at if one else w.now
    decision = rules.undo(is_open=one is not None, confirmed_at=at, now=w.now, parameters=w.parameters)
    if decision.granted and one is not None:
        w.end(one, EndKind.UNDONE, w.now)
    return decision


@verb("withdraw", "NPN WHOM")
def withdraw(w: World, npn: str, whom: str) -> Decision:
    """The broker ends the association."""
    one = w.open(whom)
    mine = one if one is not None and one.npn == npn else None
    decision = Decision.of(rules.association_open(mine is not None))
    if mine is not None:
        w.end(mine, EndKind.WITHDRAWN, w.now)
    return decision


@verb("disown", "WHOM")
def disown(w: World, whom: str) -> Decision:
    """The consumer says: I did not ask for this broker."""
    one = w.open(whom)
    decision = Decision.of(rules.association_open(one is not None))
    if one is not None:
        w.access[one.id] = Change.DISOWNED
    return decision


@verb("confirm-transfer", "WHOM")
def confirm_transfer(w: World, whom: str) -> Decision:
    """The consumer lets the broker see their data, to whom a book was transferred."""
    one = w.open(whom)
    waits = one is not None and access.waits(one.path, w.access.get(one.id, ""))
    if one is not None and waits:
        w.access[one.id] = Change.CONFIRMED
    return Decision.of(rules.association_open(waits))


@verb("cover", "NPN by NPN from DAY until DAY")
def cover(w: World, npn: str, by: str, from_: date, until: date) -> Decision:
    """A broker on leave lends a colleague access."""
    lent = Cover(npn, by, from_, until)
    decision = access.cover(lent=lent, colleague=w.standing(by), today=w.day, parameters=w.parameters)
    if decision.granted:
        w.covers.append(lent)
    return decision


@verb("lock", "WHOM")
def lock(w: World, whom: str) -> None:
    """The consumer locks their broker."""
    w.locked.add(w.household(whom))


@verb("move", "POLICY to HOUSEHOLD")
def move(w: World, policy: str, to: str) -> None:
    """From this day the subscriber is of another household."""
    last, key = w.memberships[policy][-1]
    w.memberships[policy][-1:] = [(Period(last.start, w.day), key), (Period(w.day), to)]


# enrollments


def _event(w: World, kind: str, policy: str, **told: Any) -> None:
    number = w.number()
    plain: dict[str, Any] = {
        "kind": kind, "sent_at": w.now, "sent_day": w.day, "isa08": "", "isa13": str(number), "st02": "1",
        "issuer_id": "", "hios_issuer_id": "", "policy_id": policy, "subscriber_id": policy, "member_id": policy,
        "plan_id": "", "coverage_kind": "", "start": None, "until": None, "requested_on": None, "last_name": "",
        "first_name": "", "middle_name": "", "birth_date": None, "sex": "",
    }  # fmt: skip
    w.events[policy].append(EventFacts(**plain | told))


@verb(
    "enroll",
    "POLICY CARRIER from DAY [until DAY] [dental] [household HOUSEHOLD] [submitted DAY] [sent DAY] [naming NPN]",
)
def enroll(
    w: World,
    policy: str,
    carrier: str,
    from_: date,
    until: date | None = None,
    dental: bool = False,
    household: str = "H",
    submitted: date | None = None,
    sent: date | None = None,
    naming: str = "",
) -> None:
    """The marketplace sends an enrollment this day, or will on a day named. Submitted: its enrollment date."""
    if policy in w.events:
        raise ValueError(f"{policy} is enrolled already")
    w.events[policy], w.memberships[policy] = [], [(ALWAYS, household)]
    kind = Coverage.DENTAL if dental else Coverage.MEDICAL
    sent_at = datetime.combine(sent, time(12), ZONE) if sent else w.now
    _event(
        w, enrollments.ADD, policy, hios_issuer_id=w.carrier(carrier).hios_issuer_id, coverage_kind=kind.value,
        start=from_, until=until, requested_on=submitted or w.day, sent_at=sent_at, sent_day=sent or w.day,
    )  # fmt: skip
    if naming:
        w.mentions[policy] = [Mention(naming, sent_at, sent or w.day, sent_at)]


def _following(w: World, kind: str, policy: str, until: date | None) -> None:
    if policy not in w.events:
        raise ValueError(f"{policy} is not enrolled")
    _event(w, kind, policy, until=until)


@verb("terminate", "POLICY DAY")
def terminate(w: World, policy: str, day: date) -> None:
    """The coverage ends: the day is the first that no longer counts."""
    _following(w, enrollments.END, policy, day)


@verb("cancel", "POLICY")
def cancel(w: World, policy: str) -> None:
    """The coverage was never in force."""
    _following(w, enrollments.CANCEL, policy, None)


@verb("reinstate", "POLICY")
def reinstate(w: World, policy: str) -> None:
    """A coverage that was terminated or cancelled is in force again."""
    _following(w, enrollments.REINSTATE, policy, None)


# corrections


def _correct(w: World, kind: str, npn: str, policy: str, days: Period, settles: date, reason: str) -> None:
    w.corrections.setdefault(policy, []).append(Correction(w.number(), kind, npn, days, settles, reason))


@verb("opening-balance", "NPN POLICY from DAY [until DAY]")
def opening_balance(w: World, npn: str, policy: str, from_: date, until: date | None = None) -> None:
    """At go-live the carrier already knew this agent of record."""
    _correct(w, "opening balance", npn, policy, Period(from_, until), min(from_, w.day), "the carrier's list")
    w.openings.setdefault(policy, []).append(Opening(npn, from_, until, w.day))


@verb("retro", "NPN POLICY from DAY [until DAY]")
def retro(w: World, npn: str, policy: str, from_: date, until: date | None = None) -> None:
    """An officer approves a retroactive request."""
    _correct(w, "retro", npn, policy, Period(from_, until), w.day, "retroactive request approved")


# carriers told


@verb("send", "")
def send(w: World) -> None:
    """Every carrier's run of the day goes."""
    for policy in sorted(w.events):
        w.send(policy)


@verb("accept", "POLICY")
def accept(w: World, policy: str) -> None:
    """The carrier accepts what it was handed of this policy."""
    w.answer(policy, "accepted")


@verb("reject", "POLICY")
def reject(w: World, policy: str) -> None:
    """The carrier rejects what it was handed of this policy and not yet answered."""
    w.answer(policy, "rejected")


@verb("mend", "POLICY")
def mend(w: World, policy: str) -> None:
    """What made the carrier reject it is put right."""
    w.mended[policy] = w.mended.get(policy, 0) + 1


# the month


@verb("close", "MONTH [waive RULE]")
def close(w: World, month: Month, waive: str = "") -> Decision:
    """The month is closed, an officer waiving one rule with a reason."""
    return closing.close(w, month, waive)


@verb("lose", "N")
def lose(w: World, n: int) -> None:
    """So many sends fall out of the books by mistake."""
    w.lost = n
