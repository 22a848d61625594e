"""Statistical process control: which months of a count are unlike its own past.

XmR charts (Shewhart's, for single values) as NHS England's "Making Data Count" draws them: an average, limits at 2.66 times the mean
moving range on either side of it, and four rules for points that ordinary variation would seldom give. 2.66 is 3 / 1.128, where
1.128 turns the mean range of two normal values into their standard deviation; 3.267 is the upper limit of such ranges.

The rules take the values as independent of each other. Episodes come in bursts, by few children, so that among thirty units a rule
marks some in every quarter in which nothing has changed. A mark is a reason to ask. What a finding tells needs more: see `is_clear`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby, pairwise

import polars as pl

FEWEST_POINTS = 12
"""Fewer points than this give no limits."""

FEWEST_EPISODES = 5
"""Nor do fewer episodes than this in all of them: among that few, every one would stand out."""

SMALLEST_MONTHLY_MEAN = 5
"""Below this mean a month, points are quarters."""

_IN_A_ROW = 7
_LIMIT = 2.66
_LARGEST_RANGE = 3.267

_SCHEMA = {
    "month": pl.Date,
    "value": pl.Int64,
    "mean": pl.Float64,
    "lower_limit": pl.Float64,
    "upper_limit": pl.Float64,
    "cause": pl.String,
    "months_spanned": pl.Int64,
}

_CAUSES = {
    "usual": "usual variation",
    "outside_high": "above the upper limit",
    "outside_low": "below the lower limit",
    "run_high": "one of seven or more in a row above average",
    "run_low": "one of seven or more in a row below average",
    "trend_up": "one of seven or more in a row, each higher than the one before",
    "trend_down": "one of seven or more in a row, each lower than the one before",
    "near_high": "one of two in three close to the upper limit or above it",
    "near_low": "one of two in three close to the lower limit or below it",
}

# How each rule is said of a stretch of points that it marks.
_RULES = {
    "outside_high": "{points} above the upper limit",
    "outside_low": "{points} below the lower limit",
    "run_high": "{row} in a row above average",
    "run_low": "{row} in a row below average",
    "trend_up": "{row} in a row, each higher",
    "trend_down": "{row} in a row, each lower",
    "near_high": "{points} close to the upper limit",
    "near_low": "{points} close to the lower limit",
}

_DIRECTIONS = {
    "outside_high": "higher than usual",
    "run_high": "higher than usual",
    "near_high": "higher than usual",
    "outside_low": "lower than usual",
    "run_low": "lower than usual",
    "near_low": "lower than usual",
    "trend_up": "rising",
    "trend_down": "falling",
}


def control_limits(values: Sequence[int], months: Sequence[date], rebases: Iterable[date] = ()) -> pl.DataFrame:
    """The points of a control chart with their limits and causes.

    `values` are counts for `months`, each the first day of a month and each following on the one before. Where their mean is under
    SMALLEST_MONTHLY_MEAN the points are the whole calendar quarters among them, if there is one. `rebases` are dates of events that
    start limits anew with the point that they fall in; each stretch between them is judged on its own.

    Moving ranges over 3.267 times their mean are left out once, unless those that stay are all zero: limits without width would
    mark every point. A lower limit is not below 0. A stretch of fewer than FEWEST_POINTS points, or of fewer than FEWEST_EPISODES
    episodes, has no limits.

    Gives month (the first of the point's), value, mean, lower_limit, upper_limit, cause and months_spanned (1 or 3). `cause` is
    usual; outside_high or outside_low (beyond a limit); run_high or run_low (of 7 or more in a row on one side of the mean); trend_up
    or trend_down (of 7 or more in a row, each above or below the one before); near_high or near_low (of 2 or 3 in three in a row
    that lie beyond two thirds of the way from mean to limit, on one side). Where several hold, it is the first of them in this
    order. Mean, limits and cause are null where there are no limits.
    """
    span = 1
    if sum(values) < SMALLEST_MONTHLY_MEAN * len(values):
        quarters = _whole_quarters(values, months)
        if quarters:
            months, values, span = list(quarters), list(quarters.values()), 3
    rows: list[tuple[object, ...]] = []
    for start, end in pairwise(_stretches(months, span, rebases)):
        stretch = values[start:end]
        rows += ((month, value, *judged, span) for month, value, judged in zip(months[start:end], stretch, _judged(stretch), strict=True))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def cause_words(cause: str | None) -> str:
    """The rule that a point meets, in words."""
    return "too few months or episodes for limits" if cause is None else _CAUSES[cause]


_OPPOSITES = {"higher than usual": "lower than usual", "lower than usual": "higher than usual", "rising": "falling", "falling": "rising"}

ONE_SERIES, ONE_OF_MANY = 2, 3
"""How many times what the rules ask a change has to show before a finding tells of it: of a series looked at by itself, and of one
that stands out among many. So that fewer than 1 in 20 quarters without a change have such a finding: `benchmarks/false_alarms.py`."""


@dataclass(frozen=True)
class Change:
    """A stretch of points in a row that rules mark in one direction.

    `direction` is "higher than usual", "lower than usual", "rising" or "falling"; `first` and `last` are the first of its first
    and last month; `lasts` says that it goes on to the end of the series. `rules` say in words what marks its points ("3 above the
    upper limit"), `times` how many times what the rules ask they show. `after` is the stretch in the opposite direction that it
    follows at once, if any.
    """

    direction: str
    first: date
    last: date
    lasts: bool
    rules: tuple[str, ...] = ()
    times: float = 1.0
    after: Change | None = None

    def is_clear(self, times: float) -> bool:
        """Whether it, or the stretch that it follows at once, shows so many times what the rules ask."""
        return self.times >= times or (self.after is not None and self.after.times >= times)

    @property
    def rule(self) -> str:
        """The rules in one phrase."""
        return " and ".join(self.rules)

    @property
    def words(self) -> str:
        """ "higher than usual since December 2025", "rising from March to September 2025", "lower than usual in May 2025", "lower than
        usual since April 2026, after being higher from January to March 2026"."""
        return self._said(f"being {self.after.bare} {self.after.when}" if self.after else "")

    @property
    def short_words(self) -> str:
        """The same in fewer words: of what went before, no year that has just been said."""
        if self.after is None:
            return self.words
        return self._said(f"being {self.after.bare} {self.after.when.removeprefix('from ').removesuffix(f' {self.first:%Y}')}")

    @property
    def latest_words(self) -> str:
        """The latest stretch alone."""
        return self._said("")

    def _said(self, before: str) -> str:
        return f"{self.direction} {self.when}" + (f", after {before}" if before else "")

    @property
    def bare(self) -> str:
        """The direction without what it is measured by: "higher", "rising"."""
        return self.direction.removesuffix(" than usual")

    @property
    def when(self) -> str:
        """ "since December 2025", "from March to September 2025", "in May 2025"."""
        if self.first == self.last:
            return f"in {self.first:%B %Y}"
        if self.lasts:
            return f"since {self.first:%B %Y}"
        first = f"{self.first:%B}" if self.first.year == self.last.year else f"{self.first:%B %Y}"
        return f"from {first} to {self.last:%B %Y}"

    @property
    def verb(self) -> str:
        """What joins a plural subject to the words: "have been" for what goes on, else "were"."""
        return "have been" if self.lasts and self.first != self.last else "were"


def latest_change(series: pl.DataFrame, since: date) -> Change | None:
    """The latest stretch of special causes in what `control_limits` gives that reaches `since` or later; None where nothing is marked.
    One that begins then and follows at once on a stretch in the opposite direction has it as its `after`.

    A month far out draws the average towards it, and quiet months around it then seem low. So a stretch counts only if a rule still
    marks it in its direction when points beyond the limits are left out of the average; and one that is then no more than near a
    limit counts only where there is no other.

    `most_of_one_child`, where the series has it, is the most episodes that one child had in a point. The largest of them is taken off
    how far each point lies from the average before `times` is reckoned: no change is clear that one child could make.
    """
    strong: list[Change] = []
    weak: list[Change] = []
    by_one = int(series["most_of_one_child"].max() or 0) if "most_of_one_child" in series.columns else 0  # type: ignore[arg-type]
    for _, points in groupby(series.drop_nulls("mean").iter_rows(named=True), lambda point: (point["mean"], point["upper_limit"])):
        segment = list(points)
        sides = _lengths_in_a_row(_beyond([point["value"] for point in segment], segment[0]["mean"], 0))
        judged = [
            {**point, "in_a_row": length, "cause_without_outliers": cause}
            for point, length, cause in zip(segment, sides, _without_outliers(segment), strict=True)
        ]
        before: Change | None = None
        for direction, group in groupby(judged, lambda point: _DIRECTIONS.get(point["cause"])):
            stretch = list(group)
            causes = [p["cause_without_outliers"] for p in stretch if _DIRECTIONS.get(p["cause_without_outliers"]) == direction]
            if direction is None or not causes:
                before = None
                continue
            change = _change(stretch, direction, by_one, series["month"][-1])
            if change.last >= since.replace(day=1):
                # A turn that lies before is not told again for as long as what came of it lasts.
                follows = before is not None and before.direction == _OPPOSITES[direction] and change.first >= since.replace(day=1)
                (weak if all(cause.startswith("near") for cause in causes) else strong).append(
                    replace(change, after=before) if follows else change
                )
            before = change
    return max(strong or weak, key=lambda change: change.last, default=None)


def _change(stretch: list[dict], direction: str, by_one: int, last_of_series: date) -> Change:
    """A stretch of points with the rules that mark them in words, and how many times what the rules ask they show."""
    first, last = stretch[0], stretch[-1]
    is_trend = direction in ("rising", "falling")
    in_a_row = len(stretch) if is_trend else max(point["in_a_row"] for point in stretch)
    width = first["upper_limit"] - first["mean"]
    farthest = max(abs(point["value"] - point["mean"]) for point in stretch) - by_one
    counts = Counter(point["cause"] for point in stretch)
    return Change(
        direction=direction,
        first=first["month"],
        last=_month_after(last["month"], last["months_spanned"] - 1),
        lasts=last["month"] == last_of_series,
        rules=tuple(_RULES[cause].format(points=count, row=in_a_row) for cause, count in counts.most_common()),
        times=max(farthest / width if width else 0.0, in_a_row / _IN_A_ROW),
    )


def _lengths_in_a_row(signs: Sequence[int]) -> list[int]:
    """For each of the signs how many alike stand in a row with it; 0 for a 0."""
    lengths: list[int] = []
    for sign, group in groupby(signs):
        length = len(list(group))
        lengths += [length if sign else 0] * length
    return lengths


def _without_outliers(segment: list[dict]) -> list[str]:
    """The causes that points which share limits have by the average of those that are not beyond them."""
    values = [point["value"] for point in segment]
    mean, lower, upper = (segment[0][name] for name in ("mean", "lower_limit", "upper_limit"))
    inside = [value for value in values if lower <= value <= upper]
    return _causes(values, sum(inside) / len(inside) if inside else mean, upper - mean)


def _month_after(month: date, count: int) -> date:
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def _whole_quarters(values: Sequence[int], months: Sequence[date]) -> dict[date, int]:
    quarters: dict[date, list[int]] = {}
    for month, value in zip(months, values, strict=True):
        quarters.setdefault(date(month.year, (month.month - 1) // 3 * 3 + 1, 1), []).append(value)
    return {quarter: sum(counts) for quarter, counts in quarters.items() if len(counts) == 3}


def _stretches(months: Sequence[date], span: int, rebases: Iterable[date]) -> list[int]:
    """Where limits start anew: indices of points, the first and the one after the last among them."""
    starts = {0, len(months)}
    for rebase in rebases:
        starts |= {index for index, month in enumerate(months) if month <= rebase <= _month_after(month, span) - timedelta(1)}
    return sorted(starts)


def _judged(values: Sequence[int]) -> list[tuple[float | None, float | None, float | None, str | None]]:
    """Mean, lower limit, upper limit and cause of each point of one stretch."""
    if len(values) < FEWEST_POINTS or sum(values) < FEWEST_EPISODES:
        return [(None, None, None, None)] * len(values)
    mean = sum(values) / len(values)
    ranges = [abs(after - before) for before, after in pairwise(values)]
    mean_range = sum(ranges) / len(ranges)
    kept = [moving for moving in ranges if moving <= _LARGEST_RANGE * mean_range]
    width = _LIMIT * (sum(kept) / len(kept) or mean_range)
    limits = mean, max(mean - width, 0.0), mean + width
    return [(*limits, cause) for cause in _causes(values, mean, width)]


def _causes(values: Sequence[int], mean: float, width: float) -> list[str]:
    """The cause of each point. Below, 1 stands for high or up, -1 for low or down, 0 for neither."""
    steps = _in_a_row([(after > before) - (after < before) for before, after in pairwise(values)], _IN_A_ROW - 1)
    rules = (
        ("outside_high", "outside_low", _beyond(values, mean, width)),
        ("run_high", "run_low", _in_a_row(_beyond(values, mean, 0), _IN_A_ROW)),
        # A step belongs to the points at both its ends.
        ("trend_up", "trend_down", [before or after for before, after in pairwise([0, *steps, 0])]),
        ("near_high", "near_low", _two_in_three(_beyond(values, mean, width * 2 / 3))),
    )
    return [
        next((high if signs[index] > 0 else low for high, low, signs in rules if signs[index]), "usual") for index in range(len(values))
    ]


def _beyond(values: Sequence[int], mean: float, distance: float) -> list[int]:
    return [(value > mean + distance) - (value < mean - distance) for value in values]


def _in_a_row(signs: Sequence[int], fewest: int) -> list[int]:
    """The signs that stand in a row of `fewest` or more alike; 0 for the others."""
    return [sign if length >= fewest else 0 for sign, length in zip(signs, _lengths_in_a_row(signs), strict=True)]


def _two_in_three(signs: Sequence[int]) -> list[int]:
    """The signs of which two or more, alike, stand in three in a row; 0 for the others."""
    kept = [0] * len(signs)
    for start in range(len(signs) - 2):
        window = range(start, start + 3)
        for sign in (1, -1):
            alike = [index for index in window if signs[index] == sign]
            if len(alike) >= 2:
                for index in alike:
                    kept[index] = sign
    return kept
