"""Units beside their own past: control charts, and what happened meanwhile."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from dashboard.charts.control_chart import control_chart as control_chart_drawn
from dashboard.charts.unit_charts import PANELS_A_PAGE, Panel, unit_charts
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.words import capital, day_words, many, month_words, number
from dashboard.statistics.spc import (
    FEWEST_EPISODES,
    FEWEST_POINTS,
    ONE_OF_MANY,
    Change,
    cause_words,
    control_limits,
    latest_change,
)

MOST_WORDS = 15
# Units with episodes that no unit is known for are in no figure of this page.
NEEDS_UNITS = ("episodes.unit_id or placements",)


@figure(
    Definition(
        name="units/control_chart",
        title="Each unit beside its own past",
        counts="Episodes that began in the month; in the quarter at a unit with under five a month. Several units are drawn small, "
        "one by itself large, with what happened and how many children arrived; the table has all of them.",
        over="The unit's own average. Limits are 2.66 times the mean moving range on either side of it, and not below 0; moving ranges "
        "over 3.267 times their mean are left out once. They start anew at events marked so.",
        matters="A count goes up and down without anything having happened. The rules mark what that alone would seldom give.",
        source="NHS England, Making Data Count: XmR charts (Shewhart).",
        columns={
            "unit_id": "the unit",
            "month": "first day of the point's first month",
            "value": "episodes that began in the point",
            "mean": "average of the points that share limits; empty, like the limits, with fewer than "
            f"{FEWEST_POINTS} points or {FEWEST_EPISODES} episodes",
            "lower_limit": "lower limit",
            "upper_limit": "upper limit",
            "cause": "usual; outside_high, outside_low (beyond a limit); run_high, run_low (7 or more in a row on one side of the mean); "
            "trend_up, trend_down (7 or more in a row, each above or below the one before); near_high, near_low (2 of 3 in a row beyond "
            "two thirds of the way to a limit)",
            "months_spanned": "months in the point: 1, or 3 for a quarter",
            "is_provisional": "part of it is in the latest four weeks, which are still being recorded",
            "most_of_one_child": "most episodes that one child had in the point",
        },
        caveat="Episodes come in bursts, so that rules mark some unit in most quarters in which nothing has changed. A mark is a reason to "
        f"ask. A finding names a unit only from {ONE_OF_MANY} times what the rules ask, without what one child could make by "
        "itself.",
        needs=NEEDS_UNITS,
    )
)
def control_chart(asked: Asked) -> Shown:
    history_from = asked.parameters["history_from"]
    # From the start of a quarter: points that are quarters are whole ones, and a unit needs twelve.
    parameters = {"history_from": history_from.replace(month=(history_from.month - 1) // 3 * 3 + 1)}
    rows = asked.rows(**parameters)
    events = asked.rows("units/events", **parameters)
    frame = _with_limits(rows, events, asked)
    period = asked.scope.period
    if frame.is_empty():
        return Shown(frame=frame, finding=f"No unit has a whole month up to {period.words}", alt="No month to draw.", parameters=parameters)
    changes = units_by_attention(frame, period.first_month, asked.snapshot.unit_names)
    show = _one_unit if len(changes) == 1 else _many_units
    return show(asked, frame, events, changes, parameters)


def units_by_attention(frame: pl.DataFrame, since: date, names: Mapping[str, str]) -> dict[str, Change | None]:
    """The units of a control chart's frame with their latest change from `since` on, those to look at first.

    First the units that a finding may name, then the others that a rule marks, the latest to end first among either; then the rest,
    by name, those without an episode since then last.
    """
    found = []
    for (unit_id,), series in frame.group_by("unit_id", maintain_order=True):
        change = latest_change(series, since)
        is_clear = change is not None and change.is_clear(ONE_OF_MANY)
        ended = -change.last.toordinal() if change else 0
        is_quiet = series.filter(pl.col("month") >= since)["value"].sum() == 0
        order = (not is_clear, change is None, ended, is_quiet, names.get(str(unit_id), ""), str(unit_id))
        found.append((order, change))
    return {order[-1]: change for order, change in sorted(found, key=lambda one: one[0])}


def clear_changes(changes: Mapping[str, Change | None]) -> dict[str, Change]:
    """Those of `units_by_attention` that a finding may name."""
    return {unit: change for unit, change in changes.items() if change is not None and change.is_clear(ONE_OF_MANY)}


def _with_limits(rows: pl.DataFrame, events: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    frames = []
    for (unit_id,), months in rows.group_by("unit_id", maintain_order=True):
        rebases = _rebases_of(events, str(unit_id))["happened_on"].to_list()
        limits = control_limits(months["value"].to_list(), months["month"].to_list(), rebases)
        frames.append(limits.select(pl.lit(unit_id).alias("unit_id"), pl.all()))
    empty = control_limits([], []).select(pl.lit("").alias("unit_id"), pl.all())
    last_day = pl.col("month").dt.offset_by(pl.format("{}mo", "months_spanned")).dt.offset_by("-1d")
    is_month = pl.col("months_spanned") == 1
    return (
        pl.concat([empty, *frames])
        .join(rows.drop("value"), on=["unit_id", "month"], how="left", maintain_order="left")
        .with_columns(
            is_provisional=last_day >= provisional_from(asked),
            most_of_one_child=pl.when(is_month).then("busiest_in_month").otherwise("busiest_in_quarter"),
        )
    )


def provisional_from(asked: Asked) -> date:
    """The first day of the latest four weeks of the export."""
    return asked.snapshot.coverage.last_day - timedelta(27)


def _many_units(
    asked: Asked, frame: pl.DataFrame, events: pl.DataFrame, changes: dict[str, Change | None], parameters: dict[str, date]
) -> Shown:
    pages = -(-len(changes) // PANELS_A_PAGE)
    page = min(max(int(asked.extra.get("page", 0)), 0), pages - 1)
    drawn = list(changes)[page * PANELS_A_PAGE : (page + 1) * PANELS_A_PAGE]
    panels = [_panel(asked, unit, frame.filter(pl.col("unit_id") == unit), changes[unit], _rebases_of(events, unit)) for unit in drawn]
    finding = _of_units(asked, frame, changes)
    marked = [unit for unit, change in changes.items() if change]
    of_all = [f"Limits start anew on {day_words(happened_on)}: {said}." for happened_on, said in _rebases_of(events, None).iter_rows()]
    rest = f"Units {page * PANELS_A_PAGE + 1} to {page * PANELS_A_PAGE + len(drawn)} of {len(changes):,} are drawn; the table has all."
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)} a month, or a quarter where there are few, each unit on its own scale with its latest "
        "number. Marked units first",
        alt=f"Small control charts of {many(len(drawn), 'unit')}, from {month_words(frame['month'].min())}. "  # type: ignore[arg-type]
        + "".join(f"{asked.unit(unit)}: {_mark_words(changes[unit])}. " for unit in drawn if changes[unit])
        + f"{many(len(marked), 'unit')} of {len(changes):,} marked. {finding}.",
        draw=lambda palette: unit_charts(panels, palette),
        caveats=(*of_all, *((rest,) if pages > 1 else ())),
        parameters=parameters,
    )


def _panel(asked: Asked, unit: str, series: pl.DataFrame, change: Change | None, rebases: pl.DataFrame) -> Panel:
    name = asked.unit(unit)
    if change is None:
        mean, step = series["mean"][-1], "a quarter" if series["months_spanned"][-1] == 3 else "a month"
        if mean is None:
            return Panel(name, (_too_few(series, rebases),), series)
        return Panel(name, (f"No mark; {number(mean, 0 if mean >= 10 else 1)} {step}",), series)
    before = (f"after {change.after.bare} {_short(change.after.when)}",) if change.after else ()
    said = f"{change.bare} {_short(change.when)}"
    if not change.is_clear(ONE_OF_MANY):
        return Panel(name, (f"Marked {said}", *change.rules, *before), series)
    side = "high" if change.direction in ("higher than usual", "rising") else "low"
    since = (change.after or change).first
    return Panel(name, (capital(said), *change.rules, *before), series, side, since, change.last)


def _short(when: str) -> str:
    """Months in three letters, for which there is room beside each other."""
    return re.sub("|".join(month_name[1:]), lambda month: month[0][:3], when)


def _too_few(series: pl.DataFrame, rebases: pl.DataFrame) -> str:
    """Why the latest points have no limits."""
    span = series["months_spanned"][-1]
    anew = rebases["happened_on"].max()
    points = series.filter(pl.col("month").dt.offset_by(f"{span}mo") > anew) if anew is not None else series
    step = "quarters" if span == 3 else "months"
    return f"Only {points.height} of {FEWEST_POINTS} {step}" if points.height < FEWEST_POINTS else "Too few episodes"


def _mark_words(change: Change | None) -> str:
    """A change with the rules that mark it: "lower than usual since April 2026 (3 below the lower limit), after being higher …"."""
    if change is None:
        return "no mark"
    after = f", after being {change.after.bare} {change.after.when} ({change.after.rule})" if change.after else ""
    return f"{change.latest_words} ({change.rule}){after}"


def _one_unit(
    asked: Asked, frame: pl.DataFrame, events: pl.DataFrame, changes: dict[str, Change | None], parameters: dict[str, date]
) -> Shown:
    [(unit, change)] = changes.items()
    happened = events.sort("is_rebase", "happened_on", descending=True, maintain_order=True)
    shown = [(happened_on, said) for happened_on, said in happened.select("happened_on", "text").iter_rows()]
    step = "quarter" if frame["months_spanned"][0] == 3 else "month"
    finding = _of_unit(asked, unit, frame, change)
    marks = (f"Marked: {_mark_words(change)}.",) if change else ()
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)} a {step} at {asked.unit(unit)}, from {month_words(frame['month'][0])}",
        alt=_control_alt(asked, unit, frame, step, finding),
        draw=lambda palette: control_chart_drawn(
            frame, palette, events=shown, provisional_from=provisional_from(asked), arrivals=_arrivals(asked, frame)
        ),
        caveats=(*marks, *_control_caveats(unit, frame, events, step)),
        parameters=parameters,
    )


def _arrivals(asked: Asked, frame: pl.DataFrame) -> list[int]:
    """Children who arrived in each point."""
    months = asked.rows("units/residents", period_from=frame["month"][0])
    came = dict(months.select("month", "arrivals").iter_rows())
    return [
        sum(came.get(pl.select(pl.lit(month).dt.offset_by(f"{n}mo")).item(), 0) for n in range(span))
        for month, span in frame.select("month", "months_spanned").iter_rows()
    ]


def _of_unit(asked: Asked, unit: str, series: pl.DataFrame, change: Change | None) -> str:
    name = asked.unit(unit)
    if change is not None and change.is_clear(ONE_OF_MANY):
        return _change_words(name, change, series)
    if change is not None:
        return f"{name}: no clear change, though marked {change.bare} {change.when}"
    if series["mean"].is_null().all():
        return f"{name}: too few months or episodes to tell a change"
    return f"{name}: no clear change in episodes"


def _change_words(name: str, change: Change, series: pl.DataFrame) -> str:
    """A unit and its change, in as many words as a finding has; and that there was no episode since, where it is over."""
    later = series.filter(pl.col("month") > change.last)
    # Not of points alone that are still being recorded: what is not there yet may come.
    is_over = later.height > 0 and later["value"].sum() == 0 and not later["is_provisional"].all()
    said = (f"episodes {change.words}", change.words, change.short_words)
    sentences = (f"{name}: {words}{since}" for since in (["; none since"] if is_over else []) + [""] for words in said)
    return next((one for one in sentences if len(one.split()) <= MOST_WORDS), f"{name}: {change.latest_words}")


def _of_units(asked: Asked, frame: pl.DataFrame, changes: dict[str, Change | None]) -> str:
    """Which units differ clearly from their past: when and how the first one, and which others; as many words as a finding has."""
    if frame["mean"].is_null().all():
        return "No unit has enough months or episodes to tell a change"
    clear = clear_changes(changes)
    if not clear:
        marked = sum(change is not None for change in changes.values())
        return "No unit's episodes differ clearly from its own past" + (
            f"; {marked} of {len(changes):,} {'is' if marked == 1 else 'are'} marked" if marked else ""
        )
    first, *others = clear
    finding = _change_words(asked.unit(first), clear[first], frame.filter(pl.col("unit_id") == first))
    others_said = [f"{many(len(others), 'more unit')} changed"]
    if others:
        second = asked.unit(others[0])
        others_said.insert(0, f"{second} and {len(others) - 1} more changed" if len(others) > 1 else f"{second} changed too")
    fitting = [f"{finding}; {said}" for said in others_said if others and len(f"{finding}; {said}".split()) <= MOST_WORDS]
    return next(iter(fitting), finding)


def _control_alt(asked: Asked, unit: str, series: pl.DataFrame, step: str, finding: str) -> str:
    last = series.row(-1, named=True)
    said = (
        f"Control chart of {asked.episodes} a {step} at {asked.unit(unit)}, {many(series.height, step)} from "
        f"{month_words(series['month'][0])}: from {number(series['value'].min())} to {number(series['value'].max())}"  # type: ignore[arg-type]
    )
    if last["mean"] is not None:
        said += f", average {number(last['mean'], 1)}, limits {number(last['lower_limit'], 1)} and {number(last['upper_limit'], 1)}"
    marked = series.filter(pl.col("cause") != "usual").tail(1)
    if marked.height:
        point = marked.row(0, named=True)
        said += f". The latest point marked, {month_words(point['month'])} with {number(point['value'])}, is {cause_words(point['cause'])}"
    recorded = " The latest is still being recorded." if last["is_provisional"] else ""
    return f"{said}.{recorded} {finding}."


def _rebases_of(events: pl.DataFrame, unit: str | None) -> pl.DataFrame:
    """Where limits start anew: events of the whole authority and of the unit, happened_on and text."""
    concerns = pl.col("unit_id").is_null() | pl.col("unit_id").eq_missing(unit)
    return events.filter(pl.col("is_rebase") & concerns).select("happened_on", "text")


def _control_caveats(unit: str, series: pl.DataFrame, events: pl.DataFrame, step: str) -> list[str]:
    caveats = [f"Limits start anew on {day_words(happened_on)}: {said}." for happened_on, said in _rebases_of(events, unit).iter_rows()]
    if series["mean"][-1] is None:
        caveats.append(f"No limits: fewer than {FEWEST_POINTS} {step}s, or fewer than {FEWEST_EPISODES} episodes in them.")
    return caveats


@figure(
    Definition(
        name="units/events",
        title="What happened",
        counts="Dated events of the export, of the whole authority or of a unit, as far back as the control charts reach.",
        matters="A change in a count that begins with an event may be the event's. One in how episodes are recorded is no change in what "
        "children do, and limits start anew there.",
        source="The export's table of events.",
        columns={
            "happened_on": "the day",
            "text": "what happened",
            "unit_id": "the unit that it concerns; empty for the whole authority",
            "is_rebase": "limits of control charts start anew there",
        },
        needs=("events",),
    )
)
def events(asked: Asked) -> Shown:
    frame = asked.rows()
    anew = frame.filter(pl.col("is_rebase"))
    finding = f"{many(frame.height, 'event')} recorded since {month_words(asked.parameters['history_from'])}"
    if anew.height:
        where = f"on {day_words(anew['happened_on'][0])}" if anew.height == 1 else f"at {anew.height} of them"
        finding += f"; limits start anew {where}"
    return Shown(frame=frame, finding=finding, alt=f"Table of {many(frame.height, 'event')}.")
