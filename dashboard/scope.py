"""Scope: which episodes a page or figure speaks of. Period × category × units × whose children.

A scope says itself in words and in a link, and gives the parameters that every question is bound with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal
from urllib.parse import quote, unquote

from dashboard.errors import Refusal

Category = Literal["missing", "away", "both"]
Whose = Literal["ours", "here"]

CATEGORY_WORDS: dict[Category, str] = {
    "both": "missing and away episodes",
    "missing": "missing episodes",
    "away": "away episodes",
}
WHOSE_WORDS: dict[Whose, str] = {"ours": "our children wherever placed", "here": "every child placed in our area"}


def month_after(month: date, count: int) -> date:
    """The first of the month `count` months after that of `month`; before, where `count` is negative."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True, order=True)
class Period:
    """Whole months, from `first_month` to `last_month`, both included and both the first of their month."""

    first_month: date
    last_month: date

    def __post_init__(self) -> None:
        if self.last_month < self.first_month:
            raise Refusal("The period ends before it begins.")
        # Beyond these years, the period before or a year earlier may be in no calendar.
        if not (self.first_month.year - self.months // 12 >= 1900 and self.last_month.year <= 2100):
            raise Refusal("The period is not between 1900 and 2100.")

    @classmethod
    def parse(cls, name: str) -> Period:
        """The period of a name: `2025-26`, `2025-Q3`, `2025-07` or `2025-07-01..2026-06-30`.

        Raises:
            Refusal: the name is none of these.
        """
        try:
            if match := re.fullmatch(r"(\d{4})-Q([1-4])", name):
                first = date(int(match[1]), int(match[2]) * 3 - 2, 1)
                return cls(first, month_after(first, 2))
            if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})\.\.(\d{4})-(\d{2})-(\d{2})", name):
                parts = [int(part) for part in match.groups()]
                first, last = date(*parts[:3]), date(*parts[3:])
                period = cls(first.replace(day=1), last.replace(day=1))
                if (period.first_day, period.last_day) == (first, last):
                    return period
                raise Refusal(f"The period {name} is not of whole months.")
            if match := re.fullmatch(r"(\d{4})-(\d{2})", name):
                year, second = int(match[1]), int(match[2])
                # 2011-12 can be read as a month and as a financial year; 12 months only ever follow year 11, so the month is
                # given way to only where it cannot be one.
                if second == (year + 1) % 100 and not 1 <= second <= 12:
                    return cls(date(year, 4, 1), date(year + 1, 3, 1))
                return cls(date(year, second, 1), date(year, second, 1))
        except ValueError as error:
            raise Refusal(f"There is no period {name!r}.") from error
        raise Refusal(f"There is no period {name!r}.", "Write 2025-26, 2025-Q3, 2025-07 or 2025-07-01..2026-06-30.")

    @classmethod
    def ending(cls, last_month: date, months: int) -> Period:
        """The `months` months up to and with `last_month`."""
        return cls(month_after(last_month, 1 - months), last_month)

    @property
    def first_day(self) -> date:
        return self.first_month

    @property
    def last_day(self) -> date:
        return month_after(self.last_month, 1) - timedelta(1)

    @property
    def months(self) -> int:
        """How many months it has."""
        return (self.last_month.year - self.first_month.year) * 12 + self.last_month.month - self.first_month.month + 1

    @property
    def name(self) -> str:
        """The name that `parse` reads, and that stands in a link."""
        first = self.first_month
        if self.months == 1:
            return f"{first:%Y-%m}"
        if self.months == 3 and first.month % 3 == 1:
            return f"{first.year}-Q{(first.month + 2) // 3}"
        if self.months == 12 and first.month == 4 and not 1 <= (first.year + 1) % 100 <= 12:
            return f"{first.year}-{(first.year + 1) % 100:02d}"
        return f"{self.first_day}..{self.last_day}"

    @property
    def words(self) -> str:
        """ "July 2025 to June 2026", "July 2025"."""
        if self.months == 1:
            return f"{self.first_month:%B %Y}"
        return f"{self.first_month:%B %Y} to {self.last_month:%B %Y}"

    @property
    def previous(self) -> Period:
        """The period of the same length just before."""
        return Period(month_after(self.first_month, -self.months), month_after(self.first_month, -1))

    @property
    def year_before(self) -> Period:
        """The same period a year earlier."""
        return Period(month_after(self.first_month, -12), month_after(self.last_month, -12))


@dataclass(frozen=True)
class Scope:
    """Period × category × units × whose children. `units` is None for all, else unit ids in order."""

    period: Period
    category: Category = "both"
    units: tuple[str, ...] | None = None
    whose: Whose = "ours"

    @classmethod
    def parse(cls, said: Mapping[str, str], default: Scope, unit_ids: set[str] | frozenset[str]) -> Scope:
        """The scope that a link or a command line says; `default` where it is silent.

        `said` may have `period`, `category`, `units` (ids with commas between) and `whose`; other keys are not ours to read.

        Raises:
            Refusal: one of them has a value that means nothing, or a unit that the export does not know.
        """
        scope = default
        if period := said.get("period"):
            scope = replace(scope, period=Period.parse(period))
        if category := said.get("category"):
            if category not in CATEGORY_WORDS:
                raise Refusal(f"There is no category {category!r}.", "It is missing, away or both.")
            scope = replace(scope, category=category)
        if units := said.get("units"):
            ids = tuple(sorted({unquote(unit) for unit in units.split(",") if unit}))
            if unknown := [unit for unit in ids if unit not in unit_ids]:
                raise Refusal(f"This export has no unit {', '.join(unknown)}.")
            scope = replace(scope, units=ids or None)
        if whose := said.get("whose"):
            if whose not in WHOSE_WORDS:
                raise Refusal(f"Whose children cannot be {whose!r}.", "It is ours or here.")
            scope = replace(scope, whose=whose)
        return scope

    @property
    def link(self) -> dict[str, str]:
        """What stands behind the `?` of a link to this scope. It holds no child's id: a scope has none."""
        said = {"period": self.period.name, "category": self.category, "whose": self.whose}
        return said | ({"units": ",".join(quote(unit, safe=" ") for unit in self.units)} if self.units else {})

    @property
    def parameters(self) -> dict[str, Any]:
        """What a question is bound with: `period_from`, `period_to` and the same of the two comparison periods (dates, both
        included), `category` (None for both), `units` (a list, None for all), `whose`."""
        return {
            "period_from": self.period.first_day,
            "period_to": self.period.last_day,
            "previous_from": self.period.previous.first_day,
            "previous_to": self.period.previous.last_day,
            "year_before_from": self.period.year_before.first_day,
            "year_before_to": self.period.year_before.last_day,
            "category": None if self.category == "both" else self.category,
            "units": list(self.units) if self.units else None,
            "whose": self.whose,
        }

    def words(self, unit_names: Mapping[str, str]) -> str:
        """The scope in one phrase: "Missing episodes, July 2025 to June 2026, our children wherever placed, all units"."""
        if self.units is None:
            units = "all units"
        elif len(self.units) <= 3:
            units = " and ".join(unit_names.get(unit, unit) for unit in self.units)
        else:
            units = f"{len(self.units)} units"
        what = CATEGORY_WORDS[self.category]
        return f"{what[0].upper()}{what[1:]}, {self.period.words}, {WHOSE_WORDS[self.whose]}, {units}"


def default_scope(first_day: date, last_day: date) -> Scope:
    """The scope that a page opens with: the latest twelve months that the export covers to their end, or as many as there are."""
    month = last_day.replace(day=1)
    if month_after(month, 1) - timedelta(1) > last_day and month > first_day:
        # A month that is not over would be set against a whole one.
        month = month_after(month, -1)
    earliest = first_day.replace(day=1)
    return Scope(Period(max(month_after(month, -11), min(earliest, month)), month))
