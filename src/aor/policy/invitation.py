"""Whom an invitation by name reaches, and how often one may be sent (readings, R1).

Two questions, because the broker hears the answer to the first only: whether it may be asked for, which depends on
the broker alone; and whether it reaches anybody, which is for staff, so that nobody learns who has coverage.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

from aor.policy.association import ESTABLISHING, broker_may_open, contact_held
from aor.policy.decision import Answer, Decision, rule
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding
from aor.terms.period import day_of

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"})


def plain(name: str) -> str:
    """A name without case, spaces, diacritics, hyphens and apostrophes; two that are alike so are the same."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    letters = unicodedata.normalize("NFKD", decomposed).translate(_LETTERS)
    return "".join(letter for letter in letters if letter.isalnum())


@rule("SENT_AGAIN_SELDOM", cites=ESTABLISHING)
def sent_again_seldom(times: int, most: int, days: int) -> Answer:
    """An invitation may be sent again, but only so often within some days."""
    if times <= most:
        return Answer(True, f"sent {times} times in {days} days; it may be sent {most + 1} times")
    return Answer(False, f"it was sent {times} times in {days} days", f"wait until {days} days have passed")


@rule("INVITED_A_DAY", cites=ESTABLISHING)
def invited_a_day(times: int, most: int, today: date) -> Answer:
    """A broker may send only so many invitations a day."""
    if times < most:
        return Answer(True, f"{times} of {most} invitations sent on {today}", "", today)
    return Answer(False, f"{times} invitations were sent on {today}, and {most} may be", "go on tomorrow", today)


@rule("PERSON_FOUND", cites=ESTABLISHING)
def person_found(persons: int) -> Answer:
    """The names and the birth date must be those of exactly one person whom the marketplace knows."""
    if persons == 1:
        return Answer(True, "one person has these names and this birth date")
    who = "nobody has" if not persons else f"{persons} persons have"
    return Answer(
        False,
        f"{who} these names and this birth date",
        "the consumer designates the broker in their account, or the broker asks again with other names",
    )


@rule("CONTACT_UNSHARED", cites=ESTABLISHING)
def contact_unshared(of_broker: bool, households: int, most: int) -> Answer:
    """A contact that is also a broker's, or is shared by many households, is not the consumer's own."""
    cure = "the consumer gives a contact of their own in their account"
    if of_broker:
        return Answer(False, "the contact is also that of a broker or an agency", cure)
    if households > most:
        return Answer(False, f"the contact is shared by {households} households; {most} may share one", cure)
    return Answer(True, "the contact is the consumer's own")


@rule("CODE_TRIES", cites=ESTABLISHING)
def code_tries(wrong: int, most: int) -> Answer:
    """After so many wrong codes within a day no code is looked at."""
    if wrong < most:
        return Answer(True, f"{wrong} wrong codes within a day; {most} may be")
    return Answer(False, f"{wrong} wrong codes were given within a day", "try again tomorrow, or ask for a new code")


def asking(*, standing: BrokerStanding, again: int, today: int, now: datetime, parameters: Parameters) -> Decision:
    """Whether a broker may invite a person: `again` how often they did in the days that count, `today` in all."""
    day = day_of(now)
    return Decision.of(
        *broker_may_open(standing, day, parameters),
        sent_again_seldom(
            again, parameters.number("invitation_resends", day), parameters.number("invitation_resend_days", day)
        ),
        invited_a_day(today, parameters.number("invitations_per_broker_and_day", day), day),
    )


def contacting(*, held: bool, of_broker: bool, households: int, now: datetime, parameters: Parameters) -> Decision:
    """Whether a contact may carry a code: held before, and the consumer's own."""
    most = parameters.number("contact_households", day_of(now))
    return Decision.of(contact_held(held), contact_unshared(of_broker, households, most))


def reaching(*, persons: int, contact: Decision) -> Decision:
    """Whether an invitation reaches its consumer: one person, with a contact of their own."""
    return Decision.of(person_found(persons), *contact.findings)
