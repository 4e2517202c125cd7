"""Dialects of carriers, one TOML file each; a new one needs no code."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from aor.x12 import dialect
from aor.x12.dialect import Dialect


def load(name: str, overlay: Path | None = None) -> Dialect:
    """The dialect of `name`.toml, from the overlay folder if it is there, else as we ship it.

    A file may stand on another by `[base] profile`, also on the shipped one of its own name, and says only what
    differs. Raises ValueError with a sentence when there is no such profile or it cannot be.
    """
    return dialect.parse(_tables(name, overlay, ()), name=name)


def _tables(name: str, overlay: Path | None, seen: tuple[str, ...]) -> dict[str, object]:
    text = _text(name, overlay if name not in seen else None)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as trouble:
        raise ValueError(f"the profile {name} is not TOML: {trouble}") from trouble
    base = tables.pop("base", {})
    if not isinstance(base, dict):
        raise ValueError(f"the profile {name} says its base as [base] profile")
    if "profile" not in base:
        return tables
    # Each file of the overlay is met once and ours stand on no circle, so this ends.
    return dialect.merged(_tables(str(base["profile"]), overlay, (*seen, name)), tables)


def _text(name: str, overlay: Path | None) -> str:
    if not name.replace("-", "").replace("_", "").isalnum():
        raise ValueError(f"a profile has a name of letters and digits, not {name!r}")
    for folder in (overlay, resources.files(__name__)):
        if folder is not None and (file := folder / f"{name}.toml").is_file():
            return file.read_text(encoding="utf-8")
    raise ValueError(f"there is no profile {name!r}")
