"""Figures of the Police calls page about the calls: how fast, what absences become, hours, and whether two sources say the same."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard.charts.bars import Bar, bars
from dashboard.charts.ranked_shares import MOST_ROWS, ShareRow, busiest, ranked_shares
from dashboard.charts.share_by_month import share_by_month
from dashboard.figures.figure import Asked, Definition, Shown, figure, what_is_needed
from dashboard.figures.shares import alt_by_month, small_base
from dashboard.figures.words import capital, many, number
from dashboard.statistics.intervals import wilson_interval
from dashboard.statistics.shares import with_limits

_WITHIN = {"within_1h": "Within 1 hour", "within_3h": "Within 3 hours", "within_6h": "Within 6 hours"}
_CALLS_HAVE_NO_CHILD = (
    "A call is a unit's and has no child: it is counted whatever the category and whose children are asked for. “Every child placed in our "
    "area” counts the units in our area."
)


@figure(
    Definition(
        name="police_calls/time_to_call",
        title="How soon the police are called",
        counts="Minutes from the start of an episode to the call, by category.",
        over="Episodes that began in the period, were reported to the police, and have a time of the call at or after the start.",
        matters="The first hours matter most for a child whose whereabouts nobody knows.",
        source="Statutory guidance, January 2014: agree when the police are called. Intervals: Wilson 1927.",
        caveat="An episode begins when the child left or was last seen. An absence that became a missing report is timed from its start.",
        columns={
            "category": "missing or away",
            "called": "reported episodes with a time of the call",
            "median_minutes": "median minutes from the start to the call; empty below the smallest number of children",
            "lower_quartile": "minutes within which a quarter were called for",
            "upper_quartile": "minutes within which three quarters were called for",
            "within_1h": "called within one hour, one hour exactly included",
            "within_3h": "called within three hours",
            "within_6h": "called within six hours",
            "children": "different children of these episodes",
            "untimed": "reported episodes with no time of the call, or one before the start; in none of the numbers above",
        },
        needs=("episodes.police_called", "episodes.police_called_at", "times of episodes.started_at"),
    )
)
def time_to_call(asked: Asked) -> Shown:
    frame = asked.rows()
    few = asked.settings.smallest_children
    rows: list[ShareRow] = []
    said = []
    for row in frame.filter(pl.col("called") > 0).iter_rows(named=True):
        is_base = row["children"] >= few
        rows.append(ShareRow(capital(row["category"])))
        for column, words in _WITHIN.items():
            lower, upper = wilson_interval(row[column], row["called"]) if is_base else (None, None)
            share = row[column] / row["called"] if is_base else None
            rows.append(ShareRow(words, row[column], row["called"], share, lower, upper))
        if is_base:
            said.append(f"{number(row['median_minutes'])} minutes ({row['category']})")
    untimed = int(frame["untimed"].sum())
    if said:
        finding = f"Half of calls came within {' and '.join(said)} of the start"
    elif rows:
        finding = f"{many(int(frame['called'].sum()), 'reported episode')} with a time of the call: too few children for a median"
    else:
        finding = "No reported episode in this period has a time of the call"
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of reported episodes by how soon after the start the police were called, with 95% intervals",
        alt="A point for each category and time. "
        + "".join(f"{row.label}: {row.number}. " if row.number else f"{row.label}. " for row in rows)
        + f"{finding}.",
        draw=(lambda palette: ranked_shares(rows, palette)) if said else None,
        caveats=(
            *((f"Left out: {many(untimed, 'reported episode')} with no time of the call at or after the start.",) if untimed else ()),
            *small_base(asked, len(said) < frame.height),
        ),
    )


@figure(
    Definition(
        name="police_calls/reclassified",
        title="Absences that became a missing report",
        counts="Absences (away without authorisation) that began in the month, and those that were reclassified as missing.",
        over="Episodes of away, and those of missing that were reclassified.",
        matters="An absence is watched. Where few become missing reports nobody may be looking again, where "
        "many do, some were missing at first.",
        source="Association of Chief Police Officers, 2013: absent and missing. Intervals: Wilson 1927.",
        caveat="Absences are counted whatever category is chosen. The intervals take each absence by itself.",
        columns={
            "month": "first day of the month",
            "absences": "absences that began in the month",
            "reclassified": "of these, became a missing report",
            "median_hours": "median hours from the start to that; empty without times and below the smallest number of children",
            "share": "reclassified ÷ absences; empty below the smallest number of children",
            "lower": "lower end of the 95% interval",
            "upper": "upper end of the 95% interval",
            "children": "different children of these absences",
            "is_provisional": "part of the month is in the latest four weeks, which are still being recorded",
        },
        needs=("episodes.reclassified_at",),
    )
)
def reclassified(asked: Asked) -> Shown:
    frame = with_limits(asked.rows(), "share", "reclassified", pl.col("absences"))
    absences, became = int(frame["absences"].sum()), int(frame["reclassified"].sum())
    finding = "No absence in this period"
    if absences:
        finding = f"{became:,} of {many(absences, 'absence')} became a missing report"
    no_times = what_is_needed(("times of episodes.started_at",), asked.snapshot.given)
    drawn = frame.rename({"reclassified": "hits", "absences": "tries"})
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of absences that became a missing report, by month in which they began, with 95% intervals",
        alt=alt_by_month(frame, "absences that became a missing report", finding),
        draw=(lambda palette: share_by_month(drawn, palette)) if frame["share"].count() else None,
        caveats=(
            *((f"Hours to it: {no_times[0].lower()}{no_times[1:]}",) if no_times else ()),
            *small_base(asked, frame["share"].null_count() > 0),
        ),
    )


@figure(
    Definition(
        name="police_calls/police_hours",
        title="Police hours on missing children",
        counts="Calls to the police about a missing child in the period, by unit, times the hours that a call takes by the settings.",
        matters="It gives the work a size. It is an estimate: a call about a child at high risk takes many times what another takes.",
        source="Hours a call are the authority's own, agreed with its police (setting police_hours_per_call). No cost is worked out.",
        caveat=_CALLS_HAVE_NO_CHILD,
        columns={
            "unit_id": "the unit that called",
            "calls": "calls about a missing child",
            "hours": "calls × hours a call; empty where hours a call are not set",
        },
        needs=("police_calls", "police_calls.reason"),
    )
)
def police_hours(asked: Asked) -> Shown:
    hours_a_call = asked.settings.police_hours_per_call
    bound: dict[str, Any] = {"hours_per_call": hours_a_call}
    frame = asked.rows(**bound)
    calls = int(frame["calls"].sum())
    if not calls:
        finding = "No call to the police about a missing child in this period"
    elif hours_a_call is None:
        finding = f"{many(calls, 'call')} about missing children; the hours that a call takes are not set"
    else:
        finding = f"{many(calls, 'call')} about missing children, about {number(calls * hours_a_call)} police hours"
    # Without hours a chart would show once more what `police_calls/call_rate` does.
    drawn = frame if hours_a_call is not None else frame.clear()
    rows = [
        Bar(asked.unit(row["unit_id"]), row["hours"], row["hours"], f"{many(row['calls'], 'call')} · {number(row['hours'])} hours")
        for row in busiest(drawn, "calls").iter_rows(named=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        measure=("Calls about missing children" if hours_a_call is None else f"Police hours, at {hours_a_call:g} a call")
        + (f"; the {MOST_ROWS} units with the most calls" if drawn.height > MOST_ROWS else ""),
        alt=f"Bar chart by unit. Most: {rows[0].label}, {rows[0].number}. {finding}." if rows else f"{finding}.",
        draw=(lambda palette: bars(rows, palette)) if rows else None,
        caveats=("Hours need the setting police_hours_per_call.",) if hours_a_call is None else (),
        parameters=bound,
    )


@figure(
    Definition(
        name="police_calls/reconciliation",
        title="Do episodes and police calls say the same?",
        counts="Episodes that began in the period and are recorded as reported to the police, and units' calls about a missing child, by "
        "whether a call names the episode.",
        matters="Ofsted found that authorities' and police data differ in most areas. What is in one source only can be looked up.",
        source="Ofsted, Missing children, 2013.",
        caveat="An episode is its unit's at the time, a call that of the unit which called. A second call about an episode, and one about "
        "an episode outside the scope, are in no column. " + _CALLS_HAVE_NO_CHILD,
        columns={
            "unit_id": "the unit; empty where not known",
            "matched": "reported episodes that a call about a missing child names",
            "episodes_only": "reported episodes that no such call names",
            "calls_only": "calls about a missing child that name no episode recorded as reported",
        },
        needs=("police_calls", "police_calls.reason", "police_calls.episode_id", "episodes.police_called"),
    )
)
def reconciliation(asked: Asked) -> Shown:
    frame = asked.rows()
    matched, episodes_only, calls_only = (int(frame[name].sum()) for name in ("matched", "episodes_only", "calls_only"))
    finding = "No reported episode and no call about a missing child in this period"
    if frame.height:
        finding = f"{matched:,} of {many(matched + episodes_only, 'reported episode')} have their call; "
        finding += f"{many(calls_only, 'call')} {'has' if calls_only == 1 else 'have'} no episode"
    counted = frame.with_columns(total=pl.sum_horizontal("matched", "episodes_only", "calls_only"))
    rows = [
        Bar(
            asked.unit(row["unit_id"]),
            row["total"],
            row["matched"],
            f"{row['matched']:,} in both · {row['episodes_only']:,} episodes only · {row['calls_only']:,} calls only",
        )
        for row in busiest(counted, "total").iter_rows(named=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Reported episodes and calls about missing children"
        + (f"; the {MOST_ROWS} units with the most" if frame.height > MOST_ROWS else ""),
        alt="Bar chart by unit. " + (f"Most: {rows[0].label}, {rows[0].number}. " if rows else "") + f"{finding}.",
        draw=lambda palette: bars(rows, palette, dark="In both", pale="In one of them only"),
    )
