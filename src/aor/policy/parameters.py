"""Every number of the policy: dated, cited, kept as data, passed to the rules as a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from aor.terms.period import Period

Value = int | str | bool | list[str]


@dataclass(frozen=True, slots=True)
class Dated:
    """A value from a day on, with the text it rests on."""

    since: date
    value: Value


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters and the open-enrollment calendar that one decision used.

    `values` maps a name to its values, ascending by day; `open_enrollment` maps a plan year to its period;
    `version` names this content and is stored beside each Decision.
    """

    values: Mapping[str, tuple[Dated, ...]]
    open_enrollment: Mapping[int, Period]
    version: str
    _starts: dict[int, date] = field(default_factory=dict, compare=False, repr=False)

    def on(self, name: str, day: date) -> Value:
        """The value in force on a day; before its first day, the first one: old facts are decided too.

        Raises KeyError when the parameter is unknown.
        """
        values = self.values[name]
        return next((dated.value for dated in reversed(values) if dated.since <= day), values[0].value)

    def number(self, name: str, day: date) -> int:
        value = self.on(name, day)
        assert isinstance(value, int), name
        return value

    def words(self, name: str, day: date) -> list[str]:
        value = self.on(name, day)
        assert isinstance(value, list), name
        return value

    def open_enrollment_start(self, plan_year: int) -> date:
        """Its first day: of the imported calendar, else the parameter (readings, R3)."""
        start = self._starts.get(plan_year)
        if start is None:
            start = self._starts[plan_year] = self._open_enrollment_start(plan_year)
        return start

    def _open_enrollment_start(self, plan_year: int) -> date:
        imported = self.open_enrollment.get(plan_year)
        if imported is not None:
            return imported.start
        month_day = str(self.on("open_enrollment_start", date(plan_year - 1, 1, 1)))
        return date.fromisoformat(f"{plan_year - 1:04d}-{month_day}")
