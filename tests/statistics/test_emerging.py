"""Whether a place is new beyond chance."""

from __future__ import annotations

from math import comb

import polars as pl
import pytest

from benchmarks.emerging import run
from dashboard.statistics.emerging import emerging, q_values


def _cells(*counts: tuple[int, int], active: tuple[int, int] = (20, 100)) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"children_latest": latest, "children_all": whole, "active_latest": active[0], "active_all": active[1]}
            for latest, whole in counts
        ],
        {"children_latest": pl.Int64, "children_all": pl.Int64, "active_latest": pl.Int64, "active_all": pl.Int64},
    )


def test_p_value_is_the_exact_upper_tail() -> None:
    """The chance of as many of the cell's children or more in the latest quarter, term by term."""
    (row,) = emerging(_cells((4, 7))).to_dicts()
    assert row["p_value"] == pytest.approx(sum(comb(7, k) * 0.2**k * 0.8 ** (7 - k) for k in range(4, 8)))
    assert row["children_expected"] == pytest.approx(1.4)


def test_none_in_the_latest_quarter_is_no_sign() -> None:
    """No child in the latest quarter: a p-value of 1, whatever went before."""
    assert emerging(_cells((0, 30)))["p_value"].to_list() == [1.0]


def test_q_values_are_those_of_a_worked_example() -> None:
    """Benjamini and Hochberg 1995, their 15 p-values: at 0.05 the first four are named, where Bonferroni's rule names three."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert [q <= 0.05 for q in q_values(p)] == [True] * 4 + [False] * 11
    assert q_values(p[::-1]).tolist() == q_values(p)[::-1].tolist()
    assert q_values(p)[3] == pytest.approx(0.0095 * 15 / 4)


def test_no_cells() -> None:
    """Nothing to test gives nothing."""
    assert emerging(_cells()).is_empty()


def test_wrong_alarms_are_few_and_a_new_place_is_found() -> None:
    """On invented authorities at most 8% of maps have a wrong alarm, and a place that 30% of active children start to use is named in
    over 90%; counting episodes would give several times the alarms. A short run of benchmarks/emerging.py."""
    shares = list(run(maps=120, seed=692).values())
    assert shares[0] <= 0.08
    assert shares[1] > 0.15
    assert shares[4] > 0.9
