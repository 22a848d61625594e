"""Whether more children are found in a place than the quarters before would lead to expect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from scipy.special import bdtrc

FALSE_DISCOVERY_RATE = 0.10


def emerging(cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with `children_expected`, `p_value`, `q_value` and `is_emerging`.

    `cells`: children_latest (different children in the latest of five quarters), children_all (summed over the five),
    active_latest and active_all (the same of all children with a place, whichever cell). Different children are counted, not
    episodes: one child who goes to a place ten times would make it look new.

    Expected is the cell's sum times the latest quarter's share of all active children. The p-value is the exact upper tail of the
    binomial distribution: so many of the cell's sum in the latest quarter, or more. Cells are looked at together, so that the
    false discovery rate is held to 10% (Benjamini and Hochberg 1995).
    """
    share = pl.col("active_latest") / pl.col("active_all")
    latest, whole, of_all = cells.select("children_latest", "children_all", share.fill_nan(0.0).alias("share"))
    # bdtrc(k, n, p) is the chance of more than k.
    p_values = bdtrc(latest.to_numpy() - 1.0, whole.to_numpy(), of_all.to_numpy()) if cells.height else np.zeros(0)
    p_values = np.where(latest.to_numpy() == 0, 1.0, p_values)
    return cells.with_columns(
        children_expected=whole * of_all,
        p_value=pl.Series(p_values, dtype=pl.Float64),
        q_value=pl.Series(q_values(p_values), dtype=pl.Float64),
    ).with_columns(is_emerging=pl.col("q_value") <= FALSE_DISCOVERY_RATE)


def q_values(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """The least false discovery rate at which each test would be named (Benjamini and Hochberg 1995), in the order given."""
    p = np.asarray(p_values, float)
    order = np.argsort(p)[::-1]
    steps = p[order] * len(p) / np.arange(len(p), 0, -1)
    q = np.empty_like(p)
    q[order] = np.minimum.accumulate(np.minimum(steps, 1.0))
    return q
