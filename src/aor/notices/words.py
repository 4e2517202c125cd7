"""The words of every notice, in plain English and ready for translation. No personal data, in links neither.

A kind is said to one kind of reader. `{code}` stands for a secret that is kept encrypted until it is relayed,
`{portal}` for the portal's public address: a printed letter must name all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from aor.documents.letters import day_in_words
from aor.notices import languages


@dataclass(frozen=True, slots=True)
class Words:
    """A subject and a body."""

    subject: str
    body: str


_MY_BROKER = gettext_noop("Sign in to your marketplace account and open My broker ({portal}/my/broker/).")
_NOT_YOU = gettext_noop(
    'If you did not ask for this, choose "I did not ask for this" on that page. We will look into it.'
)

TO_CONSUMER: dict[str, tuple[str, tuple[str, ...]]] = {
    "broker chosen": (
        gettext_noop("You have a broker"),
        (
            gettext_noop("A broker can now help you with your coverage. The broker can see your data."),
            _MY_BROKER,
            _NOT_YOU,
        ),
    ),
    "broker replaced": (
        gettext_noop("Your broker has changed"),
        (
            gettext_noop("You have a new broker. Your earlier broker can no longer see your data."),
            _MY_BROKER,
            gettext_noop("You can undo this change there."),
            _NOT_YOU,
        ),
    ),
    "broker ended": (
        gettext_noop("You no longer have a broker"),
        (
            gettext_noop("Your broker can no longer see your data. Your coverage stays the same."),
            _MY_BROKER,
            _NOT_YOU,
        ),
    ),
    "broker restored": (
        gettext_noop("Your earlier broker is back"),
        (
            gettext_noop("The last change was taken back. Your earlier broker can help you again."),
            _MY_BROKER,
            _NOT_YOU,
        ),
    ),
    "broker declined": (
        gettext_noop("The broker cannot help you"),
        (
            gettext_noop("The broker you chose said no. Your coverage stays the same."),
            gettext_noop("You can choose your earlier broker again, or find another one."),
            _MY_BROKER,
        ),
    ),
    "broker withdrew": (
        gettext_noop("Your broker has stopped helping you"),
        (
            gettext_noop("Your broker ended your connection. Your coverage stays the same."),
            gettext_noop("You can find another broker ({portal}/find-a-broker/)."),
            _MY_BROKER,
        ),
    ),
    "broker out of standing": (
        gettext_noop("Your broker can no longer help you"),
        (
            gettext_noop("Your broker can no longer work with the marketplace. Your coverage stays the same."),
            gettext_noop("You can find another broker ({portal}/find-a-broker/)."),
            _MY_BROKER,
        ),
    ),
    "broker disowned": (
        gettext_noop("We closed the access of a broker"),
        (
            gettext_noop(
                "You told us that you did not ask for this broker. The broker cannot see your data any more."
            ),
            gettext_noop("We will look into it and write to you."),
            _MY_BROKER,
        ),
    ),
    "dispute upheld": (
        gettext_noop("We decided about the broker you did not ask for"),
        (
            gettext_noop("You were right. The broker cannot see your data. Your coverage stays the same."),
            gettext_noop("If you had another broker before, that broker is yours again."),
            _MY_BROKER,
        ),
    ),
    "dispute not upheld": (
        gettext_noop("We decided about the broker you did not ask for"),
        (
            gettext_noop("We found that you said yes to this broker. The broker can see your data again."),
            gettext_noop("You can end this at any time."),
            _MY_BROKER,
        ),
    ),
    "privacy incident": (
        gettext_noop("Some of your data was sent to the wrong broker"),
        (
            gettext_noop("A list with your name was given to a broker who is not yours."),
            gettext_noop("We took the list back. The broker had to delete it. Your coverage stays the same."),
            _MY_BROKER,
        ),
    ),
    "transfer announced": (
        gettext_noop("Your broker will change"),
        (
            gettext_noop("Your broker gives their work to another broker. The change is on {day}."),
            gettext_noop("You can say no, or choose another broker, until then. Your coverage stays the same."),
            gettext_noop("The new broker cannot see your data before you say yes."),
            gettext_noop("To say no, sign in and open {portal}/my/broker/taking-over/, or call {phone}."),
        ),
    ),
    "transfer entered": (
        gettext_noop("You have a new broker"),
        (
            gettext_noop("The broker we wrote to you about is now your broker. Your coverage stays the same."),
            gettext_noop("The broker cannot see your data before you say yes. You can choose another broker."),
            _MY_BROKER,
        ),
    ),
    "transfer undone": (
        gettext_noop("Your broker does not change"),
        (gettext_noop("The change we wrote to you about was taken back."), _MY_BROKER),
    ),
    "past months asked": (
        gettext_noop("A broker asked to be counted for past months"),
        (
            gettext_noop("A broker says they helped you before. They ask to be counted as your broker from then on."),
            gettext_noop("Your coverage and its cost stay the same. If you agree, do nothing."),
            gettext_noop(
                "To see who it is, or to object, sign in and open {portal}/my/broker/past-months/, or call {phone}."
            ),
        ),
    ),
    "past months granted": (
        gettext_noop("We said yes to a broker who asked for past months"),
        (
            gettext_noop("The broker is now counted for the months they asked for. Your coverage stays the same."),
            gettext_noop(
                "To see who it is, or to object, sign in and open {portal}/my/broker/past-months/, or call {phone}."
            ),
        ),
    ),
    "past months not granted": (
        gettext_noop("We said no to a broker who asked for past months"),
        (
            gettext_noop("The broker is not counted for the months they asked for. Your coverage stays the same."),
            gettext_noop("To see who it is, sign in and open {portal}/my/broker/past-months/, or call {phone}."),
        ),
    ),
    "invitation": (
        gettext_noop("A broker asks to help you"),
        (
            gettext_noop("A broker asks to help you with your coverage. You can say yes or no."),
            gettext_noop("Sign in to the marketplace, open {portal}/invitation/ and enter this code: {code}"),
            gettext_noop("The page shows who the broker is. Give the code to nobody. The code works until {day}."),
            gettext_noop("If you do nothing, nothing changes."),
        ),
    ),
    "invitation reminder": (
        gettext_noop("A broker still waits for your answer"),
        (
            gettext_noop(
                "We sent you a code on {sent}. With it you can say yes or no to a broker ({portal}/invitation/)."
            ),
            gettext_noop("The code works until {day}. If you do nothing, nothing changes."),
        ),
    ),
    "second factor": (
        gettext_noop("Your code for changing your broker"),
        (
            gettext_noop("Your code is {code}. It works once, for ten minutes."),
            gettext_noop("Type it on the page where you change your broker. Give it to nobody, not even a broker."),
            gettext_noop("If you are not changing your broker, call the marketplace."),
        ),
    ),
    "contact changed": (
        gettext_noop("Your address has changed"),
        (
            gettext_noop("The marketplace now writes to another address of yours."),
            gettext_noop("If you did not change it, call the marketplace."),
        ),
    ),
}

_SIGN_IN = gettext_noop("Sign in to the marketplace to see it.")

TO_BROKER: dict[str, tuple[str, tuple[str, ...]]] = {
    "association began": (
        gettext_noop("A household is now associated with you"),
        (gettext_noop("A household was associated with you today."), _SIGN_IN),
    ),
    "association ended": (
        gettext_noop("An association with a household has ended"),
        (gettext_noop("An association of yours with a household ended today."), _SIGN_IN),
    ),
    "association disowned": (
        gettext_noop("Your access to a household is closed"),
        (
            gettext_noop("A household said that it did not ask for your help."),
            gettext_noop("Your access is closed until the broker team has decided."),
            _SIGN_IN,
        ),
    ),
    "license revoked": (
        gettext_noop("Your license is no longer in force"),
        (
            gettext_noop("The marketplace was told that your license was revoked on {day}."),
            gettext_noop("Your clients are closed to you, and your credit for them ends."),
            gettext_noop("If this is not right, write to the broker team."),
        ),
    ),
    "transfer decided": (
        gettext_noop("Your request to take over a book is decided"),
        (gettext_noop("The broker team decided on request {number}."), _SIGN_IN),
    ),
    "transfer asks": (
        gettext_noop("The broker team asks you for more"),
        (
            gettext_noop("Something is missing for request {number}. Its clock stands still until you add it."),
            _SIGN_IN,
        ),
    ),
    "book moves": (
        gettext_noop("Households of yours are to move to another broker"),
        (
            gettext_noop(
                "The broker team approved an agreement by which your households get another broker on {day}."
            ),
            gettext_noop("If you did not agree to this, call the broker team before that day."),
        ),
    ),
    "book moved back": (
        gettext_noop("A book that had moved was given back"),
        (gettext_noop("The broker team took transfer {number} back."), _SIGN_IN),
    ),
    "invitation declined": (
        gettext_noop("An invitation was answered"),
        (gettext_noop("A household answered an invitation of yours."), _SIGN_IN),
    ),
    "standing changed": (
        gettext_noop("Your standing has changed"),
        (gettext_noop("The marketplace changed your certification today: {what}."), _SIGN_IN),
    ),
    "renewals at risk": (
        gettext_noop("Some of your renewals are at risk"),
        (
            gettext_noop("Coverage renews for plan year {year}. Of your households, {lost} will not name you."),
            gettext_noop("Another {held} will name you only when something is put right."),
            gettext_noop("Sign in to the marketplace to see which, why, and who must act."),
        ),
    ),
    "agency invitation": (
        gettext_noop("An agency asks you to join"),
        (gettext_noop("An agency asks you to join it. You can say yes or no until {day}."), _SIGN_IN),
    ),
    "address changed": (
        gettext_noop("Your registered address has changed"),
        (
            gettext_noop("The marketplace now sends your notices to another address."),
            gettext_noop("If you did not ask for this, call the broker team."),
        ),
    ),
    "cover": (
        gettext_noop("A colleague asks you to cover"),
        (gettext_noop("A broker on leave lends you access from {start} through {last}."), _SIGN_IN),
    ),
}


def address(path: str) -> str:
    """A page's whole address, as it stands in a mail or a letter: https://broker.example.org/my/broker/."""
    return f"{settings.AOR_URL}{path}"


def to_consumer(kind: str, *, language: str = languages.ENGLISH, **values: object) -> Words:
    """What a consumer is told, in their language, with the line that offers an interpreter where it is a draft."""
    return _written(TO_CONSUMER[kind], language, values)


def to_broker(kind: str, **values: object) -> Words:
    """What a broker is told."""
    return _written(TO_BROKER[kind], languages.ENGLISH, values)


def language_of(kind: str, subject: str) -> str:
    """The language in which a consumer's notice was written, by its subject; English where none says it so."""
    for code in languages.languages():
        with translation.override(code):
            if kind in TO_CONSUMER and gettext(TO_CONSUMER[kind][0]) == subject:
                return code
    return languages.ENGLISH


def offer_in(body: str) -> languages.Language | None:
    """The language whose line about an interpreter ends a notice; None where it has none."""
    return next((one for one in languages.languages().values() if one.offers(body)), None)


def _written(words: tuple[str, tuple[str, ...]], language: str, values: dict[str, object]) -> Words:
    subject, sentences = words
    known: dict[str, object] = {"code": "{code}", "phone": settings.AOR_INTERPRETER_PHONE, "portal": address("")}
    written = languages.written_in(language)
    known |= {name: day_in_words(one, written) if isinstance(one, date) else one for name, one in values.items()}
    with translation.override(written):
        body = [gettext(sentence).format(**known) for sentence in sentences]
        subject = gettext(subject)
    line = languages.interpreter_line(language)
    return Words(subject, "\n\n".join([*body, *([line] if line else [])]))
