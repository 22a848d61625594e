"""What comes of something first, hour by hour: one rising curve for each thing that can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import altair as alt

from dashboard.charts.labels import spread
from dashboard.charts.theme import Palette, finish

_HEIGHT = 260
_TICKS = (0, 24, 48, 72, 120, 168, 240, 336)


@dataclass(frozen=True)
class Curve:
    """One curve: its words, and its share at each hour."""

    words: str
    shares: Sequence[float]


def incidence(
    hours: Sequence[int], curves: Sequence[Curve], band: tuple[Sequence[float], Sequence[float]], limit: int, palette: Palette
) -> alt.LayerChart:
    """At most four curves over `hours`, each named at its end; `band` lies about the first. A line down the plot marks the hour `limit`."""
    x = alt.X(
        "hours:Q",
        title="Hours since the return",
        scale=alt.Scale(domain=[0, hours[-1]], nice=False),
        axis=alt.Axis(values=[tick for tick in _TICKS if tick <= hours[-1]], format=",.0f", labelFlush=True, labelOverlap=False),
    )
    top = max(0.05, *band[1], *chain.from_iterable(curve.shares for curve in curves))
    y = alt.Y("share:Q", title=None, scale=alt.Scale(domain=[0, top], nice=True), axis=alt.Axis(format=".0%", tickCount=5))
    names = [curve.words for curve in curves]
    colours = alt.Color("curve:N", legend=None, scale=alt.Scale(domain=names, range=list(palette.categories[: len(curves)])))
    dashes = alt.StrokeDash("curve:N", legend=None, scale=alt.Scale(domain=names, range=[[1, 0], [7, 4], [2, 3], [10, 3]][: len(curves)]))
    lines = [
        {"hours": hour, "share": round(share, 5), "curve": curve.words}
        for curve in curves
        for hour, share in zip(hours, curve.shares, strict=True)
    ]
    about = [{"hours": hour, "lower": low, "upper": high} for hour, low, high in zip(hours, *band, strict=True)]
    places = spread([_HEIGHT * (1 - curve.shares[-1] / top) for curve in curves], _HEIGHT - 8)
    ends = [
        {"share": top * (1 - place / _HEIGHT), "curve": curve.words, "said": f"{curve.words} {curve.shares[-1]:.0%}"}
        for curve, place in zip(curves, places, strict=True)
    ]
    layers: list[alt.Chart] = [
        alt.Chart(alt.InlineData(values=about))
        .mark_area(color=palette.band, interpolate="step-after")
        .encode(x=x, y=alt.Y("lower:Q"), y2="upper:Q"),
        alt.Chart(alt.InlineData(values=lines))
        .mark_line(strokeWidth=2.5, interpolate="step-after")
        .encode(x=x, y=y, color=colours, strokeDash=dashes),
        alt.Chart(alt.InlineData(values=ends))
        .mark_text(align="left", dx=8, baseline="middle", fontWeight="bold")
        .encode(x=alt.value("width"), y=y, text="said:N", color=colours),
    ]
    if limit <= hours[-1]:
        marked = alt.Chart(alt.InlineData(values=[{"hours": limit, "said": f"{limit} hours"}]))
        layers += [
            marked.mark_rule(strokeDash=[6, 4], strokeWidth=1.5, color=palette.text).encode(x="hours:Q"),
            marked.mark_text(align="left", dx=6, baseline="top", color=palette.text).encode(x="hours:Q", y=alt.value(2), text="said:N"),
        ]
    return finish(alt.layer(*layers).properties(height=_HEIGHT, width="container"), palette)
