"""Our share of children beside England's, year by year."""

from __future__ import annotations

import altair as alt
import polars as pl

from dashboard.charts.theme import Palette, finish


def national(frame: pl.DataFrame, palette: Palette) -> alt.LayerChart:
    """A line a series, labelled at its last point. `frame`: year, percent_missing, england_percent_missing."""
    series = (
        frame.select("year", pl.col("percent_missing").alias("Ours"), pl.col("england_percent_missing").alias("England"))
        .unpivot(index="year", variable_name="whose", value_name="percent")
        .drop_nulls("percent")
        .with_columns(
            label=pl.col("whose") + pl.lit(" ") + pl.col("percent").round(0).cast(pl.Int64).cast(pl.String) + pl.lit("%"),
            financial_year=(pl.col("year") - 1).cast(pl.String) + pl.lit("-") + (pl.col("year") % 100).cast(pl.String).str.zfill(2),
        )
    )
    years = series["financial_year"].unique().sort().to_list()
    # Room above the highest line for its label and the axis title.
    highest = max(series["percent"].to_list(), default=1.0)
    base = alt.Chart(alt.Data(values=series.to_dicts())).encode(
        x=alt.X("financial_year:O", title=None, sort=years, axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "percent:Q",
            title="Percent of children looked after",
            scale=alt.Scale(domain=[0, highest * 1.2], nice=True),
            axis=alt.Axis(tickCount=5),
        ),
        color=alt.Color(
            "whose:N",
            scale=alt.Scale(domain=["Ours", "England"], range=[palette.categories[0], palette.usual]),
            legend=None,
        ),
    )
    lines = base.mark_line(strokeWidth=2.5)
    points = base.mark_point(filled=True, size=70, opacity=1)
    last = series.sort("year").group_by("whose").tail(1)
    labels = (
        alt.Chart(alt.Data(values=last.to_dicts()))
        .mark_text(align="left", dx=10, fontWeight="bold")
        .encode(x=alt.X("financial_year:O", sort=years), y="percent:Q", text="label:N", color=base.encoding.color)
    )
    return finish(alt.layer(lines, points, labels).properties(height=240, width="container"), palette, right=90)
