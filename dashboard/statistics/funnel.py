"""Funnel limits: how far units may lie from what is expected of them before that says something about the unit.

Spiegelhalter, "Handling over-dispersion of performance indicators", Quality and Safety in Health Care 14 (2005), 347–351, on the
square-root scale for counts. With O episodes where E are expected, √(O/E) has mean 1 and standard deviation s = 1/(2√E) if episodes
come by a Poisson process. They do not, because a few children go often: units scatter more widely, and limits are widened by as much
as the bulk of the units does.

Children who went, out of those placed, are counted once each: nothing of that holds for them, and their limits are those of the
binomial distribution itself (Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24 (2005),
1185–1202).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, bdtrik, ndtri

FEWEST_FOR_TAU = 10
"""From this many units the scatter between them is taken as a variance of its own (τ²); below, as a factor (φ)."""

FEWEST_COMPARED = 5
"""Fewer units of a kind than this are not compared: one of them would set the average and the scatter that it is judged by."""

_WINSORISED = 0.1

_LIMITS = {"lower_95": pl.Float64, "upper_95": pl.Float64, "lower_998": pl.Float64, "upper_998": pl.Float64, "outside": pl.String}
_ADDED = {
    **_LIMITS,
    "phi": pl.Float64,
    "tau2": pl.Float64,
    "outside_without_busiest": pl.String,
}


@dataclass(frozen=True)
class Dispersion:
    """How widely units scatter about what is expected of them.

    `phi` is the mean of their squared z-scores, winsorised: below 1 where chance alone is at work. `tau2` is the variance between
    units of √(O/E) beyond chance; None where there are fewer than FEWEST_FOR_TAU of them.
    """

    phi: float
    tau2: float | None

    def limits(self, expected: ArrayLike, level: float) -> tuple[NDArray[Any], NDArray[Any]]:
        """Lower and upper limit of observed ÷ expected, for each number expected (above 0): `level` of units lie between."""
        variance = 1 / (4 * np.asarray(expected, dtype=float))
        # Limits are only ever widened.
        variance = variance * max(self.phi, 1.0) if self.tau2 is None else variance + self.tau2
        reach = float(ndtri((1 + level) / 2)) * np.sqrt(variance)
        return np.maximum(1 - reach, 0) ** 2, (1 + reach) ** 2


def dispersion(observed: Sequence[float], expected: Sequence[float]) -> Dispersion:
    """How widely units scatter, from observed and expected (above 0) episodes of each; at least one unit.

    The tenth of z-scores at either end is drawn in to the deciles (winsorised), so that the units that limits are to find do not
    widen them. τ² is the method of moments of DerSimonian and Laird, not below 0.
    """
    weights = 4 * np.asarray(expected, dtype=float)
    z_scores = np.sqrt(weights) * (np.sqrt(4 * np.asarray(observed, dtype=float) / weights) - 1)
    z_scores = np.clip(z_scores, *np.quantile(z_scores, [_WINSORISED, 1 - _WINSORISED]))
    phi = float(np.mean(z_scores**2))
    units = len(z_scores)
    if units < FEWEST_FOR_TAU:
        return Dispersion(phi, None)
    total = weights.sum()
    return Dispersion(phi, max(0.0, float((units * phi - (units - 1)) / (total - (weights**2).sum() / total))))


def compared(units: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, Dispersion]]:
    """Units with the limits of their kind, in their order, and how widely the units of each kind scatter.

    `units`: kind, episodes, expected, is_large_enough, episodes_without_busiest, expected_without_busiest. A kind is compared where
    FEWEST_COMPARED of its units or more are large enough, and any episode is expected of them; only these units count for the
    scatter and get limits.

    Adds lower_95, upper_95, lower_998 and upper_998 (limits of episodes ÷ expected), outside (usual, high or low: beyond the 99.8%
    limits), phi, tau2, and outside_without_busiest: the same without the episodes and nights of the unit's busiest child.
    """
    scatter = {}
    for (kind,), of_kind in units.filter(pl.col("is_large_enough") & (pl.col("expected") > 0)).group_by("kind"):
        if of_kind.height >= FEWEST_COMPARED:
            scatter[str(kind)] = dispersion(of_kind["episodes"].to_list(), of_kind["expected"].to_list())
    rows = [
        _judged(unit, scatter[unit["kind"]]) if unit["is_large_enough"] and unit["kind"] in scatter else dict.fromkeys(_ADDED)
        for unit in units.iter_rows(named=True)
    ]
    return units.hstack(pl.DataFrame(rows, schema=_ADDED)), scatter


def reading(has_fewer_children: pl.Expr) -> pl.Expr:
    """What a unit's place in the funnel that `compared` gives is read as: usual, high, low, or single_children where it is outside only
    by what single children do.

    A unit is high that is so without its busiest child too. And where a few children have most of the episodes of a kind, units that have
    none of these lie below the average that they make: a unit is low of which fewer children went, each counted once
    (`compared_shares`).
    """
    is_high, is_low = pl.col("outside") == "high", pl.col("outside") == "low"
    is_by_single = (is_high & pl.col("outside_without_busiest").ne_missing("high")) | (is_low & ~has_fewer_children)
    return pl.when(is_by_single).then(pl.lit("single_children")).otherwise("outside")


def _judged(unit: dict, scatter: Dispersion) -> dict:
    lower_95, upper_95 = scatter.limits(unit["expected"], 0.95)
    lower_998, upper_998 = scatter.limits(unit["expected"], 0.998)
    return {
        "lower_95": float(lower_95),
        "upper_95": float(upper_95),
        "lower_998": float(lower_998),
        "upper_998": float(upper_998),
        "outside": _outside(unit["episodes"], unit["expected"], scatter),
        "phi": scatter.phi,
        "tau2": scatter.tau2,
        "outside_without_busiest": _outside(unit["episodes_without_busiest"], unit["expected_without_busiest"], scatter),
    }


def _outside(episodes: int, expected: float, scatter: Dispersion) -> str | None:
    if expected <= 0:
        return None
    lower, upper = scatter.limits(expected, 0.998)
    return "high" if episodes / expected > upper else "low" if episodes / expected < lower else "usual"


def binomial_limits(children: ArrayLike, share: float, level: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Lower and upper limit of the share that goes, for numbers of children placed, where each goes with the chance `share`.

    The fewest and the most who can be seen to go with a probability of half of what `level` leaves, or more, on either side: exact, so
    that beyond them lies never more than `level` allows. `share` is between 0 and 1.
    """
    placed = np.asarray(children, dtype=float)
    tail = (1 - level) / 2
    return _quantile(tail, placed, share) / placed, _quantile(1 - tail, placed, share) / placed


def _quantile(probability: float, tries: NDArray[Any], share: float) -> NDArray[Any]:
    """The fewest hits that are reached with the probability: as the inverse has it, or one fewer where rounding put it above."""
    hits = np.clip(np.ceil(bdtrik(probability, tries, share)), 0, tries)
    fewer = np.maximum(hits - 1, 0)
    return np.where(bdtr(fewer, tries.astype(int), share) >= probability, fewer, hits)


def compared_shares(units: pl.DataFrame) -> pl.DataFrame:
    """Units with the limits of their kind for the share of their children who went, in their order.

    `units`: kind, children_placed, children_missing, share, kind_share, is_large_enough. A kind is compared where FEWEST_COMPARED of
    its units or more are large enough, and some of its children went and some did not. Adds lower_95, upper_95, lower_998, upper_998
    and outside (usual, high or low: beyond the 99.8% limits).
    """
    large = units.filter(pl.col("is_large_enough") & pl.col("kind_share").is_between(0, 1, closed="none"))
    kinds = set(large["kind"].value_counts().filter(pl.col("count") >= FEWEST_COMPARED)["kind"])
    rows = [
        _judged_share(unit) if unit["is_large_enough"] and unit["kind"] in kinds else dict.fromkeys(_LIMITS)
        for unit in units.iter_rows(named=True)
    ]
    return units.hstack(pl.DataFrame(rows, schema=_LIMITS))


def _judged_share(unit: dict) -> dict:
    limits = {
        f"{side}_{name}": float(limit)
        for name, level in (("95", 0.95), ("998", 0.998))
        for side, limit in zip(("lower", "upper"), binomial_limits(unit["children_placed"], unit["kind_share"], level), strict=True)
    }
    is_high, is_low = unit["share"] > limits["upper_998"], unit["share"] < limits["lower_998"]
    return {**limits, "outside": "high" if is_high else "low" if is_low else "usual"}
