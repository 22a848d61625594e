"""One child's placements, episodes, return interviews and police calls on one time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

import altair as alt
import polars as pl

from dashboard.charts.theme import Palette, finish

_LANE = 36
_STRIPS = {"interview": "Return interviews", "police_call": "Police calls"}
_CATEGORIES = ["missing", "away"]
# In a period shorter than this the axis tells days, in a longer one months.
_DAYS_TOLD = timedelta(100)
# A character is about this share of the plot's width where it is narrowest.
_CHARACTER = 1 / 68


def trajectory(
    frame: pl.DataFrame,
    palette: Palette,
    *,
    first_day: date,
    last_day: date,
    lanes: Sequence[str],
    kinds: Sequence[str],
    unit_names: Mapping[str, str],
) -> alt.LayerChart:
    """Placements as named bands above, episodes in a lane for their length, shaped by category, and the rest on strips below.

    Takes the columns of `repeat_runners/trajectory`, and `lane`, the lane of an episode, which is one of `lanes`. `kinds` are those
    that the export knows: a strip without marks says that there was none.
    """
    begins, ends = datetime.combine(first_day, time()), datetime.combine(last_day + timedelta(1), time())
    order = [*(["Placement"] if "placement" in kinds else []), *lanes, *(words for kind, words in _STRIPS.items() if kind in kinds)]
    # Wall-clock times: a browser elsewhere would move instants to its own zone.
    rows = frame.with_columns(pl.col("starts_at", "ends_at").dt.convert_time_zone("Europe/London").dt.replace_time_zone(None))
    y = alt.Y(
        "lane:N",
        sort=order,
        title=None,
        scale=alt.Scale(domain=order, paddingInner=0.15),
        axis=alt.Axis(grid=True, tickBand="extent"),
    )
    x = alt.X(
        "at:T",
        title=None,
        scale=alt.Scale(domain=[_said(begins), _said(ends)], nice=False),
        axis=alt.Axis(
            grid=True, tickCount=8, labelOverlap=True, labelSeparation=10, format="%-d %b" if ends - begins < _DAYS_TOLD else "%b %Y"
        ),
    )

    stays = []
    for row in rows.filter(pl.col("kind") == "placement").iter_rows(named=True):
        start, end = max(row["starts_at"], begins), min(row["ends_at"] or ends, ends)
        name = unit_names.get(row["unit_id"], row["unit_id"])
        fits = len(name) * _CHARACTER < (end - start) / (ends - begins)
        stays.append({"lane": "Placement", "at": _said(start), "to": _said(end), "unit": name, "words": name if fits else ""})
    placed = alt.Chart(alt.Data(values=stays)).encode(y=y, x=x)
    bands = placed.mark_bar(color=palette.band, stroke=palette.usual, strokeWidth=1).encode(
        x2="to:T", tooltip=[alt.Tooltip("unit:N", title="Unit")]
    )
    names = placed.mark_text(align="left", dx=6).encode(text="words:N")

    episodes = [
        {"lane": row["lane"], "at": _said(row["starts_at"]), "category": row["category"]}
        for row in rows.filter(pl.col("kind") == "episode").iter_rows(named=True)
    ]
    when = alt.Tooltip("at:T", title="Began", format="%-d %b %Y, %H:%M")
    colours, shapes = list(palette.categories[:2]), ["circle", "diamond"]
    gone = (
        alt.Chart(alt.Data(values=episodes))
        .mark_point(filled=True, size=90, opacity=0.75)
        .encode(
            y=y,
            x=x,
            color=alt.Color(
                "category:N",
                scale=alt.Scale(domain=_CATEGORIES, range=colours),
                legend=alt.Legend(title=None, labelExpr="upper(slice(datum.value, 0, 1)) + slice(datum.value, 1)"),
            ),
            shape=alt.Shape("category:N", scale=alt.Scale(domain=_CATEGORIES, range=shapes)),
            tooltip=[when, alt.Tooltip("category:N", title="Category")],
        )
    )
    others = [
        {"lane": _STRIPS[row["kind"]], "at": _said(row["starts_at"]), "what": (row["detail"] or "not recorded").replace("_", " ")}
        for row in rows.filter(pl.col("kind").is_in(list(_STRIPS))).iter_rows(named=True)
    ]
    marks = (
        alt.Chart(alt.Data(values=others))
        .mark_tick(thickness=2, size=_LANE * 0.5, color=palette.usual, opacity=0.9)
        .encode(y=y, x=x, tooltip=[alt.Tooltip("at:T", title="When", format="%-d %b %Y, %H:%M"), alt.Tooltip("what:N", title="What")])
    )
    return finish(alt.layer(bands, names, gone, marks).properties(height=_LANE * len(order), width="container"), palette, right=24)


def _said(moment: datetime) -> str:
    return moment.isoformat()
