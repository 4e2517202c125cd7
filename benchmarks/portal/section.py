"""The section of the page: the portal and the API under load, beside what they may take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.page import Machine
from benchmarks.portal.load import Answered


@dataclass(frozen=True)
class Sizes:
    """How large the market is, and how many requests a second were asked for how long."""

    size: int
    brokers: int
    rate: int
    api_rate: int
    seconds: int


WORDS: Mapping[str, tuple[str, float, float | None]] = {
    "book": ("book of business", 0.150, 0.400),
    "why": ("Why page", 0.150, 0.400),
    "write": ("an invitation sent", 0.150, 0.400),
    "api record": ("API: a broker's record", 0.100, None),
    "api why": ("API: why an enrollment", 0.100, None),
    "api receipts": ("API: a carrier's receipt", 0.100, None),
    "api enrollments": ("API: an enrollment told", 0.100, None),
}
"""What was asked: its words, the most its p95 may be, and its p99 where that has a goal, in seconds."""


def lines(
    found: Mapping[str, list[Answered]],
    busy: Mapping[str, list[float]],
    started: Machine,
    ended: Machine,
    sizes: Sizes,
) -> Iterator[str]:
    """The section, without its marks; `busy`: shares of the processors, of the portal's minute and of the API's."""
    yield "## The portal and the API"
    yield ""
    yield (
        f"{sizes.size:,} enrollments of {sizes.brokers:,} brokers at `aor serve`: {sizes.rate} requests a second to"
        f" the portal for {sizes.seconds} s, a tenth of them writes, then {sizes.api_rate} a second to the API as"
        " long, three of ten writes. Whoever asks is on the same machine, and times run from when a request was due."
        f" Load of the machine {started.load:.1f} before, {ended.load:.1f} after."
    )
    yield ""
    yield "| what | database | requests | p50 | p95 | p99 | not answered well | goal |"
    yield "|---|---|--:|--:|--:|--:|--:|---|"
    for database, answers in found.items():
        for what, (words, most95, most99) in WORDS.items():
            times = sorted(one.seconds for one in answers if one.what == what)
            bad = sum(one.status >= 400 for one in answers if one.what == what)
            p50, p95, p99 = (times[min(len(times) - 1, int(len(times) * part))] for part in (0.5, 0.95, 0.99))
            met = p95 < most95 and (most99 is None or p99 < most99) and not bad
            goal = f"p95 < {most95 * 1000:.0f} ms" + (f", p99 < {most99 * 1000:.0f} ms" if most99 else "")
            yield (
                f"| {words} | {database} | {len(times):,} | {p50 * 1000:.0f} ms | {p95 * 1000:.0f} ms |"
                f" {p99 * 1000:.0f} ms | {bad} | {goal}: {'met' if met else '**missed**'} |"
            )
    yield ""
    for database, (portal, api) in busy.items():
        yield (
            f"- {database}: the processors, whoever asks included, were busy {portal:.0%} of the time with the portal"
            f" and {api:.0%} with the API. Where that is most of it, times are of waiting for a processor."
        )
