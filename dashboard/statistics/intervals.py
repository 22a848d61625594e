"""Intervals for counts, rates and shares."""

from __future__ import annotations

from math import sqrt

from scipy.special import gammaincinv, ndtri


def poisson_interval(count: float, level: float = 0.95) -> tuple[float, float]:
    """Lower and upper limit for the mean of a Poisson count.

    Below 10 exact, from the chi-square distribution (Garwood 1936); from 10 Byar's approximation (Breslow and Day 1987, volume II),
    as the Office for Health Improvement and Disparities uses both.
    """
    tail = (1 - level) / 2
    if count < 10:
        # The chi-square quantile with 2k degrees of freedom is twice the gamma quantile with shape k.
        return (float(gammaincinv(count, tail)) if count else 0.0), float(gammaincinv(count + 1, 1 - tail))
    z = float(ndtri(1 - tail))
    return (
        count * (1 - 1 / (9 * count) - z / (3 * sqrt(count))) ** 3,
        (count + 1) * (1 - 1 / (9 * (count + 1)) + z / (3 * sqrt(count + 1))) ** 3,
    )


def rate_interval(count: int, nights: int, level: float = 0.95) -> tuple[float, float]:
    """Lower and upper limit for a rate per 1,000 nights. ZeroDivisionError where there is no night."""
    lower, upper = poisson_interval(count, level)
    return lower * 1000 / nights, upper * 1000 / nights


def rate_interval_of_few(count: int, nights: int, spread: float, level: float = 0.95) -> tuple[float, float]:
    """Lower and upper limit for a rate per 1,000 nights of children some of whom go often (quasi-Poisson).

    `spread` is the variance of the count: the sum over children of the squared difference between a child's episodes and what the rate
    expects of its nights. The limits are those of a Poisson count smaller by spread ÷ count, where that is above 1. ZeroDivisionError
    where there is no night.
    """
    wider = max(1.0, spread / count) if count else 1.0
    lower, upper = poisson_interval(count / wider, level)
    return lower * wider * 1000 / nights, upper * wider * 1000 / nights


def wilson_interval(hits: float, tries: float, level: float = 0.95) -> tuple[float, float]:
    """Lower and upper limit for a share (Wilson 1927, the score interval). ZeroDivisionError where there is no try."""
    z = float(ndtri(1 - (1 - level) / 2))
    share = hits / tries
    middle = share + z * z / (2 * tries)
    spread = z * sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries))
    scale = 1 + z * z / tries
    # Of none and of all one limit is 0 or 1 itself, which rounding misses by 1e-17.
    return (middle - spread) / scale if hits else 0.0, (middle + spread) / scale if hits < tries else 1.0
