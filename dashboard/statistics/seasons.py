"""Whether some months of the year see more episodes than others, how strong a season is, and light evenings against dark ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import inf, sqrt

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


FEWEST_MONTHS_FOR_STRENGTH = 36
_YEAR = 12
# The windows of the usual decomposition: seven years for each calendar month, and what follows from them for the other two.
_SEASONAL_WINDOW, _LOW_PASS_WINDOW, _TREND_WINDOW = 7, 13, 23
_SHUFFLES = 499


def season_strength(values: Sequence[float], level: float = 0.99) -> tuple[float, float]:
    """How strong the season in a monthly series is, 0 to 1, and how strong one looks where there is none.

    Strength is 1 − variance of the remainder ÷ variance of season and remainder together (Wang, Smith and Hyndman 2006), after a
    decomposition by STL. A decomposition finds a season in noise too: the second number is the strength that `level` of 499 series
    stay under which have the same trend, and what is beside it in random order (the same order each time). The level is
    far out because episodes come in runs over months, which months in random order do not.

    Raises:
        ValueError: there are fewer than 36 months.
    """
    series = np.asarray(values, float)
    if series.size < FEWEST_MONTHS_FOR_STRENGTH:
        raise ValueError(f"{series.size} months are too few to decompose")
    seasonal, trend = decompose(series)
    beside = np.tile((series - trend)[:, None], _SHUFFLES)
    shuffled = trend[:, None] + np.random.default_rng(_SHUFFLES).permuted(beside, axis=0)
    by_accident = _strength(shuffled, *decompose(shuffled))
    return float(_strength(series, seasonal, trend)), float(np.quantile(by_accident, level))


def _strength(series: np.ndarray, seasonal: np.ndarray, trend: np.ndarray) -> np.ndarray:
    together = (series - trend).var(axis=0)
    # A series that does not vary beside its trend, but for rounding, has no season.
    flat = together <= 1e-12 * np.square(series).mean(axis=0)
    return np.where(flat, 0.0, np.maximum(0.0, 1 - (series - trend - seasonal).var(axis=0) / np.where(flat, 1.0, together)))


def decompose(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Season and trend of monthly series, one down each column: STL (Cleveland, Cleveland, McRae and Terpenning 1990), not robust,
    with a seasonal window of 7, five passes, lines as local fits.

    Written out because it is a dozen products of matrices: statsmodels, which has the same numbers, would bring 50 MB and seconds of
    import for it.
    """
    months = len(series)
    trend = np.zeros_like(series)
    low_pass = _smoother(months, _LOW_PASS_WINDOW) @ _moving_average(months + 2, 3)
    low_pass = low_pass @ _moving_average(months + _YEAR + 1, _YEAR) @ _moving_average(months + 2 * _YEAR, _YEAR)
    of_trend = _smoother(months, _TREND_WINDOW)
    for _ in range(5):
        # Each calendar month on its own, and carried on for a year on either side.
        cycles = np.empty((months + 2 * _YEAR, *series.shape[1:]))
        for month in range(_YEAR):
            of_month = (series - trend)[month::_YEAR]
            cycles[month::_YEAR] = _smoother(len(of_month), _SEASONAL_WINDOW, beyond=1) @ of_month
        seasonal = cycles[_YEAR:-_YEAR] - low_pass @ cycles
        trend = of_trend @ (series - seasonal)
    return seasonal, trend


@lru_cache(maxsize=64)  # at most some hundred kilobytes each
def _smoother(points: int, window: int, beyond: int = 0) -> np.ndarray:
    """The matrix of a loess with lines over equally spaced points, `window` of them at a time, tricube weights; `beyond` further
    points on either side are foretold."""
    x = np.arange(points, dtype=float)
    rows = []
    for at in range(-beyond, points + beyond):
        first = min(max(0, at - window // 2), max(0, points - window))
        near = x[first : first + window]
        reach = max(at - near[0], near[-1] - at) + max(0, (window - points) // 2)
        apart = np.abs(near - at)
        weights = np.where(apart <= 0.001 * reach, 1.0, np.where(apart <= 0.999 * reach, (1 - (apart / reach) ** 3) ** 3, 0.0))
        weights /= weights.sum()
        middle = weights @ near
        spread = weights @ (near - middle) ** 2
        if spread > (0.001 * (points - 1)) ** 2:
            weights *= 1 + (at - middle) * (near - middle) / spread
        row = np.zeros(points)
        row[first : first + window] = weights
        rows.append(row)
    return np.array(rows)


def _moving_average(points: int, window: int) -> np.ndarray:
    """The matrix of the means of every `window` neighbours among so many points."""
    means = points - window + 1
    return np.array([[1 / window if 0 <= column - row < window else 0.0 for column in range(points)] for row in range(means)])


def ratio_interval(
    hits: int, others: int, exposure: float, other_exposure: float, unevenness: float, children: int, level: float = 0.95
) -> tuple[float, float]:
    """Lower and upper limit for one rate over another, where some children make many of the events.

    `hits` in `exposure`, `others` in `other_exposure`. Given all events of both, the hits would be binomial if each event fell by
    itself; those of a child come together, so that the variance is multiplied by what the children show (quasi-likelihood):
    `unevenness`, the squares of each child's hits less its part of all, summed over the `children` with an event. Never under the
    binomial one. Wilson's limits for the share of the hits, by Student's t, as a ratio of rates.

    Raises:
        ZeroDivisionError: there is no event, or one of the exposures is 0.
    """
    events = hits + others
    share = hits / events
    by_itself = events * share * (1 - share)
    dispersion = max(1.0, unevenness / by_itself * children / (children - 1)) if by_itself and children > 1 else 1.0
    spread = dispersion * float(stdtrit(max(1, children - 1), 1 - (1 - level) / 2)) ** 2
    middle = share + spread / (2 * events)
    half = sqrt(spread * (share * (1 - share) / events + spread / (4 * events**2)))
    scale = 1 + spread / events
    lower, upper = max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
    times = other_exposure / exposure
    return times * lower / (1 - lower), times * upper / (1 - upper) if upper < 1 else inf
