"""Whether some months of the year see more episodes than others."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import stdtrit

FEWEST_MONTHS = 24
_FEWEST_A_MONTH = 5


def calendar_months(counts: pl.DataFrame, level: float = 0.95) -> pl.DataFrame:
    """Each calendar month set against the average month, level by level.

    `counts` has one row per month: calendar_month (1 to 12), level (a whole number; months of one level are compared with each
    other: a year, cut where recording changed), episodes, exposure (nights, or days). Months without exposure are left out, and
    levels without an episode: they say nothing of one month against another.

    Gives one row per calendar month: calendar_month, ratio (episodes to those expected in an average month), lower, upper; no row
    where there are fewer than 24 months, a calendar month was not seen twice, or the average one has under five episodes: too
    little to know.

    Episodes = exposure × level × calendar month, fitted by maximum likelihood (iterative proportional fitting). The limits are
    score limits, widened by the dispersion that is left (quasi-Poisson, never under 1: some children go often, and together) and
    for twelve months being looked at together (Bonferroni): they hold for all twelve at once.
    """
    nothing = pl.DataFrame(schema={"calendar_month": pl.Int64, "ratio": pl.Float64, "lower": pl.Float64, "upper": pl.Float64})
    counts = counts.filter(pl.col("exposure") > 0, pl.col("episodes").sum().over("level") > 0)
    episodes = counts["episodes"].to_numpy().astype(float)
    exposure = counts["exposure"].to_numpy().astype(float)
    month = counts["calendar_month"].to_numpy() - 1
    if counts.height < FEWEST_MONTHS or np.bincount(month, minlength=12).min() < 2 or episodes.sum() < 12 * _FEWEST_A_MONTH:
        return nothing
    levels, of_level = np.unique(counts["level"].to_numpy(), return_inverse=True)
    freedom = counts.height - len(levels) - 11
    if freedom < 1:
        return nothing

    seen_in_month = np.bincount(month, episodes, minlength=12)
    seen_in_level = np.bincount(of_level, episodes, minlength=len(levels))
    factor = np.ones(12)
    for _ in range(100):
        rate = seen_in_level / np.bincount(of_level, exposure * factor[month], minlength=len(levels))
        factor = seen_in_month / np.bincount(month, exposure * rate[of_level], minlength=12)
    average = exposure * rate[of_level]
    # The average month is the one that would have given as many episodes in all.
    average *= episodes.sum() / average.sum()
    expected = np.bincount(month, average, minlength=12)
    fitted = average * (seen_in_month / expected)[month]
    possible = fitted > 0
    dispersion = max(1.0, float(((episodes - fitted)[possible] ** 2 / fitted[possible]).sum() / freedom))

    spread = dispersion * float(stdtrit(freedom, 1 - (1 - level) / 24)) ** 2
    middle = seen_in_month + spread / 2
    half = np.sqrt(spread * seen_in_month + spread**2 / 4)
    return pl.DataFrame(
        {
            "calendar_month": np.arange(1, 13),
            "ratio": seen_in_month / expected,
            "lower": (middle - half) / expected,
            "upper": (middle + half) / expected,
        }
    )
