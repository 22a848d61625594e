"""Small control charts of many units side by side, each on a scale of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import altair as alt
import polars as pl

from dashboard.charts.labels import broken
from dashboard.charts.theme import Palette, finish

PANELS_A_PAGE = 12
"""As many as are legible at once."""

_LINE = 15
_PLOT = 60
_MONTHS_ROW, _GAP, _BETWEEN = 18, 10, 8
# The part of a panel's width that its plot takes; the rest is for the latest number and the gap to the next panel.
_PLOT_WIDTH = 0.84
# A plot of all panels on the narrowest page: what is written over a panel is broken into lines that fit there.
_NARROWEST = 610
# With more points than this marks would hide the line.
_FEW_POINTS = 60
_USUAL, _MARKED, _HIGH, _LOW = "Usual variation", "Marked by a rule alone", "Higher than usual", "Lower than usual"


@dataclass(frozen=True)
class Panel:
    """One unit: its name, what is said of it in lines, and its points.

    `series` as `control_limits` gives it, a point at least. `side` is "high" or "low" where the unit differs clearly from its past, from
    the month `since` to the month `until`: that alone has a colour. Rules mark some unit in most quarters.
    """

    name: str
    lines: tuple[str, ...]
    series: pl.DataFrame
    side: str = ""
    since: date = date.max
    until: date = date.max


def unit_charts(panels: Sequence[Panel], palette: Palette) -> alt.LayerChart:
    """The panels in their order, row by row, over the same months. All in one plot, so that it fits whatever width it is given."""
    columns = _columns(len(panels))
    first = min(panel.series["month"][0] for panel in panels)
    months = max(_index(panel.series["month"][-1]) + panel.series["months_spanned"][-1] for panel in panels) - _index(first)
    written = [_words(panel, _NARROWEST / columns - _BETWEEN, palette) for panel in panels]
    texts: list[dict] = []
    points: list[dict] = []
    limits: list[dict] = []
    top = 0
    for row in range(0, len(panels), columns):
        of_row = panels[row : row + columns]
        floor = top + _LINE * max(len(words) for words in written[row : row + columns]) + _PLOT
        for column, panel in enumerate(of_row):
            texts += [_text(x=column, y=top + 8 + line * _LINE, **words) for line, words in enumerate(written[row + column])]
            drawn, drawn_limits = _drawn(panel, column, floor, first, months)
            points += drawn
            limits += drawn_limits
            last = _month(_index(panel.series["month"][-1]) + panel.series["months_spanned"][-1] - 1)
            texts += [
                _text(f"{first:%b %Y}", column, floor + 10, palette.secondary, size=11),
                _text(f"{last:%b %Y}", column + _PLOT_WIDTH, floor + 10, palette.secondary, size=11, align="right"),
                _text(f"{points[-1]['value']:,}", column + _PLOT_WIDTH, points[-1]["y"], palette.text, dx=6),
            ]
        top = floor + _MONTHS_ROW + _GAP
    layers = _layers(points, limits, texts, columns, top, months <= _FEW_POINTS, palette)
    return finish(alt.layer(*layers).properties(height=top, width="container"), palette)


def _columns(panels: int) -> int:
    return 3 if panels in (3, 5, 6, 9) else min(panels, 4)


def _index(month: date) -> int:
    return month.year * 12 + month.month - 1


def _month(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


def _words(panel: Panel, widest: float, palette: Palette) -> list[dict[str, Any]]:
    """What stands over a panel, line by line."""
    colour = {"high": palette.high, "low": palette.low}.get(panel.side, palette.secondary)
    first, *others = panel.lines
    said = [
        (panel.name, palette.text, "bold", 13),
        (first, colour, "bold" if panel.side else "normal", 12),
        *((line, palette.secondary, "normal", 12) for line in others),
    ]
    return [
        {"text": line, "colour": ink, "weight": weight, "size": size}
        for text, ink, weight, size in said
        for line in broken(text, widest, size=size)
    ]


def _text(
    text: str, x: float, y: float, colour: str, *, weight: str = "normal", size: int = 13, align: str = "left", dx: int = 0
) -> dict[str, Any]:
    return {"text": text, "x": x, "y": y, "colour": colour, "weight": weight, "size": size, "align": align, "dx": dx}


def _drawn(panel: Panel, column: int, floor: int, first: date, months: int) -> tuple[list[dict], list[dict]]:
    """A panel's points and the lines of its stretches, placed in the plot of all."""
    rows = panel.series.to_dicts()
    highest = max(max(row["value"], row["upper_limit"] or 0) for row in rows) or 1

    def across(month: float) -> float:
        return column + _PLOT_WIDTH * month / months

    def down(value: float) -> float:
        return floor - (_PLOT - 8) * value / highest

    points = [
        {
            "panel": f"{floor}|{column}",
            "x": across(_index(row["month"]) - _index(first) + row["months_spanned"] / 2),
            "y": down(row["value"]),
            "value": row["value"],
            "unit": panel.name,
            "when": f"{row['month']:%B %Y}" if row["months_spanned"] == 1 else f"Quarter from {row['month']:%B %Y}",
            "reading": _reading(row["cause"], is_clear=panel.since <= row["month"] <= panel.until),
        }
        for row in rows
    ]
    limits = [{"x": column, "to": column + _PLOT_WIDTH, "y": floor, "line": "axis"}]
    for (mean, lower, upper), group in groupby(rows, key=lambda row: (row["mean"], row["lower_limit"], row["upper_limit"])):
        stretch = list(group)
        if mean is not None:
            ends = _index(stretch[0]["month"]) - _index(first), _index(stretch[-1]["month"]) - _index(first) + stretch[-1]["months_spanned"]
            place = {"x": across(ends[0]), "to": across(ends[1])}
            limits += [{**place, "y": down(mean), "line": "mean"}, {**place, "y": down(upper), "line": "limit"}]
            # A lower limit of 0 would run along the axis.
            limits += [{**place, "y": down(lower), "line": "limit"}] if lower > 0 else []
    return points, limits


def _reading(cause: str | None, *, is_clear: bool) -> str:
    if cause in (None, "usual"):
        return _USUAL
    if not is_clear:
        return _MARKED
    return _HIGH if cause.endswith(("high", "up")) else _LOW


def _layers(
    points: list[dict], limits: list[dict], texts: list[dict], columns: int, height: int, is_roomy: bool, palette: Palette
) -> list[alt.Chart]:
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, columns], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False))
    rules: dict[str, dict[str, Any]] = {
        "axis": {"color": palette.grid, "strokeWidth": 1},
        "mean": {"color": palette.text, "strokeWidth": 1.2},
        "limit": {"color": palette.secondary, "strokeWidth": 1, "strokeDash": [4, 3]},
    }
    # Not colour, which the words take from their rows: a scale is one for a whole plot.
    scales = {
        "shape": (alt.Shape, ["circle", "diamond", "triangle-up", "triangle-down"]),
        "stroke": (alt.Stroke, [palette.usual, palette.secondary, palette.high, palette.low]),
        "fill": (alt.Fill, [palette.usual, palette.secondary, palette.high, palette.low]),
    }
    marks: dict[str, Any] = {
        name: channel("reading:N", scale=alt.Scale(domain=[_USUAL, _MARKED, _HIGH, _LOW], range=values), legend=alt.Legend(title=None))
        for name, (channel, values) in scales.items()
    }
    tooltip = [
        alt.Tooltip("unit:N", title="Unit"),
        alt.Tooltip("when:N", title="When"),
        alt.Tooltip("value:Q", title="Episodes"),
        alt.Tooltip("reading:N", title="Reading"),
    ]
    # Every kind of weight and size is a layer: text marks take these from the mark alone.
    styles = {(text["weight"], text["size"], text["align"], text["dx"]) for text in texts}
    base = alt.Chart(alt.InlineData(values=points)).encode(x=x, y=y)
    return [
        *(
            alt.Chart(alt.InlineData(values=[one for one in limits if one["line"] == line])).mark_rule(**style).encode(x=x, x2="to:Q", y=y)
            for line, style in rules.items()
        ),
        base.mark_line(color=palette.usual, strokeWidth=1.4).encode(detail="panel:N"),
        base.mark_point(opacity=1, strokeWidth=1).encode(
            **marks,
            size=alt.condition(alt.datum.reading == _USUAL, alt.value(10 if is_roomy else 2), alt.value(42 if is_roomy else 16)),
            tooltip=tooltip,
        ),
        *(
            alt.Chart(
                alt.InlineData(values=[t for t in texts if (t["weight"], t["size"], t["align"], t["dx"]) == (weight, size, align, dx)])
            )
            .mark_text(
                align=align,
                baseline="middle",
                dx=dx,
                fontSize=size,
                fontWeight=weight,
                # Of one word that is too long by itself, what there is room for.
                limit=alt.ExprRef(f"width / {columns} - {_BETWEEN}"),
            )
            .encode(x=x, y=y, text="text:N", color=alt.Color("colour:N", scale=None))
            for weight, size, align, dx in sorted(styles)
        ),
    ]
