"""What a consumer is shown before they agree, in their language, and the export of what a household agreed to.

A page shows `shown(...)`'s text, and on the consumer's own act passes `.given(act=...)` to the act of the path: what
is kept is what was shown. A page that was shown earlier has another `digest` when words or parties changed since.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from aor.acts.place import place_of
from aor.associations import queries as association_facts
from aor.associations.operations import ConsentGiven
from aor.audit import operations as journal
from aor.brokers import queries as broker_facts
from aor.notices import languages, words
from aor.policy.association import Path
from aor.terms.actor import Actor

VERSION = "2026-2"

_ASKED = {
    Path.DESIGNATED: gettext_noop("You choose {broker} as your broker."),
    Path.INVITED: gettext_noop("{broker} asks to be your broker. You say yes."),
    Path.APPLICATION: gettext_noop("{broker} fills in this application with you and will be your broker."),
    Path.ASSISTED: gettext_noop("You ask us to make {broker} your broker. We have read this to you."),
    Path.TRANSFERRED: gettext_noop(
        "{broker} has taken over the clients of your earlier broker. You let them see your data."
    ),
}
_PURPOSE = gettext_noop("help with your application, your enrollment and your coverage")
_ALL = gettext_noop("all your coverage")
_FROM_YEAR = gettext_noop("your coverage from plan year {year} on")
_DURATION = gettext_noop("until you or the broker end it")
_RESCIND = gettext_noop("on the page My broker ({portal}/my/broker/) of your account, or by telephone")
_WHOLE = (
    gettext_noop("The broker may help you with this: {purpose}."),
    gettext_noop("It is for {scope}."),
    gettext_noop(
        "The broker can see your names, birth dates, address, plans and coverage, and those of the people who are"
        " covered with you."
    ),
    gettext_noop("Your insurance company may pay the broker. You pay nothing."),
    gettext_noop("It lasts {duration}. You can end it at any time: {rescind}."),
    gettext_noop("You do not have to have a broker. Your coverage and its price stay the same without one."),
)
_REPLACES = gettext_noop("Your present broker can then no longer see your data.")
_NAVIGATOR = gettext_noop(
    "A navigator helps you for free and is never your broker of record. Naming a navigator can end your broker's work"
    " for you."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A consent as it is shown. `written_in` is another language than the reader's where theirs is a draft."""

    text: str
    language: str
    written_in: str
    parties: str
    scope: str
    purpose: str
    duration: str
    how_to_rescind: str
    template_version: str = VERSION

    @property
    def digest(self) -> str:
        """Changes with any word: for a page to see that what it showed is what is agreed to."""
        return hashlib.sha256(f"{self.template_version}|{self.written_in}|{self.text}".encode()).hexdigest()[:32]

    def given(self, *, act: str, interpreter: str = "", reference: str = "") -> ConsentGiven:
        """The consent that the consumer's act gave: designated, code confirmed, application signed, read back."""
        return ConsentGiven(
            act=act,
            shown=self.text,
            template_version=self.template_version,
            parties=self.parties[:300],
            scope=self.scope,
            purpose=self.purpose,
            duration=self.duration,
            how_to_rescind=self.how_to_rescind,
            language=self.written_in,
            interpreter=interpreter,
            reference=reference,
        )


def shown(
    *, path: Path, npn: str, language: str = languages.ENGLISH, plan_year: int | None = None, replaces: bool = False
) -> Shown:
    """The consent of one path to one broker, in the reader's language where that was reviewed, else in English."""
    one = broker_facts.roster([npn]).get(npn)
    name, agency = (one.name, one.agency_name) if one else ("", "")
    broker = f"{name or 'NPN'} ({', '.join(filter(None, (agency, f'NPN {npn}')))})" if name else f"NPN {npn}"
    written_in = languages.written_in(language)
    with translation.override(written_in):
        scope = gettext(_ALL) if plan_year is None else gettext(_FROM_YEAR).format(year=plan_year)
        said = {
            "broker": broker,
            "scope": scope,
            "purpose": gettext(_PURPOSE),
            "duration": gettext(_DURATION),
            "rescind": gettext(_RESCIND).format(portal=words.address("")),
        }
        sentences = [_ASKED[path], *_WHOLE, *([_REPLACES] if replaces else [])]
        sentences += [_NAVIGATOR] if one is not None and one.kind == broker_facts.NAVIGATOR else []
        text = "\n\n".join(gettext(sentence).format(**said) for sentence in sentences)
    line = languages.interpreter_line(language)
    return Shown(
        text=f"{text}\n\n{line}" if line else text,
        language=language,
        written_in=written_in,
        parties=f"the household and {broker}",
        scope=scope,
        purpose=said["purpose"],
        duration=said["duration"],
        how_to_rescind=said["rescind"],
    )


def export(*, subscriber_id: str, purpose: str, by: Actor, now: datetime) -> list[dict[str, object]]:
    """Every consent of a household, ready for JSON, for the regulator (45 CFR 155.220(j)(2)(ii)). It is a read."""
    place = place_of(subscriber_id, now)
    journal.record_read(subject=("subscriber", subscriber_id), what="consents", purpose=purpose, by=by, at=now)
    return [_exported(row) for row in association_facts.consents(place.key, place.people)]


def _exported(row: association_facts.Consented) -> dict[str, object]:
    given = row.consent
    return {
        "npn": row.npn,
        "path": row.path,
        "method": row.method,
        "confirmed_at": row.confirmed_at.isoformat(),
        "ended": [{"at": at.isoformat(), "kind": kind} for at, kind in row.ended],
        "consent": None
        if given is None
        else {
            "act": given.act,
            "given_at": given.given_at.isoformat(),
            "revoked_at": given.revoked_at.isoformat() if given.revoked_at else None,
            "shown": given.shown,
            "language": given.language,
            "template_version": given.template_version,
            "parties": given.parties,
            "scope": given.scope,
            "purpose": given.purpose,
            "duration": given.duration,
            "how_to_rescind": given.how_to_rescind,
            "interpreter": given.interpreter,
            "reference": given.reference,
        },
    }
