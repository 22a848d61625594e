"""Units by size and rate, between the limits that widen as units get smaller."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from dashboard.charts.labels import SMALLEST_WIDTH, Box, Label, label_layers, place, spread
from dashboard.charts.theme import Palette, finish

_HEIGHT = 270

_READINGS = {"usual": "Within the limits", "high": "Above the limits", "low": "Below the limits"}


def funnel(units: pl.DataFrame, curves: pl.DataFrame, average: float, palette: Palette) -> alt.LayerChart:
    """A point a unit, named where it is outside the limits or asked for, and ringed where asked for.

    `units`: name, episodes, nights (above 0), rate (per 1,000 nights), outside (usual, high or low), is_ringed.
    `curves`: nights, lower_95, upper_95, lower_998 and upper_998 (rates), in order of nights and from few to as many as a unit has.
    `average` is the rate that they close in on.
    """
    last = curves.row(-1, named=True)
    widest = last["nights"]
    highest = max(*units["rate"], 1.2 * last["upper_998"], 2 * average)
    top = highest * _HEIGHT / (_HEIGHT - 16)
    x = alt.X(
        "nights:Q",
        title="Nights in placement in the period",
        scale=alt.Scale(domain=[0, widest], nice=False),
        axis=alt.Axis(format=",.0f", tickCount=6, labelFlush=True),
    )
    y = alt.Y("rate:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(format=",.2~f", tickCount=5))
    points = [
        {
            **unit,
            "reading": _READINGS[unit["outside"]],
            "color": palette.text,
            "across": SMALLEST_WIDTH * unit["nights"] / widest,
            "down": _down(unit["rate"], top),
        }
        for unit in units.sort("rate", descending=True).iter_rows(named=True)
    ]
    layers = [
        *_limit_layers(curves, average, top, palette),
        *_point_layers(points, x, y, palette),
        *label_layers(_labels(points, curves, average, top), x, y, palette),
    ]
    return finish(alt.layer(*layers).properties(height=_HEIGHT, width="container"), palette)


def _limit_layers(curves: pl.DataFrame, average: float, top: float, palette: Palette) -> list[alt.Chart]:
    base = alt.Chart(alt.InlineData(values=curves.to_dicts())).encode(x=alt.X("nights:Q"))
    limit: dict[str, Any] = {"strokeWidth": 1.5, "color": palette.secondary, "clip": True}
    last = curves.row(-1, named=True)
    named = (("99.8% limit", last["upper_998"]), ("95% limit", last["upper_95"]), (f"Average {average:,.1f}", average))
    places = spread([_down(value, top) for _, value in named], _HEIGHT - 8)
    words = [{"rate": top * (1 - at / _HEIGHT), "text": text} for (text, _), at in zip(named, places, strict=True)]
    return [
        base.mark_area(color=palette.band, clip=True).encode(y="lower_998:Q", y2="upper_998:Q"),
        *(base.mark_line(strokeDash=[7, 5], **limit).encode(y=f"{side}_998:Q") for side in ("lower", "upper")),
        *(base.mark_line(strokeDash=[2, 4], **limit).encode(y=f"{side}_95:Q") for side in ("lower", "upper")),
        alt.Chart(alt.InlineData(values=[{"rate": average}])).mark_rule(strokeWidth=2, color=palette.text).encode(y="rate:Q"),
        alt.Chart(alt.InlineData(values=words))
        .mark_text(align="left", dx=8, baseline="middle", color=palette.secondary)
        .encode(x=alt.value("width"), y="rate:Q", text="text:N"),
    ]


def _point_layers(points: list[dict], x: alt.X, y: alt.Y, palette: Palette) -> list[alt.Chart]:
    readings = list(_READINGS.values())
    colours = [palette.usual, palette.high, palette.low]
    legend = alt.Legend(title=None)
    marks: dict[str, Any] = {
        "shape": alt.Shape("reading:N", legend=legend, scale=alt.Scale(domain=readings, range=["circle", "triangle-up", "triangle-down"])),
        "stroke": alt.Stroke("reading:N", legend=legend, scale=alt.Scale(domain=readings, range=colours)),
        "fill": alt.Fill("reading:N", legend=legend, scale=alt.Scale(domain=readings, range=colours)),
    }
    base = alt.Chart(alt.InlineData(values=points)).encode(x=x, y=y)
    ringed = alt.Chart(alt.InlineData(values=[point for point in points if point["is_ringed"]])).encode(x=x, y=y)
    return [
        ringed.mark_point(size=420, strokeWidth=2, opacity=1, color=palette.secondary),
        base.mark_point(size=95, opacity=1).encode(
            **marks,
            tooltip=[
                alt.Tooltip("name:N", title="Unit"),
                alt.Tooltip("episodes:Q", title="Episodes", format=",.0f"),
                alt.Tooltip("nights:Q", title="Nights", format=",.0f"),
                alt.Tooltip("rate:Q", title="Per 1,000 nights", format=",.1f"),
                alt.Tooltip("reading:N", title="Reading"),
            ],
        ),
    ]


def _labels(points: list[dict], curves: pl.DataFrame, average: float, top: float) -> list[dict]:
    """Names, those outside the limits first."""
    named = sorted((p for p in points if p["is_ringed"] or p["outside"] in ("high", "low")), key=lambda p: p["outside"] == "usual")
    labels = [
        Label(
            p["name"],
            p["across"],
            p["down"],
            {key: p[key] for key in ("nights", "rate", "color")},
            is_below=p["outside"] == "low",
            gap=16 if p["is_ringed"] else 9,
        )
        for p in named
    ]
    dots = [Box.around(p["across"], p["down"], 12 if p["is_ringed"] else 7) for p in points]
    lines = [Box(0, _down(average, top) - 1, SMALLEST_WIDTH, _down(average, top) + 1)]
    lines += [
        Box.around(SMALLEST_WIDTH * row["nights"] / curves["nights"][-1], _down(row[name], top), 3)
        for row in curves.iter_rows(named=True)
        for name in ("lower_95", "upper_95", "lower_998", "upper_998")
    ]
    return place(labels, dots, lines, _HEIGHT)


def _down(rate: float, top: float) -> float:
    """How many pixels from the top of the plot a rate lies."""
    return _HEIGHT * (1 - rate / top)
