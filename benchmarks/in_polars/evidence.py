"""The question of the Evidence page."""

from __future__ import annotations

import polars as pl

from benchmarks.exports import Export
from benchmarks.in_polars.shared import (
    HOURS_72,
    Asked,
    answers,
    episodes_of,
    hours,
    is_open,
    known_code,
    with_unit,
)


@answers("evidence/chain")
def chain(export: Export, asked: Asked) -> pl.DataFrame:
    gone = with_unit(episodes_of(export, asked), export)
    if asked["child_id"] is not None:
        gone = gone.filter(pl.col("child_id") == asked["child_id"])
    ids = gone.select("episode_id", "ended_at")
    called = (
        export.table("police_calls").join(ids, on="episode_id", how="semi").group_by("episode_id").agg(call_at=pl.col("called_at").min())
    )
    is_held = pl.when(pl.col("outcome").is_null()).then(pl.col("held_at").is_not_null()).otherwise(pl.col("outcome") == "completed")
    offered, held = pl.col("offered"), pl.col("is_held")
    answered = (
        export.table("return_interviews")
        .join(ids, on="episode_id")
        .with_columns(is_held=is_held)
        .group_by("episode_id")
        .agg(
            is_held=held.any(),
            is_offered=((offered == "yes") | held).any(),
            is_not_required=(offered == "not_required").any() & ~((offered == "yes") | held).any(),
            is_declined=(pl.col("outcome") == "declined").any() & ~held.any(),
            is_not_held=(pl.col("outcome") == "not_held").any() & ~held.any(),
            held_at=pl.col("held_at").filter(held & (pl.col("held_at") >= pl.col("ended_at"))).min(),
            follow_up=pl.col("follow_up").filter(held).drop_nulls().max(),
        )
    )
    flags = ("is_held", "is_offered", "is_not_required", "is_declined", "is_not_held")
    interview = (
        pl.when(~pl.col("is_back"))
        .then(None)
        .when("is_not_required")
        .then(pl.lit("not_required"))
        .when("is_held")
        .then(pl.lit("held"))
        .when("is_declined")
        .then(pl.lit("declined"))
        .when(export.ends_at - pl.col("ended_at") < HOURS_72)
        .then(pl.lit("not_yet_due"))
        .when(~pl.col("is_offered"))
        .then(pl.lit("not_offered"))
        .when("is_not_held")
        .then(pl.lit("not_held"))
        .otherwise(pl.lit("no_answer_yet"))
    )
    links = (
        gone.join(called, on="episode_id", how="left")
        .join(answered, on="episode_id", how="left")
        .with_columns(pl.col(flags).fill_null(False), risk=known_code("episodes", "risk"), is_back=~is_open(export))
        .with_columns(interview=interview)
        .with_columns(
            police_called=pl.coalesce("police_called", pl.when(pl.coalesce("police_called_at", "call_at").is_not_null()).then(True)),
            police_called_at=pl.coalesce("police_called_at", "call_at"),
            hours_to_held=pl.when("is_back").then(hours(pl.col("held_at") - pl.col("ended_at"))),
            held_at=pl.when("is_back").then("held_at"),
            ended_at=pl.when("is_back").then("ended_at"),
            follow_up=pl.when(pl.col("interview") == "held").then("follow_up"),
        )
    )
    was_held, always = pl.col("interview") == "held", pl.lit(True)
    expected = {
        "risk": always,
        "police": always,
        "return": always,
        "check": pl.col("is_back") & pl.col("police_called"),
        "interview": ~pl.col("interview").is_in(["not_required", "not_yet_due"]),
        "follow_up": was_held,
    }
    lacking = {
        "risk": pl.col("risk").is_null(),
        "police": pl.col("police_called").is_null(),
        "return": ~pl.col("is_back"),
        "check": expected["check"] & pl.col("police_checked_at").is_null(),
        "interview": pl.col("interview").is_in(["not_offered", "not_held", "no_answer_yet"]),
        "follow_up": was_held & pl.col("follow_up").is_null(),
    }

    def listed(links: dict[str, pl.Expr]) -> pl.Expr:
        told = [pl.when(condition).then(pl.lit(link)) for link, condition in links.items() if link in asked["told"]]
        return pl.concat_list(told).list.drop_nulls()

    return (
        links.with_columns(expected=listed(expected), lacking=listed(lacking))
        .select(
            "episode_id",
            "child_id",
            "unit_id",
            "category",
            "started_at",
            "risk",
            "police_called_at",
            "police_called",
            "ended_at",
            "police_checked_at",
            "interview",
            "held_at",
            "hours_to_held",
            "follow_up",
            "expected",
            "lacking",
        )
        .sort("started_at", "episode_id")
        .collect()
    )
