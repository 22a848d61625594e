"""Shares of episodes where one child's episodes are alike: what is many may be the doing of few."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, pi, sin, sqrt
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from dashboard.statistics.intervals import wilson_interval

FEWEST_COMPARED = 5
"""Fewer units than this have no limits: one of them would set the average that it is judged by."""

_LIMITS = {"lower_95": pl.Float64, "upper_95": pl.Float64, "lower_998": pl.Float64, "upper_998": pl.Float64, "outside": pl.String}


@dataclass(frozen=True)
class TwoShares:
    """Two shares of the episodes of the same children, with limits for each and for their difference.

    `hits`, `tries`, `share` and `limits` are pairs: the first group's and the second's. `share` and `limits` are None for a group of no
    try. `difference` are the limits of the first share less the second; None where either has no try.
    """

    hits: tuple[int, int]
    tries: tuple[int, int]
    children: tuple[int, int]
    share: tuple[float | None, float | None]
    limits: tuple[tuple[float, float] | None, tuple[float, float] | None]
    difference: tuple[float, float] | None

    @property
    def told_apart(self) -> str:
        """ "higher" or "lower" where the first share can be told from the second, else "no clear difference"."""
        if self.difference is None or self.difference[0] <= 0 <= self.difference[1]:
            return "no clear difference"
        return "higher" if self.difference[0] > 0 else "lower"


def two_shares(
    first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike], children: ArrayLike, level: float = 0.95, told_at: float = 0.99
) -> TwoShares:
    """Two shares held against each other, each child's episodes taken together.

    `first` and `second` are hits and tries of each kind of child, and `children` how many there are of the kind. Variances are those of
    ratios of sums over children (Cochran, Sampling Techniques, 1977, section 6.4, without a finite population), so that
    what one child does over and over counts once. A group's limits are Wilson's at `level` for as many tries as would have that
    variance if each were by itself; the difference has normal limits at `told_at`: two are told apart where 0 is outside.
    """
    weight = np.asarray(children, dtype=float)
    groups = [(np.asarray(hits, dtype=float), np.asarray(tries, dtype=float)) for hits, tries in (first, second)]
    hits = [float((weight * h).sum()) for h, _ in groups]
    tries = [float((weight * t).sum()) for _, t in groups]
    shares = [h / t if t else None for h, t in zip(hits, tries, strict=True)]
    counted = [int(weight[t > 0].sum()) for _, t in groups]
    off = [None if share is None else (h - share * t) / total for (h, t), share, total in zip(groups, shares, tries, strict=True)]
    difference = None
    if off[0] is not None and off[1] is not None and shares[0] is not None and shares[1] is not None:
        reach = float(ndtri((1 + told_at) / 2)) * sqrt(_of_sample(weight, off[0] - off[1]))
        difference = (shares[0] - shares[1] - reach, shares[0] - shares[1] + reach)
    limits = [
        None if share is None or by_child is None else _limits(share, total, _of_sample(weight, by_child), of, level)
        for share, by_child, total, of in zip(shares, off, tries, counted, strict=True)
    ]
    return TwoShares(
        hits=(round(hits[0]), round(hits[1])),
        tries=(round(tries[0]), round(tries[1])),
        children=(counted[0], counted[1]),
        share=(shares[0], shares[1]),
        limits=(limits[0], limits[1]),
        difference=difference,
    )


def _of_sample(weight: NDArray[Any], off: NDArray[Any]) -> float:
    """The variance of a sum over children, from how far each lies off."""
    children = float(weight.sum())
    return float((weight * off**2).sum()) * children / max(children - 1, 1)


def _limits(share: float, tries: float, variance: float, children: int, level: float) -> tuple[float, float]:
    # Where every child's share is the same the sample says nothing of how they differ: each child counts as one try.
    effective = min(share * (1 - share) / variance, tries) if variance > 0 else min(children, tries)
    return wilson_interval(share * effective, effective, level)


def design_effect(units: pl.DataFrame) -> float:
    """How much wider shares of episodes scatter within units than if each episode were by itself; not below 1.

    `units`: children, `spread` (the sum over a unit's children of the squares of how far a child's hits lie from what the unit's share
    makes of its episodes) and `chance` (what that would come to by the binomial distribution, the sum of p × (1 − p) over episodes).
    It is the sum of spread × children ÷ (children − 1) over the sum of chance. Units of one child say nothing of it.
    """
    many = units.filter(pl.col("children") > 1)
    by_child, by_episode = many.select(
        (pl.col("spread") * pl.col("children") / (pl.col("children") - 1)).sum(), pl.col("chance").sum()
    ).row(0)
    return max(1.0, by_child / by_episode) if by_episode > 1e-9 else 1.0


def funnel_limits(episodes: float, share: float, effect: float, level: float) -> tuple[float, float]:
    """Lower and upper limit of the share of so many episodes, where the share of all is `share` and each counts for 1 ÷ `effect`.

    On the scale of arcsin √share, on which the variance does not depend on the share (Spiegelhalter, "Funnel plots for comparing
    institutional performance", Statistics in Medicine 24 (2005), 1185–1202, appendix A.2).
    """
    middle = asin(sqrt(share))
    reach = float(ndtri((1 + level) / 2)) * sqrt(effect / episodes) / 2
    return sin(max(middle - reach, 0.0)) ** 2, sin(min(middle + reach, pi / 2)) ** 2


def with_funnel(units: pl.DataFrame, share: float, effect: float) -> pl.DataFrame:
    """The units with lower_95, upper_95, lower_998, upper_998 and outside (usual, high or low: beyond the 99.8% limits).

    `units`: episodes and share. Those without a share get none, and so do all where fewer than FEWEST_COMPARED have one.
    """
    is_compared = units["share"].count() >= FEWEST_COMPARED
    rows = [
        _judged(value, episodes, share, effect) if is_compared and value is not None else dict.fromkeys(_LIMITS)
        for value, episodes in units.select("share", "episodes").iter_rows()
    ]
    return units.hstack(pl.DataFrame(rows, schema=_LIMITS))


def _judged(value: float, episodes: int, share: float, effect: float) -> dict[str, float | str]:
    (lower_95, upper_95), (lower, upper) = (funnel_limits(episodes, share, effect, level) for level in (0.95, 0.998))
    outside = "high" if value > upper else "low" if value < lower else "usual"
    return {"lower_95": lower_95, "upper_95": upper_95, "lower_998": lower, "upper_998": upper, "outside": outside}
