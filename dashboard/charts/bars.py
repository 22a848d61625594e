"""Horizontal bars with their numbers in a column on the right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from dashboard.charts.theme import Palette, finish

_ROW = 30
# Two rows may have the same words: a row is known by its place, and its words stand after the mark.
LABEL_AFTER_PLACE = "slice(datum.value, indexof(datum.value, '|') + 1)"


@dataclass(frozen=True)
class Bar:
    """One bar. `value` is how long it is and `dark` how much of that is dark, None for no bar; `number` is written beside it, empty for a
    heading."""

    label: str
    value: float | None
    dark: float | None
    number: str


def bars(rows: Sequence[Bar], palette: Palette, *, dark: str = "", pale: str = "") -> alt.LayerChart:
    """The bars from 0, in the order of `rows`. `dark` and `pale` say what the two parts of a bar are, where that needs saying."""
    keys = [f"{place}|{row.label}" for place, row in enumerate(rows)]
    parts = [
        {"row": key, "from": start, "to": end, "part": part}
        for key, row in zip(keys, rows, strict=True)
        if row.value is not None and row.dark is not None
        for part, start, end in (("dark", 0, row.dark), ("pale", row.dark, row.value))
        if end > start
    ]
    numbers = [{"row": key, "number": row.number} for key, row in zip(keys, rows, strict=True)]
    y = alt.Y(
        "row:N",
        sort=keys,
        title=None,
        scale=alt.Scale(domain=keys, paddingInner=0.35, paddingOuter=0.2),
        axis=alt.Axis(
            labelExpr=LABEL_AFTER_PLACE,
            labelLimit=340,
            labelFontWeight=bold([key for key, row in zip(keys, rows, strict=True) if not row.number]),
        ),
    )
    longest = max((row.value for row in rows if row.value is not None), default=0)
    legend = alt.Legend(title=None, labelExpr=f"datum.value == 'dark' ? '{dark}' : '{pale}'") if dark else None
    colours = alt.Scale(domain=["dark", "pale"], range=[palette.categories[0], palette.sequential[0]])
    drawn = (
        alt.Chart(alt.InlineData(values=parts))
        .mark_bar()
        .encode(
            y=y,
            x=alt.X("from:Q", axis=None, scale=alt.Scale(domain=[0, longest or 1], nice=False)),
            x2="to:Q",
            color=alt.Color("part:N", legend=legend, scale=colours),
        )
    )
    written = alt.Chart(alt.InlineData(values=numbers)).mark_text(align="left", dx=10).encode(y=y, x=alt.value("width"), text="number:N")
    return finish(alt.layer(drawn, written).properties(height=_ROW * len(rows), width="container"), palette)


def bold(headings: Sequence[str]) -> alt.ExprRef:
    """The weight of row labels: bold for these rows."""
    return alt.ExprRef(f"indexof({json.dumps(headings)}, datum.value) >= 0 ? 'bold' : 'normal'")
