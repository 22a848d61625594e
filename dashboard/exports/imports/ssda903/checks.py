"""The return's own validation checks that are worth keeping on these data, looked at one by one. What a row says is not changed here."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from dashboard.exports.imports.ssda903.placements import STILL_THERE
from dashboard.exports.imports.ssda903.returns import Return
from dashboard.exports.imports.ssda903.rules import Findings


def check_return(one: Return, findings: Findings) -> None:
    """The rules within one year's return."""
    missing, placements, header = one.tables["missing"], one.tables["episodes"], one.tables.get("header")
    start, end = pl.col("MIS_START"), pl.col("MIS_END")
    findings.rule("missing", "567", missing.filter(end < start))
    findings.rule("missing", "570", missing.filter(start > one.last_day))
    findings.rule("missing", "571", missing.filter(~end.is_between(one.first_day, one.last_day)))
    findings.rule("missing", "586", missing.filter(start <= pl.col("DOB")))
    findings.rule("missing", "listed twice", missing.filter(~pl.struct("CHILD", "MISSING", "MIS_START", "MIS_END").is_first_distinct()))
    # A placement whose last night is 31 March ends on 1 April.
    ends = pl.col("DEC").is_between(one.first_day, one.last_day + timedelta(1))
    findings.rule("episodes", "outside the year", placements.filter(~ends | (pl.col("DECOM") > one.last_day)))
    left = pl.col("DEC").is_null() & pl.col("REC").str.starts_with("E")
    findings.rule("episodes", "left without an end", placements.filter(left))
    if header is not None:
        findings.rule("missing", "INT04", missing.join(header, on="CHILD", how="anti"))
        born = header.drop_nulls("DOB").group_by("CHILD").agg(pl.col("DOB").first().alias("born"))
        findings.rule("missing", "INT13", missing.join(born, on="CHILD").filter(pl.col("DOB") != pl.col("born")))


def check_care(missing: pl.DataFrame, rows: pl.DataFrame, stays: pl.DataFrame, findings: Findings) -> None:
    """The rules between the episodes of a child, and between them and the child's placements and care, over all years."""
    missing = missing.sort("MIS_START", "MIS_END", "row", nulls_last=True)
    ended = pl.col("MIS_END").fill_null(STILL_THERE)
    before = ended.cum_max().shift(1).over("CHILD")
    findings.rule("missing", "574", missing.filter(pl.col("MIS_START") < before))

    is_open = pl.col("MIS_END").is_null()
    care = rows.group_by("period", maintain_order=True).agg(
        pl.col("CHILD", "DECOM").first(), pl.col("DEC", "REC", "row", "year").sort_by("DEC", maintain_order=True).last()
    )
    in_stay = missing.join_asof(stays.sort("started_on"), left_on="MIS_START", right_on="started_on", by="CHILD", check_sortedness=False)
    findings.rule("missing", "575", in_stay.filter(is_open & (pl.col("MIS_START") < pl.col("ended_on"))))

    has_left = (pl.col("DEC") < STILL_THERE) & pl.col("REC").ne_missing("X1")
    care = care.with_columns(left_on=pl.when(has_left).then("DEC")).sort("DECOM")
    in_care = missing.join_asof(care, left_on="MIS_START", right_on="DECOM", by="CHILD", suffix="_placement", check_sortedness=False)
    findings.rule("missing", "577", in_care.filter(is_open & pl.col("left_on").is_not_null()))
    findings.rule("missing", "578", in_care.filter(pl.col("MIS_START") > pl.col("left_on")))
    findings.rule("missing", "581", in_care.filter(pl.col("DECOM").is_null()).join(rows, on="CHILD", how="semi"))
    grown_up = (pl.col("MIS_END") == pl.col("left_on")) & (pl.col("DOB").dt.offset_by("18y") == pl.col("left_on"))
    ended_care = in_care.filter(grown_up & pl.col("REC").ne_missing("E8")).unique(["year_placement", "row_placement"])
    findings.rule("episodes", "580", ended_care.select(year="year_placement", row="row_placement"))
