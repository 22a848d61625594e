"""How soon something happens that has not happened to everyone yet: the Kaplan–Meier curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from dashboard.statistics.intervals import wilson_interval


def share_by_time(lengths: pl.DataFrame, times: Sequence[float], level: float = 0.95) -> pl.DataFrame:
    """The share to whom it has happened by each of `times`, with those known of for a shorter time counted as long as they were.

    `lengths` has one row per length of time, each length once or more: length, again (to how many it happened then), until_then
    (how many were known of so long and no longer). At one length, what happened comes before what is no longer known.

    Gives one row per time, in their order: time, at_risk (known of so long at least, and it had not happened before), share (from 0
    to 1, null where nobody was known of so long and it had not happened to all), lower, upper. The share is 1 − S, where S is the
    product limit of Kaplan and Meier (1958); its limits are Greenwood's (1926) on the scale of log(−log S), as Kalbfleisch and
    Prentice give them. Where S is still 1 or already 0, which has no Greenwood variance, they are Wilson's for those at risk, or for
    all there were.
    """
    by_length = lengths.group_by("length").agg(pl.col("again", "until_then").sum()).sort("length")
    length, again, until_then = (by_length[name].to_numpy().astype(float) for name in ("length", "again", "until_then"))
    everyone = float((again + until_then).sum())
    at_risk = everyone - np.concatenate([[0.0], np.cumsum(again + until_then)[:-1]])
    staying = np.cumprod(1 - again / at_risk)
    # Greenwood's sum has no value from where nobody stays; there it is not used.
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(again / (at_risk * (at_risk - again)))
    z = float(ndtri((1 + level) / 2))
    rows = []
    for time in times:
        passed = int(np.searchsorted(length, time, side="right"))
        risked = int(everyone - (again + until_then)[: np.searchsorted(length, time, side="left")].sum())
        still = float(staying[passed - 1]) if passed else 1.0
        rows.append((float(time), risked, *_limits(still, greenwood[:passed], risked, int(everyone), z, level)))
    return pl.DataFrame(
        rows,
        schema={"time": pl.Float64, "at_risk": pl.Int64, "share": pl.Float64, "lower": pl.Float64, "upper": pl.Float64},
        orient="row",
    )


def _limits(
    still: float, greenwood: NDArray[np.float64], at_risk: int, everyone: int, z: float, level: float
) -> tuple[float | None, float | None, float | None]:
    """The share and its limits where `still` is the share that stays."""
    if still <= 0:
        return 1.0, *wilson_interval(everyone, everyone, level)
    if not at_risk:
        return None, None, None
    if still >= 1:
        return 0.0, *wilson_interval(0, at_risk, level)
    spread = float(np.exp(z * np.sqrt(greenwood[-1]) / -np.log(still)))
    return 1 - still, 1 - still ** (1 / spread), 1 - still**spread
