"""Figures beside the return interview: the police's own check, and what Ofsted's Annex A asks of each child."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard.charts.share_by_month import share_by_month
from dashboard.figures.figure import Asked, Definition, Shown, figure, what_is_needed
from dashboard.figures.shares import alt_by_month, small_base
from dashboard.figures.words import day_words, many, percent
from dashboard.scope import month_after
from dashboard.statistics.shares import with_limits


@figure(
    Definition(
        name="return_interviews/police_checks",
        title="Police prevention checks",
        counts="Returns by local month, and those after which the police saw the child (the prevention interview).",
        over="Every return, whether it needs a return interview or not.",
        matters="It is another thing than the return interview: short, by the police, to see that the child is safe. "
        "One never stands in for the other.",
        source="Department for Education, statutory guidance, January 2014. Intervals: Wilson 1927.",
        caveat="Never mixed with the return interview. The intervals take each return by itself.",
        columns={
            "month": "first day of the month of the return",
            "returns": "returns of the month",
            "checked": "of these, the police saw the child after",
            "share": "checked ÷ returns; empty below the smallest number of children",
            "median_hours": "median hours from the return to the check; empty without times and below the smallest number of children",
            "lower": "lower end of the 95% interval of share",
            "upper": "upper end of the 95% interval",
            "children": "different children of these returns",
            "not_reported": "returns from episodes that were not reported to the police",
            "is_provisional": "part of the month is in the latest four weeks, which are still being recorded",
        },
        needs=("episodes.ended_at", "episodes.police_checked_at"),
    )
)
def police_checks(asked: Asked) -> Shown:
    frame = with_limits(asked.rows(), "share", "checked", pl.col("returns"))
    checked, returns, not_reported = (int(frame[name].sum()) for name in ("checked", "returns", "not_reported"))
    points = frame.drop_nulls("share")
    finding = "No child came back in this period"
    if returns:
        of = percent(checked / returns) + " of returns" if points.height else f"{checked:,} of {many(returns, 'return')}"
        finding = f"The police saw the child after {of}"
    no_times = what_is_needed(("times of episodes.ended_at",), asked.snapshot.given)
    drawn = frame.rename({"checked": "hits", "returns": "tries"})
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of returns after which the police saw the child, by month of the return, with 95% intervals",
        alt=alt_by_month(frame, "returns with a police check", finding),
        draw=(lambda palette: share_by_month(drawn, palette)) if points.height else None,
        caveats=(
            *(
                (f"{many(not_reported, 'return')} from episodes that were not reported to the police: counted too.",)
                if not_reported
                else ()
            ),
            *((f"Hours to the check: {no_times[0].lower()}{no_times[1:]}",) if no_times else ()),
            *small_base(asked, points.height < frame.height),
        ),
    )


@figure(
    Definition(
        name="return_interviews/annex_a",
        title="Children missing and away in twelve months (Annex A, list 8)",
        counts="Children with an episode that began in the twelve months to the end of the period (or of the data, where they end before): "
        "their episodes of each category, and what became of the return interview after the last.",
        matters="It is what inspectors ask of each child when they come.",
        source="Ofsted, inspections of local authority children's services, Annex A, list 8 (children in care).",
        caveat="Both categories are counted, whatever category is chosen. The last episode is the latest to begin, of either. List 8 is of "
        "every child in care; children without an episode are not shown here.",
        columns={
            "child_id": "the child's pseudonym",
            "missing_12m": "episodes of missing in the twelve months",
            "away_12m": "episodes of away without authorisation in the twelve months",
            "offered_last": "whether an interview was offered after the last: yes, no, not required, not yet due, or not back yet",
            "accepted_last": "whether it was accepted: yes or no; empty where none was offered, or answers are not recorded",
            "held_last": "whether one was held; empty where the child is not back, or it is not recorded",
            "last_episode": "the last episode",
        },
        needs=("return_interviews", "episodes.ended_at"),
        is_child_level=True,
    )
)
def annex_a(asked: Asked) -> Shown:
    last_day = min(asked.scope.period.last_day, asked.snapshot.coverage.last_day)
    bound: dict[str, Any] = {"year_from": month_after(last_day.replace(day=1), -11)}
    frame = asked.rows(**bound)
    given = asked.snapshot.given
    no_answers = what_is_needed(("return_interviews.outcome",), given)
    if no_answers:
        frame = frame.with_columns(accepted_last=pl.lit(None, pl.String))
    if what_is_needed(("return_interviews.outcome=completed or return_interviews.held_at",), given):
        frame = frame.with_columns(held_last=pl.lit(None, pl.Boolean))
    asked_of = frame.filter(pl.col("offered_last").is_in(["yes", "no"]))
    offered = asked_of.filter(pl.col("offered_last") == "yes").height
    finding = "No child went in these twelve months"
    if frame.height:
        finding = (
            f"{many(frame.height, 'child', 'children')} in twelve months; "
            f"{offered:,} of {asked_of.height:,} were offered an interview last time"
        )
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"Each child with an episode from {day_words(bound['year_from'])} to {day_words(last_day)}, the most episodes first",
        alt=f"Table of children. {finding}.",
        caveats=(f"Whether it was accepted: {no_answers[0].lower()}{no_answers[1:]}",) if no_answers else (),
        parameters=bound,
    )
