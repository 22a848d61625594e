"""The questions of the Units page."""

from __future__ import annotations

from datetime import date

import polars as pl

from benchmarks.exports import Export
from benchmarks.in_polars.shared import (
    DAY,
    Asked,
    answers,
    covered,
    episodes_in,
    episodes_of,
    known_code,
    large_enough,
    local_day,
    month_of,
    months_of,
    nights_by,
    ours,
    placements_in,
    rate,
    with_unit,
)


def all_units(export: Export) -> pl.LazyFrame:
    """Every unit, those that the list of units leaves out too, with the first day on which one was seen."""
    seen = (
        pl.concat(
            [
                with_unit(export.table("episodes"), export).select("unit_id", day=local_day("started_at")),
                export.table("placements").select("unit_id", day="started_on"),
            ]
        )
        .group_by("unit_id")
        .agg(first_on=pl.col("day").min())
        .drop_nulls("unit_id")
    )
    calling = export.table("police_calls").select("unit_id").unique()
    named = pl.concat([seen, calling.join(seen, on="unit_id", how="anti")], how="diagonal")
    return export.table("units").join(named, on="unit_id", how="full", coalesce=True)


def unit_spine(export: Export, months: pl.LazyFrame) -> pl.LazyFrame:
    """Unit by month, from opening to closing."""
    opened = pl.coalesce("opened_on", "first_on").dt.month_start()
    return (
        all_units(export)
        .select("unit_id", "closed_on", opened=opened)
        .join(months, how="cross")
        .filter(pl.col("month") >= pl.col("opened"), pl.col("closed_on").is_null() | (pl.col("month") <= pl.col("closed_on")))
        .select("unit_id", "month")
    )


@answers("units/unit_months")
def unit_months(export: Export, asked: Asked) -> pl.DataFrame:
    counted = (
        with_unit(episodes_of(export, asked), export)
        .group_by("unit_id", month=month_of("started_at"))
        .agg(episodes=pl.len(), children=pl.col("child_id").n_unique())
    )
    slept = nights_by(export, *covered(asked["period_from"], asked["period_to"]), "unit_id")
    return (
        unit_spine(export, months_of(asked))
        .join(counted, on=["unit_id", "month"], how="left")
        .join(slept, on=["unit_id", "month"], how="left")
        .with_columns(pl.col("episodes", "children", "nights").fill_null(0))
        .with_columns(rate=rate(asked))
        .sort("unit_id", "month")
        .collect()
    )


@answers("units/control_chart")
def control_chart(export: Export, asked: Asked) -> pl.DataFrame:
    by_child = (
        with_unit(episodes_in(export, asked["history_from"], asked["period_to"]), export)
        .group_by("unit_id", "child_id", month=month_of("started_at"))
        .agg(episodes=pl.len().cast(pl.Int64))
    )
    counted = by_child.group_by("unit_id", "month").agg(value=pl.col("episodes").sum(), busiest_in_month=pl.col("episodes").max())
    quarter = pl.col("month").dt.truncate("1q")
    in_quarters = (
        by_child.group_by("unit_id", "child_id", quarter=quarter)
        .agg(pl.col("episodes").sum())
        .group_by("unit_id", "quarter")
        .agg(busiest_in_quarter=pl.col("episodes").max())
    )
    return (
        unit_spine(export, months_of(asked, "history_from", whole=True))
        .join(counted, on=["unit_id", "month"], how="left")
        .with_columns(quarter=quarter)
        .join(in_quarters, on=["unit_id", "quarter"], how="left")
        .with_columns(pl.col("value", "busiest_in_month", "busiest_in_quarter").fill_null(0))
        .sort("unit_id", "month")
        .collect()
    )


@answers("units/events")
def events(export: Export, asked: Asked) -> pl.DataFrame:
    return (
        export.table("events")
        .filter(pl.col("happened_on").is_between(asked["history_from"], asked["period_to"]))
        .select("happened_on", "text", "unit_id", is_rebase=pl.col("rebase").fill_null(False))
        .sort("happened_on", "text", "unit_id", nulls_last=True)
        .collect()
    )


def by_unit_and_child(export: Export, asked: Asked) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Episodes of each child from each unit, and the child's nights there."""
    gone = with_unit(episodes_of(export, asked), export).group_by("unit_id", "child_id").agg(episodes=pl.len().cast(pl.Int64))
    stays = placements_in(export, *covered(asked["period_from"], asked["period_to"]))
    return gone, stays.group_by("unit_id", "child_id").agg(pl.col("nights").sum())


def busiest_by_unit(gone: pl.LazyFrame) -> pl.LazyFrame:
    most_first = pl.col("child_id").sort_by("episodes", "child_id", descending=[True, False])
    return gone.group_by("unit_id").agg(
        pl.col("episodes").sum(), children_missing=pl.len(), busiest_child=most_first.first(), busiest_episodes=pl.col("episodes").max()
    )


@answers("units/unit_rates")
def unit_rates(export: Export, asked: Asked) -> pl.DataFrame:
    gone, slept = by_unit_and_child(export, asked)
    by_unit = slept.group_by("unit_id").agg(pl.col("nights").sum(), children_placed=pl.len())
    busiest_nights = slept.rename({"child_id": "busiest_child", "nights": "busiest_nights"})
    counted = (
        busiest_by_unit(gone)
        .drop_nulls("unit_id")
        .join(by_unit, on="unit_id", how="full", coalesce=True)
        .join(export.table("units"), on="unit_id", how="left")
        .join(busiest_nights, on=["unit_id", "busiest_child"], how="left")
        .with_columns(pl.col("nights", "children_placed", "children_missing", "episodes").fill_null(0))
    )
    others = pl.col("nights") - pl.col("busiest_nights").fill_null(0)
    busiest_share = pl.when(pl.col("episodes") > 0).then(pl.col("busiest_episodes") / pl.col("episodes"))
    return (
        counted.select(
            "unit_id",
            pl.coalesce("name", "unit_id").alias("name"),
            known_code("units", "kind").alias("kind"),
            known_code("units", "sector").alias("sector"),
            "in_area",
            "beds",
            "nights",
            "children_placed",
            "children_missing",
            "episodes",
            rate(asked).alias("rate"),
            large_enough(asked, busiest_share, "children_placed").alias("busiest_child_share"),
            pl.when(others >= asked["smallest_nights"])
            .then((pl.col("episodes") - pl.col("busiest_episodes")) * 1000 / others)
            .alias("rate_without_busiest"),
            "busiest_episodes",
        )
        .sort("rate", "episodes", "unit_id", descending=[True, True, False], nulls_last=True)
        .collect()
    )


@answers("units/funnel_episodes")
def funnel_episodes(export: Export, asked: Asked) -> pl.DataFrame:
    gone, slept = by_unit_and_child(export, asked)
    by_unit = slept.group_by("unit_id").agg(pl.col("nights").sum(), children_placed=pl.len())
    busiest_nights = slept.rename({"child_id": "busiest_child", "nights": "busiest_nights"})
    kinds = export.table("units").select("unit_id", known_code("units", "kind").alias("kind"))
    nights, episodes, kind_rate = pl.col("nights"), pl.col("episodes"), pl.col("kind_rate")
    return (
        by_unit.join(kinds, on="unit_id", how="left")
        .join(busiest_by_unit(gone), on="unit_id", how="left")
        .join(busiest_nights, on=["unit_id", "busiest_child"], how="left")
        .with_columns(pl.col("kind").fill_null("not recorded"), pl.col("episodes", "busiest_episodes", "busiest_nights").fill_null(0))
        .with_columns(kind_rate=episodes.sum().over("kind") / nights.sum().over("kind"))
        .select(
            "unit_id",
            "kind",
            "nights",
            "episodes",
            "kind_rate",
            rate=rate(asked),
            expected=nights * kind_rate,
            ratio=pl.when(kind_rate > 0, nights >= asked["smallest_nights"]).then(episodes / (nights * kind_rate)),
            episodes_without_busiest=episodes - pl.col("busiest_episodes"),
            expected_without_busiest=(nights - pl.col("busiest_nights")) * kind_rate,
            is_large_enough=nights >= asked["smallest_nights"],
            is_asked=pl.lit(True),
        )
        .sort("unit_id")
        .collect()
    )


@answers("units/funnel_children")
def funnel_children(export: Export, asked: Asked) -> pl.DataFrame:
    gone, slept = by_unit_and_child(export, asked)
    kinds = export.table("units").select("unit_id", known_code("units", "kind").alias("kind"))
    placed, missing = pl.col("children_placed"), pl.col("children_missing")
    return (
        slept.join(gone, on=["unit_id", "child_id"], how="left")
        .group_by("unit_id")
        .agg(children_placed=pl.len(), children_missing=pl.col("episodes").is_not_null().sum())
        .join(kinds, on="unit_id", how="left")
        .with_columns(pl.col("kind").fill_null("not recorded"))
        .select(
            "unit_id",
            "kind",
            "children_placed",
            "children_missing",
            share=large_enough(asked, missing / placed, "children_placed"),
            kind_share=missing.sum().over("kind") / placed.sum().over("kind"),
            is_large_enough=placed >= asked["smallest_children"],
            is_asked=pl.lit(True),
        )
        .sort("unit_id")
        .collect()
    )


@answers("units/who_went")
def who_went(export: Export, asked: Asked) -> pl.DataFrame:
    gone, slept = by_unit_and_child(export, asked)
    placed = slept.group_by("unit_id").agg(children=pl.len())
    return (
        gone.drop_nulls("unit_id")
        .join(slept, on=["unit_id", "child_id"], how="left")
        .join(placed, on="unit_id", how="left")
        .sort("unit_id", "episodes", "child_id", descending=[False, True, False])
        .select(
            "unit_id",
            pl.int_range(1, pl.len() + 1).over("unit_id").alias("rank"),
            "episodes",
            large_enough(asked, pl.col("episodes") / pl.col("episodes").sum().over("unit_id")).alias("share_of_episodes"),
            pl.col("nights").fill_null(0),
        )
        .collect()
    )


@answers("units/settings")
def settings(export: Export, asked: Asked) -> pl.DataFrame:
    gone, slept = by_unit_and_child(export, asked)
    of = ["kind", "sector", "in_area"]
    units = all_units(export).select(
        "unit_id", *(known_code("units", column).fill_null("not recorded").alias(column) for column in ("kind", "sector")), "in_area"
    )
    went = gone.join(units, on="unit_id").group_by(of).agg(pl.col("episodes").sum(), children_missing=pl.col("child_id").n_unique())
    stayed = slept.join(units, on="unit_id").group_by(of).agg(pl.col("nights").sum(), children_placed=pl.col("child_id").n_unique())
    is_large_enough = (pl.col("nights").sum() >= asked["smallest_nights"]) & (pl.col("children_placed").sum() >= asked["smallest_children"])
    return (
        stayed.join(went, on=of, how="full", coalesce=True, nulls_equal=True)
        .with_columns(pl.col("nights", "children_placed", "episodes", "children_missing").fill_null(0))
        .select(
            *of,
            "children_placed",
            "nights",
            "episodes",
            "children_missing",
            rate=rate(asked),
            share_of_nights=pl.when(is_large_enough).then(pl.col("nights") / pl.col("nights").sum()),
            share_of_episodes=pl.when(is_large_enough & (pl.col("episodes").sum() > 0)).then(pl.col("episodes") / pl.col("episodes").sum()),
        )
        .sort(of, descending=[False, False, True], nulls_last=True)
        .collect()
    )


@answers("units/residents")
def residents(export: Export, asked: Asked) -> pl.DataFrame:
    first_day, last_day = asked["covers_from"], asked["covers_to"]
    started, ended = pl.col("started_on"), pl.col("ended_on").fill_null(date.max)
    stays = (
        ours(export.table("placements"), export)
        .with_columns(ended_on=ended)
        .filter(ended > started)
        .sort("unit_id", "child_id", "started_on", "ended_on")
        .with_columns(ended_on_so_far=pl.col("ended_on").cum_max().over("unit_id", "child_id"))
        .with_columns(goes_on=(started <= pl.col("ended_on_so_far").shift(1).over("unit_id", "child_id")).fill_null(False))
        .with_columns(number=(~pl.col("goes_on")).cum_sum().over("unit_id", "child_id"))
        .group_by("unit_id", "child_id", "number")
        .agg(arrived=pl.col("started_on").min(), left=pl.col("ended_on").max())
    )

    def on(day: str, called: str) -> pl.LazyFrame:
        within_days = stays.filter(pl.col(day).is_between(first_day, last_day))
        return within_days.group_by("unit_id", month=pl.col(day).dt.month_start()).agg(pl.len().alias(called))

    from_day, to_day = covered(asked["period_from"], asked["period_to"])
    months = pl.date_ranges(
        pl.max_horizontal("arrived", pl.lit(from_day)).dt.month_start(), pl.min_horizontal(pl.col("left") - DAY, pl.lit(to_day)), "1mo"
    )
    placed = (
        stays.filter(pl.col("arrived") <= to_day, pl.col("left") > from_day)
        .select("unit_id", "child_id", month=months)
        .explode("month")
        .group_by("unit_id", "month")
        .agg(children=pl.col("child_id").n_unique())
    )
    spine = unit_spine(export, months_of(asked))
    for counted in (on("arrived", "arrivals"), on("left", "departures"), placed):
        spine = spine.join(counted, on=["unit_id", "month"], how="left")
    return spine.with_columns(pl.col("arrivals", "departures", "children").fill_null(0)).sort("unit_id", "month").collect()
