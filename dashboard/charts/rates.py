"""Rates as points on their intervals, a unit a row, ranked within their kind, with the numbers in a column on the right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from dashboard.charts.bars import LABEL_AFTER_PLACE
from dashboard.charts.theme import Palette, finish

_ROW = 25
_RATE, _WITHOUT = "Rate with 95% interval", "Without the busiest child"


@dataclass(frozen=True)
class RateRow:
    """One row: a rate per 1,000 nights with its interval, or a heading where `number` is empty.

    `without_busiest` is the rate without the unit's busiest child; None where it is not known.
    """

    label: str
    rate: float | None = None
    lower: float | None = None
    upper: float | None = None
    without_busiest: float | None = None
    number: str = ""


def rates(rows: Sequence[RateRow], palette: Palette) -> alt.LayerChart:
    """The rows in their order, on an axis from 0. The filled point is the rate, the hollow one that without the busiest child."""
    keys = [f"{place}|{row.label}" for place, row in enumerate(rows)]
    headings = [key for key, row in zip(keys, rows, strict=True) if not row.number]
    y = alt.Y(
        "row:N",
        sort=keys,
        title=None,
        scale=alt.Scale(domain=keys),
        axis=alt.Axis(
            labelExpr=LABEL_AFTER_PLACE,
            labelLimit=320,
            # Clear of a point that stands at 0.
            labelPadding=14,
            labelFontWeight=alt.ExprRef(f"indexof({json.dumps(headings)}, datum.value) >= 0 ? 'bold' : 'normal'"),
        ),
    )
    x = alt.X(
        "rate:Q",
        title=None,
        scale=alt.Scale(zero=True, nice=False),
        axis=alt.Axis(format=",.2~f", grid=True, domain=False, ticks=False, tickCount=6),
    )
    drawn = [
        {"row": key, "kind": kind, "rate": rate, "lower": row.lower, "upper": row.upper, "unit": row.label}
        for key, row in zip(keys, rows, strict=True)
        for kind, rate in ((_WITHOUT, row.without_busiest), (_RATE, row.rate))
        if rate is not None
    ]
    kinds, colour = [_RATE, _WITHOUT], palette.categories[0]
    # Of one kind alone there is nothing to tell apart.
    has_both = any(row.without_busiest is not None for row in rows)
    legend = alt.Legend(title=None, labelLimit=320) if has_both else None
    numbers = [{"row": key, "number": row.number} for key, row in zip(keys, rows, strict=True)]
    points = alt.Chart(alt.InlineData(values=drawn)).encode(y=y)
    layers = [
        points.transform_filter(alt.datum.kind == _RATE)
        .mark_rule(strokeWidth=7, color=palette.usual, opacity=0.45, strokeCap="round")
        .encode(x=alt.X("lower:Q"), x2="upper:Q"),
        points.mark_point(size=95, strokeWidth=1.8, opacity=1).encode(
            x=x,
            fill=alt.Fill("kind:N", scale=alt.Scale(domain=kinds, range=[colour, palette.halo]), legend=legend),
            stroke=alt.Stroke("kind:N", scale=alt.Scale(domain=kinds, range=[colour, colour]), legend=legend),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=["circle", "diamond"]), legend=legend),
            tooltip=[alt.Tooltip("unit:N", title="Unit"), alt.Tooltip("kind:N", title="What"), alt.Tooltip("rate:Q", format=",.1f")],
        ),
        alt.Chart(alt.InlineData(values=numbers)).mark_text(align="left", dx=14).encode(y=y, x=alt.value("width"), text="number:N"),
    ]
    return finish(alt.layer(*layers).properties(height=_ROW * len(rows), width="container"), palette)
