"""Calendar months against the average month."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dashboard.statistics.intervals import wilson_interval
from dashboard.statistics.seasons import calendar_months, decompose, ratio_interval, season_strength


def _counts(episodes: np.ndarray, exposure: int = 30) -> pl.DataFrame:
    month = np.arange(len(episodes))
    return pl.DataFrame(
        {"calendar_month": month % 12 + 1, "level": 2020 + month // 12, "episodes": episodes, "exposure": [exposure] * len(episodes)}
    )


def test_ratios_are_those_of_a_balanced_table() -> None:
    """With all months in all years the fit is the product of the margins: a month's ratio is its share of all, times twelve."""
    episodes = np.array([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 60, *range(20, 44, 2)])
    months = calendar_months(_counts(episodes))
    shares = episodes.reshape(2, 12).sum(axis=0) / episodes.sum() * 12
    assert months["ratio"].to_list() == pytest.approx(shares.tolist())
    assert (months["lower"] < months["ratio"]).all()
    assert (months["ratio"] < months["upper"]).all()


def test_levels_do_not_make_a_season() -> None:
    """A year with three times the episodes, begun in July, changes no ratio: months are compared within their level."""
    episodes = np.array([20] * 12 + [60] * 18)
    months = calendar_months(_counts(episodes))
    assert months["ratio"].to_list() == pytest.approx([1.0] * 12)


def test_limits_rarely_name_a_month_when_none_differs() -> None:
    """Without a season, and with children who go in bursts, at most one authority in twenty has a month outside its limits."""
    seeded = np.random.default_rng(20260630)
    named = 0
    for _ in range(300):
        months = calendar_months(_counts(seeded.negative_binomial(10, 10 / 70, 36)))
        named += bool(((months["lower"] > 1) | (months["upper"] < 1)).any())
    assert named / 300 <= 0.06


def test_limits_find_a_month_that_doubles() -> None:
    """A month with twice the episodes in each of three years is outside its limits in nearly all authorities."""
    seeded = np.random.default_rng(1)
    mean = np.where(np.arange(36) % 12 == 7, 120, 60)
    found = sum(calendar_months(_counts(seeded.negative_binomial(20, 20 / (20 + mean))))["lower"][7] > 1 for _ in range(50))
    assert found >= 45


def test_month_without_an_episode_has_limits() -> None:
    """A month that never has one is given a ratio of 0 and an upper limit, not an error."""
    months = calendar_months(_counts(np.array(([0] + [30] * 11) * 3)))
    assert months.row(0)[1:3] == (0, 0)
    assert 0 < months["upper"][0] < 1


@pytest.mark.parametrize("episodes", [[30] * 23, [4] * 36, [0] * 36])
def test_too_little_to_know(episodes: list[int]) -> None:
    """Under 24 months, or under five episodes in the average calendar month's total, nothing is given."""
    assert calendar_months(_counts(np.array(episodes) // (3 if episodes[0] == 4 else 1))).is_empty()


def test_months_without_nights_are_left_out() -> None:
    """A month with nobody placed says nothing of the season."""
    counts = _counts(np.array([30] * 36))
    closed = counts.with_columns(exposure=pl.when(pl.int_range(36) < 3).then(0).otherwise(30))
    assert calendar_months(closed)["ratio"].to_list() == pytest.approx([1.0] * 12)


# 48 months with a season of 5 about 20, a slow rise and noise; season and trend of them by statsmodels 0.15.0, STL(period=12).
_SERIES = [18.4, 20.0, 24.0, 26.1, 27.0, 23.2, 19.5, 16.6, 18.0, 19.2, 17.2, 16.1, 19.3, 27.0, 26.1, 23.0, 25.8, 21.9, 20.5, 18.4]
_SERIES += [16.2, 18.2, 17.7, 18.6, 23.2, 26.7, 23.6, 27.2, 25.2, 25.1, 20.4, 20.6, 18.8, 17.7, 17.0, 20.2, 21.4, 23.5, 28.6, 26.7]
_SERIES += [30.7, 28.0, 20.2, 22.3, 17.9, 19.6, 20.4, 18.2]


def test_decomposition_is_that_of_another_implementation() -> None:
    """Season and trend are those of statsmodels' STL with its usual windows."""
    seasonal, trend = decompose(np.array(_SERIES))
    assert seasonal[:3] == pytest.approx([-1.7659595463078588, 1.7725036212297234, 4.166236865210593])
    assert seasonal[-1] == pytest.approx(-4.59379598645702)
    assert trend[::12] == pytest.approx([20.045342567036894, 20.903946793873434, 21.653164136942912, 22.63689708926249])


def test_decomposition_of_many_series_is_that_of_each() -> None:
    """Columns are decomposed apart from each other, also where the months are no whole number of years."""
    both = np.column_stack([_SERIES[:41], _SERIES[7:]])
    seasonal, trend = decompose(both)
    for column in range(2):
        alone = decompose(both[:, column])
        assert seasonal[:, column] == pytest.approx(alone[0])
        assert trend[:, column] == pytest.approx(alone[1])


def test_a_season_is_stronger_than_chance_and_noise_is_not() -> None:
    """A season of years on end stands out; noise does in about one of a hundred, though its own strength is far above 0.3."""
    strength, by_chance = season_strength(_SERIES)
    assert strength > by_chance
    seeded = np.random.default_rng(11)
    noise = [season_strength(seeded.normal(20, 3, 48)) for _ in range(80)]
    assert np.median([strength for strength, _ in noise]) > 0.3
    assert sum(strength > by_chance for strength, by_chance in noise) <= 4


def test_series_without_variation_has_no_season() -> None:
    """The same number each month, or a straight line: strength 0, not an error."""
    assert season_strength([7.0] * 36)[0] == 0
    assert season_strength([7.0 + month for month in range(40)])[0] == 0


def test_strength_needs_three_years() -> None:
    """Under 36 months there is none."""
    with pytest.raises(ValueError, match="35 months"):
        season_strength([1.0] * 35)


def test_ratio_interval_is_wilsons_where_children_are_alike() -> None:
    """With one event a child and many children the limits are those of Wilson's interval for the share, as a ratio."""
    lower, upper = ratio_interval(60, 40, 100.0, 100.0, 100 * 0.24, 100_000)
    low, high = wilson_interval(60, 100)
    assert lower == pytest.approx(low / (1 - low), rel=1e-3)
    assert upper == pytest.approx(high / (1 - high), rel=1e-3)
    assert ratio_interval(60, 40, 100.0, 200.0, 24.0, 100_000)[0] == pytest.approx(2 * lower)


def test_uneven_children_widen_the_ratio_interval() -> None:
    """A child with many events on one side makes the ratio less sure; none on the other side leaves no upper limit to know."""
    even, uneven = ratio_interval(60, 40, 1.0, 1.0, 24.0, 50), ratio_interval(60, 40, 1.0, 1.0, 240.0, 50)
    assert uneven[0] < even[0] < 1.5 < even[1] < uneven[1]
    assert ratio_interval(9, 0, 1.0, 1.0, 0.0, 9)[0] > 0


def test_ratio_interval_holds_for_children_who_go_in_bursts() -> None:
    """Without a difference, and with children who go often for some weeks, at most one authority in ten is told from chance."""
    seeded = np.random.default_rng(2)
    told = 0
    for _ in range(400):
        bursts = seeded.negative_binomial(0.5, 0.2, 45)
        on_light = np.array([seeded.poisson(4, seeded.binomial(n, 0.31)).sum() for n in bursts])
        on_dark = np.array([seeded.poisson(4, seeded.binomial(n, 0.33)).sum() for n in bursts])
        both = on_light + on_dark
        share = on_light.sum() / both.sum()
        uneven = float(((on_light - share * both) ** 2).sum())
        lower, upper = ratio_interval(on_light.sum(), on_dark.sum(), 31, 33, uneven, int((both > 0).sum()))
        told += lower > 1 or upper < 1
    assert told / 400 <= 0.1
