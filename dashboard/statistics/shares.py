"""Shares with their limits, and shares held against each other."""

from __future__ import annotations

from math import hypot

import polars as pl

from dashboard.statistics.intervals import wilson_interval

# One of many units is told apart only beyond the outer limit of a funnel plot: at 95% one of twenty would be by accident.
_OF_MANY = 0.998
# Two periods are told apart at 99%: at 95%, 1 in 20 quarters would by accident, and more where a child has many episodes.
_OF_TWO = 0.99


def difference_interval(hits: int, tries: int, other_hits: int, other_tries: int, level: float = 0.95) -> tuple[float, float]:
    """Lower and upper limit for the first share less the second (Newcombe 1998, method 10: from both Wilson intervals).

    Two shares are told apart where 0 is outside. ZeroDivisionError where either has no try.
    """
    share, other = hits / tries, other_hits / other_tries
    lower, upper = wilson_interval(hits, tries, level)
    other_lower, other_upper = wilson_interval(other_hits, other_tries, level)
    difference = share - other
    return difference - hypot(share - lower, other_upper - other), difference + hypot(upper - share, other - other_lower)


def told_apart(hits: int, tries: int, other_hits: int, other_tries: int, level: float = _OF_TWO) -> str:
    """ "higher" or "lower" where the first share can be told from the second, else "no clear difference"."""
    lower, upper = difference_interval(hits, tries, other_hits, other_tries, level)
    return "higher" if lower > 0 else "lower" if upper < 0 else "no clear difference"


def with_limits(frame: pl.DataFrame, share: str, hits: str, tries: pl.Expr) -> pl.DataFrame:
    """The frame with `lower` and `upper`, the 95% Wilson limits of `hits` out of `tries`; null where `share` is."""
    counts = frame.select(pl.col(share), pl.col(hits), tries.alias("tries"))
    limits = [(None, None) if value is None else wilson_interval(hit, of) for value, hit, of in counts.iter_rows()]
    return frame.with_columns(
        pl.Series("lower", [lower for lower, _ in limits], pl.Float64),
        pl.Series("upper", [upper for _, upper in limits], pl.Float64),
    )


def with_comparison(frame: pl.DataFrame, share: str, hits: str, tries: pl.Expr) -> pl.DataFrame:
    """The frame with `compared`: how each row's share stands to that of all other rows together.

    "higher" or "lower" where the 99.8% interval of the difference leaves out 0, else "no clear difference"; null where `share` is,
    or where the other rows have no try.
    """
    counts = frame.select(pl.col(share), pl.col(hits), tries.alias("tries"))
    all_hits, all_tries = counts[hits].sum(), counts["tries"].sum()
    compared = [
        None if value is None or of == all_tries else told_apart(hit, of, all_hits - hit, all_tries - of, _OF_MANY)
        for value, hit, of in counts.iter_rows()
    ]
    return frame.with_columns(pl.Series("compared", compared, pl.String))
