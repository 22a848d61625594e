"""Counts held against what chance would give, many at a time."""

from __future__ import annotations

import polars as pl
from scipy.special import gammainc


def more_than_expected(pairs: pl.DataFrame, compared: int, level: float = 0.05) -> pl.DataFrame:
    """The frame with `is_beyond_chance`: whether `shared` is more than a Poisson count of mean `expected` would be.

    `compared` is how many pairs there were to look at, those that are no rows too: a count is beyond chance where the probability of so
    many or more, times `compared`, is under `level` (Bonferroni), so that with nothing but chance at work no row is in 95% of cases.
    Null where `expected` is.
    """
    # The upper tail of a Poisson count from k on is the regularised lower incomplete gamma function of k.
    beyond = [
        None if expected is None else bool(gammainc(shared, expected) * compared < level)
        for shared, expected in pairs.select("shared", "expected").iter_rows()
    ]
    return pairs.with_columns(pl.Series("is_beyond_chance", beyond, pl.Boolean))
