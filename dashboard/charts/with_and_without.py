"""Episodes by month, and what is left of them without the five children who go most."""

from __future__ import annotations

import altair as alt
import polars as pl

from dashboard.charts.labels import spread
from dashboard.charts.months import month_axis
from dashboard.charts.theme import Palette, finish

_HEIGHT = 230
# With more months than this points would run into a band.
_FEW_MONTHS = 48


def with_and_without(frame: pl.DataFrame, palette: Palette) -> alt.LayerChart:
    """Two lines, and between them the episodes of the five, shaded. Hollow points are months still being recorded; of many months the
    points are small.

    Takes the columns of `repeat_runners/without_top`, two months or more.
    """
    rows = frame.with_columns(pl.col("month").dt.strftime("%Y-%m-%dT00:00:00"))
    most = int(frame["episodes"].max() or 1)  # type: ignore[arg-type]  # a column of counts
    drawn = alt.Chart(alt.InlineData(values=rows.to_dicts()))
    x = alt.X("month:T", title=None, axis=month_axis(frame["month"].to_list()))
    scale = alt.Scale(domain=[0, most], nice=False)

    def y_of(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", title="Episodes a month", scale=scale, axis=alt.Axis(format=",.0f", tickCount=5))

    layers = [drawn.mark_area(color=palette.sequential[0], opacity=0.45).encode(x=x, y=y_of("episodes_without_top_5"), y2="episodes:Q")]
    lines = {"episodes": ("All episodes", palette.categories[0]), "episodes_without_top_5": ("Without the five", palette.usual)}
    is_long = frame.height > _FEW_MONTHS
    for column, (_, colour) in lines.items():
        layers.append(drawn.mark_line(color=colour, strokeWidth=1.5 if is_long else 2.5).encode(x=x, y=y_of(column)))
        layers.append(
            drawn.mark_point(size=10 if is_long else 45, opacity=1, stroke=colour, strokeWidth=2).encode(
                x=x,
                y=y_of(column),
                fill=alt.condition("datum.is_provisional", alt.value(palette.halo), alt.value(colour)),
                tooltip=[
                    alt.Tooltip("month:T", title="Month", format="%B %Y"),
                    alt.Tooltip("episodes:Q", title="Episodes"),
                    alt.Tooltip("episodes_without_top_5:Q", title="Without the five"),
                ],
            )
        )
    last = frame.row(-1, named=True)
    places = spread([_HEIGHT * (1 - last[column] / most) for column in lines], _HEIGHT - 8)
    for (column, (words, colour)), place in zip(lines.items(), places, strict=True):
        layers.append(
            alt.Chart(alt.InlineData(values=[{"words": f"{words} {last[column]:,}"}]))
            .mark_text(align="left", dx=12, baseline="middle", fontWeight="bold", color=colour)
            .encode(x=alt.value("width"), y=alt.value(place), text="words:N")
        )
    return finish(alt.layer(*layers).properties(height=_HEIGHT, width="container"), palette)
