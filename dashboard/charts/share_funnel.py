"""Units by how many episodes they have and which share of them, between limits that close in as units get larger."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from dashboard.charts.labels import SMALLEST_WIDTH, Box, Label, label_layers, place, spread
from dashboard.charts.theme import Palette, finish

_HEIGHT = 270
_READINGS = {"usual": "Within the limits", "high": "Above the limits", "low": "Below the limits"}


def share_funnel(units: pl.DataFrame, curves: pl.DataFrame, average: float, palette: Palette) -> alt.LayerChart:
    """A point a unit, named where it is outside the 99.8% limits.

    `units`: name, episodes, share, outside (usual, high or low). `curves`: episodes, lower_95, upper_95, lower_998 and upper_998 (shares),
    in order of episodes and from few to as many as a unit has. `average` is the share that they close in on.
    """
    widest = curves["episodes"][-1]
    x = alt.X(
        "episodes:Q",
        title="Episodes in the period",
        scale=alt.Scale(domain=[0, widest], nice=False),
        axis=alt.Axis(format=",.0f", tickCount=6, labelFlush=True),
    )
    y = alt.Y("share:Q", title=None, scale=alt.Scale(domain=[0, 1], nice=False), axis=alt.Axis(format=".0%", tickCount=5))
    points = [
        {
            **unit,
            "reading": _READINGS[unit["outside"]],
            "color": palette.text,
            "across": SMALLEST_WIDTH * unit["episodes"] / widest,
            "down": _HEIGHT * (1 - unit["share"]),
        }
        for unit in units.iter_rows(named=True)
    ]
    readings = list(_READINGS.values())
    colours = [palette.usual, palette.high, palette.low]
    marks: dict[str, Any] = {
        "shape": alt.Shape(
            "reading:N", legend=alt.Legend(title=None), scale=alt.Scale(domain=readings, range=["circle", "triangle-up", "triangle-down"])
        ),
        "stroke": alt.Stroke("reading:N", legend=alt.Legend(title=None), scale=alt.Scale(domain=readings, range=colours)),
        "fill": alt.Fill("reading:N", legend=alt.Legend(title=None), scale=alt.Scale(domain=readings, range=colours)),
    }
    dots = (
        alt.Chart(alt.InlineData(values=points))
        .mark_point(size=95, opacity=1)
        .encode(
            x=x,
            y=y,
            **marks,
            tooltip=[
                alt.Tooltip("name:N", title="Unit"),
                alt.Tooltip("episodes:Q", title="Episodes", format=",.0f"),
                alt.Tooltip("share:Q", title="Reported", format=".0%"),
                alt.Tooltip("reading:N", title="Reading"),
            ],
        )
    )
    layers = [*_limit_layers(curves, average, palette), dots, *label_layers(_labels(points, average), x, y, palette)]
    return finish(alt.layer(*layers).properties(height=_HEIGHT, width="container"), palette)


def _limit_layers(curves: pl.DataFrame, average: float, palette: Palette) -> list[alt.Chart]:
    base = alt.Chart(alt.InlineData(values=curves.to_dicts())).encode(x=alt.X("episodes:Q"))
    line: dict[str, Any] = {"strokeWidth": 1.5, "color": palette.secondary}
    last = curves.row(-1, named=True)
    named = [("99.8% limit", last["upper_998"]), ("95% limit", last["upper_95"]), (f"All units {average:.0%}", average)]
    places = spread([_HEIGHT * (1 - value) for _, value in named], _HEIGHT - 8)
    words = [{"share": 1 - at / _HEIGHT, "text": text} for (text, _), at in zip(named, places, strict=True)]
    return [
        base.mark_area(color=palette.band).encode(y="lower_998:Q", y2="upper_998:Q"),
        *(base.mark_line(strokeDash=[7, 5], **line).encode(y=f"{side}_998:Q") for side in ("lower", "upper")),
        *(base.mark_line(strokeDash=[2, 4], **line).encode(y=f"{side}_95:Q") for side in ("lower", "upper")),
        alt.Chart(alt.InlineData(values=[{"share": average}])).mark_rule(strokeWidth=2, color=palette.text).encode(y="share:Q"),
        alt.Chart(alt.InlineData(values=words))
        .mark_text(align="left", dx=8, baseline="middle", color=palette.secondary)
        .encode(x=alt.value("width"), y="share:Q", text="text:N"),
    ]


def _labels(points: list[dict], average: float) -> list[dict]:
    labels = [
        Label(p["name"], p["across"], p["down"], {key: p[key] for key in ("episodes", "share", "color")}, is_below=p["outside"] == "low")
        for p in points
        if p["outside"] != "usual"
    ]
    dots = [Box.around(p["across"], p["down"], 7) for p in points]
    middle = _HEIGHT * (1 - average)
    return place(labels, dots, [Box(0, middle - 1, SMALLEST_WIDTH, middle + 1)], _HEIGHT)
