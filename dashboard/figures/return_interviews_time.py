"""Figures of the Return interviews page about time: what comes of a return first, and who goes again after it."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard.charts.incidence import Curve, incidence
from dashboard.charts.ranked_shares import ShareRow, ranked_shares
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.shares import small_base
from dashboard.figures.words import many, percent
from dashboard.statistics.by_child import two_shares
from dashboard.statistics.cumulative_incidence import cumulative_incidence, share_limits

_LONGEST, _STEP = 14 * 24, 6
_IN_TIME = 72
_TIMED = (
    "return_interviews",
    "times of episodes.started_at",
    "times of episodes.ended_at",
    "return_interviews.held_at",
    "times of return_interviews.held_at",
)
_CAUSES = {"held": "Held", "missing_again": "Missing again first", "declined": "Declined"}


@figure(
    Definition(
        name="return_interviews/time_to_interview",
        title="What comes of a return, hour by hour",
        counts="Returns in the period, by what came first: an interview was held, it was declined, or the child went again. For those of "
        "which nothing has come yet, the time so far counts.",
        over="Returns that need an interview.",
        matters="The 72 hours are one point of a curve: it shows whether interviews come soon after, much later, or not at all, and how "
        "many children are gone again first.",
        source="Aalen and Johansen 1978 (competing risks); variance by the delta method, Marubini and Valsecchi 1995; limits on the scale "
        "of log(−log).",
        caveat="An interview held once the child has gone again counts here as missing again, in the other figures as held. A child "
        "declines when the interview was offered, or at the return where that time is not known. The limits take each return by itself.",
        columns={
            "hours": "hours since the return, every six, to fourteen days",
            "held": "share of returns after which an interview was held first, by then; empty below the smallest number of children, and "
            "beyond the hours for which any return is known of",
            "declined": "share declined first",
            "missing_again": "share of which the child went again first",
            "lower": "lower end of the 95% interval of held",
            "upper": "upper end of the 95% interval of held",
            "waiting": "returns known of for longer than these hours of which nothing had come by then",
            "median_hours": "the hour by which half of the returns had an interview first; empty where fewer have one in fourteen days",
        },
        needs=_TIMED,
    )
)
def time_to_interview(asked: Asked) -> Shown:
    bound: dict[str, Any] = {"offers_have_times": "times of return_interviews.offered_at" in asked.snapshot.given, "longest": _LONGEST}
    counts = asked.rows(**bound)
    everyone = int(counts.select(pl.sum_horizontal(pl.col("held", "declined", "missing_again", "still_open").sum())).item())
    if not everyone:
        nothing = pl.DataFrame(schema=dict.fromkeys(asked.definition.columns, pl.Float64))
        said = "No return in this period needs an interview"
        return Shown(frame=nothing, finding=said, alt=f"{said}.", parameters=bound)
    curve = cumulative_incidence(counts, "hours", tuple(_CAUSES), "still_open")
    grid = pl.DataFrame({"hours": range(0, _LONGEST + 1, _STEP)}, schema={"hours": pl.Int32})
    known = curve.with_columns(waiting=everyone - counts.select(pl.sum_horizontal(pl.exclude("hours")).cum_sum()).to_series())
    frame = grid.join_asof(known, on="hours").with_columns(
        # Before the first hour of which anything is known, nothing has come of any.
        pl.col(*_CAUSES, *(f"variance_{cause}" for cause in _CAUSES)).fill_null(0.0),
        waiting=pl.col("waiting").fill_null(everyone),
    )
    children = dict(asked.rows("return_interviews/steps").select("step", "children").iter_rows())["due"]
    is_base = children >= asked.settings.smallest_children
    is_known = (pl.col("waiting") > 0) | (pl.sum_horizontal(*_CAUSES) > 1 - 1e-9)
    frame = frame.with_columns(pl.when(is_known & is_base).then(pl.col(*_CAUSES)))
    limits = [
        (None, None) if held is None else share_limits(held, variance, everyone)
        for held, variance in frame.select("held", "variance_held").iter_rows()
    ]
    halfway = curve.filter((pl.col("held") >= 0.5) & (pl.col("hours") <= _LONGEST))["hours"]
    median = int(halfway[0]) if is_base and halfway.len() else None
    frame = frame.with_columns(
        pl.Series("lower", [lower for lower, _ in limits], pl.Float64),
        pl.Series("upper", [upper for _, upper in limits], pl.Float64),
        median_hours=pl.lit(median, pl.Int64),
    )
    finding = _finding_of_time(frame, everyone, int(counts["held"].sum()), median)
    drawn = frame.drop_nulls("held")
    curves = [Curve(words, drawn[cause].to_list()) for cause, words in _CAUSES.items()]
    band = drawn["lower"].to_list(), drawn["upper"].to_list()
    untimed = int(asked.rows("return_interviews/coverage")["held_untimed"].sum())
    last = drawn.row(-1, named=True) if drawn.height else None
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of returns by what came first, with the 95% interval of those held; one held later is not in it",
        alt=f"Curves over {last['hours']} hours since the return. At their end: "
        + "; ".join(f"{words.lower()} {percent(last[cause])}" for cause, words in _CAUSES.items())
        + f". {finding}."
        if last
        else f"{finding}.",
        draw=(lambda palette: incidence(drawn["hours"].to_list(), curves, band, _IN_TIME, palette)) if drawn.height > 1 else None,
        caveats=(
            *((f"Left out: {many(untimed, 'interview')} held at no recorded time after the return.",) if untimed else ()),
            *small_base(asked, not is_base),
        ),
        parameters=bound,
    )


def _finding_of_time(frame: pl.DataFrame, everyone: int, held: int, median: int | None) -> str:
    by_hours = dict(frame.select("hours", "held").iter_rows())
    in_time = by_hours[_IN_TIME]
    if in_time is None:
        return f"An interview came first after {held:,} of {many(everyone, 'return')}"
    if median is None:
        return f"By 72 hours an interview had come first after {percent(in_time)} of returns"
    return f"Half of returns had an interview, before going again, within {many(median, 'hour')}; {percent(in_time)} by 72"


_GROUPS = ("interview within 72 hours", "no interview within 72 hours")


@figure(
    Definition(
        name="return_interviews/gone_again",
        title="Who goes again, with an interview and without",
        counts="Returns in the period from which the child had not gone again within 72 hours, by whether an interview was held by then, "
        "and those followed by the child going again between 72 hours and 28 days after the return.",
        over="These returns, as far as 28 days are known of each.",
        matters="An interview is there to find out what would keep the child from going again.",
        source="Groups as they stand at 72 hours (landmark analysis, Anderson, Cain and Gelber 1983): a child who is gone "
        "before could not be interviewed. Intervals take each child's returns together (Cochran 1977); difference at 99%.",
        caveat="It says what went together, never what brings what: children who take part in an interview may differ in other ways. "
        "“No interview” includes declined and late ones.",
        columns={
            "group": "whether an interview was held within 72 hours",
            "returns": "returns from which the child had not gone again within 72 hours",
            "children": "different children of these returns",
            "again": "of the returns, the child went again within 28 days",
            "share": "again ÷ returns; empty below the smallest number of children",
            "lower": "lower end of the 95% interval, each child's returns taken together",
            "upper": "upper end of the 95% interval",
        },
        needs=_TIMED,
    )
)
def gone_again(asked: Asked) -> Shown:
    rows = asked.rows()
    of = {name: rows[name].to_numpy() for name in rows.columns}
    found = two_shares((of["again_with"], of["with_interview"]), (of["again_without"], of["without_interview"]), of["children"])
    few = asked.settings.smallest_children
    is_base = [children >= few for children in found.children]
    frame = pl.DataFrame(
        {
            "group": _GROUPS,
            "returns": found.tries,
            "children": found.children,
            "again": found.hits,
            "share": [share if enough else None for share, enough in zip(found.share, is_base, strict=True)],
            "lower": [limits[0] if limits and enough else None for limits, enough in zip(found.limits, is_base, strict=True)],
            "upper": [limits[1] if limits and enough else None for limits, enough in zip(found.limits, is_base, strict=True)],
        },
        schema_overrides=dict.fromkeys(("share", "lower", "upper"), pl.Float64),
    )
    with_, without = frame["share"]
    if not sum(found.tries):
        finding = "No return in this period can be followed for 28 days"
    elif with_ is None or without is None:
        finding = "Too few children to set returns with an interview against those without"
    elif found.told_apart == "no clear difference":
        finding = f"With an interview {percent(with_)} went again within 28 days, without {percent(without)}: no clear difference"
    else:
        fewer = "fewer" if found.told_apart == "lower" else "more"
        finding = f"An interview went with {fewer} going again within 28 days: {percent(with_)} against {percent(without)}"
    drawn = [_share_row(row) for row in frame.iter_rows(named=True)]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of returns after which the child went again within 28 days, with 95% intervals",
        alt=" ".join(f"After {row.label.lower()}: {row.number}." for row in drawn) + f" {finding}.",
        draw=(lambda palette: ranked_shares(drawn, palette)) if frame["share"].count() else None,
        caveats=small_base(asked, not all(is_base)),
    )


def _share_row(row: dict[str, Any]) -> ShareRow:
    label = f"{row['group'][0].upper()}{row['group'][1:]}"
    return ShareRow.of(label, row, "again", "returns")
