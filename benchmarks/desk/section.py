"""The section of the page: how long each page of the desk takes, beside what it may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from benchmarks.page import Machine

WORDS = {
    "tasks": ("task inbox", 0.150),
    "transmissions": ("transmissions", 0.150),
    "file": ("one file with its sets", 0.150),
    "people": ("search: a name", 0.200),
    "policies": ("search: a policy", 0.200),
    "brokers": ("search: an NPN", 0.200),
    "files": ("search: a control number", 0.200),
    "decertification": ("preview of a decertification", 3.0),
}

type Times = Mapping[
    str, list[tuple[float, float]]
]  # page: seconds by the clock and of processor, request by request


def lines(found: Mapping[str, Times], started: Machine, ended: Machine, size: int, brokers: int) -> Iterator[str]:
    """The section, without its marks."""
    yield "## The desk"
    yield ""
    yield (
        f"{size:,} enrollments of {brokers:,} brokers, all sent to their carrier and none answered; one request after"
        f" another, pages whole. Load of the machine {started.load:.1f} before, {ended.load:.1f} after."
    )
    yield ""
    yield "| page | database | requests | p50 | p95 | processor, p50 | goal of p95 |"
    yield "|---|---|--:|--:|--:|--:|---|"
    for database, times in found.items():
        for page, (words, goal) in WORDS.items():
            walls, processor = (sorted(one) for one in zip(*times[page], strict=True))
            p50, p95 = _part(walls, 0.5), _part(walls, 0.95)
            met = "met" if p95 < goal else "**missed**"
            yield (
                f"| {words} | {database} | {len(walls)} | {p50 * 1000:.0f} ms | {p95 * 1000:.0f} ms |"
                f" {_part(processor, 0.5) * 1000:.0f} ms | < {goal * 1000:,.0f} ms: {met} |"
            )


def _part(ascending: list[float], part: float) -> float:
    return ascending[min(len(ascending) - 1, int(len(ascending) * part))]
