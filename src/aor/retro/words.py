"""What is written to the broker about a request; it quotes what they may be told and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from aor.documents.letters import Letter, day_in_words
from aor.policy.decision import Decision
from aor.policy.retro import Outcome
from aor.retro.models import Request

HEADINGS = {
    Outcome.APPROVED: "Your request is approved",
    Outcome.PROSPECTIVE: "Your request cannot be approved for the earlier date",
    Outcome.DENIED: "Your request is denied",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What a letter says: the outcome, what the broker may be told, until when they may appeal (None: not).

    `because`: the officer's own words, "" where the broker may be told no details.
    """

    outcome: Outcome
    told: Decision
    invited: bool
    associated: bool
    appeal_until: date | None
    because: str = ""


def letter(row: Request, answered: Answered, *, broker: tuple[str, ...], day: date) -> Letter:
    """The decision in the words of the texts it rests on; `broker` the lines of the address."""
    due = (
        ((answered.appeal_until, "The last day to appeal. Another officer hears it."),)
        if answered.appeal_until
        else ()
    )
    about = (
        f"You asked to be agent of record for {row.first_name} {row.last_name} from "
        f"{day_in_words(row.effective_on, 'en')}, NPN {row.npn}."
    )
    return Letter(
        reference=row.case.number,
        day=day,
        address=broker,
        heading=HEADINGS[answered.outcome],
        paragraphs=(about, *_paragraphs(row, answered)),
        due=due,
        closing=("The broker team",),
    )


def _paragraphs(row: Request, answered: Answered) -> tuple[str, ...]:
    reasons = tuple(f"{one.because[:1].upper()}{one.because[1:]} ({one.cites})." for one in answered.told.unmet)
    on: tuple[str, ...]
    match answered.outcome:
        case Outcome.APPROVED:
            return (
                f"You are agent of record from {day_in_words(row.effective_on, 'en')}. The carrier is told of the "
                "earlier date and has 30 days to process it.",
                "Nothing else changes: your association with the household is what keeps you agent of record.",
            )
        case Outcome.PROSPECTIVE if answered.associated:
            on = ("You are associated with the household, so you are agent of record by that association.",)
        case Outcome.PROSPECTIVE if answered.invited:
            on = (
                "An invitation to be associated with you was sent. Only the consumer can complete it; you are then "
                "agent of record from the first of the following month.",
            )
        case Outcome.PROSPECTIVE:
            on = (
                "If the consumer designates you in their marketplace account, you are agent of record from the "
                "first of the following month.",
            )
        case _:
            on = (f"The officer's reason: {answered.because}",) if answered.because else ()
    return (*reasons, *on)
