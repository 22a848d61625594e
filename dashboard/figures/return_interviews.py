"""The figures of the Return interviews page. The clock of an interview runs from the return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboard.charts.bars import Bar, bars
from dashboard.charts.ranked_shares import MOST_ROWS, ShareRow, busiest, ranked_shares
from dashboard.charts.share_by_month import as_set, share_by_month
from dashboard.figures.figure import Asked, Definition, Shown, figure, what_is_needed
from dashboard.figures.shares import AGAINST_BEFORE, AGAINST_OTHERS, alt_by_month, small_base
from dashboard.figures.words import listed, many, number, percent
from dashboard.statistics.shares import told_apart, with_comparison, with_limits

_GUIDANCE = (
    "Department for Education, statutory guidance on children who run away or go missing from home or care, January 2014: "
    "an interview within 72 hours of the return, by someone independent of the placement, after every episode."
)
_NEEDS = ("return_interviews", "episodes.ended_at")
# Either says that an interview was held. Outcomes without one that is completed tell of answers alone: accepted is not held.
_HELD = "return_interviews.outcome=completed or return_interviews.held_at"

_STEPS = {
    "due": "Due an interview",
    "not_yet_due": "Not yet due",
    "offered": "Offered",
    "accepted": "Accepted",
    "held": "Held",
    "held_72h": "Held within 72 hours",
    "independent": "Held by someone independent",
}

_ANSWERS = {
    "due": "returns that need an interview: ended in the period, and not recorded as not requiring one",
    "not_yet_due": "of these, ended less than 72 hours before the data end and none held",
    "held": "of these, an interview was held",
    "held_24h": "held within 24 hours of the return",
    "held_48h": "held within 48 hours",
    "held_72h": "held within 72 hours, 72 hours exactly included",
    "share_72h": "held_72h ÷ (due − not_yet_due)",
    "lower": "lower end of the 95% interval of share_72h",
    "upper": "upper end of the 95% interval of share_72h",
    "target": "share to be held within 72 hours, as set by the authority",
    "offered": "of the returns due, an interview was offered",
    "share_held": "held ÷ (due − not_yet_due)",
    "held_untimed": "held, but no time after the return is recorded; not counted as within 72 hours",
    "children": "different children whose returns the shares are of",
}

_TIMED = ("held_24h", "held_48h", "held_72h", "held_untimed", "share_72h")
_NONE_DUE = "No return in this period needs an interview"
_BASE = pl.col("due") - pl.col("not_yet_due")


@dataclass(frozen=True)
class _Told:
    """What an export can tell of interviews: `lacking`, step → the sentence that names what it would need, and the column and
    share that are left to look at."""

    lacking: Mapping[str, str]

    @property
    def is_timed(self) -> bool:
        return "held_72h" not in self.lacking

    @property
    def held(self) -> str:
        return "held_72h" if self.is_timed else "held"

    @property
    def share(self) -> str:
        return "share_72h" if self.is_timed else "share_held"

    @property
    def words(self) -> str:
        return "an interview within 72 hours" if self.is_timed else "an interview"


def _told(given: frozenset[str]) -> _Told:
    needs = {
        "accepted": ("return_interviews.outcome",),
        "held": (_HELD,),
        "held_72h": ("times of episodes.ended_at", "return_interviews.held_at", "times of return_interviews.held_at"),
        "independent": (_HELD, "return_interviews.interviewer"),
    }
    sentences = {step: what_is_needed(columns, given) for step, columns in needs.items()}
    return _Told({step: f"{_STEPS[step]}: {sentence[0].lower()}{sentence[1:]}" for step, sentence in sentences.items() if sentence})


@figure(
    Definition(
        name="return_interviews/steps",
        title="From return to interview",
        counts="Returns in the period by local date, and how many of them came to each step of a return interview.",
        over="Returns due an interview: all but those recorded as not requiring one.",
        matters="It shows where interviews are lost: not offered, not accepted, not held, or held late.",
        source=_GUIDANCE,
        columns={
            "step": "due; not_yet_due (ended less than 72 hours before the data end, none held); offered; accepted (offered and not "
            "declined); held; held_72h (within 72 hours); independent (held by someone independent)",
            "episodes": "returns that came to the step; empty where the export cannot tell",
            "children": "different children of these returns",
            "share_of_due": "episodes ÷ those due; empty below the smallest number of children",
        },
        needs=_NEEDS,
    )
)
def steps(asked: Asked) -> Shown:
    lacking = _told(asked.snapshot.given).lacking
    is_told = ~pl.col("step").is_in(list(lacking))
    frame = asked.rows().with_columns(pl.when(is_told).then(pl.col("episodes", "children", "share_of_due")))
    count: dict[str, int | None] = dict(frame.select("step", "episodes").iter_rows())
    needless = _not_required(asked)
    if not count["due"]:
        return Shown(frame=frame, finding=_NONE_DUE, alt=f"{_NONE_DUE}.", caveats=needless)
    finding = f"Of {many(count['due'], 'return')}, {count['offered']:,} {'was' if count['offered'] == 1 else 'were'} offered an interview"
    if count["held"] is not None:
        finding += f", {count['held']:,} had one"
    if count["held_72h"] is not None:
        finding += f", {count['held_72h']:,} within 72 hours"
    rows = [
        Bar(
            label=_STEPS[row["step"]],
            value=row["episodes"],
            # It is no step on the way, but the part of those due that has time left.
            dark=0 if row["step"] == "not_yet_due" else row["episodes"],
            number=_number_of_step(row),
        )
        for row in frame.iter_rows(named=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        # Elsewhere the share within 72 hours is of those whose time is over.
        measure="Returns that came to each step, and their share of those due an interview"
        + (f", {count['not_yet_due']:,} not yet due among them" if count["not_yet_due"] else ""),
        alt="Bar chart of the steps of return interviews. " + "; ".join(f"{row.label}: {row.number}" for row in rows) + ".",
        draw=lambda palette: bars(rows, palette),
        caveats=(*needless, *lacking.values(), *small_base(asked, frame["share_of_due"].null_count() == frame.height)),
        as_read=frame.with_columns(pl.col("step").replace(_STEPS)),
    )


def _not_required(asked: Asked) -> tuple[str, ...]:
    returns = int(asked.rows("return_interviews/not_required")["not_required"].sum())
    verb = "is" if returns == 1 else "are"
    return (f"{many(returns, 'more return')} {verb} recorded as needing no interview, and left out here.",) if returns else ()


def _number_of_step(row: Mapping[str, Any]) -> str:
    if row["episodes"] is None:
        return "not in this export"
    return f"{row['episodes']:,}" + (f" · {percent(row['share_of_due'])}" if row["share_of_due"] is not None else "")


@figure(
    Definition(
        name="return_interviews/coverage",
        title="Interviews within 72 hours, month by month",
        counts="Returns by local month, and those with an interview held within 72 hours of the return.",
        over="Returns that need an interview, without those whose 72 hours were not over when the data end.",
        matters="The guidance asks for an interview within 72 hours of every return. Of all these figures only this one has a target.",
        source=f"{_GUIDANCE} Intervals: Wilson 1927. {AGAINST_BEFORE}",
        caveat="The intervals take each return by itself; one child with many returns can move a share.",
        columns={"month": "first day of the month of the return"}
        | _ANSWERS
        | {"is_provisional": "part of the month is in the latest four weeks, which are still being recorded"},
        needs=(*_NEEDS, _HELD),
    )
)
def coverage(asked: Asked) -> Shown:
    told = _told(asked.snapshot.given)
    frame = _answers(asked, told)
    finding, beside = _finding_of_period(asked, frame, told)
    points = frame.drop_nulls(told.share)
    drawn = frame.rename({told.share: "share", told.held: "hits"}).with_columns(tries=_BASE)
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"Share of returns with {told.words}, by month of the return" + (", with 95% intervals" if told.is_timed else ""),
        alt=alt_by_month(frame, f"returns with {told.words}", finding, told.share),
        draw=(lambda palette: share_by_month(drawn, palette, target=asked.settings.interview_target if told.is_timed else None))
        if points.height
        else None,
        caveats=(*beside, *_interview_caveats(asked, frame, told)),
    )


@figure(
    Definition(
        name="return_interviews/unit_coverage",
        title="Interviews within 72 hours, unit by unit",
        counts="Returns in the period by the unit where the child was placed, and those with an interview within 72 hours.",
        over="Returns that need an interview, without those whose 72 hours were not over when the data end.",
        matters="Where interviews are late in one place and not in others, the reason can be looked for there.",
        source=f"{_GUIDANCE} Intervals: Wilson 1927. {AGAINST_OTHERS}",
        caveat="A unit is told from the others by a 99.8% interval, because many units are looked at together. The intervals take each "
        "return by itself; one child with many returns can move a share.",
        columns={"unit_id": "the unit where the child was placed; empty where not known"}
        | _ANSWERS
        | {"compared": "share_72h beside that of all other units together: higher, lower or no clear difference"},
        needs=(*_NEEDS, _HELD),
    )
)
def unit_coverage(asked: Asked) -> Shown:
    told = _told(asked.snapshot.given)
    frame = with_comparison(_answers(asked, told), "share_72h", "held_72h", _BASE)
    finding = _finding_of_units(asked, frame, told)
    points = frame.drop_nulls(told.share)
    lines = []
    alt = f"{finding}."
    if points.height:
        together = _together(frame, told)
        lines.append((together, f"All together {percent(together)}"))
        low, high = points.row(0, named=True), points.row(-1, named=True)
        alt = (
            f"A point for each of {many(points.height, 'unit')}, the share of returns with {told.words}: "
            f"from {percent(low[told.share])} at {asked.unit(low['unit_id'])} "
            f"to {percent(high[told.share])} at {asked.unit(high['unit_id'])}. {alt}"
        )
    if told.is_timed:
        lines.append((asked.settings.interview_target, f"Target {as_set(asked.settings.interview_target)}"))
    rows = [
        ShareRow(
            label=asked.unit(row["unit_id"]),
            hits=row[told.held],
            tries=row["due"] - row["not_yet_due"],
            share=row[told.share],
            lower=row["lower"],
            upper=row["upper"],
            compared=row["compared"],
        )
        for row in busiest(points, "due").iter_rows(named=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"Share of returns with {told.words}, by unit"
        + (", with 95% intervals" if told.is_timed else "")
        + (f"; the {MOST_ROWS} units with the most returns" if points.height > MOST_ROWS else ""),
        alt=alt,
        draw=(lambda palette: ranked_shares(rows, palette, lines=lines)) if points.height else None,
        caveats=_interview_caveats(asked, frame, told),
    )


@figure(
    Definition(
        name="return_interviews/outstanding",
        title="Interviews outstanding",
        counts="Returns in the period whose interview is due and has been neither held nor declined.",
        matters="Each is a child who came back and with whom no return interview is recorded.",
        source=_GUIDANCE,
        columns={
            "episode_id": "the episode that the child came back from",
            "child_id": "the child's pseudonym",
            "unit_id": "the unit where the child was placed; empty where not known",
            "ended_at": "when the child came back",
            "hours_past_due": "hours beyond the 72 when the data end; empty from a source with dates alone",
            "reason": "not offered; offered, no answer yet; or offered, not held; then the reason recorded for the delay",
        },
        # Without outcomes an interview that was declined would be taken as outstanding, and one that was accepted without _HELD.
        needs=(*_NEEDS, "return_interviews.outcome", _HELD),
        is_child_level=True,
    )
)
def outstanding(asked: Asked) -> Shown:
    frame = asked.rows()
    if frame.is_empty():
        return Shown(frame=frame, finding="No interview is outstanding", alt="No interview is outstanding.")
    no_times = what_is_needed(("times of episodes.ended_at",), asked.snapshot.given)
    if no_times:
        frame = frame.with_columns(hours_past_due=pl.lit(None, pl.Float64))
    not_offered = frame.filter(~pl.col("is_offered")).height
    return Shown(
        frame=frame,
        finding=f"{many(frame.height, 'interview')} {'is' if frame.height == 1 else 'are'} outstanding, "
        + (f"{not_offered:,} never offered" if not_offered else "all offered"),
        measure="Returns due an interview with none held or declined, the longest ago first",
        alt=f"Table of {many(frame.height, 'outstanding interview')}"
        + ("." if no_times else f", the first {number(frame['hours_past_due'][0] / 24)} days past due."),
        caveats=(f"Hours past due: {no_times[0].lower()}{no_times[1:]}",) if no_times else (),
    )


def _answers(asked: Asked, told: _Told) -> pl.DataFrame:
    """The figure's own rows with limits and target, and null where the export cannot tell."""
    frame = asked.rows()
    if not told.is_timed:
        frame = frame.with_columns(pl.lit(None, frame.schema[column]).alias(column) for column in _TIMED)
    return with_limits(frame, "share_72h", "held_72h", _BASE).with_columns(target=pl.lit(asked.settings.interview_target))


def _together(frame: pl.DataFrame, told: _Told) -> float:
    return float(frame[told.held].sum() / frame.select(_BASE).sum().item())


def _finding_of_period(asked: Asked, frame: pl.DataFrame, told: _Told) -> tuple[str, tuple[str, ...]]:
    """What the period comes to, set against the period before where the data reach it, and the words for that one."""
    due, hits, tries = int(frame["due"].sum()), int(frame[told.held].sum()), int(frame.select(_BASE).sum().item())
    if not due:
        return _NONE_DUE, ()
    if not tries:
        return f"{many(due, 'return')}, none of them due an interview yet", ()
    children, enough = _children_due(asked), asked.settings.smallest_children
    if children < enough:
        return f"{hits:,} of {many(tries, 'return')} had {told.words}", ()
    share = hits / tries
    if not told.is_timed:
        return f"{percent(share)} of returns had {told.words}", ()
    target = as_set(asked.settings.interview_target)
    previous = asked.scope.period.previous
    before: dict[str, Any] = {"period_from": previous.first_day, "period_to": previous.last_day}
    if previous.first_day < asked.snapshot.coverage.first_day or (earlier_children := _children_due(asked, **before)) < enough:
        return f"{percent(share)} of returns had {told.words}; the target is {target}", ()
    earlier = asked.rows(**before)
    earlier_hits, earlier_tries = int(earlier[told.held].sum()), int(earlier.select(_BASE).sum().item())
    change = told_apart((hits, tries, children), (earlier_hits, earlier_tries, earlier_children))
    was = percent(earlier_hits / earlier_tries)
    beside = (f"In the period before, {previous.words}, it was {was} of {many(earlier_tries, 'return')}.",)
    if change == "no clear difference":
        return f"{percent(share)} of returns had {told.words}, no clear change; target {target}", beside
    verb = "rose" if change == "higher" else "fell"
    return f"Interviews within 72 hours {verb} from {was} to {percent(share)} of returns; target {target}", beside


def _children_due(asked: Asked, **period: Any) -> int:
    """Different children with a return in a period whose interview was due by the export's end, at least."""
    children = dict(asked.rows("return_interviews/steps", **period).select("step", "children").iter_rows())
    # A child may have one return that is due and one that is not yet: to take them off is on the safe side.
    return int(children["due"] - children["not_yet_due"])


def _finding_of_units(asked: Asked, frame: pl.DataFrame, told: _Told) -> str:
    points = frame.drop_nulls(told.share)
    if points.height < 2:
        return _finding_of_period(asked, frame, told)[0]
    if not told.is_timed:
        # The rows stand in the order of their shares.
        low, high = points[told.share][0], points[told.share][-1]
        return f"Interviews were held after {percent(low)} to {percent(high)} of returns, by unit"
    late = points.filter(pl.col("compared") == "lower").drop_nulls("unit_id")
    if late.is_empty():
        return "No unit's interviews are clearly later than the others'"
    if late.height > 2:
        return f"Interviews are later at {late.height} units than at the others together"
    if late.height == 2:
        return f"Interviews are later at {listed(asked.unit(unit) for unit in late['unit_id'])} than elsewhere"
    unit = late.row(0, named=True)
    here, elsewhere = percent(unit[told.share]), percent(_together(frame.filter(pl.col("unit_id").ne_missing(unit["unit_id"])), told))
    return f"Interviews are late at {asked.unit(unit['unit_id'])}: {here} within 72 hours, {elsewhere} elsewhere"


def _interview_caveats(asked: Asked, frame: pl.DataFrame, told: _Told) -> tuple[str, ...]:
    waiting, untimed = int(frame["not_yet_due"].sum()), int(frame["held_untimed"].sum())
    is_small = frame.filter((_BASE > 0) & (pl.col("children") < asked.settings.smallest_children)).height > 0
    return (
        *((told.lacking["held_72h"],) if "held_72h" in told.lacking else ()),
        *((f"{many(waiting, 'return')} whose 72 hours were not over when the data end: in no share.",) if waiting else ()),
        *((f"{many(untimed, 'interview')} held at no recorded time after the return: not counted as within 72 hours.",) if untimed else ()),
        *small_base(asked, is_small),
    )
