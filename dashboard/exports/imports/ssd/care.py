"""ssd_cla_episodes and ssd_person: when children were looked after, and who they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from dashboard.exports.imports.codes import ETHNIC_GROUPS, SEXES
from dashboard.exports.imports.moments import read_moments
from dashboard.exports.imports.report import RuleFound
from dashboard.exports.imports.ssd.placements import dated

_SEX_CODES = SEXES | {"MALE": "male", "FEMALE": "female", "UNKNOWN": None, "I": "other", "INDETERMINATE": "other"}
_KEPT = "It is kept as recorded."


def spells_of(recorded: pl.DataFrame, file: str, rules: list[RuleFound]) -> pl.DataFrame:
    """One row per child looked after: CHILD, looked_after_from, looked_after_to (null: still looked after).

    An export has one span of care for a child: from the first episode of care to the last, the time between counted in.
    """
    rows = dated(recorded, file, rules)
    return rows.group_by("CHILD").agg(
        looked_after_from=pl.col("from").min(),
        looked_after_to=pl.when(pl.col("to").null_count() == 0).then(pl.col("to").max()),
    )


def children_of(
    episodes: pl.DataFrame,
    spells: pl.DataFrame | None,
    stays: pl.DataFrame | None,
    person: pl.DataFrame | None,
    paths: Mapping[str, Path],
    rules: list[RuleFound],
    assumed: list[str],
) -> pl.DataFrame:
    """One row per child looked after, placed or with an episode; a column that no file can fill is left out."""
    file = paths["missing"].name

    def rule(rows: pl.DataFrame, name: str, meaning: str) -> None:
        rules.append(RuleFound.by(rows, file, name, meaning, _KEPT))

    children = pl.concat([frame.select("CHILD") for frame in (episodes, spells, stays) if frame is not None]).unique()
    columns: list[pl.Expr] = []
    if person is not None:
        born = read_moments(person["born"])
        unknown = [("date of birth that cannot be read", born.is_unreadable)]
        described = person.with_columns(birth_month=born.days.dt.truncate("1mo"))
        for column, codes in (("sex", _SEX_CODES), ("ethnicity", ETHNIC_GROUPS)):
            unknown.append((f"code of {column} that is not known", person[column].is_not_null() & ~person[column].is_in(list(codes))))
            described = described.with_columns(pl.col(column).replace_strict(codes, default=None, return_dtype=pl.String))
        for what, where in unknown:
            rules.append(RuleFound.by(person.filter(where), paths["person"].name, what, f"The row has a {what}.", "It is left blank."))
        described = described.group_by("CHILD").agg(pl.col("birth_month", "sex", "ethnicity").drop_nulls().first())
        others = described.join(children, on="CHILD", how="anti").height
        if others:
            assumed.append(
                f"Children in {paths['person'].name} without an episode, a placement or a spell in care: {others:,}. They are left out."
            )
        rule(episodes.join(person, on="CHILD", how="anti"), "not in ssd_person", "The child is not in ssd_person.")
        children = children.join(described, on="CHILD", how="left")
        columns = [pl.col(column) for column in ("birth_month", "sex", "ethnicity") if described[column].count()]
    if spells is not None:
        going = episodes.join(spells, on="CHILD", how="left")
        rule(going.filter(pl.col("looked_after_from").is_null()), "never looked after", "The child is not in ssd_cla_episodes.")
        rule(
            going.filter(pl.col("day") < pl.col("looked_after_from")),
            "before care",
            "The episode starts before the child was looked after.",
        )
        rule(going.filter(pl.col("day") > pl.col("looked_after_to")), "after care", "The episode starts after the child left care.")
        children = children.join(spells, on="CHILD", how="left")
        columns += [pl.col("looked_after_from"), pl.col("looked_after_to")]
    if stays is not None:
        going = episodes.select("row", "CHILD", "day").join(stays, on="CHILD")
        there = going.filter((pl.col("started_on") <= pl.col("day")) & (pl.col("day") < pl.col("ended_on")).fill_null(True))
        rule(
            episodes.join(there, on="row", how="anti"),
            "in no placement",
            "The child has no placement on the day on which the episode starts.",
        )
    return children.select("CHILD", *columns)
