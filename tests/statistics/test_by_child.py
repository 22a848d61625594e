"""Shares of episodes, children taken whole."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.proportion import proportion_confint

from dashboard.statistics.by_child import design_effect, funnel_limits, two_shares, with_funnel
from dashboard.statistics.intervals import wilson_interval


def test_wilson_is_what_statsmodels_gives() -> None:
    """Wilson's limits are those of statsmodels, at the edges too."""
    for hits, tries in ((0, 5), (3, 7), (7, 7), (120, 400)):
        assert wilson_interval(hits, tries) == pytest.approx(proportion_confint(hits, tries, method="wilson"), abs=1e-12)


def test_the_difference_is_that_of_a_regression_clustered_by_child() -> None:
    """The difference of two shares and its limits are those of least squares on the group with errors clustered by child.

    statsmodels scales by k/(k − 1) × (n − 1)/(n − 2) for k children and n episodes; only the first is ours, so that the second is
    taken out of theirs.
    """
    draw = np.random.default_rng(7)
    with_, again_with, without, again_without = (draw.integers(0, 5, 40) for _ in range(4))
    again_with, again_without = np.minimum(again_with, with_), np.minimum(again_without, without)
    ours = two_shares((again_with, with_), (again_without, without), np.ones(40))

    child, group, hit = [], [], []
    for number in range(40):
        for of, hits, is_with in ((with_, again_with, 1), (without, again_without, 0)):
            child += [number] * of[number]
            group += [is_with] * of[number]
            hit += [1] * hits[number] + [0] * (of[number] - hits[number])
    fit = OLS(np.array(hit), np.column_stack([np.ones(len(hit)), group])).fit(cov_type="cluster", cov_kwds={"groups": np.array(child)})
    counted, children = len(hit), len(set(child))
    error = fit.bse[1] * np.sqrt((counted - 2) / (counted - 1) * (children - 1) / children * 40 / 39)
    assert ours.difference == pytest.approx((fit.params[1] - 2.5758293 * error, fit.params[1] + 2.5758293 * error), abs=1e-6)


def test_children_of_one_episode_each_are_as_episodes() -> None:
    """Where each child has one episode, a share's limits are nearly Wilson's of the episodes, and the effect is nearly 1."""
    shares = two_shares(([1, 0], [1, 1]), ([0, 0], [0, 0]), [30, 70])
    assert shares.limits[0] == pytest.approx(wilson_interval(30, 100), abs=0.003)
    assert (shares.share, shares.limits[1], shares.difference) == ((0.3, None), None, None)
    units = pl.DataFrame({"children": [100], "spread": [30 * 0.7**2 + 70 * 0.3**2], "chance": [100 * 0.3 * 0.7]})
    assert design_effect(units) == pytest.approx(100 / 99)


def test_one_child_over_and_over_tells_nothing_apart() -> None:
    """Given one child who goes thirty times after no interview, and others who hardly go, then the two shares are not told apart; given
    thirty such children, they are."""
    assert two_shares(([0, 0], [1, 0]), ([0, 30], [1, 30]), [30, 1]).told_apart == "no clear difference"
    thirty = two_shares(([0, 0], [1, 0]), ([0, 1], [0, 1]), [30, 30])
    assert (thirty.hits, thirty.tries, thirty.told_apart) == ((0, 30), (30, 30), "lower")


def test_the_effect_is_the_episodes_of_a_child_that_goes_one_way() -> None:
    """Where all five episodes of each child are alike, twenty of a hundred children's reported, five episodes count as about one."""
    units = pl.DataFrame({"children": [100], "spread": [20 * (5 * 0.8) ** 2 + 80 * (5 * 0.2) ** 2], "chance": [500 * 0.2 * 0.8]})
    assert design_effect(units) == pytest.approx(5 * 100 / 99)


def test_funnel_limits_widen_as_units_get_smaller_and_children_alike() -> None:
    """Limits hold the share of all, are as wide as the normal ones for many episodes, wider for fewer or where an episode counts less,
    and stay in 0 to 1."""
    lower, upper = funnel_limits(10_000, 0.3, 1.0, 0.95)
    assert (lower, upper) == pytest.approx((0.3 - 1.96 * 0.00458, 0.3 + 1.96 * 0.00458), abs=1e-4)
    widths = [np.diff(funnel_limits(episodes, 0.9, effect, 0.998))[0] for episodes, effect in ((400, 1), (40, 1), (40, 4), (4, 4))]
    assert widths == sorted(widths)
    assert funnel_limits(4, 0.9, 4, 0.998)[1] == 1.0


def test_few_units_have_no_limits() -> None:
    """Of four units with a share none is judged; of five each is, and one without a share is not."""
    units = pl.DataFrame({"episodes": [50] * 6, "share": [0.5, 0.5, 0.5, 0.98, None, 0.5]})
    assert with_funnel(units, 0.6, 1.0)["outside"].to_list() == ["usual", "usual", "usual", "high", None, "usual"]
    assert with_funnel(units[1:5], 0.6, 1.0)["outside"].null_count() == 4
