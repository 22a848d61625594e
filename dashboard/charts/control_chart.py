"""A count month by month with its average and limits, and the points that are unlike its own past marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Any

import altair as alt
import polars as pl

from dashboard.charts.labels import SMALLEST_WIDTH, Box, Label, label_layers, place, spread, text_width
from dashboard.charts.theme import Palette, finish

_HEIGHT = 232
_EVENT_LINE = 17
_EVENT_LINES = 3
# More labels than this on the points would be a table; the latest matter most.
_MOST_LABELS = 3
_MOST_TICKS = 9
# How far below the plot the words of the arrivals stand, and their numbers; numbers have room on so many points.
_ARRIVALS_AT = (36, 54)
_MOST_NUMBERED = 40

_USUAL, _HIGH, _LOW = "Usual variation", "Higher than usual", "Lower than usual"
_UNJUDGED, _PROVISIONAL = "Too few to judge", "Still being recorded"
_NUMBERS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def control_chart(
    series: pl.DataFrame,
    palette: Palette,
    *,
    events: Sequence[tuple[date, str]] = (),
    provisional_from: date | None = None,
    arrivals: Sequence[int] = (),
) -> alt.LayerChart:
    """The points of `series` (month, value, mean, lower_limit, upper_limit, cause, months_spanned), at least one.

    `events` are drawn as thin lines before the point that they fall in, with their words, or else their month, as far as there is
    room, the first ones first. Points that reach `provisional_from` are hollow: they are still being recorded. Stretches of points that
    share an average have lines of their own, which are named where they reach the right-hand side. What is counted stands in the
    subtitle. `arrivals` are the children who came in each point; they stand below the axis, where there are any.
    """
    points = [_point(index, row, palette, provisional_from) for index, row in enumerate(series.iter_rows(named=True))]
    dated = _dated(events, points)
    highest = max(max(point["value"], point["upper_limit"] or 0) for point in points) or 1
    # Room above the highest point for its label.
    room = _event_room(dated) + (30 if any(point["cause"] == "outside_high" for point in points) else 14)
    top = highest * _HEIGHT / (_HEIGHT - room)
    x = alt.X(
        "at:Q",
        title=None,
        scale=alt.Scale(domain=[-0.5, len(points) - 0.5], nice=False, zero=False),
        axis=_month_axis(points),
    )
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(format=",.0f", tickCount=4, tickMinStep=1))
    segments = _segments(points)
    layers = [
        *_event_layers(dated, top, palette),
        *_limit_layers(segments, points[-1]["at"] + 0.5, top, palette),
        alt.Chart(alt.InlineData(values=points)).mark_line(color=palette.usual, strokeWidth=2).encode(x=x, y=y),
        *_point_layers(points, x, y, palette),
        *label_layers(_labels(points, segments, dated, top), x, y, palette),
        *_arrival_layers(points, arrivals, x, palette),
    ]
    return finish(alt.layer(*layers).properties(height=_HEIGHT, width="container"), palette)


def _point(index: int, row: dict, palette: Palette, provisional_from: date | None) -> dict:
    month, cause = row["month"], row["cause"] or ""
    reading = _HIGH if cause.endswith(("high", "up")) else _LOW if cause.endswith(("low", "down")) else _USUAL if cause else _UNJUDGED
    last_month = month + timedelta(31 * (row["months_spanned"] - 1))
    last_day = (last_month.replace(day=1) + timedelta(31)).replace(day=1) - timedelta(1)
    when = f"{month:%B %Y}" if row["months_spanned"] == 1 else f"{month:%B} to {last_month:%B %Y}"
    return {
        "at": index,
        "first_day": month.isoformat(),
        "last_day": last_day.isoformat(),
        "tick": f"{month:%b} {month:%y}",
        "month_number": month.year * 12 + month.month,
        "span": row["months_spanned"],
        "when": when,
        "value": row["value"],
        "mean": row["mean"],
        "lower_limit": row["lower_limit"],
        "upper_limit": row["upper_limit"],
        "cause": cause,
        "reading": reading,
        "color": {_HIGH: palette.high, _LOW: palette.low}.get(reading, palette.usual),
        "is_provisional": provisional_from is not None and last_day >= provisional_from,
    }


def _month_axis(points: list[dict]) -> alt.Axis:
    """Ticks so many months apart that their words fit, counted from April, so that financial years show."""
    span = len(points) * points[0]["span"]
    apart = next((months for months in (1, 3, 6, 12, 24) if span / months <= _MOST_TICKS), 60)
    shown = [point["at"] for point in points if (point["month_number"] - 4) % apart == 0 or point["span"] > apart]
    return alt.Axis(
        values=shown or [0],
        labelExpr=f"{[point['tick'] for point in points]!r}[datum.value]",
        labelOverlap=False,
        grid=False,
    )


def _segments(points: list[dict]) -> list[dict]:
    """Stretches of points that share limits: where each begins and ends, half a step before its first point and after its last."""
    found = []
    for (mean, lower, upper), group in groupby(points, key=lambda p: (p["mean"], p["lower_limit"], p["upper_limit"])):
        stretch = list(group)
        if mean is not None:
            found.append({"from": stretch[0]["at"] - 0.5, "to": stretch[-1]["at"] + 0.5, "mean": mean, "lower": lower, "upper": upper})
    return found


def _limit_layers(segments: list[dict], end: float, top: float, palette: Palette) -> list[alt.Chart]:
    if not segments:
        return []
    base = alt.Chart(alt.InlineData(values=segments)).encode(x=alt.X("from:Q"), x2="to:Q")
    # A lower limit of 0 says nothing, and would run along the axis.
    lower = alt.Chart(alt.InlineData(values=[s for s in segments if s["lower"] > 0])).encode(x=alt.X("from:Q"), x2="to:Q")
    limit: dict[str, Any] = {"strokeDash": [7, 5], "strokeWidth": 1.5, "color": palette.secondary}
    layers = [
        base.mark_rule(strokeWidth=2, color=palette.text).encode(y="mean:Q"),
        base.mark_rule(**limit).encode(y="upper:Q"),
        lower.mark_rule(**limit).encode(y="lower:Q"),
    ]
    last = segments[-1]
    # Beside points without limits, words would give them some.
    if last["to"] < end:
        return layers
    named = [("Upper limit", last["upper"]), ("Average", last["mean"])]
    if last["lower"] > 0:
        named.append(("Lower limit", last["lower"]))
    places = spread([_down(value, top) for _, value in named], _HEIGHT - 8)
    words = [
        {"value": top * (1 - place / _HEIGHT), "text": f"{name} {value:,.0f}" if last["mean"] >= 10 else f"{name} {value:,.1f}"}
        for (name, value), place in zip(named, places, strict=True)
    ]
    layers.append(
        alt.Chart(alt.InlineData(values=words))
        .mark_text(align="left", dx=8, baseline="middle", color=palette.secondary)
        .encode(x=alt.value("width"), y="value:Q", text="text:N")
    )
    return layers


def _point_layers(points: list[dict], x: alt.X, y: alt.Y, palette: Palette) -> list[alt.Chart]:
    named = [_USUAL, _HIGH, _LOW] if any(point["cause"] for point in points) else [_UNJUDGED]
    if any(point["is_provisional"] for point in points):
        named.append(_PROVISIONAL)
    scales = {
        "shape": (alt.Shape, ["circle", "triangle-up", "triangle-down", "circle", "circle"]),
        "stroke": (alt.Stroke, [palette.usual, palette.high, palette.low, palette.usual, palette.usual]),
        "fill": (alt.Fill, [palette.usual, palette.high, palette.low, palette.usual, palette.halo]),
    }
    marks: dict[str, Any] = {
        name: channel(
            "reading:N",
            scale=alt.Scale(domain=[_USUAL, _HIGH, _LOW, _UNJUDGED, _PROVISIONAL], range=values),
            legend=alt.Legend(title=None, values=named),
        )
        for name, (channel, values) in scales.items()
    }
    marks["tooltip"] = [
        alt.Tooltip("when:N", title="When"),
        alt.Tooltip("value:Q", title="Episodes"),
        alt.Tooltip("reading:N", title="Reading"),
    ]
    size = 90 if len(points) <= 48 else 50
    whole = alt.Chart(alt.InlineData(values=[point for point in points if not point["is_provisional"]]))
    hollow = alt.Chart(alt.InlineData(values=[point for point in points if point["is_provisional"]]))
    return [
        whole.mark_point(size=size, opacity=1, strokeWidth=1).encode(x=x, y=y, **marks),
        hollow.mark_point(size=size, opacity=1, strokeWidth=2).encode(x=x, y=y, **{**marks, "fill": alt.value(palette.halo)}),
    ]


def _labels(points: list[dict], segments: list[dict], dated: list[dict], top: float) -> list[dict]:
    """Words at what stands out: the farthest point of each stretch outside a limit, and a run or trend after them."""
    step = SMALLEST_WIDTH / len(points)
    labels = []
    for (cause, _), group in groupby(reversed(points), key=lambda p: (p["cause"], p["mean"])):
        stretch = list(group)
        if cause.startswith("outside"):
            said = max(stretch, key=lambda p: abs(p["value"] - p["mean"]))
            episodes = "1 episode" if said["value"] == 1 else f"{said['value']:,} episodes"
            labels.append(_label(f"{said['when']}: {episodes}", said, step, top))
    labels = labels[:_MOST_LABELS]
    if in_a_row := _latest_in_a_row(points):
        said = (max if in_a_row[0]["reading"] == _HIGH else min)(in_a_row, key=lambda p: p["value"])
        labels.append(_label(_row_words(in_a_row), said, step, top))
    dots = [Box.around(_across(point["at"], step), _down(point["value"], top), 7) for point in points]
    lines = [
        Box(_across(segment["from"], step), _down(segment[name], top) - 1, _across(segment["to"], step), _down(segment[name], top) + 1)
        for segment in segments
        for name in ("mean", "lower", "upper")
    ]
    # The line between points, as boxes along it.
    lines += [
        Box.around(_across(before["at"] + part, step), _down(before["value"] + part * (after["value"] - before["value"]), top), 2)
        for before, after in pairwise(points)
        for part in (0.2, 0.4, 0.6, 0.8)
    ]
    lines += [Box(event["across"] - 1, 0, event["across"] + 1, _HEIGHT) for event in dated]
    return place(labels, [*dots, Box(0, 0, SMALLEST_WIDTH, _event_room(dated))], lines, _HEIGHT)


def _label(text: str, point: dict, step: float, top: float) -> Label:
    return Label(
        text,
        _across(point["at"], step),
        _down(point["value"], top),
        {key: point[key] for key in ("at", "value", "color")},
        is_below=point["reading"] == _LOW,
    )


def _latest_in_a_row(points: list[dict]) -> list[dict]:
    """The latest stretch that a run or a trend marks, if no point after it lies outside: that would have moved the average."""
    for (cause, _), group in groupby(reversed(points), key=lambda p: (p["cause"], p["mean"])):
        if cause.startswith("outside"):
            return []
        if cause.startswith(("run", "trend")):
            return list(group)[::-1]
    return []


def _row_words(stretch: list[dict]) -> str:
    count = _NUMBERS[len(stretch)] if len(stretch) < len(_NUMBERS) else f"{len(stretch)}"
    unit = "months" if stretch[0]["span"] == 1 else "quarters"
    what = {"run_high": "above average", "run_low": "below average", "trend_up": "rising", "trend_down": "falling"}
    return f"{count} {unit} in a row {what[stretch[0]['cause']]}".capitalize()


def _dated(events: Sequence[tuple[date, str]], points: list[dict]) -> list[dict]:
    """Events that a point holds, each with the line its words stand on; -1 where there is no room for them."""
    step = SMALLEST_WIDTH / len(points)
    found: list[dict] = []
    for happened_on, said in events:
        day = happened_on.isoformat()
        index = next((point["at"] for point in points if point["first_day"] <= day <= point["last_day"]), None)
        if index is not None:
            event = {"at": index - 0.5, "said": f"{happened_on:%-d %B %Y}: {said}"}
            found.append(event | _room_for((said, f"Event, {happened_on:%B %Y}"), _across(index - 0.5, step), found))
    return found


def _event_room(dated: list[dict]) -> float:
    """How many pixels the words of events take at the top of the plot."""
    return _EVENT_LINE * (1 + max((event["line"] for event in dated), default=-1))


def _room_for(texts: Sequence[str], across: float, others: list[dict]) -> dict:
    """The first of `texts` for which there is room at an event, with its line and side: so that no other words and no event's line run
    through it."""
    for text in texts:
        wide = text_width(text) + 8
        for line in range(_EVENT_LINES):
            for align, left in (("left", across), ("right", across - wide)):
                right = left + wide
                words_meet = any(line == other["line"] and left < other["right"] and other["left"] < right for other in others)
                is_crossed = any(other["line"] < line and left < other["across"] < right for other in others)
                crosses = any(other["line"] > line and other["left"] < across < other["right"] for other in others)
                if left >= 0 and right <= SMALLEST_WIDTH and not (words_meet or is_crossed or crosses):
                    where = {"line": line, "align": align, "left": left, "right": right, "across": across}
                    return {"text": text, "from": line * _EVENT_LINE, **where}
    return {"text": "", "from": _EVENT_LINES * _EVENT_LINE, "line": -1, "align": "left", "left": 0, "right": 0, "across": across}


def _event_layers(dated: list[dict], top: float, palette: Palette) -> list[alt.Chart]:
    if not dated:
        return []
    lines = [{**event, "starts": top * (1 - event["from"] / _HEIGHT), "ends": 0} for event in dated]
    words = [
        {**event, "dx": 5 if event["align"] == "left" else -5, "dy": 8 + event["from"], "color": palette.secondary}
        for event in dated
        if event["line"] >= 0
    ]
    return [
        alt.Chart(alt.InlineData(values=lines))
        .mark_rule(strokeWidth=1, color=palette.secondary)
        .encode(x="at:Q", y="starts:Q", y2="ends:Q", tooltip=alt.Tooltip("said:N", title="Event")),
        *label_layers(words, alt.X("at:Q"), alt.YValue(0), palette, weight="normal"),
    ]


def _arrival_layers(points: list[dict], arrivals: Sequence[int], x: alt.X, palette: Palette) -> list[alt.Chart]:
    """Below the months, in line with the points: how many children arrived. Where points are too close for numbers, a tick each."""
    came = [{"at": point["at"], "when": point["when"], "arrivals": count} for point, count in zip(points, arrivals, strict=False) if count]
    if not came:
        return []
    words = alt.Chart(alt.InlineData(values=[{"text": "Children who arrived"}])).mark_text(
        align="left", baseline="middle", color=palette.secondary
    )
    tooltip = [alt.Tooltip("when:N", title="When"), alt.Tooltip("arrivals:Q", title="Children who arrived")]
    base = alt.Chart(alt.InlineData(values=came)).encode(x=x, y=alt.value(_HEIGHT + _ARRIVALS_AT[1]), tooltip=tooltip)
    numbered = len(points) <= _MOST_NUMBERED
    return [
        words.encode(x=alt.value(0), y=alt.value(_HEIGHT + _ARRIVALS_AT[0]), text="text:N"),
        base.mark_text(fontSize=12, baseline="middle").encode(text="arrivals:Q")
        if numbered
        else base.mark_tick(orient="vertical", size=12, thickness=2, color=palette.usual),
    ]


def _down(value: float, top: float) -> float:
    """How many pixels from the top of the plot a value lies."""
    return _HEIGHT * (1 - value / top)


def _across(at: float, step: float) -> float:
    """How many pixels from the left edge of the narrowest plot a point lies."""
    return (at + 0.5) * step
