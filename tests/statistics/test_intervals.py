"""Intervals for counts, rates and shares, against scipy.stats."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dashboard.statistics.intervals import poisson_interval, rate_interval, rate_interval_of_few, wilson_interval

_LEVELS = st.sampled_from([0.95, 0.998])


@given(st.integers(0, 9), _LEVELS)
def test_few_are_exact(count: int, level: float) -> None:
    """Below 10 the limits are half the chi-square quantiles with 2k and 2k + 2 degrees of freedom (Garwood 1936)."""
    tail = (1 - level) / 2
    lower = stats.chi2.ppf(tail, 2 * count) / 2 if count else 0.0
    assert poisson_interval(count, level) == pytest.approx((lower, stats.chi2.isf(tail, 2 * count + 2) / 2))


@given(st.integers(10, 5000), _LEVELS)
def test_many_are_close_to_exact(count: int, level: float) -> None:
    """From 10 on Byar's approximation is within 1.5% of the exact limits, and at 95% within 0.2%."""
    tail = (1 - level) / 2
    exact = stats.chi2.ppf(tail, 2 * count) / 2, stats.chi2.isf(tail, 2 * count + 2) / 2
    assert poisson_interval(count, level) == pytest.approx(exact, rel=0.002 if level == 0.95 else 0.015)


def test_published_limits() -> None:
    """None gives 0 to 3.69, five 1.62 to 11.67, ten 4.79 to 18.39: as in published tables of Poisson limits."""
    assert poisson_interval(0) == pytest.approx((0, 3.689), abs=5e-4)
    assert poisson_interval(5) == pytest.approx((1.623, 11.668), abs=5e-4)
    assert poisson_interval(10) == pytest.approx((4.795, 18.390), rel=2e-3)


@given(st.integers(0, 500), st.integers(1, 100_000))
def test_a_rate_is_its_count_per_thousand(count: int, nights: int) -> None:
    """The limits of a rate are those of its count per 1,000 nights, and hold the rate between them."""
    lower, upper = rate_interval(count, nights)
    assert (lower, upper) == pytest.approx(tuple(limit * 1000 / nights for limit in poisson_interval(count)))
    assert lower <= count * 1000 / nights <= upper


def test_children_who_differ_widen_a_rate() -> None:
    """With a variance no larger than the count the limits are Poisson's; with four times that they reach about twice as far."""
    assert rate_interval_of_few(100, 5000, 60.0) == rate_interval(100, 5000)
    lower, upper = rate_interval(100, 5000)
    widened = rate_interval_of_few(100, 5000, 400.0)
    assert widened[1] - widened[0] == pytest.approx(2 * (upper - lower), rel=0.05)
    assert widened[0] < 20 < widened[1]
    assert rate_interval_of_few(0, 5000, 0.0) == rate_interval(0, 5000)


def test_the_widened_rate_holds_the_truth() -> None:
    """Of 400 rates over 60 children, a few of whom go often, at least 90% hold the true rate within limits meant for 95%; without the
    widening far fewer do."""
    rng = np.random.default_rng(4)
    held = plain = 0
    for _ in range(400):
        risks = rng.gamma(0.5, 2.0, 60)
        episodes = rng.poisson(risks)
        count, nights = int(episodes.sum()), 60 * 28
        truth = 60 * 1000 / nights
        spread = float(((episodes - count / 60) ** 2).sum())
        lower, upper = rate_interval_of_few(count, nights, spread)
        held += lower <= truth <= upper
        lower, upper = rate_interval(count, nights)
        plain += lower <= truth <= upper
    assert held >= 360
    assert plain < 320


@given(st.integers(1, 1000).flatmap(lambda tries: st.tuples(st.integers(0, tries), st.just(tries))), _LEVELS)
def test_shares_are_wilsons(counts: tuple[int, int], level: float) -> None:
    """The limits of a share are the score interval without a correction for continuity."""
    hits, tries = counts
    expected = stats.binomtest(hits, tries).proportion_ci(level, method="wilson")
    lower, upper = wilson_interval(hits, tries, level)
    assert (lower, upper) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert (lower == 0, upper == 1) == (hits == 0, hits == tries)


def test_nothing_to_divide_by() -> None:
    """A rate over no night and a share of no try have no limits: the caller must not ask."""
    with pytest.raises(ZeroDivisionError):
        rate_interval(1, 0)
    with pytest.raises(ZeroDivisionError):
        wilson_interval(0, 0)
