"""Shares held against each other."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.statistics.intervals import wilson_interval
from dashboard.statistics.shares import difference_interval, told_apart, with_comparison, with_limits


@pytest.mark.parametrize(
    ("counts", "limits"),
    [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 10), (0.6075, 1.0000)),
    ],
)
def test_published_differences(counts: tuple[int, int, int, int], limits: tuple[float, float]) -> None:
    """The limits are those that Newcombe prints for method 10 (Statistics in Medicine 1998, table II)."""
    assert difference_interval(*counts) == pytest.approx(limits, abs=5e-5)


@given(st.integers(1, 200), st.integers(1, 200), st.data())
def test_told_apart_is_stricter_than_the_interval_of_one(tries: int, other_tries: int, data: st.DataObject) -> None:
    """A share is never told from another that lies inside its own Wilson interval."""
    hits, other_hits = data.draw(st.integers(0, tries)), data.draw(st.integers(0, other_tries))
    lower, upper = wilson_interval(hits, tries)
    if lower <= other_hits / other_tries <= upper:
        assert told_apart((hits, tries, tries), (other_hits, other_tries, other_tries)) == "no clear difference"


def test_one_child_is_one_try() -> None:
    """What one child does over and over counts once: forty episodes are told apart of forty children, and not of four."""
    assert told_apart((36, 40, 40), (20, 40, 40)) == "higher"
    assert told_apart((36, 40, 4), (20, 40, 4)) == "no clear difference"


def test_each_row_against_all_others_together() -> None:
    """A row is held against the sum of the other rows, those without a share of their own included; it needs 99.8%."""
    frame = pl.DataFrame(
        {"hits": [95, 60, 62, 1], "tries": [100, 100, 100, 2], "children": [100, 100, 100, 2], "share": [0.95, 0.6, 0.62, None]}
    )
    made = with_comparison(with_limits(frame, "share", "hits", pl.col("tries")), "share", "hits", pl.col("tries"))
    assert made["compared"].to_list() == ["higher", "lower", "no clear difference", None]
    assert made["lower"].null_count() == made["upper"].null_count() == 1


def test_one_row_has_no_others() -> None:
    """A single unit is not held against anything."""
    frame = pl.DataFrame({"hits": [5], "tries": [10], "children": [10], "share": [0.5]})
    assert with_comparison(frame, "share", "hits", pl.col("tries"))["compared"].to_list() == [None]
