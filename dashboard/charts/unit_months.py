"""Units by month as a heat map, with the counts in its cells."""

from __future__ import annotations

import altair as alt
import polars as pl

from dashboard.charts.bars import LABEL_AFTER_PLACE
from dashboard.charts.heat import ink_on
from dashboard.charts.theme import Palette, finish

_ROW = 26


def unit_months(frame: pl.DataFrame, palette: Palette) -> alt.LayerChart:
    """A row a unit in the order of `frame`, a column a month. `frame`: name, place (the row, from 0), month, count.

    A month before a unit's opening or after its closing has no cell.
    """
    most = int(frame["count"].max() or 0)  # type: ignore[arg-type]
    months = frame["month"].unique().sort().to_list()
    # The year stands once, under the first month and each January.
    ticks = {
        month.isoformat(): [f"{month:%b}", f"{month:%Y}" if index == 0 or month.month == 1 else ""] for index, month in enumerate(months)
    }
    keys = list(dict.fromkeys(f"{place}|{name}" for place, name in frame.select("place", "name").iter_rows()))
    cells = []
    for row in frame.iter_rows(named=True):
        # Quarters of the fullest cell: a scale that does not depend on how the rest lies.
        fill = palette.sequential[min(3, 4 * row["count"] // most)] if row["count"] else palette.empty_cell
        cells.append(
            {
                "row": f"{row['place']}|{row['name']}",
                "month": row["month"].isoformat(),
                "count": row["count"],
                "fill": fill,
                "ink": ink_on(fill, palette),
            }
        )
    base = alt.Chart(alt.InlineData(values=cells)).encode(
        x=alt.X(
            "month:O",
            title=None,
            scale=alt.Scale(paddingInner=0.05, paddingOuter=0),
            axis=alt.Axis(labelExpr=f"{ticks!r}[datum.value]", labelAngle=0, domain=False, ticks=False, labelOverlap=False),
        ),
        y=alt.Y(
            "row:N",
            sort=keys,
            title=None,
            scale=alt.Scale(domain=keys, paddingInner=0.1, paddingOuter=0),
            axis=alt.Axis(labelExpr=LABEL_AFTER_PLACE),
        ),
    )
    layers = (
        base.mark_rect().encode(fill=alt.Fill("fill:N", scale=None)),
        base.mark_text().encode(text=alt.Text("count:Q", format=",.0f"), color=alt.Color("ink:N", scale=None)),
    )
    return finish(alt.layer(*layers).properties(height=_ROW * len(keys), width="container"), palette)
