"""The years over each other, by calendar month."""

from __future__ import annotations

import calendar
from collections.abc import Sequence

import altair as alt
import polars as pl

from dashboard.charts.theme import HEIGHT, Palette, finish

_LABEL_HEIGHT = 16


def month_of_year(frame: pl.DataFrame, value: str, title: str, palette: Palette) -> alt.LayerChart:
    """A line a year from January to December, the latest one emphasised, each labelled at its end.

    `frame`: calendar_month, year, run, and the column named by `value`, of which `title` says the unit. A line is never drawn from
    one run to the next, and the runs before the latest are dashed.
    """
    latest, last_run = frame["year"].max(), frame["run"].max()
    shown = frame.select(
        "calendar_month",
        "run",
        pl.col("year").cast(pl.String),
        pl.col(value).alias("value"),
        is_latest=pl.col("year") == latest,
        is_earlier_run=pl.col("run") < last_run,
        month=pl.col("calendar_month").replace_strict(dict(enumerate(calendar.month_name)), return_dtype=pl.String)
        + " "
        + pl.col("year").cast(pl.String),
    )
    months = f"[{','.join(repr(name) for name in calendar.month_abbr[1:])}][datum.value - 1]"
    colour = alt.condition("datum.is_latest", alt.value(palette.categories[0]), alt.value(palette.usual))
    tooltip = [alt.Tooltip("month:N", title="Month"), alt.Tooltip("value:Q", title=title, format=",.2~f" if value == "rate" else ",.0f")]
    top = max(frame[value].drop_nulls().cast(pl.Float64), default=0.0) or 1.0
    base = alt.Chart(shown).encode(
        x=alt.X("calendar_month:O", title=None, scale=alt.Scale(domain=list(range(1, 13))), axis=alt.Axis(labelExpr=months, labelAngle=0)),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(domain=[0, top * 1.05], nice=True), axis=alt.Axis(tickCount=5)),
        detail=["year:N", "run:N"],
        color=colour,
    )
    lines = base.mark_line().encode(
        strokeWidth=alt.condition("datum.is_latest", alt.value(3), alt.value(1.5)),
        strokeDash=alt.condition("datum.is_earlier_run", alt.value([5, 3]), alt.value([1, 0])),
    )
    points = base.mark_circle(opacity=1).encode(
        size=alt.condition("datum.is_latest", alt.value(60), alt.value(25)),
        tooltip=tooltip,
    )
    ends = _ends(shown, top).with_columns(month=None)
    labels = alt.Chart(ends).encode(x="calendar_month:O", y="label_at:Q", text="year:N", detail="year:N")
    halo = labels.mark_text(align="left", dx=9, fontWeight="bold", stroke=palette.halo, strokeWidth=4, strokeJoin="round")
    names = labels.mark_text(align="left", dx=9, fontWeight="bold").encode(
        color=alt.condition("datum.is_latest", alt.value(palette.categories[0]), alt.value(palette.secondary))
    )
    return finish((lines + points + halo + names).properties(width="container", height=HEIGHT), palette, right=24)


def _ends(shown: pl.DataFrame, top: float) -> pl.DataFrame:
    """The last point of each year, and where its label goes: those of one month apart by a line of text at least."""
    ends = (
        shown.drop_nulls("value")
        .sort("year", "calendar_month")
        .group_by("year", maintain_order=True)
        .last()
        .sort("calendar_month", "value")
    )
    placed = [
        at
        for _, month in ends.group_by("calendar_month", maintain_order=True)
        for at in apart(month["value"].to_list(), top * _LABEL_HEIGHT / HEIGHT)
    ]
    return ends.with_columns(label_at=pl.Series(placed, dtype=pl.Float64))


def apart(values: Sequence[float], gap: float) -> list[float]:
    """Ascending values moved as little as a simple rule can so that each is `gap` above the one before.

    Values that crowd each other become a block about their mean; blocks that then crowd are joined.
    """
    blocks: list[list[float]] = []
    for value in values:
        blocks.append([value])
        while len(blocks) > 1 and _middle(blocks[-1]) - _middle(blocks[-2]) < gap * (len(blocks[-1]) + len(blocks[-2])) / 2:
            last = blocks.pop()
            blocks[-1] += last
    return [_middle(block) + gap * (index - (len(block) - 1) / 2) for block in blocks for index in range(len(block))]


def _middle(block: Sequence[float]) -> float:
    return sum(block) / len(block)
