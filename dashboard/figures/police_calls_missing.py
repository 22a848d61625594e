"""Figures of the Police calls page about who is not called for, and which units are unlike the others."""

from __future__ import annotations

import polars as pl

from dashboard.charts.funnel import Axes, funnel
from dashboard.charts.ranked_shares import MOST_ROWS, ShareRow, busiest, ranked_shares
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.shares import AGAINST_OTHERS, small_base
from dashboard.figures.words import many, percent
from dashboard.statistics.by_child import FEWEST_COMPARED, design_effect, funnel_limits, with_funnel
from dashboard.statistics.shares import with_comparison, with_limits

_POINTS = 60
# Some units of twenty lie beyond 99.8% limits in 1 of 10 quarters in which they are alike (`benchmarks/false_alarms.py`).
_NAMED_AT = 0.9995


@figure(
    Definition(
        name="police_calls/funnel_called",
        title="Units that call more or less often than the others",
        counts="Episodes that began in the period and were reported to the police, by unit.",
        over="Episodes for which it is recorded whether the police were called.",
        matters="Units that report far more or less often than others may read the same policy in different ways.",
        source="Funnel of shares: Spiegelhalter 2005. Wider by the design effect: one child's episodes go alike.",
        caveat="A unit is marked beyond the 99.8% limits, and told from the others beyond 99.95%, because there are many. Units differ in "
        "the children that they look after too.",
        columns={
            "unit_id": "the unit where the child was placed; empty where not known",
            "episodes": "episodes for which it is recorded whether the police were called",
            "called": "of these, the police were called",
            "share": "called ÷ episodes; empty below the smallest number of children",
            "adjusted": "the share of all units plus (called − expected) ÷ episodes, at most 1 and at least 0: the share with "
            "the usual mix of categories",
            "lower_95": "lower 95% limit of adjusted about the share of all units; empty where fewer than five are compared",
            "upper_95": "upper 95% limit",
            "lower_998": "lower 99.8% limit",
            "upper_998": "upper 99.8% limit",
            "outside": "usual, high or low: adjusted is beyond the 99.8% limits",
            "expected": "episodes that would be reported if the unit reported each category as often as all units together",
            "children": "different children of these episodes",
            "design_effect": "how many times wider the variance of shares is than if each episode were by itself",
        },
        needs=("episodes.police_called", "episodes.unit_id or placements"),
    )
)
def funnel_called(asked: Asked) -> Shown:
    rows = asked.rows()
    effect = design_effect(rows)
    average = int(rows["called"].sum()) / int(rows["episodes"].sum()) if rows.height else 0.0
    # Those of no known unit are no unit.
    is_unit = pl.col("unit_id").is_not_null()
    judged = with_funnel(rows.with_columns(share=pl.when(is_unit).then("adjusted")), average, effect)
    large = judged["share"].count()
    frame = judged.with_columns(share=rows["share"], design_effect=pl.lit(effect))
    drawn = frame.drop_nulls("outside")
    beyond = [
        not lower <= adjusted <= upper
        for adjusted, (lower, upper) in (
            (adjusted, funnel_limits(episodes, average, effect, _NAMED_AT))
            for adjusted, episodes in drawn.select("adjusted", "episodes").iter_rows()
        )
    ]
    finding = _finding_of_funnel(asked, drawn, drawn.filter(pl.Series(beyond, dtype=pl.Boolean)), large)
    widest = max(drawn["episodes"], default=0)
    points = drawn.select(
        pl.Series("name", [asked.unit(unit) for unit in drawn["unit_id"]], pl.String),
        size="episodes",
        value="adjusted",
        reading="outside",
        is_ringed=False,
        said=pl.format("{} of {} episodes reported", "called", "episodes"),
    )
    axes = Axes("Episodes in the period", ".0%", percent(average), most=1)
    alt = f"{finding}."
    if drawn.height:
        alt = (
            f"Funnel of {many(drawn.height, 'unit')}: episodes across, share reported to the police up, between limits that "
            f"narrow with the number of episodes about {percent(average)}. {finding}."
        )
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of episodes reported to the police"
        + (", as it would be with the usual mix of missing and away" if asked.scope.category == "both" else "")
        + ", by unit and its number of episodes",
        alt=alt,
        draw=(lambda palette: funnel(points, _curves(widest, average, effect), average, axes, palette)) if drawn.height else None,
        caveats=(
            *(
                ("A point is the average and what a unit reports beyond what its mix leads to expect; its own share is in the table.",)
                if asked.scope.category == "both" and drawn.height
                else ()
            ),
            *small_base(asked, frame["share"].null_count() > 0),
        ),
    )


def _curves(most: int, average: float, effect: float) -> pl.DataFrame:
    """The limits from few to as many episodes as a unit has, closer together where they bend."""
    sizes = sorted({max(1, round(1.08 * most * (step / _POINTS) ** 2)) for step in range(1, _POINTS + 1)})
    limits = [
        {
            "size": size,
            **dict(zip(("lower_95", "upper_95"), funnel_limits(size, average, effect, 0.95), strict=True)),
            **dict(zip(("lower_998", "upper_998"), funnel_limits(size, average, effect, 0.998), strict=True)),
        }
        for size in sizes
    ]
    return pl.DataFrame(limits)


def _finding_of_funnel(asked: Asked, drawn: pl.DataFrame, apart: pl.DataFrame, large: int) -> str:
    if drawn.is_empty():
        return (
            f"Only {many(large, 'unit')} with enough children: too few to compare, {FEWEST_COMPARED} are needed"
            if large
            else "No unit has enough children to compare"
        )
    high, low = apart.filter(pl.col("outside") == "high").height, apart.filter(pl.col("outside") == "low").height
    if apart.is_empty():
        return "No unit is clearly unlike the others in how often it calls the police"
    if apart.height == 1:
        unit = apart.row(0, named=True)
        side = "more" if high else "fewer"
        usual = unit["expected"] / unit["episodes"]
        return (
            f"{asked.unit(unit['unit_id'])} reports {side} of its episodes than others: {percent(unit['share'])}, expected {percent(usual)}"
        )
    told = [
        f"{many(count, 'unit')} {'calls' if count == 1 else 'call'} for {words}"
        for count, words in ((high, "more"), (low, "fewer"))
        if count
    ]
    return " and ".join(told) + " of their episodes than units usually do"


@figure(
    Definition(
        name="police_calls/missing_not_called",
        title="Missing, and the police not called",
        counts="Episodes of missing that began in the period and were not reported to the police.",
        over="Episodes of missing for which it is recorded whether the police were called, less those in which "
        "staff knew where the child was.",
        matters="Nobody knows where a missing child is. The one who is not reported may be at risk.",
        source=f"Staffordshire study of missing children, 2006. Intervals: Wilson 1927. {AGAINST_OTHERS}",
        caveat="The intervals take each episode by itself; one child with many episodes can move a share.",
        columns={
            "unit_id": "the unit where the child was placed; empty where not known",
            "missing": "episodes of missing for which it is recorded whether the police were called",
            "not_called": "of these, the police were not called",
            "share": "not_called ÷ missing; empty below the smallest number of children",
            "lower": "lower end of the 95% interval",
            "upper": "upper end of the 95% interval",
            "young": "of those not called for, episodes of children of 13 or under",
            "children": "different children of these episodes",
            "compared": "the share beside that of all other units together: higher, lower or no clear difference",
        },
        needs=("episodes.police_called",),
    )
)
def missing_not_called(asked: Asked) -> Shown:
    missing = pl.col("missing")
    frame = with_comparison(with_limits(asked.rows(), "share", "not_called", missing), "share", "not_called", missing)
    knows_ages = "children.birth_month" in asked.snapshot.given
    if not knows_ages:
        frame = frame.with_columns(young=pl.lit(None, pl.Int64))
    total, not_called, young = (int(frame[name].sum()) for name in ("missing", "not_called", "young"))
    if asked.scope.category == "away":
        finding = "Episodes of missing are not in this scope"
    elif not total:
        finding = "No episode of missing in this period says whether the police were called"
    else:
        finding = f"{not_called:,} of {many(total, 'missing episode')} {'was' if not_called == 1 else 'were'} not reported"
        if young:
            finding += f"; {young:,} of children of 13 or under"
    points = frame.drop_nulls("share")
    rows = [
        ShareRow.of(asked.unit(row["unit_id"]), row, "not_called", "missing") for row in busiest(points, "missing").iter_rows(named=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of missing episodes not reported to the police, those with whereabouts known left out, by unit, with 95% intervals"
        + (f"; the {MOST_ROWS} units with the most missing episodes" if points.height > MOST_ROWS else ""),
        alt="A point for each unit, the share of missing episodes that were not reported to the police. "
        + (f"Highest: {rows[0].label}, {rows[0].number}; lowest drawn: {rows[-1].label}, {rows[-1].number}. " if rows else "")
        + f"{finding}.",
        draw=(lambda palette: ranked_shares(rows, palette)) if rows else None,
        caveats=(
            *(() if knows_ages else ("Children of 13 or under: needs column birth_month of table children.",)),
            *small_base(asked, frame["share"].null_count() > 0),
        ),
    )


@figure(
    Definition(
        name="police_calls/young_not_called",
        title="Children of 13 or under who went missing without a call",
        counts="Episodes of missing that began in the period, of children of 13 or under, that were not reported to the police.",
        matters="Of children this young each one counts: whether the police should have been called can be looked at one by one.",
        source="Staffordshire study of missing children, 2006: children of 13 and under differ from those of 14 and over.",
        columns={
            "episode_id": "the episode",
            "child_id": "the child's pseudonym",
            "unit_id": "the unit where the child was placed; empty where not known",
            "age": "age in years when it began, from the month of birth",
            "started_at": "when it began",
            "hours": "hours that it lasted, an open one so far; from dates alone whole days × 24",
            "risk": "risk as agreed with the police; empty where not recorded",
        },
        needs=("episodes.police_called", "children.birth_month"),
        is_child_level=True,
    )
)
def young_not_called(asked: Asked) -> Shown:
    frame = asked.rows()
    finding = "No child of 13 or under went missing without the police being called"
    if frame.height:
        children = many(frame["child_id"].n_unique(), "child", "children")
        finding = (
            f"{many(frame.height, 'missing episode')} of {children} of 13 or under {'was' if frame.height == 1 else 'were'} not reported"
        )
    return Shown(
        frame=frame,
        finding=finding,
        measure="Missing episodes of children of 13 or under that were not reported to the police, the latest first",
        alt=f"Table of {many(frame.height, 'episode')}. {finding}.",
    )
