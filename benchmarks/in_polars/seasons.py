"""The questions of the Seasons page."""

from __future__ import annotations

import polars as pl

from benchmarks.exports import Export
from benchmarks.in_polars.shared import Asked, answers, covered, episodes_in, episodes_of, local_day, month_of, months_of, nights_by, rate
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
