"""Counts held against what chance would give."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import poisson

from dashboard.statistics.chance import more_than_expected


def _told(shared: list[int], expected: list[float | None], compared: int) -> list[bool | None]:
    pairs = pl.DataFrame({"shared": shared, "expected": expected}, schema={"shared": pl.Int64, "expected": pl.Float64})
    return more_than_expected(pairs, compared)["is_beyond_chance"].to_list()


def test_the_tail_is_that_of_a_poisson_count() -> None:
    """A count is told from chance where so many or more have a probability under 5% shared among all that were looked at."""
    for expected in (0.0, 0.1, 0.5, 3.0):
        for compared in (1, 100, 10_000):
            wanted = [bool(poisson.sf(shared - 1, expected) * compared < 0.05) for shared in range(1, 20)]
            assert _told(list(range(1, 20)), [expected] * 19, compared) == wanted


def test_what_is_not_known_is_not_told() -> None:
    """Without an expectation there is no answer."""
    assert _told([9], [None], 10) == [None]


def test_chance_alone_seldom_tells_anything() -> None:
    """Of 1,000 quarters with 4,950 pairs and nothing but chance, one in twenty at most has a pair that is told."""
    rng = np.random.default_rng(5)
    expected = rng.gamma(0.3, 0.5, 4_950)
    told = 0
    for _ in range(1_000):
        shared = rng.poisson(expected)
        kept = shared >= 2
        told += any(_told(shared[kept].tolist(), expected[kept].tolist(), 4_950))
    assert told <= 50
