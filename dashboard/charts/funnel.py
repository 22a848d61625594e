"""Units by size and rate, between the limits that widen as units get smaller."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import Any

import altair as alt
import polars as pl

from dashboard.charts.labels import SMALLEST_WIDTH, Box, Label, label_layers, place, spread
from dashboard.charts.theme import Palette, finish

_HEIGHT = 270

_READINGS = {
    "usual": "Within the limits",
    "high": "Above the limits",
    "low": "Below the limits",
    "single_children": "Outside because of single children",
}


@dataclass(frozen=True)
class Axes:
    """What a funnel is of: the words under the axis of sizes, the number format of values, the average in words, and the largest value
    that there can be."""

    size: str
    value_format: str
    average: str
    most: float = inf


def funnel(units: pl.DataFrame, curves: pl.DataFrame, average: float, axes: Axes, palette: Palette) -> alt.LayerChart:
    """A point a unit, named where it is outside the limits or asked for, and ringed where asked for.

    `units`: name, size (above 0), value, reading (usual, high, low, or single_children: outside the limits by what single children do,
    and not named for it), is_ringed, said (what stands behind the value, in words).
    `curves`: size, lower_95, upper_95, lower_998 and upper_998, in order of size and from small to as large as a unit is.
    `average` is the value that they close in on.
    """
    last = curves.row(-1, named=True)
    widest = last["size"]
    top = min(axes.most, max(*units["value"], 1.2 * last["upper_998"], 2 * average) * _HEIGHT / (_HEIGHT - 16))
    x = alt.X(
        "size:Q",
        title=axes.size,
        scale=alt.Scale(domain=[0, widest], nice=False),
        axis=alt.Axis(format=",.0f", tickCount=6, labelFlush=True),
    )
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(format=axes.value_format, tickCount=5))
    points = [
        {
            **unit,
            "words": _READINGS[unit["reading"]],
            "color": palette.text,
            "across": SMALLEST_WIDTH * unit["size"] / widest,
            "down": _down(unit["value"], top),
        }
        for unit in units.sort("value", descending=True).iter_rows(named=True)
    ]
    layers = [
        *_limit_layers(curves, average, axes, top, palette),
        *_point_layers(points, axes, x, y, palette),
        *label_layers(_labels(points, curves, average, top), x, y, palette),
    ]
    return finish(alt.layer(*layers).properties(height=_HEIGHT, width="container"), palette)


def _limit_layers(curves: pl.DataFrame, average: float, axes: Axes, top: float, palette: Palette) -> list[alt.Chart]:
    base = alt.Chart(alt.InlineData(values=curves.to_dicts())).encode(x=alt.X("size:Q"))
    limit: dict[str, Any] = {"strokeWidth": 1.5, "color": palette.secondary, "clip": True}
    last = curves.row(-1, named=True)
    named = (("99.8% limit", last["upper_998"]), ("95% limit", last["upper_95"]), (f"Average {axes.average}", average))
    places = spread([_down(value, top) for _, value in named], _HEIGHT - 8)
    words = [{"value": top * (1 - at / _HEIGHT), "text": text} for (text, _), at in zip(named, places, strict=True)]
    return [
        base.mark_area(color=palette.band, clip=True).encode(y="lower_998:Q", y2="upper_998:Q"),
        *(base.mark_line(strokeDash=[7, 5], **limit).encode(y=f"{side}_998:Q") for side in ("lower", "upper")),
        *(base.mark_line(strokeDash=[2, 4], **limit).encode(y=f"{side}_95:Q") for side in ("lower", "upper")),
        alt.Chart(alt.InlineData(values=[{"value": average}])).mark_rule(strokeWidth=2, color=palette.text).encode(y="value:Q"),
        alt.Chart(alt.InlineData(values=words))
        .mark_text(align="left", dx=8, baseline="middle", color=palette.secondary)
        .encode(x=alt.value("width"), y="value:Q", text="text:N"),
    ]


def _point_layers(points: list[dict], axes: Axes, x: alt.X, y: alt.Y, palette: Palette) -> list[alt.Chart]:
    shown = [words for reading, words in _READINGS.items() if reading != "single_children" or any(p["reading"] == reading for p in points)]
    legend = alt.Legend(title=None, values=shown, labelLimit=320)
    readings = list(_READINGS.values())
    scales = {
        "shape": (alt.Shape, ["circle", "triangle-up", "triangle-down", "diamond"]),
        "stroke": (alt.Stroke, [palette.usual, palette.high, palette.low, palette.usual]),
        "fill": (alt.Fill, [palette.usual, palette.high, palette.low, palette.halo]),
    }
    marks: dict[str, Any] = {
        name: channel("words:N", legend=legend, scale=alt.Scale(domain=readings, range=values))
        for name, (channel, values) in scales.items()
    }
    base = alt.Chart(alt.InlineData(values=points)).encode(x=x, y=y)
    ringed = alt.Chart(alt.InlineData(values=[point for point in points if point["is_ringed"]])).encode(x=x, y=y)
    return [
        ringed.mark_point(size=420, strokeWidth=2, opacity=1, color=palette.secondary),
        base.mark_point(size=95, strokeWidth=1.6, opacity=1).encode(
            **marks,
            tooltip=[
                alt.Tooltip("name:N", title="Unit"),
                alt.Tooltip("said:N", title="Counted"),
                alt.Tooltip("value:Q", title="Value", format=axes.value_format),
                alt.Tooltip("words:N", title="Reading"),
            ],
        ),
    ]


def _labels(points: list[dict], curves: pl.DataFrame, average: float, top: float) -> list[dict]:
    """Names, those outside the limits first."""
    named = sorted((p for p in points if p["is_ringed"] or p["reading"] in ("high", "low")), key=lambda p: p["reading"] == "usual")
    labels = [
        Label(
            p["name"],
            p["across"],
            p["down"],
            {key: p[key] for key in ("size", "value", "color")},
            is_below=p["reading"] == "low",
            gap=16 if p["is_ringed"] else 9,
        )
        for p in named
    ]
    dots = [Box.around(p["across"], p["down"], 12 if p["is_ringed"] else 7) for p in points]
    lines = [Box(0, _down(average, top) - 1, SMALLEST_WIDTH, _down(average, top) + 1)]
    lines += [
        Box.around(SMALLEST_WIDTH * row["size"] / curves["size"][-1], _down(row[name], top), 3)
        for row in curves.iter_rows(named=True)
        for name in ("lower_95", "upper_95", "lower_998", "upper_998")
    ]
    return place(labels, dots, lines, _HEIGHT)


def _down(value: float, top: float) -> float:
    """How many pixels from the top of the plot a value lies."""
    return _HEIGHT * (1 - value / top)
