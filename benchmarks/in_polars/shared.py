"""What several questions share: the scope of all our children and every unit, local time, length, nights, return interviews."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from benchmarks.exports import FIRST_DAY, LAST_DAY, Export, midnight
from dashboard.exports import contract
from dashboard.exports.contract import LOCAL_TIME

DAY = timedelta(1)
HOURS_24, HOURS_48, HOURS_72 = timedelta(hours=24), timedelta(hours=48), timedelta(hours=72)

Asked = Mapping[str, Any]
Answer = Callable[[Export, Asked], pl.DataFrame]

IN_POLARS: dict[str, Answer] = {}


def answers(question: str) -> Callable[[Answer], Answer]:
    """Marks a function as the polars version of `queries/QUESTION.sql`."""

    def register(answer: Answer) -> Answer:
        IN_POLARS[question] = answer
        return answer

    return register


def local_day(column: str) -> pl.Expr:
    return pl.col(column).dt.convert_time_zone(LOCAL_TIME).dt.date()


def ours(rows: pl.LazyFrame, export: Export) -> pl.LazyFrame:
    """Without the children for whom another authority is responsible."""
    of_others = export.table("children").filter(pl.col("responsible_authority").is_not_null()).select("child_id")
    return rows.join(of_others, on="child_id", how="anti")


def within(column: str, first_day: date, last_day: date) -> pl.Expr:
    return (pl.col(column) >= midnight(first_day)) & (pl.col(column) < midnight(last_day + DAY))


def episodes_in(export: Export, first_day: date, last_day: date, table: str = "episodes") -> pl.LazyFrame:
    """Episodes that began in the days."""
    return ours(export.table(table).filter(within("started_at", first_day, last_day)), export)


def episodes_of(export: Export, asked: Asked, table: str = "episodes") -> pl.LazyFrame:
    return episodes_in(export, asked["period_from"], asked["period_to"], table)


def with_unit(rows: pl.LazyFrame, export: Export) -> pl.LazyFrame:
    """With the unit as recorded, else that of the placement on the day of the start, the latest to begin."""
    placed = (
        rows.filter(pl.col("unit_id").is_null())
        .select("episode_id", "child_id", day=local_day("started_at"))
        .join(export.table("placements"), on="child_id")
        .filter(pl.col("day") >= pl.col("started_on"), pl.col("ended_on").is_null() | (pl.col("day") < pl.col("ended_on")))
        .group_by("episode_id")
        .agg(placed_in=pl.col("unit_id").sort_by("started_on", "unit_id").last())
    )
    joined = rows.join(placed, on="episode_id", how="left")
    return joined.with_columns(unit_id=pl.coalesce("unit_id", "placed_in")).drop("placed_in")


def is_open(export: Export) -> pl.Expr:
    return pl.col("ended_at").is_null() | (pl.col("ended_at") >= export.ends_at)


def lasted(export: Export) -> pl.Expr:
    """How long an episode lasted, an open one to the export's end; null where it ends before it starts."""
    so_far = pl.max_horizontal(pl.lit(export.ends_at, pl.Datetime("us", "UTC")), "started_at")
    length = pl.coalesce("ended_at", so_far) - pl.col("started_at")
    return pl.when(length >= timedelta(0)).then(length)


def is_overnight(export: Export) -> pl.Expr:
    length, started = lasted(export), pl.col("started_at").dt.convert_time_zone(LOCAL_TIME)
    until_midnight = (started.dt.date() + DAY).cast(pl.Datetime("us")).dt.replace_time_zone(LOCAL_TIME) - started
    return (length > timedelta(0)) & ((started.dt.hour() < 6) | (length > until_midnight))


def hours(length: pl.Expr) -> pl.Expr:
    return length.dt.total_microseconds() / 3.6e9


def known_code(table: str, column: str) -> pl.Expr:
    """A code with a known meaning as it is, an older spelling in today's, another as "other: CODE"."""
    known = contract.CONTRACT[table].column(column)
    code = pl.col(column).replace(dict(known.also_read_as)) if known.also_read_as else pl.col(column)
    return pl.when(code.is_null() | code.is_in(known.codes)).then(code).otherwise(pl.concat_str(pl.lit("other: "), code))


def clipped_nights(first_day: date, last_day: date) -> pl.Expr:
    """Nights of a placement in the days."""
    until = pl.coalesce("ended_on", last_day + DAY)
    nights = pl.min_horizontal(until, last_day + DAY) - pl.max_horizontal("started_on", first_day)
    return nights.dt.total_days()


def covered(first_day: date, last_day: date) -> tuple[date, date]:
    """The days of a period that the export covers."""
    return max(first_day, FIRST_DAY), min(last_day, LAST_DAY)


def placements_in(export: Export, first_day: date, last_day: date) -> pl.LazyFrame:
    """Placements with a night in the days, and how many."""
    stays = export.table("placements").filter(
        pl.col("started_on") <= last_day, pl.col("ended_on").is_null() | (pl.col("ended_on") > first_day)
    )
    return ours(stays, export).with_columns(nights=clipped_nights(first_day, last_day)).filter(pl.col("nights") > 0)


def nights_by(export: Export, first_day: date, last_day: date, *by: str) -> pl.LazyFrame:
    """Nights in placement by month and `by`: a placement is spread over the months that it touches."""
    until = pl.min_horizontal(pl.coalesce("ended_on", last_day + DAY), last_day + DAY)
    month = pl.date_ranges(pl.max_horizontal("started_on", first_day).dt.month_start(), until - DAY, "1mo")
    begins = pl.max_horizontal("started_on", "month", first_day)
    ends = pl.min_horizontal(until, pl.col("month").dt.offset_by("1mo"))
    return (
        placements_in(export, first_day, last_day)
        .select(*by, "started_on", "ended_on", month=month)
        .explode("month")
        .group_by(*by, "month")
        .agg(nights=(ends - begins).dt.total_days().sum())
    )


def months_of(asked: Asked, first: str = "period_from", whole: bool = False) -> pl.LazyFrame:
    """The months of a period that the export covers, in part or `whole`."""
    months = pl.LazyFrame({"month": pl.date_range(asked[first], asked["period_to"], "1mo", eager=True)})
    month, ends = pl.col("month"), pl.col("month").dt.month_end()
    if whole:
        return months.filter(month >= asked["covers_from"], ends <= asked["covers_to"])
    return months.filter(month <= asked["covers_to"], ends >= asked["covers_from"])


def month_of(column: str) -> pl.Expr:
    return local_day(column).dt.month_start()


def is_provisional(asked: Asked) -> pl.Expr:
    return pl.col("month").dt.month_end() >= asked["covers_to"] - timedelta(27)


def rate(asked: Asked, episodes: str = "episodes", nights: str = "nights") -> pl.Expr:
    return pl.when(pl.col(nights) >= asked["smallest_nights"]).then(pl.col(episodes) * 1000 / pl.col(nights))


def large_enough(asked: Asked, share: pl.Expr, children: str = "children") -> pl.Expr:
    return pl.when(pl.col(children) >= asked["smallest_children"]).then(share)


def returns_in(export: Export, first_day: date, last_day: date, *, with_not_required: bool = False) -> pl.LazyFrame:
    """Episodes that ended in the days and need a return interview, or all that ended, and what became of it."""
    ended = ours(
        export.table("episodes").filter(within("ended_at", first_day, last_day), pl.col("ended_at") < export.ends_at), export
    ).select("episode_id", "child_id", "unit_id", "started_at", "ended_at")
    asked = export.table("return_interviews").with_columns(
        is_held=pl.when(pl.col("outcome").is_null()).then(pl.col("held_at").is_not_null()).otherwise(pl.col("outcome") == "completed")
    )
    offered, is_held = pl.col("offered"), pl.col("is_held")
    answered = (
        asked.join(ended.select("episode_id", "ended_at"), on="episode_id")
        .group_by("episode_id")
        .agg(
            is_not_required=(offered == "not_required").any() & ~((offered == "yes") | is_held).any(),
            is_offered=((offered == "yes") | is_held).any(),
            is_held=is_held.any(),
            is_declined=(pl.col("outcome") == "declined").any() & ~is_held.any(),
            is_independent=(is_held & (pl.col("interviewer") == "independent")).any(),
            held_at=pl.col("held_at").filter(is_held & (pl.col("held_at") >= pl.col("ended_at"))).min(),
        )
    )
    flags = ("is_not_required", "is_offered", "is_held", "is_declined", "is_independent")
    return (
        ended.join(answered, on="episode_id", how="left")
        .with_columns(pl.col(flags).fill_null(False))
        .filter(pl.lit(with_not_required) | ~pl.col("is_not_required"))
        .with_columns(
            is_accepted=pl.col("is_offered") & ~pl.col("is_declined"),
            waited=pl.col("held_at") - pl.col("ended_at"),
            is_not_yet_due=~pl.col("is_held") & (export.ends_at - pl.col("ended_at") < HOURS_72),
        )
    )


def age_on(day: str) -> pl.Expr:
    """Whole years from the month of birth to the month of a day; null before it."""
    born = pl.col("birth_month")
    months = (pl.col(day).dt.year() - born.dt.year()) * 12 + pl.col(day).dt.month() - born.dt.month()
    return pl.when(born <= pl.col(day)).then(months // 12)
