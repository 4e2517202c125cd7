"""A small market lived by processes, with or without kills, and everything by which two lives are compared."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

from aor.demo import market
from aor.demo.carrier import Manner, SimulatedCarrier
from aor.demo.lived import Living
from aor.workbooks import row_ids
from aor.x12.envelope import TransactionSet
from aor.x12.guides.x231a1 import SegmentError, SetVerdict
from tests.anomalies.program import Place, Program, Ran, key_of

ROW_ID = re.compile(r"AOR-[0-9-]+\.[0-9]+-[0-9]{8}\.[A-Z2-7]{16}(\.[0-9a-f]{10})?")
ROW_IDS = key_of("row-ids.key")


@dataclass
class Grumbler(SimulatedCarrier):
    """Rejects one set of three, and says so a month late as often as not: then published reports are corrected."""

    late: bool = False

    def _manner(self, random: Random) -> Manner:
        self.late = random.random() < 0.5
        return Manner.PROMPT if self.late else random.choice((Manner.PROMPT, Manner.TWICE, Manner.STRANGE))

    def _verdict(self, isa13: str, one: TransactionSet, random: Random) -> SetVerdict:
        if random.random() * 3 >= 1:
            return SetVerdict(one.st02)
        if not self.late:  # else staff do not know it yet, and resend nothing
            self.rejected.append((isa13, one.st02))
        return SetVerdict(one.st02, "R", (SegmentError("REF", 5, "8", "", 2, "127", "7", "X"),))

    def leave(self, due: datetime, kind: str, content: bytes) -> None:
        super().leave(due + timedelta(days=25 * self.late), kind, content)


@dataclass(frozen=True, slots=True)
class Size:
    """A market is made of these; the same numbers, the same market."""

    households: int
    brokers: int
    months: int
    seed: int


type Runner = Callable[[tuple[object, ...], datetime], Ran]


@dataclass
class Life:
    """A market lived in a place: `run` runs each command until it has ended by itself."""

    size: Size
    place: Place
    run: Runner
    closed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        size = self.size
        made = market.make(households=size.households, brokers_=size.brokers, months=size.months, seed=size.seed)
        self.living = Living(made, home=self.place.home, seed=size.seed, simulated=Grumbler, run=self._document)

    def live(self) -> None:
        """All its months; then the mails whose delivery somebody had claimed and left."""
        self.closed = [month.closed["state"] for month in self.living.months()]
        self._document("deliver", now=self.living.now + timedelta(hours=2))

    def take(self) -> None:
        """The carriers take what lies in their mailboxes, whenever they like."""
        for carrier in self.living.carriers.values():
            carrier.take(self.living.now)

    def _document(self, *words: object, now: datetime) -> Any:
        ran = self.run(words, now)
        assert ran.code in (0, 1), f"aor {words}: {ran.code}\n{ran.err}"
        return ran.document


def outcome(life: Life, program: Program) -> dict[str, Any]:
    """What stands at the end of a life: for comparison with another life of the same market."""
    home, now = life.place.home, life.living.now + timedelta(hours=3)
    verified = program.aor("verify", now=now)
    assert verified.code == 0, verified.out
    stored = program.call("tests.anomalies.standing:standing")
    heads = {head for _, head in stored["cuts"]}
    return {
        "handed over": {
            f"{file.parents[1].name}/{file.name}": file.read_bytes()
            for file in home.glob("mailboxes/*/to-carrier/taken/*")
        },
        "closed": life.closed,
        "left lying": [str(file) for file in home.glob("mailboxes/*/to-carrier/*") if file.is_file()],
        "record": program.aor("record", now=now).document,
        "workbooks": {
            number: pages((home / "documents" / name[:2] / name[2:4] / name).read_bytes(), heads)
            for number, name in stored.pop("workbooks")
        },
        **{name: value for name, value in stored.items() if name != "cuts"},
    }


def pages(workbook: bytes, heads: set[str]) -> dict[str, str]:
    """The parts of a workbook, where the journal's head, which tells of every interruption, is left out."""
    with zipfile.ZipFile(BytesIO(workbook)) as parts:
        contents = {name: parts.read(name).decode() for name in parts.namelist()}
    for head in heads - {""}:
        contents = {name: text.replace(head, "HEAD").replace(head[:16], "HEAD") for name, text in contents.items()}
    return contents


def named_alike(*outcomes: dict[str, Any]) -> None:
    """Where their enrollments have other keys, which PostgreSQL gives no transaction twice, killed or not: their row
    ids name policies instead. Only there: else their workbooks are the same to the byte.
    """
    keys = [dict(one["enrollments"]) for one in outcomes]
    if all(one == keys[0] for one in keys):
        return
    for one, policies in zip(outcomes, keys, strict=True):
        one["enrollments"] = sorted(policies.values())
        for parts in one["workbooks"].values():
            parts.update({name: ROW_ID.sub(partial(_named, policies), text) for name, text in parts.items()})


def _named(policies: dict[int, str], found: re.Match[str]) -> str:
    report, row = row_ids.verify(ROW_IDS, found[0]) or ("", "")
    enrollment, _, day = row.partition("-")
    return f"{report}.{policies[int(enrollment)]}-{day}"


def mails(home: Path) -> Counter[str]:
    """How often each mail was relayed, by its Message-ID."""
    files = (home / "mail").glob("*.log")
    return Counter(found for file in files for found in re.findall(r"Message-ID: <(.*?)>", file.read_text()))


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two outcomes differ, in words."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [each for key in keys for each in differences(one.get(key), other.get(key), f"{path}/{key}")]
    if isinstance(one, list) and isinstance(other, list) and one != other:
        gone, new = ([item for item in a if item not in b] for a, b in ((one, other), (other, one)))
        return [f"{path}: {len(one)} against {len(other)}; gone {gone[:3]}, new {new[:3]}"]
    return [] if one == other else [f"{path}: {str(one)[:300]!r} against {str(other)[:300]!r}"]
