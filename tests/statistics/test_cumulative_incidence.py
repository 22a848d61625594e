"""Aalen–Johansen against a published implementation, and where it must come to something simpler."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight

from dashboard.statistics.cumulative_incidence import cumulative_incidence, share_limits

CAUSES = ("held", "declined", "missing_again")


def _counted(times: list[int], whats: list[int]) -> pl.DataFrame:
    """Rows as the estimator takes them: what 0 is censored, 1 to 3 are the causes."""
    frame = pl.DataFrame({"time": times, "what": whats})
    counts = [pl.col("what").eq(place).sum().alias(name) for place, name in enumerate(("lost", *CAUSES))]
    return frame.group_by("time").agg(counts).sort("time")


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0, 0, 1, 1, 2, 3])), min_size=5, max_size=60))
def test_it_is_what_statsmodels_gives(drawn: list[tuple[int, int]]) -> None:
    """Shares and variances of every cause are those of statsmodels' CumIncidenceRight, ties and censoring among them.

    Where nobody stays at risk statsmodels divides by 0 and has no variance; there only the shares are compared.
    """
    # All of statsmodels' causes are those up to the highest that occurs, and its times begin above 0.
    drawn = [*drawn, (3, 3), (31, 0)]
    times, whats = zip(*drawn, strict=True)
    ours = cumulative_incidence(_counted(list(times), list(whats)), "time", CAUSES, "lost")
    theirs = CumIncidenceRight(np.array(times) + 1, np.array(whats))
    assert (np.array(ours["time"]) + 1).tolist() == theirs.times.tolist()
    for place, cause in enumerate(CAUSES):
        np.testing.assert_allclose(ours[cause], theirs.cinc[place], atol=1e-12)
        np.testing.assert_allclose(np.sqrt(ours[f"variance_{cause}"]), theirs.cinc_se[place], atol=1e-7)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([1, 2, 3])), min_size=1, max_size=40))
def test_without_censoring_it_is_the_plain_share(drawn: list[tuple[int, int]]) -> None:
    """Where something came of everything, the share by a time is how many had come ÷ all, with the variance p(1 − p)/n."""
    times, whats = zip(*drawn, strict=True)
    curve = cumulative_incidence(_counted(list(times), list(whats)), "time", CAUSES, "lost")
    for row in curve.iter_rows(named=True):
        for place, cause in enumerate(CAUSES, start=1):
            share = sum(time <= row["time"] and what == place for time, what in drawn) / len(drawn)
            assert row[cause] == pytest.approx(share)
            assert row[f"variance_{cause}"] == pytest.approx(share * (1 - share) / len(drawn), abs=1e-12)


def test_a_worked_example() -> None:
    """By hand: of 4, one is held at 1, one is no longer known of from 1, one goes again at 2, one is held at 3.

    S is 1, then 3/4, then 3/8. Held: 1/4, then 1/4 + 3/8 · 1/1 = 5/8. Missing again: 3/4 · 1/2 = 3/8.
    """
    curve = cumulative_incidence(_counted([1, 1, 2, 3], [1, 0, 3, 1]), "time", CAUSES, "lost")
    assert curve["at_risk"].to_list() == [4, 2, 1]
    assert curve["held"].to_list() == pytest.approx([0.25, 0.25, 0.625])
    assert curve["missing_again"].to_list() == pytest.approx([0, 0.375, 0.375])
    assert curve["declined"].to_list() == [0, 0, 0]


def test_limits_stay_between_0_and_1() -> None:
    """Limits hold the share and stay in 0 to 1; at 0 and 1 they are Wilson's and not nothing."""
    for share in (0.001, 0.3, 0.5, 0.999):
        lower, upper = share_limits(share, share * (1 - share) / 20, 20)
        assert 0 <= lower < share < upper <= 1
    assert share_limits(0.0, 0.0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert share_limits(1.0, 0.0, 20) == pytest.approx((0.8389, 1.0), abs=1e-4)
