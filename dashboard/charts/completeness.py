"""How completely the columns of an export are filled: a bar a column, table by table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import altair as alt

from dashboard.charts.bars import LABEL_AFTER_PLACE
from dashboard.charts.theme import Palette, finish

_ROW = 21


@dataclass(frozen=True)
class ColumnFilled:
    """One column. `rows` are those of its table, None where that is not given; `share` is None where the table has no row.

    `empty_means` is what an empty cell says, where it says something: the column is not the fuller for having fewer of them.
    """

    table: str
    rows: int | None
    column: str
    share: float | None
    empty_means: str = ""


def completeness_bars(columns: Sequence[ColumnFilled], palette: Palette) -> alt.LayerChart:
    """A bar from 0 to 100% for each column under its table's name, in the order of `columns`. A table that is not given is one line."""
    order: list[str] = []
    headings, filled, words, numbers = [], [], [], []
    for table, of_table in groupby(columns, key=lambda column: column.table):
        members = list(of_table)
        rows = members[0].rows
        heading = f"{len(order)}|"
        order.append(heading)
        headings.append({"row": heading, "text": f"{table}, {'not given' if rows is None else f'{rows:,} rows'}"})
        for column in members if rows else []:
            key = f"{len(order)}|{column.column}"
            order.append(key)
            numbers.append({"row": key, "text": _percent(column.share)})
            if column.empty_means:
                words.append({"row": key, "text": f"empty: {column.empty_means}"})
            else:
                filled.append({"row": key, "share": column.share})
    y = alt.Y(
        "row:N",
        title=None,
        sort=order,
        scale=alt.Scale(domain=order, paddingInner=0.3, paddingOuter=0.1),
        axis=alt.Axis(labelExpr=LABEL_AFTER_PLACE),
    )
    x = alt.X("share:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
    bars = alt.Chart(alt.InlineData(values=filled)).encode(y=y)
    texts: dict[str, Any] = {"align": "left", "baseline": "middle"}
    layers = (
        bars.mark_bar(color=palette.band).encode(x=alt.value(0), x2=alt.value("width")),
        bars.mark_bar(color=palette.categories[0]).encode(x=x),
        alt.Chart(alt.InlineData(values=headings)).mark_text(fontWeight="bold", **texts).encode(y=y, x=alt.value(0), text="text:N"),
        alt.Chart(alt.InlineData(values=words)).mark_text(color=palette.secondary, **texts).encode(y=y, x=alt.value(0), text="text:N"),
        alt.Chart(alt.InlineData(values=numbers)).mark_text(dx=10, **texts).encode(y=y, x=alt.value("width"), text="text:N"),
    )
    return finish(alt.layer(*layers).properties(height=_ROW * len(order), width="container"), palette)


def _percent(share: float | None) -> str:
    if share is None:
        return ""
    # 99.96% is not all, and 0.04% is not none.
    return f"{share:.0%}" if share in (0, 1) else f"{min(max(share, 0.001), 0.999):.1%}"
