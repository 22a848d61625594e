"""Shares with their limits, and shares held against each other.

What one child does over and over is alike. Taken each by itself, episodes in which nothing differs set one unit apart from the others in
two quarters of three (`benchmarks/false_alarms.py`). So shares are told apart as if each child had gone once.
"""

from __future__ import annotations

from math import hypot

import polars as pl

from dashboard.statistics.intervals import wilson_interval

# One of many units is told apart only beyond the outer limit of a funnel plot: at 95% one of twenty would be by accident.
_OF_MANY = 0.998
# Two periods are told apart at 99%: at 95%, 1 in 20 quarters would by accident.
_OF_TWO = 0.99


def difference_interval(hits: float, tries: float, other_hits: float, other_tries: float, level: float = 0.95) -> tuple[float, float]:
    """Lower and upper limit for the first share less the second (Newcombe 1998, method 10: from both Wilson intervals).

    Two shares are told apart where 0 is outside. ZeroDivisionError where either has no try.
    """
    share, other = hits / tries, other_hits / other_tries
    lower, upper = wilson_interval(hits, tries, level)
    other_lower, other_upper = wilson_interval(other_hits, other_tries, level)
    difference = share - other
    return difference - hypot(share - lower, other_upper - other), difference + hypot(upper - share, other - other_lower)


def told_apart(one: tuple[int, int, int], other: tuple[int, int, int], level: float = _OF_TWO) -> str:
    """ "higher" or "lower" where the first share can be told from the second, else "no clear difference".

    Each is hits, tries and the different children who had these tries; each child counts as one try.
    """
    lower, upper = difference_interval(*_each_child_once(*one), *_each_child_once(*other), level)
    return "higher" if lower > 0 else "lower" if upper < 0 else "no clear difference"


def _each_child_once(hits: int, tries: int, children: int) -> tuple[float, float]:
    once = min(children, tries)
    return hits / tries * once, once


def with_limits(frame: pl.DataFrame, share: str, hits: str, tries: pl.Expr) -> pl.DataFrame:
    """The frame with `lower` and `upper`, the 95% Wilson limits of `hits` out of `tries`; null where `share` is."""
    counts = frame.select(pl.col(share), pl.col(hits), tries.alias("tries"))
    limits = [(None, None) if value is None else wilson_interval(hit, of) for value, hit, of in counts.iter_rows()]
    return frame.with_columns(
        pl.Series("lower", [lower for lower, _ in limits], pl.Float64),
        pl.Series("upper", [upper for _, upper in limits], pl.Float64),
    )


def with_comparison(frame: pl.DataFrame, share: str, hits: str, tries: pl.Expr) -> pl.DataFrame:
    """The frame with `compared`: how each row's share stands to that of all other rows together, told by its `children`.

    "higher" or "lower" where the 99.8% interval of the difference leaves out 0, else "no clear difference"; null where `share` is,
    or where the other rows have no try.
    """
    counts = frame.select(pl.col(share), hits=pl.col(hits), tries=tries, children=pl.col("children"))
    all_hits, all_tries, all_children = counts.select(pl.col("hits", "tries", "children").sum()).row(0)
    compared = [
        None
        if value is None or of == all_tries
        else told_apart((hit, of, children), (all_hits - hit, all_tries - of, all_children - children), _OF_MANY)
        for value, hit, of, children in counts.iter_rows()
    ]
    return frame.with_columns(pl.Series("compared", compared, pl.String))
