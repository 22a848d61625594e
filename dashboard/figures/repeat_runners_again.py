"""More figures of the Repeat runners page: how soon children go again, what moves go with, and the trend without the few who go most."""

from __future__ import annotations

from functools import partial
from math import hypot, log, sqrt
from typing import Any

import polars as pl
from scipy.special import ndtri

from dashboard.charts.before_and_after import before_and_after
from dashboard.charts.return_curves import return_curves
from dashboard.charts.with_and_without import with_and_without
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.repeat_runners import STUDY, has_times, nothing_in
from dashboard.figures.words import day_words, many, month_words, number, percent, places_to_tell
from dashboard.statistics.intervals import rate_interval_of_few, wilson_interval
from dashboard.statistics.spc import ONE_SERIES, control_limits, latest_change
from dashboard.statistics.survival import share_by_time

_DAYS = (7, 28, 90)
_ALL = "all"
_BY_NUMBER = ("1st episode", "2nd episode", "3rd to 5th episode", "6th episode or later")
_WITH_INTERVIEW, _WITHOUT_INTERVIEW = "interview within 72 hours", "no interview within 72 hours"


@figure(
    Definition(
        name="repeat_runners/return_to_missing",
        title="How soon children go again",
        counts="Ends of episodes that began in the period, and the time from each to the child's next start of the scope's category, in "
        "any unit. A child who is not known to have gone again counts for as long as the data reach, or to the last day looked after.",
        over="The returns that were known of for so long (the Kaplan–Meier estimate, which lets each count for as long as it is known).",
        matters="It says how much time there is: a plan that comes after most children have gone again comes late. Over half of first "
        "repeats come within four weeks of the return.",
        source="Kaplan and Meier 1958; limits by Greenwood 1926 on the scale of log(−log S). Groups with and without an interview hold "
        "only children still back after 72 hours: those who went sooner had less time for an interview.",
        columns={
            "group": "all returns; by the episode's number among the child's in the data; by whether an interview was completed within 72 "
            "hours",
            "days": "days since the return",
            "at_risk": "returns known of for so many days, and not followed by another episode before; empty where the data have no "
            "times of interviews",
            "share": "share followed by another episode within these days, 0 to 1",
            "lower": "lower end of the 95% interval",
            "upper": "upper end of the 95% interval",
        },
        caveat="Returns of one child hang together, so that the intervals of all returns and of later episodes are rather narrow.",
    )
)
def return_to_missing(asked: Asked) -> Shown:
    parameters: dict[str, Any] = {
        "has_times": has_times(asked),
        "has_interview_times": {"times of episodes.ended_at", "times of return_interviews.held_at"} <= asked.snapshot.given,
        "longest_days": _DAYS[-1],
    }
    lengths = asked.rows(**parameters).with_columns(length=pl.col("hours") / 24)
    curves = pl.concat([_curve(asked, lengths, group) for group in (_ALL, *_BY_NUMBER, _WITH_INTERVIEW, _WITHOUT_INTERVIEW)])
    frame = curves.filter(pl.col("days").is_in(_DAYS))
    caveats = []
    if not parameters["has_interview_times"]:
        of_interviews = pl.col("group").is_in([_WITH_INTERVIEW, _WITHOUT_INTERVIEW])
        frame = frame.with_columns(at_risk=pl.when(~of_interviews).then("at_risk"))
        caveats.append("Groups by interview need table return_interviews, with times, and the times of returns.")
    if not parameters["has_times"]:
        caveats.append("From dates alone, days are counted from date to date.")
    if curves.filter(pl.col("days") == 0, pl.col("at_risk") > 0)["share"].has_nulls():
        caveats.append(f"No share is given of groups with fewer than {asked.settings.smallest_children} children.")
    caveats += _by_interview(frame)
    known = dict(frame.filter(pl.col("group") == _ALL).drop_nulls("share").select("days", "share").iter_rows())
    returns = int(curves["at_risk"][0])
    return Shown(
        frame=frame,
        finding=_how_soon(asked, returns, known),
        measure=f"Share of returns followed by another of the child's {asked.episodes}, by days since the return",
        alt=f"Curves from 0 to 90 days after {many(returns, 'return')}, of all and by the episode's number, with 95% intervals. "
        + "; ".join(f"within {days} days, {percent(share)} were followed by another episode" for days, share in known.items())
        + ".",
        draw=partial(return_curves, curves.filter(pl.col("group").is_in([_ALL, *_BY_NUMBER]))) if known else None,
        caveats=tuple(caveats),
        parameters=parameters,
    )


def _curve(asked: Asked, lengths: pl.DataFrame, group: str) -> pl.DataFrame:
    """The curve of a group, a row a day from 0; without a share where it is of too few children."""
    of_group = lengths.filter(pl.col("group") == group)
    curve = share_by_time(of_group, range(_DAYS[-1] + 1))
    if of_group.is_empty() or of_group["children"][0] < asked.settings.smallest_children:
        curve = curve.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("share", "lower", "upper"))
    return curve.select(pl.lit(group).alias("group"), pl.col("time").cast(pl.Int64).alias("days"), "at_risk", "share", "lower", "upper")


def _how_soon(asked: Asked, returns: int, known: dict[int, float]) -> str:
    if not returns:
        return f"No return to follow in {asked.scope.period.words}"
    if 7 not in known:
        return f"{many(returns, 'return')}: too few, or too late, to say how soon children go again"
    latest = max(known.keys() & {7, 28})
    if not known[latest]:
        return f"No return was followed by another episode within {latest} days"
    finding = f"{percent(known[7])} of returns were followed by another episode within 7 days"
    return f"{finding}, {percent(known[28])} within 28" if 28 in known else finding


def _by_interview(frame: pl.DataFrame) -> list[str]:
    """What an interview in time went with, where both groups are known."""
    at_28 = {row["group"]: row for row in frame.filter(pl.col("days") == 28).drop_nulls("share").iter_rows(named=True)}
    if not {_WITH_INTERVIEW, _WITHOUT_INTERVIEW} <= at_28.keys():
        return []
    held, not_held = at_28[_WITH_INTERVIEW], at_28[_WITHOUT_INTERVIEW]
    is_apart = held["lower"] > not_held["upper"] or not_held["lower"] > held["upper"]
    return [
        f"Of returns that lasted over 72 hours, an interview within that time went with {percent(held['share'])} followed by another "
        f"episode within 28 days, none with {percent(not_held['share'])}{'' if is_apart else ': no clear difference'}."
    ]


@figure(
    Definition(
        name="repeat_runners/without_top",
        title="The trend without the five most frequent",
        counts="Episodes that began in the month, and those that are not of the five children with most episodes in the period.",
        matters="A few children can make a trend. What is left without them says whether the many have changed.",
        source=f"{STUDY}: 105 absences by five young people in three months. Changes by the rules of control charts, on the months without "
        "the five.",
        columns={
            "month": "first day of the month",
            "episodes": "episodes that began in the month",
            "episodes_without_top_5": "those not of the five children with most in the period",
            "is_provisional": "part of the month is in the latest four weeks, which are still being recorded",
        },
        caveat="The five are those with most in the whole period, and so not those of each month.",
    )
)
def without_top(asked: Asked) -> Shown:
    frame = asked.rows()
    episodes, rest = int(frame["episodes"].sum()), int(frame["episodes_without_top_5"].sum())
    if not episodes:
        return Shown(frame=frame, finding=nothing_in(asked), alt=nothing_in(asked))
    coverage = asked.snapshot.coverage
    # A month that the export covers in part would look low beside whole ones.
    whole = frame.filter(pl.col("month") >= coverage.first_day, pl.col("month").dt.month_end() <= coverage.last_day)
    events = asked.rows("units/events").filter(pl.col("unit_id").is_null() | pl.col("unit_id").is_in(list(asked.scope.units or ())))
    series = control_limits(
        whole["episodes_without_top_5"].to_list(), whole["month"].to_list(), events.filter(pl.col("is_rebase"))["happened_on"].to_list()
    )
    change = latest_change(series, asked.scope.period.first_month)
    left = f"Without the top five children, {rest:,} of {many(episodes, 'episode')} {'remains' if rest == 1 else 'remain'}"
    if not rest:
        finding = f"No more than five children had all {many(episodes, 'episode')}"
    elif change is not None and change.is_clear(ONE_SERIES):
        finding = f"Without the top five, episodes {change.verb} {change.latest_words}"
    elif series["mean"].is_null().all():
        finding = left
    else:
        finding = f"{left}; no clear change"
    first, last = frame.row(0, named=True), frame.row(-1, named=True)
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{asked.episodes[:1].upper()}{asked.episodes[1:]} a month, {episodes:,} in all and {rest:,} without the five",
        alt=f"Two lines by month. All {asked.episodes}: {first['episodes']:,} in {month_words(first['month'])}, {last['episodes']:,} in "
        f"{month_words(last['month'])}. Without the five children with most: {first['episodes_without_top_5']:,} and "
        f"{last['episodes_without_top_5']:,}. {finding}.",
        draw=partial(with_and_without, frame) if frame.height > 1 else None,
        caveats=("The latest four weeks are still being recorded.",) if frame["is_provisional"].any() else (),
    )


_MEASURES = {
    "first_within_28": "First episodes, in the first 28 days of a placement",
    "nights_within_28": "Nights in placement, in the first 28 days of it",
    "before_move": "Episodes in the 28 days before a move",
    "after_move": "Episodes in the 28 days from a move",
}


@figure(
    Definition(
        name="repeat_runners/after_move",
        title="Episodes and moves",
        counts="First episodes of children that came within 28 days of a placement's start; episodes in the 28 days before a move to "
        "another unit, and in the 28 days from it.",
        over="First episodes of children in placement; all nights in placement in the period; nights in placement in those 28 days.",
        matters="Whether a move goes with more episodes or fewer. It cannot say that one brings the other: some children are moved because "
        "they go.",
        source=f"{STUDY}: moves mark the children who go often. Limits: Wilson for the share of first episodes; for rates Poisson, widened "
        "by how much the children differ.",
        columns={
            "measure": "first_within_28: first episodes within 28 days of a placement's start; nights_within_28: nights in placement that "
            "are among its first 28; before_move and after_move: episodes in the 28 days before and from a move",
            "value": "numerator over denominator, 0 to 1; of before_move and after_move, episodes per 100 nights",
            "numerator": "first episodes, nights or episodes counted",
            "denominator": "first episodes, or nights in placement",
            "lower": "lower end of the 95% interval",
            "upper": "upper end of the 95% interval",
            "children": "children that the denominator is of",
        },
        needs=("placements",),
    )
)
def after_move(asked: Asked) -> Shown:
    rows = asked.rows()
    limits = [_limits_of_move(row) for row in rows.iter_rows(named=True)]
    frame = rows.with_columns(
        pl.Series("lower", [lower for lower, _ in limits], pl.Float64), pl.Series("upper", [upper for _, upper in limits], pl.Float64)
    )
    first, nights, before, after = frame.iter_rows(named=True)
    places = places_to_tell([row["value"] for row in (before, after) if row["value"] is not None])
    caveats = []
    if first["value"] is not None and nights["value"] is not None:
        caveats.append(
            f"Of {many(first['denominator'], 'first episode')} in placement, {percent(first['value'])} "
            f"({percent(first['lower'])} to {percent(first['upper'])}) came in its first 28 days, which hold {percent(nights['value'])} "
            "of all nights."
        )
    if before["value"] is None or after["value"] is None:
        finding = f"{many(after['numerator'], 'episode')} in the 28 days after a move, {before['numerator']:,} before: too few to compare"
        caveats.append(
            f"No rate is given of fewer than {asked.settings.smallest_children} children or {asked.settings.smallest_nights} nights."
        )
    else:
        told = _compared(before, after)
        rate, rate_before = (number(row["value"], places) for row in (after, before))
        finding = f"A move went with {rate} episodes per 100 nights, {rate_before} before: {told}"
    coverage = asked.snapshot.coverage
    caveats.append(f"Moves with 28 days on either side inside the data, {day_words(coverage.first_day)} to {day_words(coverage.last_day)}.")
    return Shown(
        frame=frame,
        finding=finding,
        measure="Episodes per 100 nights in the 28 days before a move to another unit and the 28 days from it",
        alt=f"Two points with their intervals. {finding}.",
        draw=partial(before_and_after, pl.DataFrame([row | {"words": _rate_of_move(row, places)} for row in (before, after)]))
        if before["value"] is not None and after["value"] is not None
        else None,
        caveats=tuple(caveats),
        as_read=frame.with_columns(pl.col("measure").replace(_MEASURES)),
    )


def _rate_of_move(row: dict[str, Any], places: int) -> str:
    return f"{number(row['value'], places)} ({row['numerator']:,} in {row['denominator']:,} nights)"


def _limits_of_move(row: dict[str, Any]) -> tuple[float | None, float | None]:
    if row["value"] is None or row["measure"] == "nights_within_28":
        return None, None
    if row["measure"] == "first_within_28":
        return wilson_interval(row["numerator"], row["denominator"])
    lower, upper = rate_interval_of_few(row["numerator"], row["denominator"], row["spread"])
    return lower / 10, upper / 10


def _compared(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Whether the rate after moves can be told from that before, by the ratio of the two. Taken as independent, which they are less than:
    a child who goes often does so before and after, so that the interval is rather wide."""
    if not before["numerator"] or not after["numerator"]:
        return "no clear difference"
    reach = float(ndtri(0.975)) * hypot(*(sqrt(max(row["spread"], row["numerator"])) / row["numerator"] for row in (before, after)))
    ratio = log(after["value"] / before["value"])
    return "higher" if ratio > reach else "lower" if ratio < -reach else "no clear difference"
