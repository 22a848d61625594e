"""Control charts, against a second implementation and examples worked by hand."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.statistics.spc import ONE_OF_MANY, cause_words, control_limits, latest_change


def months(count: int, first: date = date(2023, 7, 1)) -> list[date]:
    """So many months in a row."""
    return [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]


def judged(values: list[int], rebases: list[date] | None = None) -> list[str | None]:
    """The causes of a series from July 2023."""
    return control_limits(values, months(len(values)), rebases or [])["cause"].to_list()


def slow(values: list[int]) -> list[tuple[float, float, float, str]]:
    """Mean, limits and cause of each point, rule by rule and window by window, as the definition says it."""
    n = len(values)
    mean = sum(values) / n
    ranges = [abs(b - a) for a, b in pairwise(values)]
    average = sum(ranges) / len(ranges)
    kept = [r for r in ranges if not r > 3.267 * average]
    spread = 2.66 * sum(kept) / len(kept)
    if spread == 0:
        spread = 2.66 * average
    upper, lower = mean + spread, mean - spread

    def cause(i: int) -> str:
        value = values[i]
        if value > upper:
            return "outside_high"
        if value < lower:
            return "outside_low"
        sevens = [values[start : start + 7] for start in range(max(0, i - 6), min(i, n - 7) + 1)]
        if any(all(v > mean for v in seven) for seven in sevens):
            return "run_high"
        if any(all(v < mean for v in seven) for seven in sevens):
            return "run_low"
        # A point at which a rise ends and a fall begins belongs to both; the one that it ends comes first.
        ups = any(all(a < b for a, b in pairwise(seven)) for seven in sevens)
        downs = any(all(a > b for a, b in pairwise(seven)) for seven in sevens)
        if ups and downs:
            return "trend_up" if values[i - 1] < value else "trend_down"
        if ups or downs:
            return "trend_up" if ups else "trend_down"
        threes = [values[start : start + 3] for start in range(max(0, i - 2), min(i, n - 3) + 1)]
        if value > mean + spread * 2 / 3 and any(sum(v > mean + spread * 2 / 3 for v in three) >= 2 for three in threes):
            return "near_high"
        if value < mean - spread * 2 / 3 and any(sum(v < mean - spread * 2 / 3 for v in three) >= 2 for three in threes):
            return "near_low"
        return "usual"

    return [(mean, max(lower, 0), upper, cause(i)) for i in range(n)]


_SERIES = st.one_of(
    st.lists(st.integers(0, 30), min_size=12, max_size=40),
    # Slow drifts and steps, so that trends and runs come up.
    st.lists(st.integers(-2, 3), min_size=12, max_size=40).map(lambda steps: [max(0, 40 + sum(steps[: n + 1])) for n in range(len(steps))]),
    st.tuples(st.integers(5, 20), st.integers(5, 60), st.integers(6, 20), st.integers(6, 20)).map(lambda s: [s[0]] * s[2] + [s[1]] * s[3]),
)


@given(_SERIES.filter(lambda values: sum(values) >= 5 * len(values)))
def test_limits_and_causes(values: list[int]) -> None:
    """Mean, limits and every point's cause are those of the rules, worked out another way."""
    made = control_limits(values, months(len(values)))
    for row, (mean, lower, upper, cause) in zip(made.iter_rows(named=True), slow(values), strict=True):
        assert (row["mean"], row["lower_limit"], row["upper_limit"]) == pytest.approx((mean, lower, upper))
        assert row["cause"] == cause


def test_by_hand() -> None:
    """10 and 12 in turn: average 11, every moving range 2, and so limits 2.66 × 2 to either side."""
    made = control_limits([10, 12] * 6, months(12))
    assert made.columns == ["month", "value", "mean", "lower_limit", "upper_limit", "cause", "months_spanned"]
    assert made.row(0) == (date(2023, 7, 1), 10, 11.0, pytest.approx(5.68), pytest.approx(16.32), "usual", 1)
    assert made["cause"].unique().to_list() == ["usual"]


def test_wide_moving_ranges_are_left_out_once() -> None:
    """One month far out does not widen the limits that it is judged by: its two moving ranges, over 3.267 times the mean, go."""
    values = [20, 22] * 8
    values[9] = 80
    made = control_limits(values, months(16))
    # 13 ranges of 2 and two of 60: the mean is 9.73, its 3.267-fold 31.8.
    assert made["upper_limit"][0] == pytest.approx(sum(values) / 16 + 2.66 * 2)
    assert [n for n, cause in enumerate(made["cause"]) if cause == "outside_high"] == [9]


@pytest.mark.parametrize(
    ("values", "cause", "marked"),
    [
        ([20, 22, 21, 19, 20, 21] * 2 + [45, 20, 21], "outside_high", [12]),
        ([40, 42, 41, 39, 40, 41] * 2 + [10, 40, 41], "outside_low", [12]),
        ([20, 26] * 4 + [23] + [26] * 6, "run_high", []),
        ([20, 26, 14, 25, 15, 24, 16, 24, 15, 27, 22, 23, 22, 23, 22, 23, 22], "run_high", list(range(9, 17))),
        ([26, 20, 32, 21, 31, 22, 30, 22, 31, 19, 24, 23, 24, 23, 24, 23, 24], "run_low", list(range(9, 17))),
        ([30, 50, 32, 48, 34, 44, 36, 38, 40, 42, 44, 46, 48, 30, 52], "trend_up", list(range(6, 13))),
        ([50, 30, 48, 32, 46, 36, 44, 42, 40, 38, 36, 34, 32, 50, 28], "trend_down", list(range(6, 13))),
    ],
)
def test_rules_mark_their_points(values: list[int], cause: str, marked: list[int]) -> None:
    """A point beyond a limit, seven in a row on one side, seven in a row rising: all points of a run or trend are marked."""
    assert [n for n, one in enumerate(judged(values)) if one == cause] == marked


def test_six_in_a_row_are_usual() -> None:
    """Six points on one side of the average are not marked, and a point on the average ends a run."""
    assert judged([26, 20] * 3 + [24] * 6 + [20, 20]) == ["usual"] * 14
    on_average = [25] * 6 + [23] + [25] * 3 + [20, 18, 17, 19]
    assert sum(on_average) == 23 * 14
    assert "run_high" not in judged(on_average)


def test_the_strongest_cause_is_named() -> None:
    """A point beyond a limit within a run is outside first; the others are the run."""
    causes = judged([10, 12] * 10 + [18, 17, 18, 60, 18, 17, 18])
    assert causes[23] == "outside_high"
    assert {causes[n] for n in (20, 21, 22, 24, 25, 26)} == {"run_high"}


def test_two_in_three_near_a_limit() -> None:
    """Two of three points in a row beyond two thirds of the way to a limit are marked, and the third, between them, is not."""
    values = [20, 22] * 7 + [26, 21, 26] + [20, 22] * 3
    causes = judged(values)
    assert [causes[n] for n in (14, 15, 16)] == ["near_high", "usual", "near_high"]
    assert "near_low" not in causes


def test_no_limits_from_few_points() -> None:
    """Eleven points have no limits and no cause; twelve have."""
    made = control_limits([9] * 11, months(11))
    assert made.select("mean", "lower_limit", "upper_limit", "cause").null_count().row(0) == (11, 11, 11, 11)
    assert judged([9] * 12) == ["usual"] * 12


def test_no_limits_from_few_episodes() -> None:
    """One episode in three years is not "higher than usual": under five in all there are no limits. Five at once are seen."""
    assert judged([0] * 35 + [1]) == [None] * 12
    assert judged([0] * 35 + [5])[-1] == "outside_high"


def test_without_variation_nothing_is_marked() -> None:
    """A count that never changes has limits at its average, and no point lies beyond them."""
    made = control_limits([7] * 20, months(20))
    assert made.row(0)[2:6] == (7.0, 7.0, 7.0, "usual")
    assert set(judged([7] * 20)) == {"usual"}


def test_limits_keep_their_width() -> None:
    """Where the moving ranges that stay are all zero, the wide one stays too: limits without width would mark every point."""
    causes = judged([8] * 6 + [9] + [8] * 6)
    assert causes[6] == "outside_high"
    assert causes.count("outside_low") == 0


def test_the_lower_limit_is_not_below_zero() -> None:
    """A count cannot be negative, and none is marked for being low where the limit would be."""
    made = control_limits([0, 25, 3, 14, 0, 22, 9, 1, 17, 0, 12, 6], months(12))
    assert made["lower_limit"][0] == 0
    assert not made["cause"].str.ends_with("low").any()


def test_small_counts_are_read_by_quarters() -> None:
    """With under five a month points are calendar quarters, whole ones only; from five on they are months."""
    made = control_limits([1] * 38, months(38, date(2023, 5, 1)))
    assert made["month"].to_list() == [date(2023 + (6 + 3 * n) // 12, (6 + 3 * n) % 12 + 1, 1) for n in range(12)]
    assert made["value"].to_list() == [3] * 12
    assert set(made["months_spanned"]) == {3}
    assert set(control_limits([5] * 36, months(36))["months_spanned"]) == {1}


def test_too_short_for_a_quarter() -> None:
    """Where no quarter is whole, the months are given as they are."""
    made = control_limits([1, 2], months(2))
    assert made["value"].to_list() == [1, 2]
    assert made["mean"].null_count() == 2


def test_nothing_at_all() -> None:
    """No month gives no point."""
    assert control_limits([], []).is_empty()
    assert latest_change(control_limits([], []), date(2025, 1, 1)) is None


def test_limits_start_anew() -> None:
    """From the month that a rebase falls in, each stretch has its own average and limits; a run does not reach across."""
    values = [20, 22] * 7 + [60, 64] * 7
    made = control_limits(values, months(28), [date(2024, 9, 17)])
    assert made["mean"].to_list() == [21.0] * 14 + [62.0] * 14
    assert set(made["cause"]) == {"usual"}
    assert set(judged(values)) != {"usual"}


def test_each_stretch_is_judged_on_its_own() -> None:
    """A stretch of fewer than twelve points after a rebase has no limits, and the one before keeps its own."""
    made = control_limits([20, 22] * 10, months(20), [date(2024, 7, 1)])
    assert made["mean"].to_list() == [21.0] * 12 + [None] * 8


def test_a_rebase_outside_the_series_changes_nothing() -> None:
    """One before the first point or after the last leaves the series whole."""
    values = [20, 22] * 8
    assert control_limits(values, months(16), [date(2020, 1, 1), date(2030, 1, 1)]).equals(control_limits(values, months(16)))


def test_a_rebase_within_a_quarter() -> None:
    """Limits of quarters start anew with the quarter that the event falls in."""
    made = control_limits([3] * 36 + [4] * 36, months(72), [date(2026, 8, 30)])
    assert made["mean"].n_unique() == 2
    assert made.filter(made["mean"] == made["mean"][-1])["month"][0] == date(2026, 7, 1)


_USUAL = [20, 24] * 8


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([*_USUAL, 70], "higher than usual in November 2024"),
        ([*_USUAL, 70, 72], "higher than usual since November 2024"),
        ([*_USUAL, 70, 72, 22, 24], "higher than usual from November to December 2024"),
        ([40, 44] * 8 + [30, 31, 30, 31, 30, 31, 30], "lower than usual since November 2024"),
        (_USUAL, None),
    ],
)
def test_the_latest_change_in_words(values: list[int], said: str | None) -> None:
    """One month is "in", a stretch that goes on "since", one that is over "from … to"; nothing special is None."""
    change = latest_change(control_limits(values, months(len(values))), date(2024, 7, 1))
    assert (change.words if change else None) == said


def test_a_change_before_the_period_is_not_news() -> None:
    """A stretch counts when it reaches the period, and not when it ended before."""
    series = control_limits([*_USUAL, 70, 24, 20, 24], months(20))
    assert latest_change(series, date(2024, 11, 1)) is not None
    assert latest_change(series, date(2024, 12, 1)) is None


def test_quiet_months_after_a_high_one_are_not_the_news() -> None:
    """Points that are low only by an average that a few months far out drew up do not hide those months."""
    series = control_limits([6, 8] * 12 + [17, 36, 52] + [6, 8] * 4, months(35))
    assert set(series["cause"].to_list()[-8:]) == {"run_low"}
    change = latest_change(series, date(2025, 1, 1))
    assert change is not None
    assert change.words == "higher than usual from July to September 2025"
    assert latest_change(series, date(2025, 10, 1)) is None


def test_a_point_near_a_limit_is_news_where_there_is_no_other() -> None:
    """Two of three near a limit give way to a stretch with a stronger cause, even an older one."""
    near = [20, 22] * 7 + [26, 21, 26] + [20, 22] * 3
    weak = latest_change(control_limits(near, months(23)), date(2024, 7, 1))
    assert weak is not None
    assert weak.words == "higher than usual in November 2024"
    strong = latest_change(control_limits([20, 22] * 4 + [2] + near, months(32)), date(2024, 1, 1))
    assert strong is not None
    assert strong.words == "lower than usual in March 2024"


def test_quarters_in_words() -> None:
    """A quarter is named by its months."""
    series = control_limits([1] * 33 + [9] * 3, months(36))
    change = latest_change(series, date(2025, 7, 1))
    assert (change.direction, change.first, change.last, change.lasts) == ("higher than usual", date(2026, 4, 1), date(2026, 6, 1), True)
    assert change.words == "higher than usual since April 2026"
    assert change.verb == "have been"


def test_every_cause_has_words() -> None:
    """No cause is shown as a code where a reader is told what it means."""
    assert cause_words(None) == "too few months or episodes for limits"
    causes = {"usual"} | {f"{rule}_{side}" for rule in ("outside", "run", "near") for side in ("high", "low")} | {"trend_up", "trend_down"}
    assert all(cause not in cause_words(cause) for cause in causes - {"usual"})


# Number of breaches of the four-hour target in accident and emergency departments, April 2016 to March 2018, of six trusts, with the
# limits and the points that NHSRplotthedots marks: the NHS-R community's package of NHS England's Making Data Count, version 0.1.0.9000,
# article "Introduction to the NHSRplotthedots package", chart by trust (numbers in the page's source). Data: NHSRdatasets, ae_attendances.
# A limit is None where it was not read off. What the package calls concern is high here and improvement low: fewer breaches are wanted.
_TRUSTS = {
    "R1H": (
        "5099 5366 5232 4273 3889 3879 5025 5298 7298 7426 6186 5902 6125 6075 4029 4654 4162 5228 5476 4896 6098 5839 6000 6379",
        (3945.5409, None),
        {8, 9},
        {0, 1, 2, 3, 4, 5, 6, 7, 14, 16},
    ),
    "R1K": (
        "2652 3145 2508 2544 2179 3227 3752 4062 5392 5897 4616 4874 4374 4442 3781 3317 3672 4847 3594 3911 4912 4689 3216 4524",
        (None, 5724.5131),
        {7, 8, 9, 10, 11, 12, 13},
        {0, 1, 2, 3, 4, 5, 6},
    ),
    "RJ7": (
        "1416 960 858 829 1003 1107 989 911 1537 1879 1178 1667 1353 1562 1134 1495 1367 1402 1779 1862 2112 2422 2145 2726",
        (None, 2247.2744),
        {20, 21, 22, 23},
        {0, 1, 2, 3, 4, 5, 6, 7},
    ),
    "RJC": (
        "250 263 229 300 189 279 253 201 393 379 225 198 260 349 219 297 233 408 529 490 891 780 991 937",
        (None, 629.5286),
        {17, 18, 19, 20, 21, 22, 23},
        set(range(17)),
    ),
    "RQM": (
        "1199 929 970 1178 1110 1388 2061 1985 2675 3141 1942 2030 1309 1960 1169 1117 1085 1492 1280 1197 1569 1406 1328 1564",
        (None, 2349.9376),
        {8, 9},
        {1, 2},
    ),
    "RRK": (
        "1195 1843 1397 1333 1771 1751 2013 1759 2179 2585 1654 1543 1632 1558 1190 1357 1279 1683 2190 1804 986 2181 2048 2154",
        (None, 2573.9568),
        {9},
        {10, 11, 12, 13, 14, 15, 16, 17},
    ),
}


@pytest.mark.parametrize("trust", _TRUSTS)
def test_published_charts_of_making_data_count(trust: str) -> None:
    """Limits and marked points are those of NHS England's Making Data Count as its R package draws six real series."""
    breaches, (lower, upper), high, low = _TRUSTS[trust]
    values = [int(count) for count in breaches.split()]
    made = control_limits(values, months(24, date(2016, 4, 1)))
    if lower is not None:
        assert made["lower_limit"][0] == pytest.approx(lower, abs=1e-4)
    if upper is not None:
        assert made["upper_limit"][0] == pytest.approx(upper, abs=1e-4)
    mean = made["mean"][0]
    marked = [n for n, cause in enumerate(made["cause"]) if cause != "usual"]
    assert {n for n in marked if values[n] > mean} == high
    assert {n for n in marked if values[n] < mean} == low


def test_published_screening_of_outliers() -> None:
    """Without the two ranges about the 10 the limits are 1.94 ± 2.66, with them 4.6 becomes 6.95: as the package prints (article
    "Deviations from Excel defaults"). Drawn here five times as high, because a count under five a month is read by quarters."""
    values = [5 * value for value in (1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1)]
    made = control_limits(values, months(18))
    assert made["mean"][0] / 5 == pytest.approx(1.94, abs=0.005)
    assert made["upper_limit"][0] / 5 == pytest.approx(4.6, abs=0.005)
    # A count has no limit below 0, where the package has -0.72.
    assert made["lower_limit"][0] == 0
    assert [n for n, cause in enumerate(made["cause"]) if cause != "usual"] == [4]


def test_published_two_in_three_on_both_sides() -> None:
    """Two points close to the limits on opposite sides of the mean are no mark (a test of the package)."""
    values = [40 + 4 * step for step in [1, -1] * 7] + [62, 18]
    made = control_limits(values, months(16))
    assert set(made["cause"].to_list()[-2:]) == {"usual"}


_CALM = [20, 24] * 15


@pytest.mark.parametrize(
    ("values", "most", "times"),
    [
        # Average 23.55, limits 10.64 to either side; the last lies 46.45 above it.
        ([*_CALM, 70], 1, 45.45 / 10.64),
        ([*_CALM, 70], 20, 26.45 / 10.64),
        ([*_CALM, 70], 50, 2 / 7),
        ([20, 24] * 8 + [8, 12] * 10 + [9], 5, 3.0),
    ],
)
def test_how_clear_a_change_is(values: list[int], most: int, times: float) -> None:
    """How far beyond the limit once what one child could make is taken off, or in how long a row; a finding asks for three times."""
    series = control_limits(values, months(len(values))).with_columns(most_of_one_child=pl.lit(most))
    change = latest_change(series, series["month"][-1])
    assert change is not None
    assert change.times == pytest.approx(times, abs=0.005)
    assert change.is_clear(ONE_OF_MANY) == (times >= 3)


def test_a_burst_and_then_none() -> None:
    """Where the latest change follows at once on an opposite one, the words say both and the rules of each."""
    values = [8, 10] * 15 + [35, 42, 40, 0, 0, 0]
    change = latest_change(control_limits(values, months(36)), date(2025, 7, 1))
    assert change is not None
    assert change.words == "lower than usual since April 2026, after being higher from January to March 2026"
    assert change.short_words == "lower than usual since April 2026, after being higher January to March"
    assert change.latest_words == "lower than usual since April 2026"
    assert change.rule == "3 below the lower limit"
    assert change.after is not None
    assert change.after.rule == "3 above the upper limit"


def test_a_turn_before_the_period_is_not_told_again() -> None:
    """A burst that ended before the period is no news in it, for as long as what came after it lasts."""
    values = [8, 10] * 15 + [42, 40, 0, 0, 0, 0]
    change = latest_change(control_limits(values, months(36)), date(2026, 5, 1))
    assert change is not None
    assert change.after is None
    assert change.words == "lower than usual since March 2026"


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ([*_USUAL, 70, 72], "2 above the upper limit"),
        ([40, 44] * 8 + [30, 31, 30, 31, 30, 31, 30], "4 below the lower limit and 7 in a row below average"),
        ([30, 50, 32, 48, 34, 44, 36, 38, 40, 42, 44, 46, 48, 30, 52], "7 in a row, each higher"),
        ([20, 22] * 7 + [26, 21, 26] + [20, 22] * 3, "1 close to the upper limit"),
    ],
)
def test_the_rule_in_words(values: list[int], rule: str) -> None:
    """Which rule marks a stretch is said in words."""
    change = latest_change(control_limits(values, months(len(values))), date(2023, 7, 1))
    assert change is not None
    assert change.rule == rule
