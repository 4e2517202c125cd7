"""Workbooks rendered in slices, by processes of their own where there are many: workers only render."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from aor.engine import slices
from aor.workbooks.aor_report import AorReport, render

FEW = 150  # the processes cost about as long to start as so many workbooks to render (1 s at 7 ms each)


def render_all(of_slices: Iterable[tuple[AorReport, ...]], *, count: int) -> Iterator[list[bytes]]:
    """The workbooks of each slice, in order; `count` says how many reports there are in all."""
    workers = 1 if count <= FEW else os.cpu_count() or 1
    return slices.run(render_slice, of_slices, workers=workers)


def render_slice(reports: tuple[AorReport, ...]) -> list[bytes]:
    return [render(report) for report in reports]
