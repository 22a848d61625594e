"""How soon one of several things comes of something, where each ends the wait for the others."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from dashboard.statistics.intervals import wilson_interval

Floats = NDArray[np.float64]


def cumulative_incidence(counts: pl.DataFrame, time: str, causes: Sequence[str], censored: str) -> pl.DataFrame:
    """The share to which each of `causes` has come by each time: the Aalen–Johansen estimator of competing risks.

    `counts` has one row per time, in order: `time`, how many came to each of `causes` then, and how many were known of until then and
    no longer (`censored`). What came at a time goes before what is no longer known from it.

    Gives one row per row of `counts`: `time`, at_risk (known of just before, and nothing had come), and for each cause its share
    (from 0 to 1) under its own name and the variance of it as "variance_CAUSE". The shares are Σ S(s−)·d/n over the times s so far,
    S the product limit of Kaplan and Meier for any cause (Aalen and Johansen 1978). The variance is by the delta method (Dinse and
    Larson 1986; Marubini and Valsecchi 1995, section 10.3), as Stata's stcompet has it. Without censoring it is p(1 − p)/n.
    """
    events = np.array([counts[cause].to_numpy() for cause in causes], dtype=float)
    lost = counts[censored].to_numpy().astype(float)
    any_event = events.sum(axis=0)
    at_risk = (any_event + lost).sum() - np.concatenate([[0.0], np.cumsum(any_event + lost)[:-1]])
    # S(s−) / n, by which an event at s adds to its share.
    weight = np.concatenate([[1.0], np.cumprod(1 - any_event / at_risk)[:-1]]) / at_risk
    shares = np.cumsum(weight * events, axis=1)
    gives: dict[str, Floats | pl.Series] = {time: counts[time], "at_risk": at_risk.astype(np.int64)}
    for cause, hits, share in zip(causes, events, shares, strict=True):
        gives[cause] = share
        gives[f"variance_{cause}"] = _variance(share, hits, any_event, at_risk, weight)
    return pl.DataFrame(gives)


def _variance(share: Floats, hits: Floats, any_event: Floats, at_risk: Floats, weight: Floats) -> Floats:
    # F(t) − F(s), for s up to t; 0 at s = t, where what it is multiplied by may be infinite.
    beyond = np.tril(share[:, None] - share[None, :])
    staying = at_risk - any_event
    hazard = np.divide(any_event, at_risk * staying, out=np.zeros_like(share), where=staying > 0)
    variance: Floats = (
        beyond**2 @ hazard + np.cumsum(weight**2 * hits * (at_risk - hits) / at_risk) - 2 * beyond @ (weight * hits / at_risk)
    )
    return np.maximum(variance, 0.0)


def share_limits(share: float, variance: float, everyone: int, level: float = 0.95) -> tuple[float, float]:
    """Lower and upper limit for a share of `cumulative_incidence`, on the scale of log(−log(share)), so that they stay in 0 to 1.

    At 0 or 1, where the variance is 0 too, they are Wilson's for all there were. ZeroDivisionError where there were none.
    """
    if not 0 < share < 1 or variance <= 0:
        return wilson_interval(round(share * everyone), everyone, level)
    reach = float(ndtri((1 + level) / 2)) * variance**0.5 / (share * log(share))
    return share ** exp(-reach), share ** exp(reach)
