"""The same rows by exact match, by difflib and by splink, each with the threshold that is best on the tuning rows."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from operator import itemgetter

from aor.matching.score import Outcome
from aor.terms.person import PersonClaim, PersonFacts
from benchmarks.matching.measure import Answer, Index
from benchmarks.matching.templates import Asked

WANTED = 0.999  # of the automatic decisions on the tuning rows


@dataclass(frozen=True)
class Ranked:
    """The best and the next of a row by a peer's own measure, best first; a tie decides nothing."""

    found: tuple[tuple[float, str], ...]


def exact(rows: Sequence[Asked], persons: Sequence[PersonFacts]) -> list[Answer]:
    """Names but for case and blanks, and the birth date; decided where one person on file bears them."""
    by_person: defaultdict[tuple[object, ...], list[str]] = defaultdict(list)
    for person in persons:
        by_person[_bare(person.first_name), _bare(person.last_name), person.birth_date].append(person.key)
    answers = []
    for row in rows:
        keys = by_person.get((_bare(row.claim.first_name), _bare(row.claim.last_name), row.claim.birth_date), [])
        outcome = Outcome.DECIDED if len(keys) == 1 else Outcome.REVIEW if keys else Outcome.NONE
        answers.append(Answer(outcome, tuple(keys[:2])))
    return answers


def difflib(rows: Sequence[Asked], index: Index) -> list[Ranked]:
    """Ratio of `first last yyyymmdd`, over the product's own candidates."""
    result = []
    for row in rows:
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(_line(row.claim))
        found: list[tuple[float, str]] = []
        for person in index.candidates(row.claim):
            matcher.set_seq1(_line(person))
            least = found[1][0] if len(found) > 1 else 0.0
            if matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least:
                found = sorted([*found, (matcher.ratio(), person.key)], reverse=True)[:2]
        result.append(Ranked(tuple(found)))
    return result


def splink(rows: Sequence[Asked], persons: Sequence[PersonFacts], *, household: bool = False) -> list[Ranked]:
    """Splink on DuckDB, trained on these data: names with frequencies, birth date; `household`: all fields."""
    import pyarrow
    import splink as peer
    from splink import comparison_library as compare

    shared = [
        compare.ExactMatch("carrier"),
        compare.AbsoluteDateDifferenceAtThresholds(
            "day", input_is_string=True, metrics=["day", "month"], thresholds=[7, 1]
        ),
        compare.JaroWinklerAtThresholds("address", [0.95, 0.88]),
    ]
    settings = peer.SettingsCreator(
        link_type="link_only",
        comparisons=[
            compare.ForenameSurnameComparison("first_name", "last_name").configure(term_frequency_adjustments=True),
            compare.DateOfBirthComparison("birth_date", input_is_string=True),
            *(shared if household else ()),
        ],
        blocking_rules_to_generate_predictions=[
            peer.block_on("birth_date"),
            peer.block_on("last_name", "substr(birth_date, 1, 7)"),
            peer.block_on("first_name", "substr(birth_date, 1, 7)"),
            peer.block_on("last_name", "substr(birth_date, 6, 5)"),
            peer.block_on("first_name", "substr(birth_date, 6, 5)"),
            peer.block_on("last_name", "first_name", "substr(birth_date, 1, 4)"),
        ],
        retain_matching_columns=False,
    )
    database = peer.DuckDBAPI()
    tables = [
        database.register(
            pyarrow.Table.from_pylist([_record(key, one) for key, one in some]), dataset_display_name=name
        )
        for name, some in (
            ("claims", ((str(at), row.claim) for at, row in enumerate(rows))),
            ("persons", ((person.key, person) for person in persons)),
        )
    ]
    linker = peer.Linker(tables, settings, log_level=40)
    same = [peer.block_on("first_name", "last_name", "birth_date")]
    linker.training.estimate_probability_two_random_records_match(same, recall=0.5)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in (peer.block_on("birth_date"), peer.block_on("last_name", "first_name")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_weight=-20)
    pairs = predicted.as_duckdbpyrelation().project("unique_id_l, unique_id_r, match_weight").order("1, 3 DESC")
    found: dict[str, list[tuple[float, str]]] = {}
    for claim, some in groupby(pairs.fetchall(), key=lambda pair: pair[0]):
        found[claim] = [(weight, person) for _, person, weight in some][:2]
    return [Ranked(tuple(found.get(str(at), ()))) for at in range(len(rows))]


def threshold(rows: Sequence[Asked], ranked: Sequence[Ranked]) -> float:
    """The lowest from which the wanted share of the automatic decisions on the tuning rows is right."""
    tops = sorted(
        (
            (one.found[0][0], one.found[0][1] == row.truth)
            for row, one in zip(rows, ranked, strict=True)
            if _leads(one)
        ),
        reverse=True,
    )
    best, count, right = float("inf"), 0, 0
    for score, some in groupby(tops, key=itemgetter(0)):
        alike = [true for _, true in some]
        count, right = count + len(alike), right + sum(alike)
        if right / count >= WANTED:
            best = score
    return best


def wrong_of_surest(rows: Sequence[Asked], ranked: Sequence[Ranked], count: int) -> int:
    """Of so many decisions, the surest: how many are wrong."""
    leading = [(one.found[0], row.truth) for row, one in zip(rows, ranked, strict=True) if _leads(one)]
    leading.sort(key=lambda pair: -pair[0][0])
    return sum(key != truth for (_, key), truth in leading[:count])


def answers(ranked: Sequence[Ranked], least: float) -> list[Answer]:
    """Decided from the threshold on, else for an officer, who sees the best two."""
    result = []
    for one in ranked:
        keys = tuple(key for _, key in one.found)
        if _leads(one) and one.found[0][0] >= least:
            result.append(Answer(Outcome.DECIDED, keys[:1]))
        else:
            result.append(Answer(Outcome.REVIEW if keys else Outcome.NONE, keys))
    return result


def _leads(one: Ranked) -> bool:
    return bool(one.found) and (len(one.found) == 1 or one.found[0][0] > one.found[1][0])


def _line(one: PersonClaim | PersonFacts) -> str:
    return f"{_bare(one.first_name)} {_bare(one.last_name)} {one.birth_date:%Y%m%d}"


def _bare(text: str) -> str:
    return " ".join(text.lower().split())


def _record(key: str, one: PersonClaim | PersonFacts) -> dict[str, str | None]:
    """As splink's users prepare it: small letters without marks, empty as null."""
    if isinstance(one, PersonClaim):
        carrier, day, address = one.hios_issuer_id, one.day, one.address
    else:
        (carrier,), (day,), (address,) = one.hios_issuer_ids, one.days, one.addresses
    marked = unicodedata.normalize("NFKD", f"{one.first_name}\t{one.last_name}\t{address}".lower())
    first, last, place = "".join(c for c in marked if not unicodedata.combining(c)).split("\t")
    fields = {"first_name": first, "last_name": last, "address": place, "carrier": carrier}
    given = {name: " ".join(text.split()) or None for name, text in fields.items()}
    return {"unique_id": key, **given, "birth_date": f"{one.birth_date}", "day": f"{day}"}
