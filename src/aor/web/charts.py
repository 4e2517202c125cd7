"""Where the bars and lines of a chart lie: pure geometry, drawn by a template, without a script."""

from __future__ import annotations

import math
from dataclasses import dataclass

from aor.web.components import Chart, Words

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 72, 12, 16, 40
ROW, THICK, LONGEST = 64, 20, 520  # of a lying bar: its name above it, its number after it


@dataclass(frozen=True, slots=True)
class Mark:
    """A value's place: a bar from (x, y), its middle, and whether its label has room: anywhere, and on a phone."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: Words
    value: float
    labelled: bool
    minor: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid, at a round value."""

    y: float
    value: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn, in units of the view box."""

    marks: list[Mark]
    grid: list[Line]
    path: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


def step_of(highest: float) -> float:
    """A round step, 1, 2 or 5 times a power of ten, of which about four reach the highest value."""
    rough = highest / 4
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)


def drawing(chart: Chart) -> Drawing:
    """The chart's marks, grid and line; values are zero or more."""
    values = [point.value for point in chart.points]
    if any(value < 0 for value in values):
        raise ValueError("a chart's values are zero or more")
    return _lying(chart) if chart.kind == "rows" else _standing(chart, values)


def _lying(chart: Chart) -> Drawing:
    """A bar for each name, one below another: every name has room, on a phone too."""
    highest = max([point.value for point in chart.points if point.value], default=1)
    marks = [
        Mark(
            x=0,
            y=ROW * index + 34,
            width=round(point.value / highest * LONGEST, 1),
            height=THICK,
            middle=round(point.value / highest * LONGEST, 1),
            label=point.label,
            value=point.value,
            labelled=True,
            minor=False,
        )
        for index, point in enumerate(chart.points)
    ]
    return Drawing(marks, [], "", height=ROW * len(marks), left=0, floor=ROW * len(marks))


def _standing(chart: Chart, values: list[float]) -> Drawing:
    """Bars or a line over a sequence, as of months; of many, some have a label."""
    step = step_of(max([*values, 1]))
    top = step * math.ceil(max([*values, 1]) / step)
    room, floor = WIDTH - LEFT - RIGHT, HEIGHT - BOTTOM
    slot = room / max(len(values), 1)
    every = math.ceil(len(values) / 12) or 1

    def height(value: float) -> float:
        return round(value / top * (floor - TOP), 1)

    marks = [
        Mark(
            x=round(LEFT + slot * (index + 0.15), 1),
            y=floor - height(point.value),
            width=round(slot * 0.7, 1),
            height=height(point.value),
            middle=round(LEFT + slot * (index + 0.5), 1),
            label=point.label,
            value=point.value,
            labelled=index % every == 0,
            minor=index % (3 * every) != 0,
        )
        for index, point in enumerate(chart.points)
    ]
    lines = [Line(floor - height(step * count), step * count) for count in range(round(top / step) + 1)]
    return Drawing(marks, lines, " ".join(f"{mark.middle},{mark.y}" for mark in marks))
