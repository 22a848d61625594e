"""The children, and the times that they were missing or away."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dashboard.exports.ssda903.placements import STILL_THERE
from dashboard.exports.ssda903.reading import note, refuse, refuse_blank

_CATEGORIES = {"M": "missing", "A": "away"}
_SEXES = {"1": "male", "M": "male", "2": "female", "F": "female", "U": None}  # letters from the return of 2024-25
_ETHNICITIES = (
    dict.fromkeys(("WBRI", "WIRI", "WOTH", "WIRT", "WROM"), "White")
    | dict.fromkeys(("MWBC", "MWBA", "MWAS", "MOTH"), "Mixed")
    | dict.fromkeys(("AIND", "APKN", "ABAN", "AOTH", "CHNE"), "Asian")
    | dict.fromkeys(("BCRB", "BAFR", "BOTH"), "Black")
    | {"OOTH": "Other", "REFU": None, "NOBT": None}
)


def missing_episodes(recorded: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """One row per episode as recorded: row, CHILD, told (what tells it from every other), category, started_at, ended_at.

    What rules 564, 565 and 1004 to 1006 call an error of the return is refused.
    """
    is_empty = pl.all_horizontal(pl.col("MISSING", "MIS_START", "MIS_END").is_null())
    episodes = recorded.filter(~is_empty)
    note(notes, "Rows of missing.csv for a child without an episode", recorded.height - episodes.height, "They are left out.")
    refuse_blank(episodes, "missing.csv", "MISSING")
    refuse_blank(episodes, "missing.csv", "MIS_START")
    unknown = episodes.filter(~pl.col("MISSING").is_in(list(_CATEGORIES)))
    refuse(unknown, "missing.csv", "MISSING", "a code other than M and A", "Put it right in the return.")
    note(
        notes,
        "Rows of missing.csv that say the same as another row",
        episodes.height - episodes.n_unique(["CHILD", "MISSING", "MIS_START", "MIS_END"]),
        "They are kept: dates alone cannot tell a row entered twice from a child who went twice in a day.",
    )
    # The end is no part of it: an episode that is open in one year's return is the same one when the next year's ends it.
    start = ("CHILD", "MISSING", "MIS_START")
    return episodes.select(
        "row",
        "CHILD",
        pl.concat_str(*start, pl.int_range(pl.len()).over(start), separator="|").alias("told"),
        pl.col("MISSING").replace_strict(_CATEGORIES, return_dtype=pl.String).alias("category"),
        started_at="MIS_START",
        ended_at="MIS_END",
    )


def children_of(rows: pl.DataFrame, episodes: pl.DataFrame, files: Mapping[str, pl.DataFrame], notes: list[str]) -> pl.DataFrame:
    """One row per child with a placement or an episode; a column that no file can fill is left out.

    The earliest DECOM is the first day looked after that the return knows of: for a placement that was open when the year
    began it may be later than the day on which care did.
    """
    spans = rows.group_by("CHILD").agg(
        looked_after_from=pl.col("DECOM").min(),
        # X1 says that another row follows. Where none does, the child is taken to be looked after still.
        looked_after_to=pl.when((pl.col("DEC") < STILL_THERE) & pl.col("REC").ne_missing("X1")).then("DEC").last(),
    )
    never_placed = episodes.select("CHILD").unique().join(spans, on="CHILD", how="anti")
    note(
        notes,
        "Children with an episode and no row in episodes.csv",
        never_placed.height,
        "They and their episodes are kept, without placements and dates of care.",
    )
    described = pl.concat([files[name] for name in ("header", "missing") if name in files], how="diagonal")
    children = pl.concat([spans, never_placed], how="diagonal").join(
        described.group_by("CHILD").agg(pl.exclude("row").drop_nulls().first()), on="CHILD", how="left"
    )
    columns = [pl.col("DOB").dt.truncate("1mo").alias("birth_month")]
    if "header" in files:
        elsewhere = pl.concat([files["episodes"].select("CHILD"), files["missing"].select("CHILD")])
        note(
            notes,
            "Children in header.csv alone",
            files["header"].join(elsewhere, on="CHILD", how="anti")["CHILD"].n_unique(),
            "They are left out: the header also lists young people who are no longer looked after.",
        )
        for column, codes, name in (("SEX", _SEXES, "sex"), ("ETHNIC", _ETHNICITIES, "ethnicity")):
            unknown = children.filter(~pl.col(column).is_in(list(codes)))
            note(notes, f"Children with a code of {column} that is not known", unknown.height, "It is left blank.")
            columns.append(pl.col(column).replace_strict(codes, default=None, return_dtype=pl.String).alias(name))
    if "uasc" in files:
        columns.append(pl.col("CHILD").is_in(files["uasc"]["CHILD"].to_list()).alias("uasc"))
    return children.select("CHILD", *columns, "looked_after_from", "looked_after_to")
