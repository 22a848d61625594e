"""What one export added to each month and took from it, beside the export before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import altair as alt
import polars as pl

from dashboard.charts.months import month_axis
from dashboard.charts.theme import Palette, finish

_HEIGHT = 190
_ADDED, _GONE, _MOVED = "New", "Gone", "Moved by a corrected start"


def changes_by_month(frame: pl.DataFrame, palette: Palette) -> alt.LayerChart:
    """Bars a month: new rows above the line, those gone below it, those moved in above or moved out below.

    `frame`: month, added, gone, moved (into the month less out of it).
    """
    months: Sequence[date] = frame["month"].to_list()
    parts = []
    for row in frame.iter_rows(named=True):
        above = 0
        for part, count in ((_ADDED, row["added"]), (_MOVED, max(row["moved"], 0))):
            parts.append({"month": f"{row['month']}T00:00:00", "from": above, "to": above + count, "part": part})
            above += count
        below = 0
        for part, count in ((_GONE, row["gone"]), (_MOVED, max(-row["moved"], 0))):
            parts.append({"month": f"{row['month']}T00:00:00", "from": below, "to": below - count, "part": part})
            below -= count
    drawn = [part for part in parts if part["from"] != part["to"]]
    names = [name for name in (_ADDED, _GONE, _MOVED) if any(part["part"] == name for part in drawn)]
    colours = {_ADDED: palette.categories[0], _GONE: palette.usual, _MOVED: palette.categories[1]}
    domain = [alt.DateTime(year=month.year, month=month.month, date=1) for month in (months[0], months[-1])]
    scale = alt.Scale(domain=names, range=[colours[name] for name in names])
    bars = (
        alt.Chart(alt.InlineData(values=drawn))
        .mark_bar(width=alt.RelativeBandSize(0.7) if len(months) == 1 else max(2, min(26, 420 // len(months))))
        .encode(
            x=alt.X("month:T", title=None, scale=alt.Scale(domain=domain, padding=24), axis=month_axis(months)),
            y=alt.Y("from:Q", title=None, axis=alt.Axis(format=",.0f", tickMinStep=1, labelExpr="format(abs(datum.value), ',.0f')")),
            y2="to:Q",
            color=alt.Color("part:N", scale=scale, legend=alt.Legend(title=None)),
        )
    )
    line = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=palette.usual).encode(y="zero:Q")
    return finish(alt.layer(bars, line).properties(height=_HEIGHT, width="container"), palette)
