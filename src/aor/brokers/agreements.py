"""The agreement that a broker signs for a plan year: texts by version, as data."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

OURS = Path(__file__).with_name("agreements.toml")


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one version of a plan year's agreement."""

    plan_year: int
    version: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def current(plan_year: int) -> Text | None:
    """The agreement that is signed for a plan year now; None where none is published."""
    return _texts().get((plan_year, ""))


def of_version(plan_year: int, version: str) -> Text | None:
    """A version of a plan year's agreement, also an earlier one."""
    return _texts().get((plan_year, version)) if version else None


def _texts() -> dict[tuple[int, str], Text]:
    overlay = Path(settings.AOR_OVERLAY) / OURS.name if settings.AOR_OVERLAY else None
    theirs = overlay.read_bytes() if overlay is not None and overlay.is_file() else b""
    return _parsed(OURS.read_bytes(), theirs)


@lru_cache(maxsize=4)
def _parsed(ours: bytes, theirs: bytes) -> dict[tuple[int, str], Text]:
    """By plan year and version; under "" the one that counts now."""
    texts: dict[tuple[int, str], Text] = {}
    for year, given in (tomllib.loads(ours.decode()) | tomllib.loads(theirs.decode())).items():
        for version, text in given["texts"].items():
            texts[int(year), version] = Text(int(year), version, text.strip())
        texts[int(year), ""] = texts[int(year), given["current"]]
    return texts
