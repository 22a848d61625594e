"""Calendar months against the average month."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dashboard.statistics.seasons import calendar_months


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
