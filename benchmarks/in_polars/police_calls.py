"""The questions of the Police calls page."""

from __future__ import annotations

import polars as pl

from benchmarks.exports import Export
from benchmarks.in_polars.shared import (
    Asked,
    age_on,
    answers,
    clipped_nights,
    covered,
    episodes_of,
    is_provisional,
    known_code,
    large_enough,
    local_day,
    month_of,
    months_of,
    rate,
    with_unit,
    within,
)


@answers("police_calls/called")
def called(export: Export, asked: Asked) -> pl.DataFrame:
    born = export.table("children").select("child_id", "birth_month")
    recorded = (
        with_unit(episodes_of(export, asked).filter(pl.col("police_called").is_not_null()), export)
        .join(born, on="child_id", how="left")
        .with_columns(started_on=local_day("started_at"), risk=known_code("episodes", "risk"))
        .with_columns(age=age_on("started_on"))
        .with_columns(age=pl.when(pl.col("age") <= 13).then(pl.lit("13 and under")).when(pl.col("age") >= 14).then(pl.lit("14 and over")))
    )
    groups = [
        recorded.group_by(group=by)
        .agg(episodes=pl.len(), called=pl.col("police_called").sum(), children=pl.col("child_id").n_unique())
        .select(
            pl.lit(name).alias("by"),
            "group",
            "episodes",
            "called",
            "children",
            share=large_enough(asked, pl.col("called") / pl.col("episodes")),
        )
        for name, by in (("category", "category"), ("risk", "risk"), ("age", "age"), ("unit", "unit_id"))
    ]
    return pl.concat(groups).collect()


@answers("police_calls/call_rate")
def call_rate(export: Export, asked: Asked) -> pl.DataFrame:
    calls = (
        export.table("police_calls")
        .filter(within("called_at", asked["period_from"], asked["period_to"]))
        .group_by("unit_id")
        .agg(missing_calls=(pl.col("reason") == "missing").sum(), all_calls=pl.len())
    )
    first_day, last_day = covered(asked["period_from"], asked["period_to"])
    slept = (
        export.table("placements")
        .filter(pl.col("started_on") <= last_day, pl.col("ended_on").is_null() | (pl.col("ended_on") > first_day))
        .with_columns(nights=clipped_nights(first_day, last_day))
        .filter(pl.col("nights") > 0)
        .group_by("unit_id")
        .agg(pl.col("nights").sum())
    )
    return (
        slept.join(calls, on="unit_id", how="full", coalesce=True)
        .join(export.table("units").select("unit_id", "beds"), on="unit_id", how="left")
        .with_columns(pl.col("nights", "missing_calls", "all_calls").fill_null(0))
        .with_columns(missing_rate=rate(asked, "missing_calls"), all_rate=rate(asked, "all_calls"))
        .sort("all_rate", "all_calls", "unit_id", descending=[True, True, False], nulls_last=True)
        .collect()
    )


@answers("police_calls/months")
def police_months(export: Export, asked: Asked) -> pl.DataFrame:
    was_called = pl.col("police_called")
    counted = (
        episodes_of(export, asked)
        .group_by(month=month_of("started_at"))
        .agg(
            episodes=was_called.count(),
            called=was_called.sum(),
            children=pl.col("child_id").filter(was_called.is_not_null()).n_unique(),
            not_recorded=was_called.null_count(),
        )
    )
    return (
        months_of(asked)
        .join(counted, on="month", how="left")
        .with_columns(
            pl.col("episodes", "called", "children", "not_recorded").fill_null(0),
            share=large_enough(asked, pl.col("called") / pl.col("episodes")),
            is_provisional=is_provisional(asked),
        )
        .sort("month")
        .collect()
    )


@answers("police_calls/known_whereabouts")
def known_whereabouts(export: Export, asked: Asked) -> pl.DataFrame:
    return (
        with_unit(episodes_of(export, asked).filter(pl.col("police_called"), pl.col("whereabouts_known").is_not_null()), export)
        .group_by("unit_id")
        .agg(called=pl.len(), known=pl.col("whereabouts_known").sum(), children=pl.col("child_id").n_unique())
        .with_columns(share=large_enough(asked, pl.col("known") / pl.col("called")))
        .sort("share", "known", "unit_id", descending=[True, True, False], nulls_last=True)
        .collect()
    )
