"""Funnel limits, against a second implementation and the properties that Spiegelhalter 2005 gives them."""

from __future__ import annotations

import statistics
from math import sqrt

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dashboard.statistics.funnel import FEWEST_COMPARED, binomial_limits, compared, compared_shares, dispersion, reading

_UNITS = st.lists(st.tuples(st.integers(0, 80), st.floats(0.5, 80)), min_size=5, max_size=25)


def slow(units: list[tuple[int, float]]) -> tuple[float, float | None]:
    """φ and τ² unit by unit, with deciles by linear interpolation."""
    z = [(sqrt(observed / expected) - 1) / (1 / (2 * sqrt(expected))) for observed, expected in units]
    deciles = statistics.quantiles(z, n=10, method="inclusive")
    z = [min(max(one, deciles[0]), deciles[-1]) for one in z]
    n = len(z)
    phi = sum(one * one for one in z) / n
    if n < 10:
        return phi, None
    w = [4 * expected for _, expected in units]
    return phi, max(0, (n * phi - (n - 1)) / (sum(w) - sum(one * one for one in w) / sum(w)))


@given(_UNITS, st.floats(0.5, 100))
def test_dispersion_and_limits(units: list[tuple[int, float]], expected: float) -> None:
    """φ, τ² and the limits are those of the paper's formulas, worked out another way."""
    made = dispersion([observed for observed, _ in units], [e for _, e in units])
    phi, tau2 = slow(units)
    assert made.phi == pytest.approx(phi)
    assert made.tau2 == (None if tau2 is None else pytest.approx(tau2, abs=1e-12))
    s = 1 / (2 * sqrt(expected))
    spread = s * sqrt(max(phi, 1)) if tau2 is None else sqrt(s * s + tau2)
    lower, upper = made.limits(expected, 0.998)
    assert (lower, upper) == pytest.approx((max(0, 1 - 3.0902323 * spread) ** 2, (1 + 3.0902323 * spread) ** 2))


@given(_UNITS)
def test_limits_are_never_narrower_than_chance(units: list[tuple[int, float]]) -> None:
    """Units that scatter less than chance would have them do not draw the limits in."""
    made = dispersion([observed for observed, _ in units], [e for _, e in units])
    lower, upper = made.limits([25.0], 0.95)
    assert lower[0] <= (1 - 1.96 / 10) ** 2 + 1e-4
    assert upper[0] >= (1 + 1.95 / 10) ** 2


def test_poisson_units_need_little_widening() -> None:
    """Where chance alone is at work τ² is 0, and φ 0.68: what is left of 1 when the tenths at either end are drawn in."""
    expected = np.linspace(20, 200, 4000)
    made = dispersion(np.random.default_rng(1).poisson(expected).tolist(), expected.tolist())
    assert made.phi == pytest.approx(0.68, abs=0.05)
    assert made.tau2 == 0


def test_one_unit_far_out_does_not_hide_itself() -> None:
    """The unit that the limits are to find is drawn in before scatter is measured, and lies outside."""
    made, _ = compared(_frame([20, 22, 18, 21, 19, 20, 23, 17, 20, 21, 19, 120], [20.0] * 12))
    assert made["outside"].to_list() == ["usual"] * 11 + ["high"]


def test_one_child_apart() -> None:
    """A unit that is outside only with its busiest child is known as such."""
    units = _frame([20] * 11 + [120], [20.0] * 12).with_columns(episodes_without_busiest=pl.Series([18] * 11 + [22]))
    made, _ = compared(units)
    assert made.row(-1, named=True)["outside"] == "high"
    assert made.row(-1, named=True)["outside_without_busiest"] == "usual"


def test_few_units_use_a_factor() -> None:
    """Below ten units there is no τ²; scatter is a factor on the variance."""
    made = dispersion([10, 30, 20, 40, 5], [20.0] * 5)
    assert made.tau2 is None
    assert made.phi > 1


def test_who_is_compared() -> None:
    """Kinds apart; a kind of too few units large enough, or in which none is expected, has no limits, nor has a small unit."""
    large = _frame([20] * FEWEST_COMPARED, [20.0] * FEWEST_COMPARED)
    small = large.head(1).with_columns(is_large_enough=pl.lit(False))
    few = large.head(FEWEST_COMPARED - 1).with_columns(kind=pl.lit("supported"))
    none = large.with_columns(kind=pl.lit("secure_home"), expected=pl.lit(0.0))
    made, scatter = compared(pl.concat([large, small, few, none]))
    assert made["outside"].to_list() == ["usual"] * FEWEST_COMPARED + [None] * (2 * FEWEST_COMPARED)
    assert list(scatter) == ["childrens_home"]


def _frame(episodes: list[int], expected: list[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "kind": "childrens_home",
            "episodes": episodes,
            "expected": expected,
            "is_large_enough": True,
            "episodes_without_busiest": episodes,
            "expected_without_busiest": expected,
        }
    )


def test_poisson_limits_by_scipy() -> None:
    """With no scatter between units the limits on the square-root scale are close to exact Poisson ones, as the paper has it."""
    scatter = dispersion([20] * 12, [20.0] * 12)
    assert scatter.tau2 == 0
    for expected in (10.0, 40.0, 160.0):
        lower, upper = scatter.limits(expected, 0.95)
        assert float(upper) * expected == pytest.approx(stats.poisson.ppf(0.975, expected), abs=1.5)
        assert float(lower) * expected == pytest.approx(stats.poisson.ppf(0.025, expected), abs=1.5)


@given(_UNITS.filter(lambda units: len(units) >= 10))
def test_tau2_by_scipy(units: list[tuple[int, float]]) -> None:
    """τ² is the paper's, worked out on z-scores that scipy's deciles draw in."""
    made = dispersion([observed for observed, _ in units], [e for _, e in units])
    expected = np.array([e for _, e in units])
    z = (np.sqrt([observed for observed, _ in units] / expected) - 1) * 2 * np.sqrt(expected)
    z = np.clip(z, *stats.mstats.mquantiles(z, [0.1, 0.9], alphap=1, betap=1))
    weights = 4 * expected
    # Spiegelhalter 2005: τ² = (I φ - (I - 1)) / (Σw - Σw² / Σw), with φ = Σz² / I.
    tau2 = (np.sum(z**2) - (len(z) - 1)) / (weights.sum() - (weights**2).sum() / weights.sum())
    assert made.tau2 == pytest.approx(max(0.0, tau2), abs=1e-9)


@given(st.integers(1, 400), st.floats(0.01, 0.99), st.sampled_from([0.95, 0.998]))
def test_binomial_limits_by_scipy(children: int, share: float, level: float) -> None:
    """Limits of a share are scipy's binomial quantiles, and beyond them lies no more than the level leaves."""
    lower, upper = binomial_limits(children, share, level)
    tail = (1 - level) / 2
    assert float(lower) * children == pytest.approx(stats.binom.ppf(tail, children, share))
    assert float(upper) * children == pytest.approx(stats.binom.ppf(1 - tail, children, share))
    assert stats.binom.sf(round(float(upper) * children), children, share) <= tail * (1 + 1e-6)
    assert stats.binom.cdf(round(float(lower) * children) - 1, children, share) <= tail * (1 + 1e-6)


def _shares(missing: list[int], placed: int = 20) -> pl.DataFrame:
    return pl.DataFrame({"kind": "childrens_home", "children_placed": placed, "children_missing": missing}).with_columns(
        share=pl.col("children_missing") / placed,
        kind_share=pl.lit(sum(missing) / placed / len(missing)),
        is_large_enough=pl.lit(True),
    )


def test_whose_shares_are_compared() -> None:
    """Five units of a kind or more; none where no child went, or every one did: then there is nothing to tell apart."""
    assert compared_shares(_shares([4, 5, 3, 4, 5, 4, 3, 16]))["outside"].to_list() == ["usual"] * 7 + ["high"]
    assert compared_shares(_shares([14, 15, 13, 14, 15, 14, 13, 1]))["outside"][-1] == "low"
    for missing in ([4] * (FEWEST_COMPARED - 1), [0] * 6, [20] * 6):
        assert compared_shares(_shares(missing))["outside"].null_count() == len(missing)


@pytest.mark.parametrize(
    ("outside", "without", "fewer", "read"),
    [
        ("usual", "usual", True, "usual"),
        ("high", "high", False, "high"),
        ("high", "usual", False, "single_children"),
        ("high", None, False, "single_children"),
        ("low", "low", True, "low"),
        ("low", "low", False, "single_children"),
        (None, None, False, None),
    ],
)
def test_single_children_name_no_unit(outside: str | None, without: str | None, fewer: bool, read: str | None) -> None:
    """A unit is named high that is so without its busiest child, and low of which fewer children went; else single children do it."""
    units = pl.DataFrame(
        {"outside": [outside], "outside_without_busiest": [without]},
        schema=dict.fromkeys(("outside", "outside_without_busiest"), pl.String),
    )
    assert units.select(reading(pl.lit(fewer)).alias("read"))["read"].to_list() == [read]
