"""How many children meet each rule, and which of them are new."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import altair as alt
import polars as pl

from dashboard.charts.heat import ink_on
from dashboard.charts.theme import Palette, finish

_ROW = 40
# A part narrower than this share of the widest row holds no number.
_HOLDS_A_NUMBER = 0.045


def triggers(frame: pl.DataFrame, palette: Palette) -> alt.LayerChart:
    """One row a rule: to the right of the line children who meet it, to the left those who no longer do.

    Takes the columns of `repeat_runners/trigger_counts`. Rules without a comparison have one bar, rules not known none.
    """
    fills = {
        "No longer": palette.empty_cell,
        "In both periods": palette.categories[0],
        "New": palette.categories[1],
        "In the period": palette.categories[0],
    }
    parts = [part for row in frame.iter_rows(named=True) for part in _parts(row)]
    seen = [name for name in fills if any(part["part"] == name for part in parts)]
    width = max((part["to"] for part in parts), default=0) - min((part["from"] for part in parts), default=0)
    for part in parts:
        part["words"] = f"{part['count']:,}" if part["count"] > _HOLDS_A_NUMBER * width else ""
        part["ink"] = ink_on(fills[part["part"]], palette)
    totals = [
        {"rule": row["rule"], "words": "not known" if row["children"] is None else f"{row['children']:,} met it"}
        for row in frame.iter_rows(named=True)
    ]

    y = alt.Y("rule:N", sort=frame["rule"].to_list(), title=None, scale=alt.Scale(paddingInner=0.35))
    x = alt.X("from:Q", axis=None, scale=alt.Scale(nice=False))
    drawn = (
        alt.Chart(alt.Data(values=parts))
        .mark_bar(stroke=palette.usual, strokeWidth=1)
        .encode(
            y=y,
            x=x,
            x2="to:Q",
            color=alt.Color("part:N", legend=alt.Legend(title=None), scale=alt.Scale(domain=seen, range=[fills[name] for name in seen])),
        )
    )
    numbers = (
        alt.Chart(alt.Data(values=parts)).mark_text().encode(y=y, x=alt.X("middle:Q"), text="words:N", color=alt.Color("ink:N", scale=None))
    )
    line = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=palette.text).encode(x="zero:Q")
    total = (
        alt.Chart(alt.Data(values=totals))
        .mark_text(align="left", dx=10, fontWeight="bold")
        .encode(y=y, x=alt.value("width"), text="words:N")
    )
    return finish(alt.layer(drawn, numbers, line, total).properties(height=_ROW * frame.height, width="container"), palette, right=100)


def _parts(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if row["children"] is None:
        return
    if row["previous"] is None:
        spans = {"In the period": (0, row["children"])}
    else:
        spans = {
            "No longer": (-row["ceased"], 0),
            "In both periods": (0, row["continuing"]),
            "New": (row["continuing"], row["children"]),
        }
    for name, (start, end) in spans.items():
        if end > start:
            yield {"rule": row["rule"], "part": name, "from": start, "to": end, "middle": (start + end) / 2, "count": end - start}
