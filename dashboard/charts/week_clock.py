"""The week as a clock: weekdays by two hours of the day, in term and in holidays, with the darkness under them."""

from __future__ import annotations

import calendar
import json

import altair as alt
import polars as pl

from dashboard.charts.heat import between, ink_on, is_dark
from dashboard.charts.theme import Palette, finish

_ROW_HEIGHT = 28
_FIRST_HOUR = 6
KINDS = {True: "Term time", False: "School holidays", None: "All weeks"}


def week_clock(frame: pl.DataFrame, palette: Palette) -> alt.LayerChart:
    """Heat maps over each other, one a kind of week, numbers in their cells; beneath, how often it is dark. Days begin at 06:00.

    `frame`: weekday, hour_from, is_term, episodes, children, weeks, per_10_weeks, dark_share. All rows share one pair of axes, so
    that the chart can be as wide as its page, which a concatenation cannot.
    """
    kinds = frame["is_term"].unique(maintain_order=True).to_list()
    names = {"dark-title": "", "dark": ""}
    for kind in kinds:
        names |= {f"{kind}-title": ""} | {f"{kind}-{day}": calendar.day_abbr[day - 1] for day in range(1, 8)}
    rows = [*(f"{kind}-{row}" for kind in kinds for row in ("title", *range(1, 8))), "dark-title", "dark"]
    titles = pl.DataFrame(
        {
            "row": [f"{kind}-title" for kind in kinds] + ["dark-title"],
            "title": [KINDS[kind] for kind in kinds] + ["How often it is dark at that time"],
        }
    )
    hours = [f"{(_FIRST_HOUR + 2 * slot) % 24:02d}:00" for slot in range(12)]

    x = alt.X("hour:O", sort=hours, scale=alt.Scale(domain=hours, paddingInner=0.04, paddingOuter=0), title="Two hours starting at").axis(
        labelAngle=0, domain=False, ticks=False
    )
    y = alt.Y("row:O", sort=rows, scale=alt.Scale(domain=rows, paddingInner=0.08, paddingOuter=0), title=None).axis(
        labelExpr=f"{json.dumps(names)}[datum.value]"
    )
    cells = alt.Chart(_cells(frame, palette)).encode(x=x, y=y)
    squares = cells.mark_rect().encode(
        fill=alt.Fill("fill:N", scale=None),
        tooltip=[
            alt.Tooltip("day:N", title="Day"),
            alt.Tooltip("hour:N", title="Two hours from"),
            alt.Tooltip("episodes:Q", title="Episodes"),
            alt.Tooltip("children:Q", title="Different children"),
            alt.Tooltip("weeks:Q", title="Weeks"),
        ],
    )
    numbers = cells.mark_text().encode(text="words:N", color=alt.Color("ink:N", scale=None))
    night = alt.Chart(_night(frame, palette)).encode(x=x, y=y)
    shades = night.mark_rect().encode(fill=alt.Fill("fill:N", scale=None))
    shares = night.mark_text().encode(text="words:N", color=alt.Color("ink:N", scale=None))
    headings = (
        alt.Chart(titles)
        .mark_text(align="left", baseline="middle", dy=4, fontSize=14, fontWeight="bold", color=palette.text)
        .encode(x=alt.value(0), y=y, text="title:N")
    )
    chart = (squares + numbers + shades + shares + headings).properties(width="container", height=_ROW_HEIGHT * len(rows))
    return finish(chart, palette)


def _cells(frame: pl.DataFrame, palette: Palette) -> pl.DataFrame:
    most = frame["per_10_weeks"].max() or 1

    def fill(value: float | None) -> str:
        # Quarters of the fullest cell: a scale that does not depend on how the rest lies.
        return palette.sequential[min(3, int(4 * value / most))] if value else palette.empty_cell  # type: ignore[operator]

    return (
        frame.filter(pl.col("weeks") > 0)
        .with_columns(fill=pl.col("per_10_weeks").map_elements(fill, return_dtype=pl.String))
        .select(
            _hour(),
            "fill",
            "episodes",
            "children",
            "weeks",
            row=pl.format("{}-{}", pl.col("is_term").replace_strict({True: "True", False: "False"}, default="None"), "weekday"),
            day=pl.col("weekday").replace_strict(dict(enumerate(calendar.day_name, 1)), return_dtype=pl.String),
            words=pl.when(pl.col("episodes") > 0).then(pl.col("per_10_weeks").round(1).cast(pl.String)).otherwise(pl.lit("")),
            ink=pl.col("fill").map_elements(lambda colour: ink_on(colour, palette), return_dtype=pl.String),
        )
    )


def _night(frame: pl.DataFrame, palette: Palette) -> pl.DataFrame:
    day, night = (palette.secondary, palette.halo) if is_dark(palette) else (palette.grid, palette.text)
    return (
        frame.filter(pl.col("weeks") > 0)
        .group_by("hour_from")
        .agg(dark=(pl.col("dark_share") * pl.col("weeks")).sum() / pl.col("weeks").sum())
        .with_columns(fill=pl.col("dark").map_elements(lambda share: between(day, night, share), return_dtype=pl.String))
        .select(
            _hour(),
            "fill",
            row=pl.lit("dark"),
            words=pl.format("{}%", (pl.col("dark") * 100).round().cast(pl.Int64)),
            ink=pl.col("fill").map_elements(lambda colour: ink_on(colour, palette), return_dtype=pl.String),
        )
    )


def _hour() -> pl.Expr:
    return pl.format("{}:00", pl.col("hour_from").cast(pl.String).str.zfill(2)).alias("hour")
