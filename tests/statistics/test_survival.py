"""The Kaplan–Meier curve, against a published example and other implementations."""

from __future__ import annotations

import warnings

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf
from statsmodels.duration.survfunc import SurvfuncRight

from dashboard.statistics.intervals import wilson_interval
from dashboard.statistics.survival import share_by_time

# Weeks in remission of 21 patients given 6-mercaptopurine, of whom 9 relapsed: Freireich and others 1963, Table 1 of Kalbfleisch and
# Prentice, The Statistical Analysis of Failure Time Data.
_RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
_STILL_WELL = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]

_LENGTHS = st.lists(st.tuples(st.integers(0, 60), st.booleans()), min_size=1, max_size=60)


def _lengths(again: list[int], until_then: list[int]) -> pl.DataFrame:
    rows = [(length, 1, 0) for length in again] + [(length, 0, 1) for length in until_then]
    return pl.DataFrame(rows, schema={"length": pl.Int64, "again": pl.Int64, "until_then": pl.Int64}, orient="row")


def test_a_published_curve() -> None:
    """The curve, the numbers at risk and Greenwood's limits are those that textbooks give for the remission of leukaemia."""
    curve = share_by_time(_lengths(_RELAPSED, _STILL_WELL), [6, 7, 10, 13, 16, 22, 23])
    assert [round(1 - share, 3) for share in curve["share"]] == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert curve["at_risk"].to_list() == [21, 17, 15, 12, 11, 7, 6]


@given(_LENGTHS)
def test_the_curve_of_other_implementations(lengths: list[tuple[int, bool]]) -> None:
    """Share and numbers at risk are those of statsmodels, and the limits those of SciPy's log-log interval, at every time at which it
    happened to someone and not yet to all."""
    at, is_again = np.array([length for length, _ in lengths], dtype=float), np.array([again for _, again in lengths])
    theirs = SurvfuncRight(at, is_again.astype(int))
    also = ecdf(CensoredData(uncensored=at[is_again], right=at[~is_again])).sf
    with warnings.catch_warnings():
        # It has no value where nobody or everybody stays.
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = also.confidence_interval(method="log-log")
    ours = share_by_time(_lengths(at[is_again].tolist(), at[~is_again].tolist()), theirs.surv_times.tolist())
    for row, staying, at_risk in zip(ours.iter_rows(named=True), theirs.surv_prob, theirs.n_risk, strict=True):
        assert row["at_risk"] == at_risk
        assert row["share"] == pytest.approx(1 - staying)
        if 1e-9 < staying < 1:
            place = np.searchsorted(also.quantiles, row["time"], side="right") - 1
            assert row["lower"] == pytest.approx(1 - interval.high.probabilities[place])
            assert row["upper"] == pytest.approx(1 - interval.low.probabilities[place])


@given(_LENGTHS)
def test_the_curve_only_rises(lengths: list[tuple[int, bool]]) -> None:
    """A share never falls as time passes, and lies within its limits."""
    frame = _lengths([length for length, again in lengths if again], [length for length, again in lengths if not again])
    known = share_by_time(frame, range(0, 70, 5)).drop_nulls("share")
    assert known["share"].is_sorted()
    slack = 1e-12
    assert (known["lower"] <= known["share"] + slack).all()
    assert (known["share"] <= known["upper"] + slack).all()


def test_rows_of_one_length_are_counted_together() -> None:
    """A length may stand in several rows, with several at it in each."""
    once = pl.DataFrame({"length": [1, 2, 2], "again": [2, 1, 1], "until_then": [0, 3, 1]})
    apart = _lengths([1, 1, 2, 2], [2, 2, 2, 2])
    assert share_by_time(once, [1, 2]).equals(share_by_time(apart, [1, 2]))


def test_without_anyone_lost_it_is_the_plain_share() -> None:
    """Where all are known of to the end, the share is that of all to whom it happened."""
    curve = share_by_time(_lengths([1, 1, 4], [90] * 7), [0, 1, 5])
    assert curve["share"].to_list() == pytest.approx([0, 0.2, 0.3])
    assert curve["at_risk"].to_list() == [10, 10, 7]


def test_nobody_yet_and_everybody() -> None:
    """Where Greenwood's variance has no value, the limits are Wilson's: of those at risk before the first, of all after the last."""
    nobody = share_by_time(_lengths([], [10] * 8), [5]).row(0, named=True)
    assert (nobody["share"], nobody["lower"], nobody["upper"]) == (0.0, *wilson_interval(0, 8))
    everybody = share_by_time(_lengths([1, 2, 3], []), [3, 4])
    assert everybody["share"].to_list() == [1, 1]
    assert everybody.row(0)[3:] == wilson_interval(3, 3)


def test_beyond_what_is_known_there_is_no_share() -> None:
    """Where nobody was known of for so long, nothing is said of it."""
    assert share_by_time(_lengths([1], [5, 6]), [6, 7])["share"].to_list() == pytest.approx([1 / 3, None])
    assert share_by_time(_lengths([], []), [7]).row(0) == (7.0, 0, None, None, None)
