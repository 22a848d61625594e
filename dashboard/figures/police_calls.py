"""The figures of the Police calls page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from dashboard.charts.bars import Bar, bars
from dashboard.charts.ranked_shares import MOST_ROWS, ShareRow, busiest, ranked_shares
from dashboard.charts.share_by_month import share_by_month
from dashboard.figures.figure import Asked, Definition, Shown, figure, what_is_needed
from dashboard.figures.shares import AGAINST_BEFORE, AGAINST_OTHERS, alt_by_month, groups_in_words, small_base
from dashboard.figures.words import capital, code_words, many, number, per_thousand, percent
from dashboard.statistics.shares import told_apart, with_comparison, with_limits

_STUDY = "Staffordshire study of missing children, 2006: reporting everything hides risk, overloads the police and spoils the data."
_ONE_BY_ONE = "The intervals take each episode by itself; one child with many episodes can move a share."
_OF_MANY = f"A unit is told from the others by a 99.8% interval, because many units are looked at together. {_ONE_BY_ONE}"
_WILSON = "Intervals: Wilson 1927."

# What episodes are told apart by: the heading, and what the export must give for it.
_BY: dict[str, tuple[str, tuple[str, ...]]] = {
    "category": ("By category", ()),
    "risk": ("By risk", ("episodes.risk",)),
    "age": ("By age at the time", ("children.birth_month",)),
    "unit": ("By unit", ("episodes.unit_id or placements",)),
}


@figure(
    Definition(
        name="police_calls/called",
        title="Who the police are called for",
        counts="Episodes that began in the period and were reported to the police, by category, risk, age at the time and unit.",
        over="Episodes for which it is recorded whether the police were called.",
        matters="Where every absence is reported, the few that carry risk are hard to see among them.",
        source=f"{_STUDY} {_WILSON}",
        caveat=_ONE_BY_ONE,
        columns={
            "by": "what episodes are told apart by: category, risk, age or unit",
            "group": "its value; empty where it is not recorded",
            "episodes": "episodes for which it is recorded whether the police were called",
            "called": "of these, the police were called",
            "share": "called ÷ episodes; empty below the smallest number of children",
            "lower": "lower end of the 95% interval",
            "upper": "upper end of the 95% interval",
            "children": "different children of these episodes",
        },
        needs=("episodes.police_called",),
    )
)
def called(asked: Asked) -> Shown:
    lacking = {by: lack for by, (_, needs) in _BY.items() if (lack := what_is_needed(needs, asked.snapshot.given))}
    frame = with_limits(asked.rows(), "share", "called", pl.col("episodes")).filter(~pl.col("by").is_in(list(lacking)))
    # Units are in the table: how they compare is shown by `police_calls/funnel_called`, and by it alone.
    others = frame.filter(pl.col("by") != "unit")
    rows = []
    for by, (heading, _) in _BY.items():
        of_by = others.filter(pl.col("by") == by)
        if of_by.height:
            rows.append(ShareRow(heading))
            rows += [ShareRow.of(capital(code_words(row["group"])), row, "called", "episodes") for row in of_by.iter_rows(named=True)]
    finding = _finding_of_called(asked, others)
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of episodes reported to the police, with 95% intervals",
        alt="A point for each group, the share of episodes reported to the police. "
        + "".join(
            f"{_BY[by][0]}, {code_words(group)}: {called:,} of {episodes:,}. "
            for by, group, called, episodes in others.select("by", "group", "called", "episodes").iter_rows()
        )
        + f"{finding}.",
        draw=(lambda palette: ranked_shares(rows, palette)) if others["share"].count() else None,
        caveats=(
            *(f"{_BY[by][0]}: {lack[0].lower()}{lack[1:]}" for by, lack in lacking.items()),
            *_not_recorded(asked),
            *small_base(asked, frame["share"].null_count() > 0),
        ),
        as_read=groups_in_words(asked, frame),
    )


@figure(
    Definition(
        name="police_calls/months",
        title="Episodes reported to the police, month by month",
        counts="Episodes that began in the month and were reported to the police.",
        over="Episodes of the month for which it is recorded whether the police were called.",
        matters="A change here can be a change in what children do, in what staff report, or in what is agreed with the police.",
        source=f"{_STUDY} {_WILSON} {AGAINST_BEFORE}",
        caveat=_ONE_BY_ONE,
        columns={
            "month": "first day of the month",
            "episodes": "episodes for which it is recorded whether the police were called",
            "called": "of these, the police were called",
            "share": "called ÷ episodes; empty below the smallest number of children",
            "lower": "lower end of the 95% interval",
            "upper": "upper end of the 95% interval",
            "children": "different children of these episodes",
            "not_recorded": "episodes for which it is not recorded",
            "is_provisional": "part of the month is in the latest four weeks, which are still being recorded",
        },
        needs=("episodes.police_called",),
    )
)
def months(asked: Asked) -> Shown:
    frame = with_limits(asked.rows(), "share", "called", pl.col("episodes"))
    finding, beside = _finding_of_period(asked)
    drawn = frame.rename({"called": "hits", "episodes": "tries"})
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of episodes reported to the police, by month in which they began, with 95% intervals",
        alt=alt_by_month(frame, "episodes reported to the police", finding),
        draw=(lambda palette: share_by_month(drawn, palette)) if frame["share"].count() else None,
        caveats=(*beside, *_not_recorded(asked), *small_base(asked, frame.filter(pl.col("episodes") > 0)["share"].null_count() > 0)),
    )


@figure(
    Definition(
        name="police_calls/call_rate",
        title="Calls to the police, unit by unit",
        counts="Calls to the police from a unit in the period by local date, for any reason and about a missing child.",
        over="Nights that children spent in placement there, for rates per 1,000; and beside them the beds of the unit.",
        matters="How often a unit calls, and for what, shows how much of its dealings with the police is about children who go missing.",
        source="To compare: Suffolk 2018, 812 calls from 21 homes, 520 (64%) about missing children.",
        caveat="A call is a unit's and has no child: it is counted whatever the category and whose children are asked for, and the nights "
        "are those of every child in the unit. “Every child placed in our area” counts the units in our area.",
        columns={
            "unit_id": "the unit",
            "nights": "nights that children spent in placement there",
            "beds": "places that it has",
            "missing_calls": "calls about a missing child",
            "missing_rate": "missing_calls per 1,000 nights; empty below the smallest number of nights",
            "all_calls": "calls for any reason",
            "all_rate": "all_calls per 1,000 nights; empty below the smallest number of nights",
            "missing_per_bed": "missing_calls ÷ beds, over the whole period; empty as the rates are, and where beds are not known",
            "all_per_bed": "all_calls ÷ beds, over the whole period",
        },
        needs=("police_calls", "placements"),
    )
)
def call_rate(asked: Asked) -> Shown:
    frame = asked.rows()
    calls, missing = int(frame["all_calls"].sum()), int(frame["missing_calls"].sum())
    # Where nobody called there is no reason to give.
    no_reasons = what_is_needed(("police_calls.reason",), asked.snapshot.given) if calls else None
    if no_reasons:
        frame = frame.with_columns(
            missing_calls=pl.lit(None, pl.Int64), missing_rate=pl.lit(None, pl.Float64), missing_per_bed=pl.lit(None, pl.Float64)
        )
    legend = ("", "") if no_reasons else ("About a missing child", "For other reasons")
    if not calls:
        finding = "No call to the police in this period"
    elif no_reasons:
        finding = f"{many(calls, 'call')} to the police from {many(frame.filter(pl.col('all_calls') > 0).height, 'unit')}"
    else:
        part = f"{missing:,} of them ({percent(missing / calls)})" if missing else "none of them"
        finding = f"{many(calls, 'call')} to the police, {part} about missing children"
    rated = frame.drop_nulls("all_rate")
    calling = rated.filter(pl.col("all_calls") > 0)
    rows = [
        Bar(
            label=asked.unit(row["unit_id"]),
            value=row["all_rate"],
            dark=row["all_rate"] if no_reasons else row["missing_rate"],
            number=_number_of_calls(row),
        )
        for row in busiest(calling, "all_calls").iter_rows(named=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Calls to the police per 1,000 nights in placement"
        + (", and for each bed" if rated["all_per_bed"].count() else "")
        + _only_the_most(calling, "calls"),
        alt="Bar chart of calls to the police per 1,000 nights in placement by unit. "
        + (f"Highest: {rows[0].label}, {rows[0].number}; lowest drawn: {rows[-1].label}, {rows[-1].number}. " if rows else "")
        + f"{finding}.",
        draw=(lambda palette: bars(rows, palette, dark=legend[0], pale=legend[1])) if rows else None,
        caveats=(
            *((f"Calls about a missing child: {no_reasons[0].lower()}{no_reasons[1:]}",) if no_reasons else ()),
            *((f"No rate is given below {asked.settings.smallest_nights} nights in placement.",) if rated.height < frame.height else ()),
        ),
    )


def _number_of_calls(row: Mapping[str, Any]) -> str:
    per_bed = "" if row["all_per_bed"] is None else f" · {number(row['all_per_bed'], 1)} a bed"
    calls = (
        many(row["all_calls"], "call")
        if row["missing_calls"] is None
        else f"{row['missing_calls']:,} of {row['all_calls']:,} about missing"
    )
    return f"{per_thousand(row['all_rate'])}{per_bed} · {calls}"


@figure(
    Definition(
        name="police_calls/known_whereabouts",
        title="Called although staff knew where the child was",
        counts="Episodes that were reported to the police although staff knew where the child was when they decided to report.",
        over="Episodes that were reported to the police and for which it is recorded whether staff knew.",
        matters="Reporting a child whose whereabouts are known takes police time, and hides the children whose whereabouts nobody knows.",
        source=f"{_STUDY} {_WILSON} {AGAINST_OTHERS}",
        caveat=_OF_MANY,
        columns={
            "unit_id": "the unit where the child was placed; empty where not known",
            "called": "episodes reported to the police for which it is recorded whether staff knew where the child was",
            "known": "of these, staff knew",
            "share": "known ÷ called; empty below the smallest number of children",
            "lower": "lower end of the 95% interval",
            "upper": "upper end of the 95% interval",
            "children": "different children of these episodes",
            "compared": "the share beside that of all other units together: higher, lower or no clear difference",
        },
        needs=("episodes.police_called", "episodes.whereabouts_known"),
    )
)
def known_whereabouts(asked: Asked) -> Shown:
    frame = with_comparison(with_limits(asked.rows(), "share", "known", pl.col("called")), "share", "known", pl.col("called"))
    finding = _finding_of_known(asked, frame)
    points = frame.drop_nulls("share")
    rows = [ShareRow.of(asked.unit(row["unit_id"]), row, "known", "called") for row in busiest(points, "called").iter_rows(named=True)]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of reported episodes in which staff knew where the child was, by unit, with 95% intervals"
        + _only_the_most(points, "reported episodes"),
        alt="A point for each unit, the share of episodes reported to the police in which staff knew where the child was. "
        + (f"Highest: {rows[0].label}, {rows[0].number}; lowest drawn: {rows[-1].label}, {rows[-1].number}. " if rows else "")
        + f"{finding}.",
        draw=(lambda palette: ranked_shares(rows, palette)) if rows else None,
        caveats=small_base(asked, frame["share"].null_count() > 0),
    )


def _only_the_most(units: pl.DataFrame, what: str) -> str:
    return f"; the {MOST_ROWS} units with the most {what}" if units.height > MOST_ROWS else ""


def _finding_of_called(asked: Asked, frame: pl.DataFrame) -> str:
    shares = dict(frame.filter(pl.col("by") == "category").drop_nulls("share").select("group", "share").iter_rows())
    if shares.keys() >= {"missing", "away"}:
        return f"Police were called to {percent(shares['missing'])} of missing and {percent(shares['away'])} of away episodes"
    return _finding_of_period(asked)[0]


def _finding_of_period(asked: Asked) -> tuple[str, tuple[str, ...]]:
    """What the period comes to, set against the period before where the data reach it, and the words for that one."""
    hits, tries, children, is_base = _period(asked)
    if not tries:
        return "No episode in this period says whether the police were called", ()
    if not is_base:
        return f"Police were called to {hits:,} of {many(tries, 'episode')}", ()
    now = f"Police were called to {percent(hits / tries)} of episodes"
    previous = asked.scope.period.previous
    if previous.first_day < asked.snapshot.coverage.first_day:
        return now, ()
    earlier_hits, earlier_tries, earlier_children, is_base = _period(asked, period_from=previous.first_day, period_to=previous.last_day)
    if not is_base:
        return now, ()
    was = percent(earlier_hits / earlier_tries)
    beside = (f"In the period before, {previous.words}, it was {was} of {many(earlier_tries, 'episode')}.",)
    change = told_apart((hits, tries, children), (earlier_hits, earlier_tries, earlier_children))
    if change == "no clear difference":
        return f"{now}, no clear change", beside
    verb = "rose" if change == "higher" else "fell"
    return f"The share of episodes reported to the police {verb} from {was} to {percent(hits / tries)}", beside


def _period(asked: Asked, **period: date) -> tuple[int, int, int, bool]:
    """Episodes reported, episodes in all, the children of each unit, and whether a group of episodes is of enough children for a share."""
    groups = asked.rows("police_calls/called", **period)
    every = groups.filter(pl.col("by") == "category")
    children = int(groups.filter(pl.col("by") == "unit")["children"].sum())
    is_base = bool((groups["children"] >= asked.settings.smallest_children).any())
    return int(every["called"].sum()), int(every["episodes"].sum()), children, is_base


def _finding_of_known(asked: Asked, frame: pl.DataFrame) -> str:
    known, called = int(frame["known"].sum()), int(frame["called"].sum())
    if not called:
        return "No episode reported to the police says whether staff knew where the child was"
    apart = frame.filter(pl.col("compared") == "higher").drop_nulls("unit_id")
    if apart.height > 1:
        return f"{apart.height} units called more often than others although they knew where the child was"
    if apart.height == 1:
        unit = apart.row(0, named=True)
        here, others = percent(unit["share"]), percent((known - unit["known"]) / (called - unit["called"]))
        return f"{asked.unit(unit['unit_id'])} called although it knew where the child was: {here}, others {others}"
    share = percent(known / called) if frame["share"].count() else f"{known:,}"
    of = "of episodes reported to the police" if frame["share"].count() else f"of {many(called, 'reported episode')}"
    return f"Staff knew where the child was in {share} {of}"


def _not_recorded(asked: Asked) -> tuple[str, ...]:
    count = int(asked.rows("police_calls/months")["not_recorded"].sum())
    return (f"Left out: {many(count, 'episode')} for which it is not recorded whether the police were called.",) if count else ()
