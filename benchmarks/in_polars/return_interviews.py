"""The questions of the Return interviews page."""

from __future__ import annotations

import polars as pl

from benchmarks.exports import Export
from benchmarks.in_polars.shared import (
    HOURS_24,
    HOURS_48,
    HOURS_72,
    Asked,
    answers,
    hours,
    is_provisional,
    large_enough,
    month_of,
    months_of,
    returns_in,
    with_unit,
)

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
