"""The children, and the times that they were missing or away."""

from __future__ import annotations

import polars as pl

from dashboard.exports.imports.codes import ETHNIC_GROUPS, SEXES
from dashboard.exports.imports.ssda903.placements import STILL_THERE
from dashboard.exports.imports.ssda903.rules import Findings

_CATEGORIES = {"M": "missing", "A": "away"}


def missing_episodes(recorded: pl.DataFrame) -> pl.DataFrame:
    """One row per episode: CHILD, told (what tells it from every other), category, started_at, ended_at."""
    # The end is no part of it: an episode that is open in one year's return is the same one when the next year's ends it.
    start = ("CHILD", "MISSING", "MIS_START")
    return recorded.select(
        "CHILD",
        pl.concat_str(*start, pl.int_range(pl.len()).over(start), separator="|").alias("told"),
        pl.col("MISSING").replace_strict(_CATEGORIES, return_dtype=pl.String).alias("category"),
        started_at="MIS_START",
        ended_at="MIS_END",
    )


def children_of(
    rows: pl.DataFrame, missing: pl.DataFrame, header: pl.DataFrame | None, uasc: pl.DataFrame | None, findings: Findings
) -> pl.DataFrame:
    """One row per child with a placement or an episode; a column that no file can fill is left out.

    `header` and `uasc` are None where no year has them. Where the years' headers disagree about a child, the first row counts.
    The earliest DECOM is the first day looked after that the returns know of: for a placement that was open when the first year
    began it may be later than the day on which care did.
    """
    spans = rows.group_by("CHILD").agg(
        looked_after_from=pl.col("DECOM").min(),
        # X1 says that another row follows. Where none does, the child is taken to be looked after still.
        looked_after_to=pl.when((pl.col("DEC") < STILL_THERE) & pl.col("REC").ne_missing("X1")).then("DEC").last(),
    )
    never_placed = missing.select("CHILD").unique().join(spans, on="CHILD", how="anti")
    findings.note(
        "Children with an episode and no row in episodes",
        never_placed.height,
        "They and their episodes are kept, without placements and dates of care.",
    )
    described = missing.select("CHILD", "DOB") if header is None else pl.concat([header, missing.select("CHILD", "DOB")], how="diagonal")
    children = pl.concat([spans, never_placed], how="diagonal").join(
        described.group_by("CHILD", maintain_order=True).agg(pl.exclude("row", "year").drop_nulls().first()), on="CHILD", how="left"
    )
    columns = [pl.col("DOB").dt.truncate("1mo").alias("birth_month")]
    if header is not None:
        for rule, column, codes, name in (("101", "SEX", SEXES, "sex"), ("103", "ETHNIC", ETHNIC_GROUPS, "ethnicity")):
            findings.rule("header", rule, header.filter(~pl.col(column).is_in(list(codes)).fill_null(False)))
            columns.append(pl.col(column).replace_strict(codes, default=None, return_dtype=pl.String).alias(name))
    if uasc is not None:
        columns.append(pl.col("CHILD").is_in(uasc["CHILD"].to_list()).alias("uasc"))
    return children.select("CHILD", *columns, "looked_after_from", "looked_after_to")
