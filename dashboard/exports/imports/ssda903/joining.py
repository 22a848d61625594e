"""The returns of several years, joined.

What was open on 31 March and carried forward into the next return is one. Where two returns disagree, the later counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import polars as pl

from dashboard.exports.imports.ssda903.placements import read_once
from dashboard.exports.imports.ssda903.returns import Return, year_called
from dashboard.exports.imports.ssda903.rules import Findings


def join_missing(returns: Sequence[Return], findings: Findings) -> pl.DataFrame:
    """The rows of missing of all years, each episode once.

    A child's episodes with one start are the same episode in two returns, pair by pair: open ones first, then the later end first, since
    a return has its own year's episodes and those carried forward into it. Of a pair the later return's row is kept. An episode that was
    open and that the next return does not have (rule 576) is kept as it is.
    """

    def joined(earlier: pl.DataFrame, later: Return) -> pl.DataFrame:
        before_name = year_called(later.first_day.year - 1)
        before, after = (
            frame.sort("MIS_END", "MISSING", "row", descending=[True, False, False], nulls_last=False).with_columns(
                nth=pl.int_range(pl.len()).over("CHILD", "MIS_START")
            )
            for frame in (earlier, later.tables["missing"])
        )
        pair = ["CHILD", "MIS_START", "nth"]
        pairs = before.join(after, on=pair, suffix="_later")
        findings.note(
            f"Episodes open at the end of {before_name} and carried forward",
            pairs.filter(pl.col("MIS_END").is_null()).height,
            "Each is one episode.",
        )
        is_other_end = pl.col("MIS_END").ne_missing(pl.col("MIS_END_later")) & pl.col("MIS_END").is_not_null()
        findings.note(
            f"Episodes of which the return of {later.name} says another code or end than an earlier one",
            pairs.filter((pl.col("MISSING") != pl.col("MISSING_later")) | is_other_end).height,
            "The later return counts.",
        )
        alone = before.join(after, on=pair, how="anti")
        lost = alone.filter(pl.col("MIS_END").is_null() & (pl.col("year") == later.first_day.year - 1))
        findings.rule("missing", "576", lost)
        return pl.concat([alone, after]).drop("nth")

    return reduce(joined, returns[1:], returns[0].tables["missing"]).sort("year", "row")


def join_placements(returns: Sequence[Return], findings: Findings) -> pl.DataFrame:
    """The rows of episodes of all years, each once.

    A row with the child and the start (DECOM) of one in the next return is that row, and the next return's is kept. One that was still
    open and that the next return does not have ends when that return begins to tell of the child, at the latest on its first day: it
    cannot have gone on into a year whose return knows nothing of it. Rows that ended in their own year stay as they are.
    """
    place = ["CHILD", "DECOM", "PLACE", "URN", "PL_POST"]

    def joined(earlier: pl.DataFrame, later: Return) -> pl.DataFrame:
        before_name = year_called(later.first_day.year - 1)
        after = read_once(later.tables["episodes"], findings)
        again = earlier.join(after, on=["CHILD", "DECOM"], how="semi")
        agrees = pl.concat(
            [
                again.filter(pl.col("DEC").is_null()).join(after, on=place, how="semi", nulls_equal=True),
                again.filter(pl.col("DEC").is_not_null()).join(after, on=[*place, "DEC"], how="semi", nulls_equal=True),
            ]
        )
        findings.note(f"Placements that the returns of {before_name} and {later.name} both have", again.height, "Each is read once.")
        findings.note(
            f"Of these, placements of which the return of {later.name} says another place or end",
            again.height - agrees.height,
            "The later return counts.",
        )
        told_from = after.group_by("CHILD").agg(pl.col("DECOM").min().alias("told_from"))
        alone = earlier.join(after, on=["CHILD", "DECOM"], how="anti").join(told_from, on="CHILD", how="left")
        is_lost = pl.col("DEC").is_null()
        findings.note(
            f"Placements open at the end of {before_name} that the return of {later.name} does not have",
            alone.filter(is_lost).height,
            "They end when that return begins to tell of the child, at the latest on its first day.",
        )
        ended = pl.min_horizontal("told_from", pl.lit(later.first_day))
        alone = alone.with_columns(
            DEC=pl.when(is_lost).then(ended).otherwise("DEC"),
            REC=pl.when(~is_lost).then("REC"),  # why it ended is not known
            is_cut=is_lost,
        ).filter(~pl.col("is_cut") | (pl.col("DEC") > pl.col("DECOM")))
        return pl.concat([alone.drop("told_from", "is_cut"), after])

    return reduce(joined, returns[1:], read_once(returns[0].tables["episodes"], findings))


def join_header(returns: Sequence[Return], missing: pl.DataFrame, placements: pl.DataFrame, findings: Findings) -> pl.DataFrame | None:
    """The header's rows of all years for children who are in another table, the latest year first; None where no year has a header."""
    header = join_listed(returns, "header")
    if header is None:
        return None
    elsewhere = pl.concat([missing["CHILD"], placements["CHILD"]]).unique().to_frame()
    findings.note(
        "Children in the header alone",
        header.join(elsewhere, on="CHILD", how="anti")["CHILD"].n_unique(),
        "They are left out: the header also lists young people who are no longer looked after.",
    )
    return header.join(elsewhere, on="CHILD", how="semi", maintain_order="left")


def join_listed(returns: Sequence[Return], table: str) -> pl.DataFrame | None:
    """The rows of `table` of all years that have it, the latest year first; None where none has."""
    there = [one.tables[table] for one in reversed(returns) if table in one.tables]
    return pl.concat(there) if there else None
