"""One child's placements, episodes, rules crossed, return interviews and police calls on one time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

import altair as alt
import polars as pl

from dashboard.charts.theme import Palette, finish

_LANE = 30
_WHEN = "%-d %b %Y, %H:%M"
_STRIPS = {"interview": "Return interviews", "police_call": "Police calls"}
_CATEGORIES = ["missing", "away"]
# In a period shorter than this the axis tells days, in a longer one months.
_DAYS_TOLD = timedelta(100)
# More episodes than this are drawn smaller, so that one can be told from the next.
_FEW = 60
# A character is about this share of the plot's width where it is narrowest.
_CHARACTER = 1 / 68


def trajectory(
    frame: pl.DataFrame,
    palette: Palette,
    *,
    first_day: date,
    last_day: date,
    lanes: Sequence[str],
    rules: Sequence[str],
    kinds: Sequence[str],
    unit_names: Mapping[str, str],
) -> alt.LayerChart:
    """Placements as named bands above, episodes in a lane for their length, shaped by category and as long as they lasted, then a lane
    for each rule that was crossed, and the rest on strips below. Upright lines are moves to another unit. Interviews that were not
    completed are hollow.

    Takes the columns of `repeat_runners/trajectory`, and `lane`, the lane of an episode, which is one of `lanes`. `rules` are those to
    give a lane. `kinds` are those that the export knows: a strip without marks says that there was none.
    """
    begins, ends = datetime.combine(first_day, time()), datetime.combine(last_day + timedelta(1), time())
    order = [*(["Placement"] if "placement" in kinds else []), *lanes, *rules, *(words for kind, words in _STRIPS.items() if kind in kinds)]
    # Wall-clock times: a browser elsewhere would move instants to its own zone.
    rows = frame.with_columns(pl.col("starts_at", "ends_at").dt.convert_time_zone("Europe/London").dt.replace_time_zone(None))
    y = alt.Y(
        "lane:N",
        sort=order,
        title=None,
        scale=alt.Scale(domain=order, paddingInner=0.15),
        axis=alt.Axis(grid=True, tickBand="extent"),
    )
    # On one layer alone: said on each, the browser finds that a domain of dates is at odds with itself.
    x = alt.X("at:T")
    with_axis = alt.X(
        "at:T",
        title=None,
        scale=alt.Scale(domain=[alt.DateTime(year=day.year, month=day.month, date=day.day) for day in (begins, ends)], nice=False),
        axis=alt.Axis(
            grid=True, tickCount=8, labelOverlap=True, labelSeparation=10, format="%-d %b" if ends - begins < _DAYS_TOLD else "%b %Y"
        ),
    )

    stays, moves, unit_before = [], [], None
    for row in rows.filter(pl.col("kind") == "placement").iter_rows(named=True):
        start, end = max(row["starts_at"], begins), min(row["ends_at"] or ends, ends)
        name = unit_names.get(row["unit_id"], row["unit_id"])
        fits = len(name) * _CHARACTER < (end - start) / (ends - begins)
        stays.append({"lane": "Placement", "at": _said(start), "to": _said(end), "unit": name, "words": name if fits else ""})
        if unit_before not in (None, row["unit_id"]) and row["starts_at"] >= begins:
            moves.append({"at": _said(start)})
        unit_before = row["unit_id"]
    placed = alt.Chart(alt.Data(values=stays)).encode(y=y, x=x)
    bands = placed.mark_bar(color=palette.band, stroke=palette.usual, strokeWidth=1).encode(
        x2="to:T", tooltip=[alt.Tooltip("unit:N", title="Unit")]
    )
    names = placed.mark_text(align="left", dx=6).encode(text="words:N")
    moved = alt.Chart(alt.Data(values=moves)).mark_rule(color=palette.usual, strokeDash=[3, 3]).encode(x=x)

    episodes = [
        {
            "lane": row["lane"],
            "at": _said(row["starts_at"]),
            "to": _said(min(max(row["ends_at"] or ends, row["starts_at"]), ends)),
            "category": row["category"],
            "ended": "still open" if row["ends_at"] is None else f"{row['ends_at']:%-d %b %Y, %H:%M}",
        }
        for row in rows.filter(pl.col("kind") == "episode").iter_rows(named=True)
    ]
    colours, shapes = list(palette.categories[:2]), ["circle", "diamond"]
    size = 90 if len(episodes) <= _FEW else 45
    gone = alt.Chart(alt.Data(values=episodes)).encode(
        y=y,
        x=x,
        color=alt.Color(
            "category:N",
            scale=alt.Scale(domain=_CATEGORIES, range=colours),
            legend=alt.Legend(title=None, symbolOpacity=1, labelExpr="upper(slice(datum.value, 0, 1)) + slice(datum.value, 1)"),
        ),
    )
    lasting = gone.mark_rule(strokeWidth=5, opacity=0.35).encode(x2="to:T")
    began = gone.mark_point(filled=True, size=size, opacity=0.75).encode(
        x=with_axis,
        shape=alt.Shape("category:N", scale=alt.Scale(domain=_CATEGORIES, range=shapes)),
        tooltip=[
            alt.Tooltip("at:T", title="Began", format=_WHEN),
            alt.Tooltip("ended:N", title="Ended"),
            alt.Tooltip("category:N", title="Category"),
        ],
    )

    def marks_of(kind: str, lane: pl.Expr) -> alt.Chart:
        values = [
            {"lane": row["in_lane"], "at": _said(row["starts_at"]), "what": (row["detail"] or "not recorded").replace("_", " ")}
            for row in rows.filter(pl.col("kind") == kind).with_columns(in_lane=lane).iter_rows(named=True)
            if row["in_lane"] in order
        ]
        tooltip = [alt.Tooltip("at:T", title="When", format=_WHEN), alt.Tooltip("what:N", title="What")]
        return alt.Chart(alt.Data(values=values)).encode(y=y, x=x, tooltip=tooltip)

    crossed = marks_of("rule", pl.col("detail")).mark_point(
        filled=True, shape="triangle-up", size=90, opacity=1, color=palette.categories[2]
    )
    held = (
        marks_of("interview", pl.lit(_STRIPS["interview"]))
        .mark_point(size=size / 2, shape="square", strokeWidth=1.5, opacity=1, stroke=palette.usual)
        .encode(fill=alt.condition("datum.what == 'completed'", alt.value(palette.usual), alt.value(palette.halo)))
    )
    called = marks_of("police_call", pl.lit(_STRIPS["police_call"])).mark_tick(
        thickness=2, size=_LANE * 0.5, color=palette.usual, opacity=0.9
    )
    layers = alt.layer(bands, moved, names, lasting, began, crossed, held, called)
    return finish(layers.properties(height=_LANE * len(order), width="container"), palette, right=24)


def _said(moment: datetime) -> str:
    return moment.isoformat()
