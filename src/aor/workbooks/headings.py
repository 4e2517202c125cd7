"""Which column a heading means, however it was typed: reordered, shortened, misspelled, or in another language."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST = 120  # characters; what is longer is prose
MOST_WORDS = 18
SURE, LIKELY = 1.0, 0.7  # below LIKELY a heading is not understood

# what a word says: English, then Spanish, Hmong and Somali as Minnesota's brokers speak them
VOCABULARY: dict[str, str] = {
    word: meaning
    for meaning, words in {
        "last": "last surname lastname family apellido apellidos xeem dambe qoyska",
        "first": "first given forename firstname hore",
        "nombre": "nombre nombres npe",  # a first name beside a last one, else the whole name
        "name": "name names fullname completo magaca magac",
        "middle": "middle initial",
        "birth": "birth dob birthdate birthday born birthdates nacimiento yug dhalashada dhalasho",
        "date": "date dates day when fecha fechas hnub taariikhda taariikh",
        "application": "application applications applied app apply solicitud codsiga",
        "enrollment": "enrollment enrolment enrolled enroll inscripcion inscrito diiwaangelinta",
        "submitted": "submitted submit completed complete signed filed presentada enviada completada",
        "which": "which cual",
        "carrier": "carrier insurer issuer payer payor insurance aseguradora seguro seguros caymiska caymis",
        "company": "company compania tuam txhab shirkadda",
        "plan": "plan",
        "method": "method how way channel metodo como habka",
        "online": "online paper",
        "aor": "aor submission association designation record",
        "address": "address street residence mailing direccion domicilio nyob cinwaanka cinwaan",
        "city": "city town ciudad magaalada",
        "state": "state estado",
        "zip": "zip postal zipcode codigo",
        "comment": "comment comments note notes remark remarks explanation reason why details comentario"
        " comentarios notas razon faallo faallooyin",
        "email": "email mail correo",
        "phone": "phone telephone mobile cell telefono",
        "broker": "broker agent agency producer assister agente",
        "npn": "npn",
        "effective": "effective effect eff starts start",
        "sent": "sent",
        "row": "row",
        "id": "id number no identifier",
        "receipt": "receipt",
        "not": "not",
        "mine": "mine my",
        "ssn": "ssn ssno social itin",
        "consumer": "consumer consumers client clients customer customers enrollee enrollees member insured"
        " subscriber applicant policyholder primary cliente consumidor macmiilka",
    }.items()
    for word in words.split()
}
WITHOUT_MEANING = (
    "the a an of or and was were is it if known please required optional consumer s in on for to with by e g"
    " two de del la el las los o y lub ee iyo"
)
SILENT = frozenset(WITHOUT_MEANING.split())

# the first that fits: what it is, all of, any of, none of, how sure
RULES: tuple[tuple[str, str, str, str, float], ...] = (
    ("ssn", "ssn", "", "", 1),
    ("row_id", "row id", "", "", 1),
    ("not_my_client", "not mine", "", "", 1),
    ("receipt", "receipt", "", "", 1),
    ("birth_date", "birth", "", "city state place", 1),
    ("submission_method", "aor method", "", "application", 1),
    ("application_method", "application", "method online", "aor", 1),
    ("submission_method", "aor", "method online submitted", "date", 0.9),
    ("application_method", "online", "", "", 0.8),
    ("which_date", "which date", "", "", 1),
    ("either_date", "application enrollment", "date submitted", "", 1),
    ("application_date", "application", "date submitted", "effective id", 0.95),
    ("enrollment_date", "enrollment", "date submitted", "effective id", 0.95),
    ("coverage_effective", "effective", "", "", 0.9),
    ("date_sent", "date sent", "", "", 1),
    ("email", "email", "", "", 1),
    ("phone", "phone", "", "", 1),
    ("npn", "", "npn", "", 1),
    ("npn", "broker id", "", "", 1),
    ("broker_name", "broker", "", "aor", 0.9),
    ("carrier", "carrier", "", "id", 1),
    ("carrier", "", "plan company", "id", 0.8),
    ("full_name", "last first", "", "", 0.9),
    ("last_name", "last name", "", "date", 1),
    ("first_name", "first name", "", "date", 1),
    ("last_name", "last", "", "date", 0.9),
    ("first_name", "first", "", "date", 0.9),
    ("middle_name", "middle", "", "", 0.9),
    ("comments", "comment", "", "", 1),
    ("address", "address", "", "", 1),
    ("city", "city", "", "", 0.9),
    ("state", "state", "", "", 0.9),
    ("zip", "zip", "", "", 0.9),
    ("full_name", "nombre name", "", "id", 0.9),
    ("nombre", "nombre", "", "id", 0.9),
    ("full_name", "name", "", "id", 0.85),
    ("enrollment_date", "enrollment", "", "id effective method name comment", 0.8),
    ("application_date", "application", "", "id effective method name comment consumer", 0.75),
    ("full_name", "consumer", "", "id", 0.8),
)
NEEDED = frozenset(
    {"last_name", "first_name", "full_name", "birth_date", "row_id"}
)  # one of them makes a heading row


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading was taken for ("" for nothing) and how sure that is, from 0 to 1."""

    name: str
    sure: float


NOTHING = Meaning("", 0)


@functools.lru_cache(maxsize=4096)
def meaning(heading: str) -> Meaning:
    """What one heading means by itself."""
    said = _words(heading)
    if not 0 < len(said) <= MOST_WORDS or len(heading) > LONGEST:
        return NOTHING
    concepts: set[str] = set()
    guessed = unknown = 0
    for word in said:
        known = VOCABULARY.get(word)
        if known is None and word not in SILENT:
            known = _misspelled(word)
            guessed, unknown = guessed + bool(known), unknown + (not known)
        if known:
            concepts.add(known)
    for name, every, some, none, sure in RULES:
        if concepts.issuperset(every.split()) and (not some or concepts & set(some.split())):
            if concepts & set(none.split()):
                continue
            sure -= 0.1 * guessed + 0.04 * unknown
            return Meaning(name, round(sure, 2)) if sure >= LIKELY else NOTHING
    return NOTHING


def _words(heading: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading.replace("’", "'").replace("'s", ""))
    plain = unicodedata.normalize("NFKD", apart).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z]+", plain.replace("e-mail", "email").replace("d.o.b", "dob"))


def _misspelled(word: str) -> str:
    """The meaning of a known word that this one nearly is."""
    if len(word) < 5:
        return ""
    near = difflib.get_close_matches(word, VOCABULARY, n=1, cutoff=0.8)
    return VOCABULARY[near[0]] if near else ""


def row(texts: Mapping[int, str], above: Mapping[int, str], *, known: bool) -> dict[int, Meaning] | None:
    """What each column of a row of headings means, or None when the row is none.

    `above` is the row before it when that may hold the upper half of the headings. Where headings are `known`
    already a row must say more, lest a consumer be taken for them.
    """
    found = {at: meaning(text) for at, text in texts.items()}
    if len(above) > 1 and sum(bool(one.name) for one in found.values()) > 1:
        upper = _spread(above, max(texts))
        found = {at: one if one.name else meaning(f"{upper.get(at, '')} {texts[at]}") for at, one in found.items()}
    chosen = once_each(found)
    names = {one.name for one in chosen.values()} - {""}
    if len(names) < (3 if known else 2) or 2 * len(names) < len(texts) or not names & NEEDED:
        return None
    return chosen


def _spread(above: Mapping[int, str], last: int) -> dict[int, str]:
    """A heading over several columns stands in the first of them only."""
    spread: dict[int, str] = {}
    current = ""
    for at in range(min(above), last + 1):
        current = spread[at] = above.get(at) or current
    return spread


def once_each(found: Mapping[int, Meaning]) -> dict[int, Meaning]:
    """Each meaning goes to the column that says it best, the first of equals."""
    names = {one.name for one in found.values()}
    settled = {at: _settled(one, names) for at, one in found.items()}
    best: dict[str, int] = {}
    for at, one in settled.items():
        if one.name and (one.name not in best or one.sure > settled[best[one.name]].sure):
            best[one.name] = at
    if {"last_name", "first_name"} <= best.keys():
        best.pop("full_name", None)
    return {at: one if best.get(one.name) == at or one.name == "ssn" else NOTHING for at, one in settled.items()}


def _settled(one: Meaning, names: set[str]) -> Meaning:
    if one.name == "nombre":
        beside = "last_name" in names and "first_name" not in names
        return Meaning("first_name" if beside else "full_name", one.sure)
    return one
