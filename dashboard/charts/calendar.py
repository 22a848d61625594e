"""A calendar of days, weeks across and weekdays down."""

from __future__ import annotations

import json
from calendar import day_abbr
from math import ceil

import altair as alt
import polars as pl

from dashboard.charts.heat import between, ink_on
from dashboard.charts.theme import Palette, finish

_MOST_WEEKS_WITH_NUMBERS = 27
_MOST_MONTHS_IN_A_ROW = 12


def calendar(frame: pl.DataFrame, palette: Palette) -> alt.LayerChart:
    """Days as squares, darker with more episodes. Up to twelve months stand in one block, more in a block a year.

    `frame`: date, episodes, is_term, is_bank_holiday, sunset. School holidays are outlined, bank holidays have a dot. The number
    stands in the square as long as there is room for it, up to six months.
    """
    days = _placed(frame)
    blocks, weeks = days["block"].unique(maintain_order=True).to_list(), max(days["week"]) + 1
    bands = _bands(max(days["episodes"]))
    days = days.with_columns(
        band=pl.col("episodes").replace_strict({n: _band_words(least, most) for least, most in bands for n in range(least, most + 1)})
    )
    fills = [palette.empty_cell, *palette.sequential][: len(bands)]
    row_height = 26 if len(blocks) == 1 else 17 if len(blocks) <= 3 else 13
    rows = [f"{block}-{row}" for block in blocks for row in range(8)]
    weekday_names = {f"{block}-{row}": day_abbr[row - 1] for block in blocks for row in ((1, 3, 5, 7) if len(blocks) > 1 else range(1, 8))}
    names = weekday_names | ({f"{block}-0": block for block in blocks} if len(blocks) > 1 else {})

    x = alt.X("week:O", scale=alt.Scale(domain=list(range(weeks)), padding=0.06), axis=None)
    y = alt.Y("row:O", sort=rows, scale=alt.Scale(domain=rows, padding=0.06), title=None).axis(
        labelExpr=f"{json.dumps(names)}[datum.value] || ''", labelOverlap=False, labelFontSize=13 if len(blocks) <= 3 else 11
    )
    base = alt.Chart(days.drop("date", "block")).encode(x=x, y=y)
    squares = base.mark_rect().encode(
        fill=alt.Fill(
            "band:N",
            scale=alt.Scale(domain=[_band_words(*band) for band in bands], range=fills),
            title="Episodes that began on the day",
            legend=alt.Legend(titleLimit=400),
        ),
        tooltip=[
            alt.Tooltip("day:N", title="Day"),
            alt.Tooltip("episodes:Q", title="Episodes"),
            alt.Tooltip("sunset:N", title="Sunset"),
            alt.Tooltip("kind:N", title="School"),
        ],
    )
    outlines = base.transform_filter("datum.kind == 'holiday'").mark_rect(
        filled=False, stroke=between(palette.usual, palette.halo, 0.25), strokeWidth=1.2 if len(blocks) == 1 else 0.8
    )
    dots = base.transform_filter("datum.is_bank_holiday").mark_point(
        filled=True, opacity=1, size=26, color=palette.text, stroke=palette.halo, strokeWidth=1, yOffset=-row_height * 0.28
    )
    layers = [squares, outlines, dots]
    if weeks <= _MOST_WEEKS_WITH_NUMBERS:
        inks = {_band_words(*band): ink_on(fill, palette) for band, fill in zip(bands, fills, strict=True)}
        layers += [
            base.transform_filter(f"datum.band == '{band}' && datum.episodes > 0").mark_text(color=ink).encode(text="episodes:Q")
            for band, ink in inks.items()
        ]
    layers.append(
        alt.Chart(_month_names(days, years=len(blocks) == 1))
        .mark_text(align="left", baseline="middle", color=palette.secondary, fontSize=13 if len(blocks) <= 3 else 11)
        .encode(x=alt.X("week:O", bandPosition=0), y=y, text="name:N")
    )
    return finish(alt.layer(*layers).properties(width="container", height=row_height * len(rows)), palette)


def _placed(frame: pl.DataFrame) -> pl.DataFrame:
    """Each day with its block, week and row in it, and what its tooltip says."""
    months = frame["date"].dt.truncate("1mo").n_unique()
    by_year = months > _MOST_MONTHS_IN_A_ROW
    start = pl.col("date").dt.truncate("1y") if by_year else pl.col("date").min()
    block = pl.col("date").dt.year().cast(pl.String) if by_year else pl.lit("all")
    return frame.select(
        "episodes",
        "is_bank_holiday",
        "sunset",
        date="date",
        block=block,
        week=(pl.col("date").dt.truncate("1w") - start.dt.truncate("1w")).dt.total_days() // 7,
        row=pl.format("{}-{}", block, pl.col("date").dt.weekday()),
        day=pl.col("date").dt.strftime("%A %-d %B %Y"),
        kind=pl.col("is_term").replace_strict({True: "term", False: "holiday"}, default="not known"),
    )


def _bands(most: int) -> list[tuple[int, int]]:
    """None, then up to four bands of whole numbers, equally wide, that reach `most`."""
    width = max(1, ceil(most / 4))
    return [(0, 0), *((low, min(low + width - 1, most)) for low in range(1, most + 1, width))]


def _band_words(least: int, most: int) -> str:
    return "none" if most == 0 else str(least) if least == most else f"{least} to {most}"


def _month_names(days: pl.DataFrame, *, years: bool) -> pl.DataFrame:
    """A name above the week in which each month begins; the first one gives way where the next would run into it."""
    firsts = (
        days.sort("date")
        .group_by("block", pl.col("date").dt.truncate("1mo").alias("month"), maintain_order=True)
        .agg(pl.col("week").first())
    )
    room = pl.col("week").shift(-1).over("block") - pl.col("week")
    firsts = firsts.filter(room.is_null() | (room >= 3)).with_row_index()
    with_year = (pl.col("index") == 0) | (pl.col("month").dt.month() == 1) if years else pl.lit(False)
    return firsts.select(
        "week",
        row=pl.format("{}-0", "block"),
        name=pl.when(with_year).then(pl.col("month").dt.strftime("%b ’%y")).otherwise(pl.col("month").dt.strftime("%b")),
    )
