"""A share month by month, with its interval and, where there is one, its target."""

from __future__ import annotations

from datetime import date

import altair as alt
import polars as pl

from dashboard.charts.months import ALL_NAMED, month_axis
from dashboard.charts.theme import Palette, finish

_HEIGHT = 210
# How far below 0% the plot goes on to hold them.
_STRIP = 0.26


def share_by_month(frame: pl.DataFrame, palette: Palette, *, target: float | None = None) -> alt.LayerChart:
    """A point a month on a band from `lower` to `upper`, hollow where the month is still being recorded.

    `frame`: month, share, lower, upper, hits, tries, is_provisional. A month without a share leaves a gap in the line.
    """
    months: list[date] = frame["month"].to_list()
    is_numbered = len(months) <= ALL_NAMED
    data = alt.InlineData(
        values=[
            {
                **row,
                # A time of day, so that a browser reads the date as local wherever it is.
                "month": f"{row['month']}T00:00:00",
                "numbers": f"{row['hits']:,}\nof {row['tries']:,}",
                "recorded": "Still being recorded" if row["is_provisional"] else "Recorded",
            }
            for row in frame.select("month", "share", "lower", "upper", "hits", "tries", "is_provisional").to_dicts()
        ]
    )
    x = alt.X("month:T", title=None, scale=alt.Scale(padding=24), axis=month_axis(months))
    y = alt.Y(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[-_STRIP if is_numbered else 0, 1], nice=False),
        axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    base = alt.Chart(data).encode(x=x)
    band = base.mark_area(color=palette.band) if len(months) > 1 else base.mark_rule(color=palette.usual, opacity=0.45, strokeWidth=7)
    layers: list[alt.Chart | alt.LayerChart] = [
        band.encode(y=alt.Y("lower:Q"), y2="upper:Q"),
        base.mark_line(color=palette.categories[0], strokeWidth=2.5).encode(y=y),
        base.mark_point(size=70 if is_numbered else 30, strokeWidth=2, opacity=1, color=palette.categories[0]).encode(
            y=y,
            fill=alt.Fill(
                "recorded:N",
                title=None,
                scale=alt.Scale(domain=["Recorded", "Still being recorded"], range=[palette.categories[0], palette.halo]),
                legend=alt.Legend(symbolStrokeColor=palette.categories[0]) if frame["is_provisional"].any() else None,
            ),
        ),
    ]
    if is_numbered:
        layers.append(
            base.mark_text(color=palette.secondary, fontSize=12, baseline="middle", lineHeight=14, lineBreak="\n").encode(
                y=alt.datum(-_STRIP / 2), text="numbers:N"
            )
        )
    if target is not None:
        layers.append(_target(target, palette))
    return finish(alt.layer(*layers).properties(height=_HEIGHT, width="container"), palette)


def as_set(target: float) -> str:
    """A target as somebody set it: "99.5%", which is not "over 99%"."""
    return f"{100 * target:g}%"


def _target(target: float, palette: Palette) -> alt.LayerChart:
    data = alt.InlineData(values=[{"share": target, "said": f"Target {as_set(target)}"}])
    line = alt.Chart(data).mark_rule(strokeDash=[6, 4], strokeWidth=1.5, color=palette.text).encode(y="share:Q")
    words = alt.Chart(data).mark_text(align="left", dx=8, color=palette.text).encode(y="share:Q", x=alt.value("width"), text="said:N")
    return line + words
