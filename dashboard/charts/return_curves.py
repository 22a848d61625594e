"""How soon children go again after a return: curves with their bands, and below them how many returns each still rests on."""

from __future__ import annotations

from typing import Any, Literal

import altair as alt
import polars as pl

from dashboard.charts.labels import spread
from dashboard.charts.theme import Palette, finish

_HEIGHT = 250
_COUNTED = (0, 7, 28, 60, 90)
_LINE = 17
_LABELS = {
    "all": "All returns",
    "1st episode": "After the 1st",
    "2nd episode": "After the 2nd",
    "3rd to 5th episode": "After the 3rd to 5th",
    "6th episode or later": "After the 6th or later",
}


def return_curves(curves: pl.DataFrame, palette: Palette) -> alt.LayerChart:
    """The share of returns followed by another episode, by days since the return, a curve a group.

    Takes group, days (0 to 90), at_risk, share, lower, upper. A group without shares has neither curve nor counts. The counts below
    are the returns known of for so many days and not followed by an episode before.
    """
    shown = [group for group in _LABELS if curves.filter(pl.col("group") == group)["share"].is_not_null().any()]
    colours = dict(zip(_LABELS, (palette.text, *palette.categories), strict=True))
    rows = curves.filter(pl.col("group").is_in(shown)).drop_nulls("share")
    ends = {group: rows.filter(pl.col("group") == group).row(-1, named=True) for group in shown}
    places = spread([_HEIGHT * (1 - end["share"]) for end in ends.values()], _HEIGHT - 8)

    drawn = alt.Chart(alt.InlineData(values=rows.select("group", "days", "share", "lower", "upper").to_dicts()))
    x = alt.X(
        "days:Q",
        title="Days since the return",
        scale=alt.Scale(domain=[0, 90], nice=False),
        axis=alt.Axis(values=list(_COUNTED), format="d", titlePadding=6),
    )
    y = alt.Y(
        "share:Q",
        title="Followed by another episode",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".0%"),
    )
    colour = alt.Color("group:N", scale=alt.Scale(domain=shown, range=[colours[group] for group in shown]), legend=None)
    bands = drawn.mark_area(opacity=0.13, interpolate="step-after").encode(x=x, y=alt.Y("lower:Q"), y2="upper:Q", color=colour)
    lines = drawn.mark_line(interpolate="step-after").encode(
        x=x,
        y=y,
        color=colour,
        strokeDash=alt.StrokeDash(
            "group:N", scale=alt.Scale(domain=shown, range=[[6, 3] if group == "all" else [1, 0] for group in shown]), legend=None
        ),
        strokeWidth=alt.value(2.5),
        tooltip=[
            alt.Tooltip("group:N", title="Returns"),
            alt.Tooltip("days:Q", title="Days"),
            alt.Tooltip("share:Q", title="Followed", format=".0%"),
        ],
    )
    named = [
        _text(f"{_LABELS[group]} {_said(end)}", colours[group], alt.value("width"), place, "left", 10, is_bold=True)
        for (group, end), place in zip(ends.items(), places, strict=True)
    ]
    below = _HEIGHT + 60
    counts = [_text("Returns known of for so long, and not yet followed by an episode", palette.secondary, alt.value(0), below, "left", 0)]
    for line, group in enumerate(shown, 1):
        place = below + line * _LINE
        counts.append(_text(_LABELS[group], colours[group], alt.value("width"), place, "left", 24))
        of_group = curves.filter(pl.col("group") == group, pl.col("days").is_in(_COUNTED)).select("days", "at_risk")
        # The number of all stands left of the axis, where it has room.
        for numbers, align in ((of_group.filter(pl.col("days") == 0), "right"), (of_group.filter(pl.col("days") > 0), "center")):
            mark: dict[str, Any] = {"align": align, "baseline": "middle", "color": palette.text}
            counts.append(
                alt.Chart(alt.InlineData(values=numbers.to_dicts()))
                .mark_text(**mark)
                .encode(x=alt.X("days:Q"), y=alt.value(place), text=alt.Text("at_risk:Q", format=",.0f"))
            )
    return finish(alt.layer(bands, lines, *named, *counts).properties(height=_HEIGHT, width="container"), palette)


def _said(end: dict[str, Any]) -> str:
    """How far a curve comes; where the data reach less than 90 days after its returns, by when."""
    return f"{end['share']:.0%}" if end["days"] == _COUNTED[-1] else f"{end['share']:.0%} by day {end['days']}"


def _text(
    words: str, colour: str, x: Any, y: float, align: Literal["left", "center", "right"], dx: float, *, is_bold: bool = False
) -> alt.Chart:
    return (
        alt.Chart(alt.InlineData(values=[{"words": words}]))
        .mark_text(align=align, dx=dx, baseline="middle", color=colour, fontWeight="bold" if is_bold else "normal")
        .encode(x=x, y=alt.value(y), text="words:N")
    )
