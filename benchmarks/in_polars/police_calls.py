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
    hours,
    is_provisional,
    known_code,
    large_enough,
    lasted,
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
        .with_columns(
            missing_rate=rate(asked, "missing_calls"),
            all_rate=rate(asked, "all_calls"),
            missing_per_bed=per_bed(asked, "missing_calls"),
            all_per_bed=per_bed(asked, "all_calls"),
        )
        .sort("all_rate", "all_calls", "unit_id", descending=[True, True, False], nulls_last=True)
        .collect()
    )


def per_bed(asked: Asked, calls: str) -> pl.Expr:
    is_rated = (pl.col("nights") >= asked["smallest_nights"]) & (pl.col("beds") > 0)
    return pl.when(is_rated).then(pl.col(calls) / pl.col("beds"))


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


@answers("police_calls/funnel_called")
def funnel_called(export: Export, asked: Asked) -> pl.DataFrame:
    episodes, called, usual, more = (pl.col(name) for name in ("episodes", "called", "usual", "more"))
    counted = (
        with_unit(episodes_of(export, asked).filter(pl.col("police_called").is_not_null()), export)
        .group_by("unit_id", "child_id", "category")
        .agg(episodes=pl.len().cast(pl.Int64), called=pl.col("police_called").sum().cast(pl.Int64))
        .with_columns(usual=(called.sum() / episodes.sum()).over("category"), share_of_all=called.sum() / episodes.sum())
        .with_columns(more=((called - episodes * usual).sum() / episodes.sum()).over("unit_id"))
    )
    by_child = counted.group_by("unit_id", "child_id").agg(
        episodes.sum(),
        called.sum(),
        pl.col("share_of_all").first(),
        expected=(episodes * usual).sum(),
        beyond=(called - episodes * (usual + more)).sum(),
        chance=(episodes * ((usual + more) * (1 - usual - more)).clip(0)).sum(),
    )
    return (
        by_child.group_by("unit_id")
        .agg(
            episodes.sum(),
            called.sum(),
            pl.col("expected").sum(),
            pl.col("chance").sum(),
            pl.col("share_of_all").first(),
            children=pl.len(),
            spread=(pl.col("beyond") ** 2).sum(),
        )
        .with_columns(
            share=large_enough(asked, called / episodes),
            adjusted=large_enough(asked, (pl.col("share_of_all") + (called - pl.col("expected")) / episodes).clip(0, 1)),
        )
        .collect()
    )


def missing_unknown(export: Export, asked: Asked) -> pl.LazyFrame:
    """Episodes of missing, with unit and age, of which it is recorded whether they were reported, but for those whose place was known."""
    episodes = episodes_of(export, asked).filter(
        pl.col("category") == "missing", pl.col("police_called").is_not_null(), pl.col("whereabouts_known").ne_missing(True)
    )
    born = export.table("children").select("child_id", "birth_month")
    with_age = with_unit(episodes, export).join(born, on="child_id", how="left").with_columns(started_on=local_day("started_at"))
    return with_age.with_columns(age=age_on("started_on"))


@answers("police_calls/missing_not_called")
def missing_not_called(export: Export, asked: Asked) -> pl.DataFrame:
    not_called = ~pl.col("police_called")
    return (
        missing_unknown(export, asked)
        .group_by("unit_id")
        .agg(
            missing=pl.len(),
            not_called=not_called.sum(),
            young=(not_called & (pl.col("age") <= 13)).sum(),
            children=pl.col("child_id").n_unique(),
        )
        .with_columns(share=large_enough(asked, pl.col("not_called") / pl.col("missing")))
        .collect()
    )


@answers("police_calls/young_not_called")
def young_not_called(export: Export, asked: Asked) -> pl.DataFrame:
    return (
        missing_unknown(export, asked)
        .filter(~pl.col("police_called"), pl.col("age") <= 13)
        .with_columns(hours=hours(lasted(export)), risk=known_code("episodes", "risk"))
        .collect()
    )


@answers("police_calls/time_to_call")
def time_to_call(export: Export, asked: Asked) -> pl.DataFrame:
    called, started, minutes = pl.col("police_called_at"), pl.col("started_at"), pl.col("minutes")
    counted = (
        episodes_of(export, asked)
        .filter("police_called")
        .with_columns(minutes=pl.when(called >= started).then(hours(called - started) * 60))
        .group_by("category")
        .agg(
            called=minutes.count(),
            median_minutes=minutes.median(),
            lower_quartile=minutes.quantile(0.25, "linear"),
            upper_quartile=minutes.quantile(0.75, "linear"),
            within_1h=(minutes <= 60).sum(),
            within_3h=(minutes <= 180).sum(),
            within_6h=(minutes <= 360).sum(),
            children=pl.col("child_id").filter(minutes.is_not_null()).n_unique(),
            untimed=minutes.null_count(),
        )
    )
    quarters = ("median_minutes", "lower_quartile", "upper_quartile")
    return counted.with_columns(large_enough(asked, pl.col(quarters))).collect()


@answers("police_calls/reclassified")
def reclassified(export: Export, asked: Asked) -> pl.DataFrame:
    became, started = pl.col("reclassified_at"), pl.col("started_at")
    counted = (
        episodes_of(export, asked)
        .filter((pl.col("category") == "away") | became.is_not_null())
        .group_by(month=month_of("started_at"))
        .agg(
            absences=pl.len(),
            reclassified=became.count(),
            median_hours=hours((became - started).filter(became >= started)).median(),
            children=pl.col("child_id").n_unique(),
            timed=pl.col("child_id").filter(became >= started).n_unique(),
        )
    )
    return (
        months_of(asked)
        .join(counted, on="month", how="left")
        .with_columns(
            pl.col("absences", "reclassified", "children").fill_null(0),
            share=large_enough(asked, pl.col("reclassified") / pl.col("absences")),
            median_hours=large_enough(asked, pl.col("median_hours"), "timed"),
            is_provisional=is_provisional(asked),
        )
        .collect()
    )


@answers("police_calls/police_hours")
def police_hours(export: Export, asked: Asked) -> pl.DataFrame:
    return (
        export.table("police_calls")
        .filter(within("called_at", asked["period_from"], asked["period_to"]), pl.col("reason") == "missing")
        .group_by("unit_id")
        .agg(calls=pl.len())
        .with_columns(hours=pl.col("calls") * pl.lit(asked["hours_per_call"], pl.Float64))
        .collect()
    )


@answers("police_calls/reconciliation")
def reconciliation(export: Export, asked: Asked) -> pl.DataFrame:
    about_missing = export.table("police_calls").filter(pl.col("reason") == "missing")
    named = about_missing.select("episode_id", is_named=pl.lit(True)).drop_nulls().unique()
    reported = (
        with_unit(episodes_of(export, asked).filter("police_called"), export)
        .join(named, on="episode_id", how="left")
        .group_by("unit_id")
        .agg(matched=pl.col("is_named").count(), episodes_only=pl.col("is_named").null_count())
    )
    all_reported = export.table("episodes").filter("police_called").select("episode_id")
    unmatched = (
        about_missing.filter(within("called_at", asked["period_from"], asked["period_to"]))
        .join(all_reported, on="episode_id", how="anti")
        .group_by("unit_id")
        .agg(calls_only=pl.len())
    )
    return (
        reported.join(unmatched, on="unit_id", how="full", coalesce=True)
        .with_columns(pl.col("matched", "episodes_only", "calls_only").fill_null(0))
        .collect()
    )
