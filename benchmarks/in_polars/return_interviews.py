"""The questions of the Return interviews page."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from benchmarks.exports import FIRST_DAY, LAST_DAY, Export
from benchmarks.in_polars.shared import (
    HOURS_24,
    HOURS_48,
    HOURS_72,
    Asked,
    age_on,
    answers,
    episodes_in,
    hours,
    is_provisional,
    known_code,
    large_enough,
    local_day,
    month_of,
    months_of,
    ours,
    returns_in,
    with_unit,
    within,
)
from dashboard.settings import Reasons

_STEPS = ("due", "not_yet_due", "offered", "accepted", "held", "held_72h", "independent")


@answers("return_interviews/steps")
def steps(export: Export, asked: Asked) -> pl.DataFrame:
    is_step = {
        "due": pl.lit(True),
        "held_72h": (pl.col("waited") <= HOURS_72).fill_null(False),
        **{name: pl.col(f"is_{name}") for name in ("not_yet_due", "offered", "accepted", "held", "independent")},
    }
    by_child = (
        returns_in(export, asked["period_from"], asked["period_to"])
        .group_by("child_id")
        .agg(pl.len().alias("due"), *(is_step[name].sum().alias(name) for name in _STEPS if name != "due"))
    )
    counted = by_child.select(
        *(pl.col(name).sum().alias(f"{name} episodes") for name in _STEPS),
        *((pl.col(name) > 0).sum().alias(f"{name} children") for name in _STEPS),
    )
    whole = counted.collect().row(0, named=True)
    is_large_enough = whole["due children"] >= asked["smallest_children"]
    return pl.DataFrame(
        {
            "step": _STEPS,
            "episodes": [whole[f"{name} episodes"] for name in _STEPS],
            "children": [whole[f"{name} children"] for name in _STEPS],
            "share_of_due": [whole[f"{name} episodes"] / whole["due episodes"] if is_large_enough else None for name in _STEPS],
        }
    )


@answers("return_interviews/not_required")
def not_required(export: Export, asked: Asked) -> pl.DataFrame:
    share = pl.when(pl.col("children") >= asked["smallest_children"]).then(pl.col("not_required") / pl.col("returns"))
    return (
        returns_in(export, asked["period_from"], asked["period_to"], with_not_required=True)
        .group_by("unit_id")
        .agg(returns=pl.len(), not_required=pl.col("is_not_required").sum(), children=pl.n_unique("child_id"))
        .with_columns(share=share)
        .collect()
    )


def covered_by(returns: pl.LazyFrame, by: pl.Expr, asked: Asked) -> pl.LazyFrame:
    held, waited = pl.col("is_held"), pl.col("waited")
    counted = returns.group_by(by).agg(
        due=pl.len(),
        not_yet_due=pl.col("is_not_yet_due").sum(),
        offered=pl.col("is_offered").sum(),
        held=held.sum(),
        held_24h=(waited <= HOURS_24).sum(),
        held_48h=(waited <= HOURS_48).sum(),
        held_72h=(waited <= HOURS_72).sum(),
        held_untimed=(held & waited.is_null()).sum(),
        children=pl.col("child_id").filter(~pl.col("is_not_yet_due")).n_unique(),
    )
    then_due = pl.col("due") - pl.col("not_yet_due")
    return counted.with_columns(
        share_72h=large_enough(asked, pl.col("held_72h") / then_due), share_held=large_enough(asked, pl.col("held") / then_due)
    )


@answers("return_interviews/coverage")
def coverage(export: Export, asked: Asked) -> pl.DataFrame:
    returns = returns_in(export, asked["period_from"], asked["period_to"])
    counted = covered_by(returns, month_of("ended_at").alias("month"), asked)
    counts = ("due", "not_yet_due", "offered", "held", "held_24h", "held_48h", "held_72h", "held_untimed", "children")
    return (
        months_of(asked)
        .join(counted, on="month", how="left")
        .with_columns(pl.col(counts).fill_null(0), is_provisional=is_provisional(asked))
        .sort("month")
        .collect()
    )


@answers("return_interviews/unit_coverage")
def unit_coverage(export: Export, asked: Asked) -> pl.DataFrame:
    returns = with_unit(returns_in(export, asked["period_from"], asked["period_to"]), export)
    return covered_by(returns, pl.col("unit_id"), asked).sort("share_72h", "share_held", "unit_id", nulls_last=True).collect()


@answers("return_interviews/outstanding")
def outstanding(export: Export, asked: Asked) -> pl.DataFrame:
    outstanding = with_unit(returns_in(export, asked["period_from"], asked["period_to"]), export).filter(
        ~pl.col("is_held"), ~pl.col("is_declined"), ~pl.col("is_not_yet_due")
    )
    told = (
        export.table("return_interviews")
        .join(outstanding.select("episode_id"), on="episode_id", how="semi")
        .group_by("episode_id")
        .agg(
            is_not_held=(pl.col("outcome") == "not_held").any(),
            late_reason=pl.col("late_reason").sort_by("interview_id").drop_nulls().last().str.replace_all("_", " "),
        )
    )
    state = (
        pl.when(~pl.col("is_offered"))
        .then(pl.lit("not offered"))
        .when(pl.col("is_not_held"))
        .then(pl.lit("offered, not held"))
        .otherwise(pl.lit("offered, no answer yet"))
    )
    return (
        outstanding.join(told, on="episode_id", how="left")
        .select(
            "episode_id",
            "child_id",
            "unit_id",
            "ended_at",
            "is_offered",
            hours_past_due=hours(export.ends_at - pl.col("ended_at")) - 72,
            reason=pl.concat_str(state, pl.concat_str(pl.lit(": "), "late_reason").fill_null("")),
        )
        .sort("ended_at", "episode_id")
        .collect()
    )


def next_start(returns: pl.LazyFrame, export: Export) -> pl.LazyFrame:
    """With `again`: how long after the return the child's next episode begins, of either category; null where none does."""
    starts = export.table("episodes").select("child_id", "started_at", again_at="started_at").sort("started_at")
    return (
        # An episode that ends before it starts is not itself the next one.
        returns.with_columns(back_at=pl.max_horizontal("started_at", "ended_at"))
        .drop("started_at")
        .sort("back_at")
        .join_asof(
            starts,
            left_on="back_at",
            right_on="started_at",
            by="child_id",
            strategy="forward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .with_columns(again=pl.col("again_at") - pl.col("ended_at"))
    )


@answers("return_interviews/time_to_interview")
def time_to_interview(export: Export, asked: Asked) -> pl.DataFrame:
    due = next_start(
        returns_in(export, asked["period_from"], asked["period_to"]).filter(~pl.col("is_held") | pl.col("waited").is_not_null()), export
    )
    refused = (
        export.table("return_interviews")
        .filter(pl.col("outcome") == "declined")
        .join(due.select("episode_id", "ended_at"), on="episode_id")
        .filter(pl.lit(asked["offers_have_times"]), pl.col("offered_at") >= pl.col("ended_at"))
        .group_by("episode_id")
        .agg(refused=(pl.col("offered_at") - pl.col("ended_at")).min())
    )
    none = pl.duration(hours=0)
    first, longest = pl.col("first"), asked["longest"]
    is_by_then = first <= pl.duration(hours=longest)
    return (
        due.join(refused, on="episode_id", how="left")
        .with_columns(declined_after=pl.when("is_declined").then(pl.col("refused").fill_null(none)))
        .with_columns(first=pl.min_horizontal("waited", "declined_after", "again"))
        .with_columns(
            hours=pl.min_horizontal(hours(pl.coalesce("first", export.ends_at - pl.col("ended_at"))).ceil(), longest + 1).cast(pl.Int32),
            is_held_first=((pl.col("waited") == first) & is_by_then).fill_null(False),
            is_declined_first=((pl.col("declined_after") == first) & is_by_then).fill_null(False),
        )
        .group_by("hours")
        .agg(
            held=pl.col("is_held_first").sum(),
            declined=(pl.col("is_declined_first") & ~pl.col("is_held_first")).sum(),
            missing_again=(is_by_then.fill_null(False) & ~pl.col("is_held_first") & ~pl.col("is_declined_first")).sum(),
            still_open=(~is_by_then.fill_null(False)).sum(),
        )
        .sort("hours")
        .collect()
    )


@answers("return_interviews/gone_again")
def gone_again(export: Export, asked: Asked) -> pl.DataFrame:
    days_28 = timedelta(28)
    left = export.table("children").select("child_id", "looked_after_to")
    returns = (
        next_start(returns_in(export, asked["period_from"], asked["period_to"]), export)
        .join(left, on="child_id", how="left")
        .filter(
            ~pl.col("is_held") | pl.col("waited").is_not_null(),
            export.ends_at - pl.col("ended_at") >= days_28,
            (pl.col("looked_after_to") >= local_day("ended_at") + days_28).fill_null(True),
            (pl.col("again") > HOURS_72).fill_null(True),
        )
        .with_columns(is_in_time=(pl.col("waited") <= HOURS_72).fill_null(False), is_again=(pl.col("again") <= days_28).fill_null(False))
    )
    names = ["with_interview", "again_with", "without_interview", "again_without"]
    is_in_time, is_again = pl.col("is_in_time"), pl.col("is_again")
    return (
        returns.group_by("child_id")
        .agg(
            with_interview=is_in_time.sum(),
            again_with=(is_in_time & is_again).sum(),
            without_interview=(~is_in_time).sum(),
            again_without=(~is_in_time & is_again).sum(),
        )
        .group_by(names)
        .agg(children=pl.len())
        .sort(names)
        .collect()
    )


def interviews_held(export: Export, asked: Asked) -> pl.LazyFrame:
    """Interviews held with the returns of the period that they cover."""
    returns = returns_in(export, asked["period_from"], asked["period_to"]).select("episode_id", "child_id", "ended_at")
    is_held = pl.when(pl.col("outcome").is_null()).then(pl.col("held_at").is_not_null()).otherwise(pl.col("outcome") == "completed")
    return export.table("return_interviews").filter(is_held).join(returns, on="episode_id")


@answers("return_interviews/held")
def held(export: Export, asked: Asked) -> pl.DataFrame:
    covered = interviews_held(export, asked).select("interview_id", "episode_id").collect().lazy()
    by_interview = covered.group_by("interview_id").agg(count=pl.col("episode_id").n_unique())
    by_episode = covered.group_by("episode_id").agg(count=pl.col("interview_id").n_unique())
    interviews = by_interview.select(
        interviews_held=pl.len(), interviews_of_several=(pl.col("count") > 1).sum(), most_episodes=pl.col("count").max().fill_null(0)
    )
    returned = by_episode.select(episodes_covered=pl.len(), episodes_with_several=(pl.col("count") > 1).sum())
    return pl.concat([interviews, returned], how="horizontal").collect()


@answers("return_interviews/declined")
def declined(export: Export, asked: Asked) -> pl.DataFrame:
    returns = returns_in(export, asked["period_from"], asked["period_to"]).filter("is_offered")
    category = export.table("episodes").select("episode_id", "category")
    born = export.table("children").select("child_id", "birth_month")
    offered = (
        with_unit(returns, export)
        .join(category, on="episode_id")
        .join(born, on="child_id", how="left")
        .with_columns(started_on=local_day("started_at"))
        .with_columns(age=age_on("started_on"))
        .with_columns(age=pl.when(pl.col("age") <= 13).then(pl.lit("13 and under")).when(pl.col("age") >= 14).then(pl.lit("14 and over")))
        .collect()
        .lazy()
    )
    groups = [
        offered.group_by(group=by)
        .agg(offered=pl.len(), declined=pl.col("is_declined").sum(), children=pl.col("child_id").n_unique())
        .with_columns(by=pl.lit(name), share=large_enough(asked, pl.col("declined") / pl.col("offered")))
        for name, by in (("category", "category"), ("age", "age"), ("unit", "unit_id"))
    ]
    return pl.concat(groups).collect()


@answers("return_interviews/late_reasons")
def late_reasons(export: Export, asked: Asked) -> pl.DataFrame:
    returns = returns_in(export, asked["period_from"], asked["period_to"]).filter(~pl.col("is_declined"), ~pl.col("is_not_yet_due"))
    named = (
        export.table("return_interviews")
        .join(returns.select("episode_id"), on="episode_id", how="semi")
        .group_by("episode_id")
        .agg(reason=pl.col("late_reason").sort_by("interview_id").drop_nulls().last())
    )
    late = returns.join(named, on="episode_id", how="left").filter(
        pl.coalesce(pl.col("waited") > HOURS_72, ~pl.col("is_held") | pl.col("reason").is_not_null())
    )
    whole = late.select(whole=pl.len(), of_children=pl.col("child_id").n_unique())
    return (
        late.group_by("reason")
        .agg(
            returns=pl.len(),
            held_late=pl.col("is_held").sum(),
            not_held=(~pl.col("is_held")).sum(),
            children=pl.col("child_id").n_unique(),
        )
        .join(whole, how="cross")
        .with_columns(share=large_enough(asked, pl.col("returns") / pl.col("whole"), "of_children"))
        .collect()
    )


@answers("return_interviews/interviewers")
def interviewers(export: Export, asked: Asked) -> pl.DataFrame:
    by_interview = (
        interviews_held(export, asked)
        .with_columns(interviewer=known_code("return_interviews", "interviewer"))
        .group_by("interview_id")
        .agg(pl.col("interviewer").min(), pl.col("child_id").min(), episodes=pl.col("episode_id").n_unique())
    )
    whole = by_interview.select(whole=pl.len(), of_children=pl.col("child_id").n_unique())
    return (
        by_interview.group_by("interviewer")
        .agg(interviews=pl.len(), episodes=pl.col("episodes").sum(), children=pl.col("child_id").n_unique())
        .join(whole, how="cross")
        .with_columns(share=large_enough(asked, pl.col("interviews") / pl.col("whole"), "of_children"))
        .collect()
    )


@answers("return_interviews/reasons")
def reasons(export: Export, asked: Asked) -> pl.DataFrame:
    groups = {reason: group for group, reasons in Reasons().model_dump().items() for reason in reasons}
    held = interviews_held(export, asked).filter(pl.col("reasons").list.len() > 0).select("interview_id", "child_id", "reasons")
    whole = held.select(of_interviews=pl.col("interview_id").n_unique(), of_children=pl.col("child_id").n_unique())
    return (
        held.explode("reasons")
        .drop_nulls("reasons")
        .group_by(reason="reasons")
        .agg(interviews=pl.col("interview_id").n_unique(), children=pl.col("child_id").n_unique())
        .join(whole, how="cross")
        .with_columns(
            group=pl.col("reason").replace_strict(groups, default="other", return_dtype=pl.String),
            share=large_enough(asked, pl.col("interviews") / pl.col("of_interviews"), "of_children"),
        )
        .collect()
    )


@answers("return_interviews/follow_up")
def follow_up(export: Export, asked: Asked) -> pl.DataFrame:
    followed = pl.col("follow_up")
    counted = (
        interviews_held(export, asked)
        .group_by("interview_id")
        .agg(month=month_of("ended_at").max(), follow_up=followed.drop_nulls().max(), child_id=pl.col("child_id").min())
        .group_by("month")
        .agg(
            interviews=followed.count(),
            followed_up=followed.sum(),
            children=pl.col("child_id").filter(followed.is_not_null()).n_unique(),
            not_recorded=followed.null_count(),
        )
    )
    return (
        months_of(asked)
        .join(counted, on="month", how="left")
        .with_columns(
            pl.col("interviews", "followed_up", "children", "not_recorded").fill_null(0),
            share=large_enough(asked, pl.col("followed_up") / pl.col("interviews")),
            is_provisional=is_provisional(asked),
        )
        .collect()
    )


@answers("return_interviews/police_checks")
def police_checks(export: Export, asked: Asked) -> pl.DataFrame:
    checked, back = pl.col("police_checked_at"), pl.col("ended_at")
    counted = (
        ours(export.table("episodes").filter(within("ended_at", asked["period_from"], asked["period_to"]), back < export.ends_at), export)
        .group_by(month=month_of("ended_at"))
        .agg(
            returns=pl.len(),
            checked=checked.count(),
            median_hours=hours((checked - back).filter(checked >= back)).median(),
            children=pl.col("child_id").n_unique(),
            timed=pl.col("child_id").filter(checked >= back).n_unique(),
            not_reported=(~pl.col("police_called")).sum(),
        )
    )
    return (
        months_of(asked)
        .join(counted, on="month", how="left")
        .with_columns(
            pl.col("returns", "checked", "children", "not_reported").fill_null(0),
            share=large_enough(asked, pl.col("checked") / pl.col("returns")),
            median_hours=large_enough(asked, pl.col("median_hours"), "timed"),
            is_provisional=is_provisional(asked),
        )
        .collect()
    )


@answers("return_interviews/annex_a")
def annex_a(export: Export, asked: Asked) -> pl.DataFrame:
    of_child = (
        episodes_in(export, asked["year_from"], asked["period_to"])
        .group_by("child_id")
        .agg(
            missing_12m=(pl.col("category") == "missing").sum(),
            away_12m=(pl.col("category") == "away").sum(),
            last_episode=pl.col("episode_id").sort_by("started_at", "episode_id").last(),
        )
    )
    # An interview may be asked for after the return from an episode that ends beyond the period.
    back = returns_in(export, FIRST_DAY, LAST_DAY, with_not_required=True)
    offered = (
        pl.when(pl.col("is_offered").is_null())
        .then(pl.lit("not back yet"))
        .when("is_offered")
        .then(pl.lit("yes"))
        .when("is_not_required")
        .then(pl.lit("not required"))
        .when("is_not_yet_due")
        .then(pl.lit("not yet due"))
        .otherwise(pl.lit("no"))
    )
    accepted = pl.when("is_offered").then(pl.when("is_accepted").then(pl.lit("yes")).otherwise(pl.lit("no")))
    return (
        of_child.join(back.drop("child_id"), left_on="last_episode", right_on="episode_id", how="left")
        .with_columns(offered_last=offered, accepted_last=accepted, held_last=pl.col("is_held"))
        .collect()
    )
