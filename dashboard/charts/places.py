"""Kinds of place where children were found, and who found them."""

from __future__ import annotations

import altair as alt
import polars as pl

from dashboard.charts.theme import Palette, finish

_ROW_HEIGHT = 30
FINDERS = ("police", "own accord", "staff", "others or not recorded")


def places(frame: pl.DataFrame, palette: Palette) -> alt.LayerChart:
    """Bars by kind of place in the order of `frame`, parted by who found the child, with the number of episodes at their end.

    `frame`: place (words), finder (one of FINDERS), episodes.
    """
    totals = frame.group_by("place", maintain_order=True).agg(pl.col("episodes").sum())
    y = alt.Y("place:N", sort=totals["place"].to_list(), title=None, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.15))
    bars = (
        alt.Chart(frame.with_columns(order=pl.col("finder").replace_strict({name: at for at, name in enumerate(FINDERS)})))
        .mark_bar()
        .encode(
            y=y,
            x=alt.X("episodes:Q", stack="zero", axis=None, scale=alt.Scale(nice=False)),
            color=alt.Color(
                "finder:N", title="Found by", scale=alt.Scale(domain=list(FINDERS), range=[*palette.categories[:3], palette.usual])
            ).legend(symbolType="square"),
            order="order:Q",
            tooltip=[
                alt.Tooltip("place:N", title="Where"),
                alt.Tooltip("finder:N", title="Found by"),
                alt.Tooltip("episodes:Q", title="Episodes", format=",.0f"),
            ],
        )
    )
    numbers = alt.Chart(totals).mark_text(align="left", dx=6).encode(y=y, x="episodes:Q", text=alt.Text("episodes:Q", format=",.0f"))
    return finish(alt.layer(bars, numbers).properties(width="container", height=_ROW_HEIGHT * totals.height), palette, right=48)
