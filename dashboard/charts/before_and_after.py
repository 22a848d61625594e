"""Two rates with their intervals, one above the other: before a move and after it."""

from __future__ import annotations

import altair as alt
import polars as pl

from dashboard.charts.theme import Palette, finish

_ROW = 46
_NAMES = {"before_move": "28 days before a move", "after_move": "28 days from a move"}


def before_and_after(frame: pl.DataFrame, palette: Palette) -> alt.LayerChart:
    """A point and its 95% interval a row, the numbers on the right.

    Takes measure (before_move, after_move), value, lower and upper, without a null, and words, the numbers as they are read.
    """
    rows = [
        row | {"name": _NAMES[row["measure"]]} for row in frame.select("measure", "value", "lower", "upper", "words").iter_rows(named=True)
    ]
    drawn = alt.Chart(alt.InlineData(values=rows)).encode(y=alt.Y("name:N", sort=list(_NAMES.values()), title=None))
    x = alt.X(
        "value:Q",
        title="Episodes per 100 nights, with 95% interval",
        scale=alt.Scale(zero=True, nice=False),
        axis=alt.Axis(grid=True, domain=False, ticks=False, tickCount=5),
    )
    interval = drawn.mark_rule(strokeWidth=7, color=palette.usual, opacity=0.45, strokeCap="round").encode(x=alt.X("lower:Q"), x2="upper:Q")
    point = drawn.mark_point(filled=True, size=110, opacity=1, color=palette.categories[0]).encode(x=x)
    numbers = drawn.mark_text(align="left", dx=14).encode(x=alt.value("width"), text="words:N")
    return finish(alt.layer(interval, point, numbers).properties(height=_ROW * len(rows), width="container"), palette)
