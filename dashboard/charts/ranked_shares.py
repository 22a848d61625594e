"""Shares as points on their intervals, a row each, with the numbers in a column on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import polars as pl

from dashboard.charts.bars import LABEL_AFTER_PLACE, bold
from dashboard.charts.theme import Palette, finish

MOST_ROWS = 25
_ROW = 28
# Room above the plot for the words of the two lines, one above the other so that they never meet.
_WORDS_AT = (-8, -26)
_LEGEND_ABOVE_WORDS = 44


@dataclass(frozen=True)
class ShareRow:
    """One row: `hits` of `tries` as a share with its limits. None for the share where its base is too small, for the limits where it
    has none, and for everything but the label in a heading.

    `compared` is "higher" or "lower" where the share can be told from that of the others together.
    """

    label: str
    hits: int | None = None
    tries: int | None = None
    share: float | None = None
    lower: float | None = None
    upper: float | None = None
    compared: str | None = None

    @classmethod
    def of(cls, label: str, row: Mapping[str, Any], hits: str, tries: str) -> ShareRow:
        """The row of a frame with share, lower, upper and, where shares are compared, compared; `hits` and `tries` name its counts."""
        return cls(label, row[hits], row[tries], row["share"], row["lower"], row["upper"], row.get("compared"))

    @property
    def number(self) -> str:
        """ "26 of 41 · 63%", and "3 of 4" without a share."""
        if self.hits is None:
            return ""
        return f"{self.hits:,} of {self.tries:,}" + (f" · {self.share:.0%}" if self.share is not None else "")


def busiest(frame: pl.DataFrame, tries: str) -> pl.DataFrame:
    """The rows that a chart has room for: the `MOST_ROWS` with the most `tries`, in the order of the frame."""
    return frame.filter(pl.col(tries).rank("ordinal", descending=True) <= MOST_ROWS)


def ranked_shares(rows: Sequence[ShareRow], palette: Palette, *, lines: Sequence[tuple[float, str]] = ()) -> alt.LayerChart:
    """The rows in their order, on an axis from 0 to 100%. `lines`: at most two shares to hold them against, with their words."""
    keys = [f"{place}|{row.label}" for place, row in enumerate(rows)]
    headings = [key for key, row in zip(keys, rows, strict=True) if not row.number]
    words = {"usual": "No clear difference", "higher": "Higher than the others", "lower": "Lower than the others"}
    points = [
        {
            "row": key,
            "share": row.share,
            "lower": row.lower,
            "upper": row.upper,
            "compared": words[row.compared if row.compared in ("higher", "lower") else "usual"],
        }
        for key, row in zip(keys, rows, strict=True)
        if row.share is not None
    ]
    y = alt.Y(
        "row:N",
        sort=keys,
        title=None,
        scale=alt.Scale(domain=keys),
        axis=alt.Axis(labelExpr=LABEL_AFTER_PLACE, labelPadding=12, labelFontWeight=bold(headings)),
    )
    x = alt.X(
        "share:Q",
        title=None,
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1], grid=True, domain=False, ticks=False),
    )
    told = [words[side] for side in ("higher", "lower") if any(row.compared == side for row in rows)]
    legend = None
    if told:
        legend = alt.Legend(title=None, values=told, offset=_LEGEND_ABOVE_WORDS if lines else 18)
    domain = list(words.values())
    mark = {
        "color": alt.Color("compared:N", legend=legend, scale=alt.Scale(domain=domain, range=[palette.usual, palette.high, palette.low])),
        "shape": alt.Shape("compared:N", legend=legend, scale=alt.Scale(domain=domain, range=["circle", "triangle-up", "triangle-down"])),
    }
    base = alt.Chart(alt.InlineData(values=points)).encode(y=y)
    numbers = [{"row": key, "number": row.number} for key, row in zip(keys, rows, strict=True)]
    layers: list[alt.Chart | alt.LayerChart] = [
        base.mark_rule(strokeWidth=7, color=palette.usual, opacity=0.45, strokeCap="round").encode(x=alt.X("lower:Q"), x2="upper:Q"),
        *(_line(share, said, at, palette) for (share, said), at in zip(lines, _WORDS_AT, strict=False)),
        base.mark_point(filled=True, size=110, opacity=1).encode(x=x, **mark),
        alt.Chart(alt.InlineData(values=numbers)).mark_text(align="left", dx=14).encode(y=y, x=alt.value("width"), text="number:N"),
    ]
    return finish(
        alt.layer(*layers).properties(height=_ROW * len(rows), width="container"),
        palette,
    )


def _line(share: float, said: str, at: int, palette: Palette) -> alt.LayerChart:
    """A dashed line down the plot with its words above it, on the side where there is room."""
    data = alt.InlineData(values=[{"share": share, "said": said}])
    align: Literal["left", "center", "right"] = "left" if share < 0.2 else "right" if share > 0.8 else "center"
    line = alt.Chart(data).mark_rule(strokeDash=[6, 4], strokeWidth=1.5, color=palette.secondary).encode(x="share:Q")
    words = alt.Chart(data).mark_text(align=align, color=palette.secondary).encode(x="share:Q", y=alt.value(at), text="said:N")
    return line + words
