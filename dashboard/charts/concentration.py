"""The curve of concentration: the running share of episodes, the child with most first."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from dashboard.charts.theme import HEIGHT, Palette, finish

_SHARES = [0, 0.1, 0.25, 0.5, 0.75, 1]
_BAND_POINTS = 100
# How far a line of text reaches up the plot, as a share of its height.
_LINE = 0.07


def concentration(frame: pl.DataFrame, palette: Palette, *, episodes: str) -> alt.LayerChart:
    """What happened, beside what equal risk would give.

    Takes the columns of `repeat_runners/concentration`, without a null. `episodes` says what is counted, for the axis.
    """
    last = frame.height
    # The curve is straight between the ranks where the number of episodes changes. No child's id goes into the chart.
    bends = pl.col("episodes") != pl.col("episodes").shift(-1, fill_value=0)
    spread = pl.col("rank").is_in([round(last ** (point / _BAND_POINTS)) for point in range(_BAND_POINTS + 1)])
    shares = [name for name in frame.columns if name.startswith(("share_", "chance_"))]
    points = [dict.fromkeys(shares, 0.0), *frame.filter(bends | spread).select(shares).to_dicts()]
    tenth = frame.row(-(-last // 10) - 1, named=True)
    third = frame.row(-(-last * 3 // 10) - 1, named=True)
    half = frame.row(-(-last // 2) - 1, named=True)

    curve = alt.Chart(alt.Data(values=points))
    x = alt.X(
        "share_of_children:Q",
        title="Share of the children who went, most episodes first",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(values=_SHARES, format=".0%", titlePadding=8),
    )

    def y_of(column: str) -> alt.Y:
        axis = alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".0%")
        return alt.Y(f"{column}:Q", title=f"Share of all {episodes}", scale=alt.Scale(domain=[0, 1]), axis=axis)

    y = y_of("share_of_episodes")
    band = curve.mark_area(color=palette.band).encode(x=x, y=y_of("chance_lower"), y2="chance_upper:Q")
    chance = curve.mark_line(color=palette.usual, strokeDash=[6, 4], strokeWidth=2).encode(x=x, y=y_of("chance_middle"))
    happened = curve.mark_line(color=palette.categories[0], strokeWidth=3).encode(x=x, y=y)

    here = alt.Chart(alt.Data(values=[{name: tenth[name] for name in shares} | {"zero": 0}]))
    guide: dict[str, Any] = {"color": palette.secondary, "strokeDash": [2, 3]}
    down = here.mark_rule(**guide).encode(x=x, y=y, y2="zero:Q")
    across = here.mark_rule(**guide).encode(x=x, x2="zero:Q", y=y)
    point = here.mark_point(filled=True, size=180, opacity=1, color=palette.categories[0]).encode(x=x, y=y)
    children = f"{tenth['rank']:,} {'child' if tenth['rank'] == 1 else 'children'}"
    said = f"{children} ({tenth['share_of_children']:.0%}) had {tenth['share_of_episodes']:.0%} of episodes"
    upper, lower = ("What happened", palette.categories[0]), ("Equal risk for every child", palette.secondary)
    if third["share_of_episodes"] < third["chance_lower"]:
        upper, lower = lower, upper
    above = max(third["share_of_episodes"], third["chance_upper"])
    below = _clear_of(min(half["share_of_episodes"], half["chance_lower"]), tenth["share_of_episodes"])
    words = [
        _text(tenth["share_of_children"], tenth["share_of_episodes"], said, palette.text, palette, dx=14, dy=14),
        _text(third["share_of_children"], above, *upper, palette, dx=-10, dy=-12, align="right"),
        _text(half["share_of_children"], below, *lower, palette, dx=14),
    ]
    layers = alt.layer(band, chance, down, across, happened, point, *[layer for pair in words for layer in pair])
    return finish(layers.properties(height=HEIGHT, width="container"), palette, right=16)


def _clear_of(lower: float, point: float) -> float:
    """Where the words below both lines stand: a line under them, or further down where the words beside the point stand there."""
    return lower - _LINE if abs(lower - point) > _LINE else lower - 2.5 * _LINE


def _text(x: float, y: float, words: str, colour: str, palette: Palette, *, dx: int, dy: int = 0, align: str = "left") -> list[alt.Chart]:
    """Words on a halo of the ground's colour, so that lines may pass behind them."""
    base = alt.Chart(alt.Data(values=[{"x": x, "y": y, "words": words}])).encode(x="x:Q", y="y:Q", text="words:N")
    place: dict[str, Any] = {"align": align, "dx": dx, "dy": dy, "fontWeight": "bold", "fontSize": 14, "baseline": "middle"}
    return [
        base.mark_text(**place, color=palette.halo, stroke=palette.halo, strokeWidth=5, strokeJoin="round"),
        base.mark_text(**place, color=colour),
    ]
