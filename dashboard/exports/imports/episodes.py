"""What every importer of times does with episodes: their starts and ends as the contract has them, and what looks odd of them.

The frames have `row` (the place in the file), CHILD (the child's id at the source), and what `with_times` adds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import cast

import polars as pl

from dashboard.errors import Refusal
from dashboard.exports.imports.moments import Moments
from dashboard.exports.imports.report import RuleFound


def with_times(rows: pl.DataFrame, start: Moments, end: Moments) -> pl.DataFrame:
    """`rows` with started_at and ended_at as the contract has them: instants in UTC, or dates where a whole column has nothing but
    midnights. Beside them `day` and `end_day`, the local dates, `from_at` and `to_at`, always instants, and what is odd of the two."""
    are_dates = end.are_dates or (end.wall.count() == 0 and start.are_dates)
    # Of the hour that comes twice the first is taken, unless the child would then have been back before going.
    to_at = end.latest.zip_with((end.earliest < start.earliest).fill_null(False), end.earliest)
    return rows.with_columns(
        started_at=start.days if start.are_dates else start.earliest,
        ended_at=end.days if are_dates else to_at,
        day=start.days,
        end_day=end.days,
        from_at=start.earliest,
        to_at=to_at,
        is_twice=start.is_twice | end.is_twice,
        is_never=start.is_never | end.is_never,
        is_midnight=(start.is_midnight | end.is_midnight).fill_null(False),
        end_is_unreadable=end.is_unreadable,
    )


def usable(rows: pl.DataFrame, file: str, called: Mapping[str, str], rules: list[RuleFound]) -> pl.DataFrame:
    """The rows that can be episodes, with `told`, what tells one from every other, filled.

    Left out: rows without a child, a category or a start, and those whose id another row before them has. `called` is what the file calls
    the columns `told`, CHILD, `category` and `start`; without `told` the file has no ids. The end is no part of an id that is made here: it
    is not there while a child is gone.

    Raises:
        Refusal: half of the rows or more cannot be used.
    """
    left_out = "The row is left out."
    found = (
        ("no child", f"{called['CHILD']} is blank.", "CHILD"),
        ("type not known", f"{called['category']} is blank, or neither missing nor away.", "category"),
        ("no start", f"{called['start']} is blank, or no date that can be read.", "started_at"),
    )
    rules += [RuleFound.by(rows.filter(pl.col(column).is_null()), file, rule, meaning, left_out) for rule, meaning, column in found]
    used = rows.drop_nulls(["CHILD", "category", "started_at"])
    if used.height * 2 <= rows.height:
        raise Refusal(
            f"{file}: {rows.height - used.height:,} of {rows.height:,} rows have no child, no known type or no start that can be read.",
            f"See {called['CHILD']}, {called['category']} and {called['start']}. Dates: yyyy-mm-dd or dd/mm/yyyy, and a time or none.",
        )
    start = ("CHILD", "category", "started_at")
    made = pl.concat_str(*start, pl.int_range(pl.len()).over(start), separator="|")
    if "told" not in called:
        return used.with_columns(told=made)
    is_again = pl.col("told").is_not_null() & ~pl.col("told").is_first_distinct()
    meaning = f"Another row before it has the same {called['told']}."
    rules.append(RuleFound.by(used.filter(is_again), file, f"{called['told']} twice", meaning, f"{left_out} The first is read."))
    used = used.filter(~is_again)
    then = "Its id is made of child, type and start."
    rules.append(RuleFound.by(used.filter(pl.col("told").is_null()), file, f"no {called['told']}", "The episode has no id.", then))
    return used.with_columns(told=pl.coalesce("told", made))


def rules_of_times(rows: pl.DataFrame, file: str, saved_on: date) -> list[RuleFound]:
    """The rules of the starts and ends of episodes; the rows that break them are kept."""
    going = (
        rows.select("row", "CHILD", "from_at", "to_at")
        .sort("from_at", "row")
        .with_columns(
            next_start=pl.col("from_at").shift(-1).over("CHILD"),
            last_end=pl.col("to_at").cum_max().shift(1).over("CHILD"),
        )
    )
    kept = "It is kept as recorded."
    found = (
        (
            "end not readable",
            "The end is no date that can be read.",
            "It is left blank, so that the episode counts as open.",
            "end_is_unreadable",
        ),
        (
            "end before start",
            "The episode ends before it starts.",
            f"{kept} No length is given for it.",
            pl.col("to_at") < pl.col("from_at"),
        ),
        (
            "start after the file was saved",
            f"The episode starts after {saved_on:%d/%m/%Y}.",
            kept,
            pl.col("day") > saved_on,
        ),
        (
            "an hour twice",
            "A time lies in the hour that came twice when the clocks went back.",
            "The first of the two is taken, or for an end the second where the first lies before the start.",
            "is_twice",
        ),
        (
            "an hour never",
            "A time lies in the hour that was left out when the clocks went forward.",
            "It is read as an hour later, as by a clock that was not put forward.",
            "is_never",
        ),
    )
    overlapping = (
        (
            "open, and a later one",
            "The episode has no end, and the child went again later.",
            pl.col("to_at").is_null() & pl.col("next_start").is_not_null(),
        ),
        ("overlap", "The episode starts before an earlier one of the child has ended.", pl.col("from_at") < pl.col("last_end")),
    )
    return [
        *(RuleFound.by(rows.filter(broken), file, rule, meaning, then) for rule, meaning, then, broken in found),
        *(RuleFound.by(going.filter(broken), file, rule, meaning, f"{kept} Both are counted.") for rule, meaning, broken in overlapping),
    ]


def assumed_of_times(rows: pl.DataFrame) -> list[str]:
    """What was assumed of the starts and ends."""
    assumed = []
    for column, what in (("started_at", "Starts"), ("ended_at", "Ends")):
        if rows[column].dtype == pl.Date and rows[column].count():
            assumed.append(f"{what} are dates without a time: every one in the file is a midnight. Lengths are then given in days.")
    timed = rows["started_at"].dtype != pl.Date or (rows["ended_at"].dtype != pl.Date and rows["ended_at"].count() > 0)
    midnights = rows["is_midnight"].sum()
    if timed:
        assumed.append("A time without a zone is read as local time in London.")
        if midnights:
            assumed.append(
                f"Episodes with a time that is exactly midnight, and may be a date without a time: {midnights:,}. It is kept as midnight."
            )
    return assumed


def covered(starts: pl.Series, others: Iterable[pl.Series], saved_on: date, assumed: list[str]) -> tuple[date, date]:
    """The days that files without a period of their own are taken to cover: from the first start to the last date of all before they
    were saved. A date after that is mistyped or foreseen, and would make the export reach into the future."""
    seen = pl.concat([starts.rename("day"), *(days.rename("day") for days in others)])
    first = cast(date, starts.min())
    last = max(first, cast(date, seen.filter(seen <= saved_on).max() or first))
    assumed.append(
        "It is not said which days are covered: taken to be from the first episode to the last date before the file was saved, "
        f"{first:%d/%m/%Y} to {last:%d/%m/%Y}."
    )
    return first, last
