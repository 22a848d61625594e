"""The questions of the Overview page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from benchmarks.exports import Export
from benchmarks.in_polars.shared import (
    HOURS_24,
    HOURS_72,
    Asked,
    answers,
    covered,
    episodes_in,
    episodes_of,
    hours,
    is_open,
    is_overnight,
    is_provisional,
    known_code,
    large_enough,
    lasted,
    local_day,
    month_of,
    months_of,
    nights_by,
    ours,
    placements_in,
    rate,
    returns_in,
    with_unit,
)
from dashboard.resources import REFERENCE


@answers("overview/headline")
def headline(export: Export, asked: Asked) -> pl.DataFrame:
    spans = {
        column: (asked[f"{prefix}_from"], asked[f"{prefix}_to"])
        for column, prefix in (("value", "period"), ("previous", "previous"), ("year_before", "year_before"))
        if column == "value" or asked[f"{prefix}_from"] >= asked["covers_from"]
    }
    distinct = list(dict.fromkeys(spans.values()))
    still_open = ours(export.table("episodes").filter(is_open(export)), export).select(open_now=pl.len())
    *of_spans, of_end = pl.collect_all([*(_headline_of(export, *span) for span in distinct), still_open])
    measured = {span: _measures(whole.row(0, named=True), asked) for span, whole in zip(distinct, of_spans, strict=True)}
    values = {column: [value for value, _, _ in measured[span].values()] for column, span in spans.items()}
    now = measured[spans["value"]]
    frame = pl.DataFrame(
        {
            "measure": list(now),
            "numerator": [numerator for _, numerator, _ in now.values()],
            "denominator": [denominator for _, _, denominator in now.values()],
            **{column: values.get(column, [None] * len(now)) for column in ("value", "previous", "year_before")},
        },
        strict=False,
    )
    is_open_now = pl.col("measure") == "open_now"
    return frame.with_columns(value=pl.when(is_open_now).then(of_end.item()).otherwise("value"))


def _headline_of(export: Export, first_day: date, last_day: date) -> pl.LazyFrame:
    went = (
        episodes_in(export, first_day, last_day)
        .group_by("child_id")
        .agg(
            episodes=pl.len(),
            over_24h=(lasted(export) > HOURS_24).sum(),
            overnight=is_overnight(export).sum(),
            police_recorded=pl.col("police_called").count(),
            police_called=pl.col("police_called").sum(),
        )
        .select(
            pl.col("episodes", "over_24h", "overnight", "police_recorded", "police_called").sum(),
            children=pl.len(),
            children_again=(pl.col("episodes") >= 2).sum(),
            police_children=(pl.col("police_recorded") > 0).sum(),
        )
    )
    looked_after = (
        export.table("children")
        .filter(
            pl.col("responsible_authority").is_null(),
            pl.col("looked_after_from") <= last_day,
            pl.col("looked_after_to").is_null() | (pl.col("looked_after_to") >= first_day),
        )
        .select(looked_after=pl.len())
    )
    slept = placements_in(export, *covered(first_day, last_day)).select(nights=pl.col("nights").sum())
    is_due = ~pl.col("is_not_yet_due")
    interviewed = returns_in(export, first_day, last_day).select(
        due=is_due.sum(), held_72h=(pl.col("waited") <= HOURS_72).sum(), due_children=pl.col("child_id").filter(is_due).n_unique()
    )
    return pl.concat([went, looked_after, slept, interviewed], how="horizontal")


def _measures(whole: Mapping[str, int], asked: Asked) -> dict[str, tuple[float | None, int | None, int | None]]:
    """Measure → value, numerator, denominator."""
    episodes, children, looked_after, nights = (whole[name] for name in ("episodes", "children", "looked_after", "nights"))

    def share(over: int, under: int, of_children: int) -> tuple[float | None, int, int]:
        return (over / under if of_children >= asked["smallest_children"] else None), over, under

    return {
        "episodes": (episodes, None, None),
        "children": (children, None, None),
        "looked_after": (looked_after, None, None),
        "percent_missing": share(children, looked_after, looked_after),
        "episodes_per_child": share(episodes, children, children),
        "repeat_share": share(whole["children_again"], children, children),
        "placement_nights": (nights, None, None),
        "rate": (episodes * 1000 / nights if nights >= asked["smallest_nights"] else None, episodes, nights),
        "over_24h": (whole["over_24h"], whole["over_24h"], episodes),
        "overnight": (whole["overnight"], whole["overnight"], episodes),
        "open_now": (None, None, None),
        "interviews_72h": share(whole["held_72h"], whole["due"], whole["due_children"]),
        "police_called": share(whole["police_called"], whole["police_recorded"], whole["police_children"]),
    }


@answers("overview/months")
def months(export: Export, asked: Asked) -> pl.DataFrame:
    counted = (
        episodes_of(export, asked).group_by(month=month_of("started_at")).agg(episodes=pl.len(), children=pl.col("child_id").n_unique())
    )
    slept = nights_by(export, *covered(asked["period_from"], asked["period_to"]))
    return (
        months_of(asked)
        .join(counted, on="month", how="left")
        .join(slept, on="month", how="left")
        .with_columns(pl.col("episodes", "children", "nights").fill_null(0))
        .with_columns(rate=rate(asked), is_provisional=is_provisional(asked))
        .sort("month")
        .collect()
    )


@answers("overview/open_episodes")
def open_episodes(export: Export, asked: Asked) -> pl.DataFrame:
    still_open = export.table("episodes").filter(is_open(export), pl.col("started_at") < export.ends_at)
    return (
        with_unit(ours(still_open, export), export)
        .select(
            "episode_id",
            "child_id",
            "unit_id",
            "category",
            "started_at",
            hours_open=hours(export.ends_at - pl.col("started_at")),
            risk=known_code("episodes", "risk"),
        )
        .sort("hours_open", "episode_id", descending=[True, False])
        .collect()
    )


@answers("overview/national")
def national(export: Export, asked: Asked) -> pl.DataFrame:
    years = pl.LazyFrame({"year": range(asked["covers_from"].year, asked["covers_to"].year + 2)}, {"year": pl.Int32}).filter(
        pl.date(pl.col("year") - 1, 4, 1) >= asked["covers_from"], pl.date("year", 3, 31) <= asked["covers_to"]
    )
    started = local_day("started_at")
    ended = pl.coalesce(local_day("ended_at"), asked["covers_to"])
    went = (
        ours(export.table("episodes").filter(pl.col("category") == "missing"), export)
        .select(
            "child_id",
            year=pl.int_ranges(_financial_year(started), pl.max_horizontal(_financial_year(ended), _financial_year(started)) + 1),
        )
        .explode("year")
        .group_by(pl.col("year").cast(pl.Int32))
        .agg(episodes=pl.len(), children=pl.col("child_id").n_unique())
    )
    looked_after = (
        export.table("children")
        .filter(pl.col("responsible_authority").is_null())
        .select(
            year=pl.int_ranges(
                _financial_year(pl.col("looked_after_from")), _financial_year(pl.coalesce("looked_after_to", asked["covers_to"])) + 1
            )
        )
        .explode("year")
        .group_by(pl.col("year").cast(pl.Int32))
        .agg(looked_after=pl.len())
    )
    england = pl.scan_csv(REFERENCE / "national_figures.csv").select(
        pl.col("year").cast(pl.Int32), "england_percent_missing", "england_episodes_per_child"
    )
    return (
        years.join(went, on="year", how="left")
        .join(looked_after, on="year", how="left")
        .join(england, on="year", how="left")
        .with_columns(pl.col("episodes", "children", "looked_after").fill_null(0))
        .with_columns(
            percent_missing=large_enough(asked, 100 * pl.col("children") / pl.col("looked_after"), "looked_after"),
            episodes_per_child=large_enough(asked, pl.col("episodes") / pl.col("children")),
        )
        .sort("year")
        .collect()
    )


def _financial_year(day: pl.Expr) -> pl.Expr:
    """The calendar year in which the financial year of a day ends."""
    return day.dt.year() + (day.dt.month() >= 4).cast(pl.Int32)


@answers("overview/changes")
def changes(export: Export, asked: Asked) -> pl.DataFrame:
    units = export.table("units")
    return (
        pl.concat(
            [
                *(
                    units.select(
                        kind=pl.lit(f"unit {what}"),
                        happened_on=f"{what}_on",
                        unit_id="unit_id",
                        what=pl.concat_str("name", pl.lit(f" {what}")),
                    )
                    for what in ("opened", "closed")
                ),
                export.table("events").select(kind=pl.lit("event"), happened_on="happened_on", unit_id="unit_id", what="text"),
            ]
        )
        .filter(pl.col("happened_on").is_between(asked["period_from"], asked["period_to"]))
        .sort("happened_on", "kind", "unit_id", "what", descending=[True, False, False, False], nulls_last=True)
        .collect()
    )
