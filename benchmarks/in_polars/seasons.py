"""The questions of the Seasons page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from benchmarks.exports import Export
from benchmarks.in_polars.shared import (
    Asked,
    answers,
    covered,
    episodes_in,
    episodes_of,
    local_day,
    month_of,
    months_of,
    nights_by,
    placements_in,
    rate,
    with_unit,
)
from dashboard.exports.contract import LOCAL_TIME
from dashboard.settings import load_settings


def days_in(export: Export, asked: Asked) -> pl.LazyFrame:
    """The days of the period with their light and what the term dates know of them."""
    light = pl.scan_parquet(export.folder / "light.parquet").filter(pl.col("date").is_between(asked["period_from"], asked["period_to"]))
    terms = (
        pl.scan_csv(load_settings().term_dates, try_parse_dates=True)
        .select("kind", date=pl.date_ranges("first_day", "last_day"))
        .explode("date")
        .group_by("date")
        .agg(is_term=(pl.col("kind") == "term").any() & ~(pl.col("kind") == "holiday").any())
    )
    return light.join(terms, on="date", how="left")


@answers("seasons/calendar")
def calendar(export: Export, asked: Asked) -> pl.DataFrame:
    counted = episodes_of(export, asked).group_by(date=local_day("started_at")).agg(episodes=pl.len())
    minutes = (pl.col("sunset") * 3600).round().cast(pl.Int64) // 60
    clock = [(minutes // 60).cast(pl.String).str.zfill(2), (minutes % 60).cast(pl.String).str.zfill(2)]
    return (
        days_in(export, asked)
        .join(counted, on="date", how="left")
        .select("date", pl.col("episodes").fill_null(0), "is_term", "is_bank_holiday", sunset=pl.concat_str(clock, separator=":"))
        .sort("date")
        .collect()
    )


@answers("seasons/month_of_year")
def month_of_year(export: Export, asked: Asked) -> pl.DataFrame:
    first_day, last_day = covered(asked["history_from"], asked["period_to"])
    counted = episodes_in(export, first_day, last_day).group_by(month=month_of("started_at")).agg(episodes=pl.len())
    months = months_of(asked, "history_from", whole=True)
    rebased = (
        export.table("events")
        .filter(pl.col("rebase"), pl.col("unit_id").is_null(), pl.col("happened_on").is_between(asked["history_from"], asked["period_to"]))
        .select(month=pl.col("happened_on").dt.month_start(), is_rebase=pl.lit(1))
        .unique()
    )
    return (
        months.join(counted, on="month", how="left")
        .join(nights_by(export, first_day, last_day), on="month", how="left")
        .join(rebased, on="month", how="left")
        .with_columns(pl.col("episodes", "nights", "is_rebase").fill_null(0))
        .sort("month")
        .select(
            calendar_month=pl.col("month").dt.month(),
            year=pl.col("month").dt.year(),
            episodes="episodes",
            nights="nights",
            rate=rate(asked),
            run=1 + pl.col("is_rebase").cum_sum(),
        )
        .collect()
    )


@answers("seasons/week_clock")
def week_clock(export: Export, asked: Asked) -> pl.DataFrame:
    days = days_in(export, asked).with_columns(weekday=pl.col("date").dt.weekday())
    days = days.filter(pl.col("is_term").is_not_null() | pl.col("is_term").is_null().all())
    slots = pl.LazyFrame({"hour_from": range(0, 24, 2)}, {"hour_from": pl.Int8})
    by = ["is_term", "weekday", "hour_from"]
    grid = (
        days.select("is_term")
        .unique()
        .join(pl.LazyFrame({"weekday": range(1, 8)}, {"weekday": pl.Int8}), how="cross")
        .join(slots, how="cross")
    )
    hour, sunrise, sunset = pl.col("hour_from").cast(pl.Float64), pl.col("sunrise"), pl.col("sunset")
    before_sunrise = (pl.min_horizontal(hour + 2, sunrise) - hour).clip(lower_bound=0)
    after_sunset = (hour + 2 - pl.max_horizontal(hour, sunset)).clip(lower_bound=0)
    lit = days.join(slots, how="cross").group_by(by).agg(weeks=pl.len(), dark_share=(before_sunrise + after_sunset).mean() / 2)
    started = pl.col("started_at").dt.convert_time_zone(LOCAL_TIME)
    counted = (
        episodes_of(export, asked)
        .select("child_id", date=started.dt.date(), hour_from=started.dt.hour() // 2 * 2)
        .join(days, on="date")
        .group_by(by)
        .agg(episodes=pl.len(), children=pl.col("child_id").n_unique())
    )
    return (
        grid.join(lit, on=by, how="left", nulls_equal=True)
        .join(counted, on=by, how="left", nulls_equal=True)
        .with_columns(pl.col("episodes", "children", "weeks").fill_null(0))
        .with_columns(per_10_weeks=pl.when(pl.col("weeks") > 0).then(pl.col("episodes") * 10 / pl.col("weeks")))
        .sort(by, descending=[True, False, False], nulls_last=True)
        .collect()
    )


def latest_stretch(export: Export, asked: Asked, first: str) -> date:
    """The first day of the period, or of the month of the latest change of recording in it."""
    rebases = export.table("events").filter(
        pl.col("rebase"), pl.col("unit_id").is_null(), pl.col("happened_on").is_between(asked[first], asked["period_to"])
    )
    latest = rebases.select(pl.col("happened_on").dt.month_start().max()).collect().item()
    return max(asked[first], latest or asked[first])


def against(export: Export, asked: Asked, column: str, kind: pl.Expr, kinds: Sequence[str], measure: str) -> pl.DataFrame:
    """Kinds of day, an expression over the columns of `days_in`, set against the days of one of them."""
    first_day, last_day = covered(latest_stretch(export, asked, "period_from"), asked["period_to"])
    sorted_days = days_in(export, asked).filter(pl.col("date").is_between(first_day, last_day)).select("date", kind.alias(column))
    stays = placements_in(export, first_day, last_day)
    arrivals = stays.select(date=pl.max_horizontal("started_on", pl.lit(first_day)), children=pl.lit(1))
    departures = stays.filter(pl.col("ended_on") <= last_day).select(date="ended_on", children=pl.lit(-1))
    moved = pl.concat([arrivals, departures]).group_by("date").agg(pl.col("children").sum())
    slept = sorted_days.join(moved, on="date", how="left").sort("date").with_columns(nights=pl.col("children").fill_null(0).cum_sum())
    nights = slept.group_by(column).agg(days=pl.len(), nights=pl.col("nights").sum())
    began = episodes_in(export, first_day, last_day).select("child_id", date=local_day("started_at")).join(sorted_days, on="date")
    by_child = began.group_by("child_id").agg(*(((pl.col(column) == name).sum().cast(pl.Int64)).alias(name) for name in kinds))

    def against_measure(name: str) -> pl.LazyFrame:
        hits, both = pl.col(name), pl.col(name) if name == measure else pl.col(name) + pl.col(measure)
        return by_child.filter(both > 0).select(
            pl.lit(name).alias(column),
            episodes=hits.sum(),
            children=(hits > 0).sum(),
            children_compared=pl.len(),
            unevenness=((hits - hits.sum() / both.sum() * both) ** 2).sum(),
        )

    enough = (pl.col("nights") >= asked["smallest_nights"]) & (pl.col("children") >= asked["smallest_children"])
    return (
        pl.concat([against_measure(name) for name in kinds])
        .join(nights, on=column, how="left")
        .with_columns(
            # A kind that the period does not have has no stretch either.
            stretch_from=pl.when(pl.col("days") > 0).then(pl.lit(latest_stretch(export, asked, "period_from"))),
        )
        .with_columns(pl.col("days", "nights").fill_null(0))
        .with_columns(
            rate=pl.when(enough).then(pl.col("episodes") * 1000 / pl.col("nights")),
            exposure=pl.when(pl.col("nights").sum() > 0).then("nights").otherwise("days"),
        )
        .collect()
    )


@answers("seasons/light_evenings")
def light_evenings(export: Export, asked: Asked) -> pl.DataFrame:
    sunset = pl.col("sunset")
    evening = pl.when(sunset > 20).then(pl.lit("light")).when(sunset < 17).then(pl.lit("dark")).otherwise(pl.lit("between"))
    return against(export, asked, "evening", evening, ("light", "between", "dark"), "dark")


@answers("seasons/holidays")
def holidays(export: Export, asked: Asked) -> pl.DataFrame:
    is_term, is_summer = pl.col("is_term"), pl.col("date").dt.month().is_between(7, 9)
    school = pl.when(is_term).then(pl.lit("term")).when(~is_term & is_summer).then(pl.lit("summer")).when(~is_term).then(pl.lit("shorter"))
    return against(export, asked, "school", school, ("term", "summer", "shorter"), "term")


@answers("seasons/season_strength")
def season_strength(export: Export, asked: Asked) -> pl.DataFrame:
    first_day, last_day = covered(asked["history_from"], asked["period_to"])
    counted = episodes_in(export, first_day, last_day).group_by(month=month_of("started_at")).agg(episodes=pl.len())
    return (
        months_of(asked, "history_from", whole=True)
        .filter(pl.col("month") >= latest_stretch(export, asked, "history_from"))
        .join(counted, on="month", how="left")
        .join(nights_by(export, first_day, last_day), on="month", how="left")
        .with_columns(pl.col("episodes", "nights").fill_null(0))
        .sort("month")
        .select("month", "episodes", "nights", rate=rate(asked), per_day=pl.col("episodes") / pl.col("month").dt.days_in_month())
        .collect()
    )


@answers("seasons/night_starts")
def night_starts(export: Export, asked: Asked) -> pl.DataFrame:
    hour = pl.col("started_at").dt.convert_time_zone(LOCAL_TIME).dt.hour()
    first, last = asked["night_from"], asked["night_to"]
    at_night = (hour >= first) & (hour < last) if first < last else (hour >= first) | (hour < last)
    began = with_unit(episodes_of(export, asked), export).select("unit_id", "child_id", at_night=at_night)
    counts = {"episodes": pl.len(), "night_episodes": pl.col("at_night").sum(), "children": pl.col("child_id").n_unique()}
    whole = began.select(unit_id=pl.lit(None, pl.String), **counts, is_whole=pl.lit(True))
    by_unit = began.drop_nulls("unit_id").group_by("unit_id").agg(**counts, is_whole=pl.lit(True).not_().first())
    share = pl.when(pl.col("children") >= asked["smallest_children"]).then(pl.col("night_episodes") / pl.col("episodes"))
    return pl.concat([whole, by_unit]).with_columns(share=share).collect()
