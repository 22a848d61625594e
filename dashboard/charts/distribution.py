"""Children and their episodes by how often they went."""

from __future__ import annotations

import altair as alt
import polars as pl

from dashboard.charts.theme import Palette, finish

_BAND = 35
_PARTS = ["children", "episodes"]


def distribution(frame: pl.DataFrame, palette: Palette) -> alt.LayerChart:
    """Two bars a band, with their numbers. Takes the columns of `repeat_runners/distribution`."""
    rows = [
        {"band": row["band"], "part": part, "count": row[part], "words": f"{row[part]:,}"}
        for row in frame.iter_rows(named=True)
        for part in _PARTS
    ]
    bars = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y(
            "band:N",
            sort=frame["band"].to_list(),
            title=None,
            scale=alt.Scale(paddingInner=0.25),
            axis=alt.Axis(labelExpr="datum.value + (datum.value == '1' ? ' episode' : ' episodes')"),
        ),
        yOffset=alt.YOffset("part:N", sort=_PARTS),
        x=alt.X("count:Q", axis=None, scale=alt.Scale(domainMin=0, nice=False)),
    )
    drawn = bars.mark_bar().encode(
        color=alt.Color(
            "part:N",
            scale=alt.Scale(domain=_PARTS, range=list(palette.categories[:2])),
            legend=alt.Legend(title=None, labelExpr="datum.value == 'children' ? 'Children' : 'Their episodes'"),
        )
    )
    written = bars.mark_text(align="left", dx=5, baseline="middle").encode(text="words:N")
    return finish(alt.layer(drawn, written).properties(height=_BAND * frame.height, width="container"), palette, right=60)
