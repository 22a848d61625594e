"""How often findings were given in simulations in which there was nothing to find, for the Definitions page."""

from __future__ import annotations

import polars as pl

from dashboard.figures.words import capital
from dashboard.resources import REFERENCE

FILE = REFERENCE / "false_alarms.csv"
"""Measured with `python -m benchmarks.false_alarms --keep`; that module says how."""

_HOW = (
    "Authorities like the demo's were simulated in which nothing changes: children go in runs, a few of them very often, but no unit, "
    "month or weekday sees more than another. Each quarter was read as a manager would at its end. A finding that was given in "
    "more than 1 in 20 of them was made to ask for more. Where children are said to be like themselves, what one does is nearly always "
    "the same: that is what sets shares apart where nothing differs.",
)


def false_alarms() -> pl.DataFrame:
    """One row a finding: finding (names of figures), says, looked_at (quarters), alarms, share, lower, upper (95% limits)."""
    return pl.read_csv(FILE)


def false_alarms_in_words() -> list[str]:
    """What was simulated, and one sentence a finding."""
    return [
        *_HOW,
        *(
            f"{capital(row['says'])}: in {row['share']:.1%} of {row['looked_at']:,} quarters ({row['finding']})."
            for row in false_alarms().iter_rows(named=True)
        ),
    ]
