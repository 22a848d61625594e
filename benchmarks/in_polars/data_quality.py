"""The questions of the Data quality page: of the whole export, whatever the scope."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from benchmarks.exports import LAST_DAY, Export
from benchmarks.in_polars.shared import Asked, answers, is_open, known_code, local_day, with_unit
from dashboard.exports import contract
from dashboard.settings import load_settings


def with_placement(rows: pl.LazyFrame, export: Export) -> pl.LazyFrame:
    """Unit and end of the placement on the day of the start, the latest to begin; null where there is none."""
    placed = (
        rows.select("episode_id", "child_id", day=local_day("started_at"))
        .join(export.table("placements"), on="child_id")
        .filter(pl.col("day") >= pl.col("started_on"), pl.col("ended_on").is_null() | (pl.col("day") < pl.col("ended_on")))
        .sort("started_on", "unit_id", "ended_on")
        .group_by("episode_id")
        .agg(placed_in=pl.col("unit_id").last(), placed_until=pl.col("ended_on").last())
    )
    return rows.join(placed, on="episode_id", how="left")


def overlapping(export: Export) -> pl.Expr:
    """Where rows are in the order of child, start and id: one that began earlier had not ended when the later one began."""
    so_far = pl.max_horizontal(pl.lit(export.ends_at, pl.Datetime("us", "UTC")), "started_at")
    lasted_to, started = pl.coalesce("ended_at", so_far), pl.col("started_at")
    ended_before = lasted_to.cum_max().shift(1).over("child_id")
    return ((ended_before > started) | (started.shift(-1).over("child_id") < lasted_to)).fill_null(False)


def outside_the_british_isles(place: str) -> pl.Expr:
    latitude, longitude = (pl.col(f"{place}{axis}") for axis in ("latitude", "longitude"))
    return ~(latitude.is_between(49, 61) & longitude.is_between(-11, 2))


def unknown_code(table: str, column: str) -> pl.Expr:
    return known_code(table, column).str.starts_with("other: ")


@answers("data_quality/findings")
def findings(export: Export, asked: Asked) -> pl.DataFrame:
    episodes = (
        export.table("episodes")
        .sort("child_id", "started_at", "episode_id")
        .with_columns(is_overlapping=overlapping(export))
        .pipe(with_placement, export)
        .join(export.table("children").select("child_id", "looked_after_from", "looked_after_to"), on="child_id", how="left")
    )
    interviews = export.table("return_interviews").join(
        export.table("episodes").select("episode_id", "ended_at", is_known=pl.lit(True)), on="episode_id", how="left"
    )
    reasons = load_settings().reasons
    known_reasons = [*reasons.push, *reasons.pull, *reasons.personal]
    unlisted = ~pl.col("unit_id").is_in(export.table("units").select(pl.col("unit_id").implode()).collect().item())
    started_on, opened = local_day("started_at"), is_open(export)
    placement = pl.concat_str("child_id", pl.lit(" from "), pl.col("started_on").cast(pl.String))
    rules: list[tuple[str, str, str, pl.LazyFrame, pl.Expr, str | pl.Expr]] = [
        ("end before start", "episodes", "ended_at", episodes, pl.col("ended_at") < pl.col("started_at"), "episode_id"),
        ("start after the export's end", "episodes", "started_at", episodes, pl.col("started_at") >= export.ends_at, "episode_id"),
        ("overlap with another episode", "episodes", "started_at", episodes, pl.col("is_overlapping"), "episode_id"),
        ("open more than 28 days", "episodes", "ended_at", episodes, opened & (started_on < LAST_DAY - timedelta(27)), "episode_id"),
        ("open after the placement ended", "episodes", "ended_at", episodes, opened & (pl.col("placed_until") <= LAST_DAY), "episode_id"),
        (
            "not looked after on the day it began",
            "episodes",
            "started_at",
            episodes,
            (started_on < pl.col("looked_after_from")).fill_null(False) | (started_on > pl.col("looked_after_to")).fill_null(False),
            "episode_id",
        ),
        ("in no placement", "episodes", "started_at", episodes, pl.col("placed_in").is_null(), "episode_id"),
        (
            "interview for an unknown episode",
            "return_interviews",
            "episode_id",
            interviews,
            pl.col("is_known").is_null(),
            "interview_id",
        ),
        (
            "held before the return",
            "return_interviews",
            "held_at",
            interviews,
            pl.col("held_at") < pl.col("ended_at"),
            "interview_id",
        ),
        (
            "unknown code",
            "return_interviews",
            "reasons",
            interviews,
            pl.col("reasons").list.set_difference(known_reasons).list.len() > 0,
            "interview_id",
        ),
        ("outside the British Isles", "units", "latitude", export.table("units"), outside_the_british_isles(""), "unit_id"),
        *(
            ("outside the British Isles", "episodes", f"{place}_latitude", episodes, outside_the_british_isles(f"{place}_"), "episode_id")
            for place in ("last_seen", "found")
        ),
        *(
            ("unknown code", table, column, export.table(table), unknown_code(table, column), ids)
            for table, ids, columns in (
                ("episodes", "episode_id", ("risk", "found_place", "found_by")),
                ("return_interviews", "interview_id", ("offered", "outcome", "interviewer")),
                ("units", "unit_id", ("kind", "sector")),
                ("children", "child_id", ("sex",)),
                ("police_calls", "call_id", ("reason",)),
            )
            for column in columns
        ),
        *(
            ("unit not in units", table, "unit_id", export.table(table), unlisted, ids)
            for table, ids in (
                ("episodes", "episode_id"),
                ("placements", placement),
                ("police_calls", "call_id"),
                ("events", pl.col("happened_on").cast(pl.String)),
            )
        ),
    ]
    odd = [
        rows.filter(is_odd).select(
            rule=pl.lit(rule), table=pl.lit(table), column=pl.lit(column), rows=pl.len(), examples=_named(ids).bottom_k(5).sort().implode()
        )
        for rule, table, column, rows, is_odd, ids in rules
    ]
    twice = [
        export.table(table)
        .group_by(pl.col(column).alias("id"))
        .len()
        .filter(pl.col("len") > 1)
        .select(
            rule=pl.lit("listed twice"),
            table=pl.lit(table),
            column=pl.lit(column),
            rows=(pl.col("len") - 1).sum(),
            examples=pl.col("id").bottom_k(5).sort().implode(),
        )
        for table, column in (("units", "unit_id"), ("children", "child_id"), ("police_calls", "call_id"))
    ]
    lengths = {table.name: export.table(table.name).select(pl.len()) for table in contract.TABLES}
    (*counted,) = pl.collect_all([*odd, *twice, *lengths.values()])
    rows_of = {table: length.item() for table, length in zip(lengths, counted[len(odd) + len(twice) :], strict=True)}
    return (
        pl.concat(counted[: len(odd) + len(twice)])
        .filter(pl.col("rows") > 0)
        .with_columns(share=pl.col("rows") / pl.col("table").replace_strict(rows_of, return_dtype=pl.Int64), severity=pl.lit("warning"))
        .sort("rows", "rule", "table", "column", descending=[True, False, False, False])
    )


def _named(ids: str | pl.Expr) -> pl.Expr:
    return pl.col(ids) if isinstance(ids, str) else ids


@answers("data_quality/completeness")
def completeness(export: Export, asked: Asked) -> pl.DataFrame:
    episodes = with_unit(export.table("episodes").with_columns(recorded_unit="unit_id"), export)
    columns = {table.name: [column.name for column in table.columns] for table in contract.TABLES}
    of_unit = (
        episodes.drop_nulls("unit_id")
        .group_by("unit_id")
        .agg(
            rows=pl.len(),
            **{f"episodes.{name}": pl.col("recorded_unit" if name == "unit_id" else name).count() for name in columns["episodes"]},
        )
    )
    wholes = [
        export.table(table).select(
            pl.lit(None, pl.String).alias("unit_id"),
            pl.len().alias("rows"),
            *(pl.col(name).count().alias(f"{table}.{name}") for name in names),
        )
        for table, names in columns.items()
    ]
    counted = [frame.unpivot(index=["unit_id", "rows"], variable_name="position", value_name="filled") for frame in (*wholes, of_unit)]
    order = pl.Enum([f"{table}.{name}" for table, names in columns.items() for name in names])
    named = pl.col("position").str.split(".").list
    return (
        pl.concat(counted)
        .with_columns(table=named.get(0), column=named.get(1), share=pl.when(pl.col("rows") > 0).then(pl.col("filled") / pl.col("rows")))
        .sort(pl.col("unit_id"), pl.col("position").cast(order), nulls_last=False)
        .collect()
    )
