"""Where children were: rows of episodes, made into stays and units."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard.exports.imports.codes import KINDS, PROVIDERS, URN_IS_A_HOME
from dashboard.exports.imports.ssda903.rules import Findings
from dashboard.exports.imports.ssda903.where import postcode

_SHORT_BREAKS = ("V3", "V4")
STILL_THERE = date(9999, 12, 31)  # stands for a blank DEC while ends are compared


def read_once(recorded: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """The rows of one year's return, one that says the same as another left out."""
    is_first = pl.struct(pl.exclude("row")).is_first_distinct()
    findings.rule("episodes", "listed twice", recorded.filter(~is_first))
    return recorded.filter(is_first)


def placement_rows(recorded: pl.DataFrame, points: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """One row per row of episodes, with its kind, provider and unit, by child and start; a blank DEC is `STILL_THERE`.

    Where `points` tells which postcodes are in the area, what is no home (a fostering agency, all of a kind and provider) is one unit in
    the area and another outside it.
    """
    kind = pl.col("PLACE").replace_strict(KINDS, default=None, return_dtype=pl.String)
    findings.rule("episodes", "146", recorded.filter(kind.is_null()))
    is_home = pl.col("PLACE").is_in(URN_IS_A_HOME).fill_null(False)
    has_urn = (is_home | (kind == "foster")).fill_null(False)
    unit = pl.coalesce("URN-" + pl.col("urn"), pl.col("kind") + "-" + pl.col("provider").fill_null("unknown"))
    where = pl.when(~pl.col("is_home")).then(pl.col("in_area").replace_strict({True: "-in", False: "-out"}, default=None))
    rows = recorded.with_columns(
        kind=kind.fill_null("other"),
        provider=pl.when(pl.col("PLACE_PROVIDER").is_in(PROVIDERS)).then("PLACE_PROVIDER"),
        urn=pl.when(has_urn & ~pl.col("URN").str.contains("^X+$")).then("URN"),  # XXXXXXX: not registered
        DEC=pl.col("DEC").fill_null(STILL_THERE),
        postcode=postcode("PL_POST"),
    ).with_columns(is_home=is_home & pl.col("urn").is_not_null())
    findings.rule("episodes", "no URN", rows.filter(has_urn & pl.col("urn").is_null()))
    return (
        rows.join(points.select("postcode", "in_area"), on="postcode", how="left")
        .with_columns(unit_id=unit + where.fill_null(""))
        .sort("CHILD", "DECOM", "DEC", "year", "row")
    )


def without_short_breaks(rows: pl.DataFrame, episodes: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """`rows` without the children looked after only in a series of short breaks, as the Department for Education counts.

    Such a child who went missing is kept, so that an episode never stands without the placement that the return gives it.
    """
    is_break = pl.col("LS").is_in(_SHORT_BREAKS).fill_null(False)
    only_breaks = rows.group_by("CHILD").agg(is_break.all()).filter("LS").select("CHILD")
    left_out = only_breaks.join(episodes, on="CHILD", how="anti")
    for children, then in (
        (left_out.height, "left out with their placements, as from the Department for Education's figures."),
        (only_breaks.height - left_out.height, "kept, since they have an episode."),
    ):
        findings.note("Children looked after only in a series of short breaks (V3, V4)", children, f"They are {then}")
    return rows.join(left_out, on="CHILD", how="anti", maintain_order="left")


def in_periods(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """`rows` with the `period` of care that each is in: days between the rows of a child end one and begin the next."""
    ended_before = pl.col("DEC").cum_max().shift(1).over("CHILD")
    findings.rule("episodes", "overlap", rows.filter(pl.col("DECOM") < ended_before))
    rows = rows.with_columns(is_after_a_gap=(pl.col("DECOM") > ended_before).fill_null(True))
    rows = rows.with_columns(period=pl.col("is_after_a_gap").cum_sum())
    findings.note(
        "Children who left care and came back",
        rows.group_by("CHILD").agg(pl.col("period").n_unique()).filter(pl.col("period") > 1).height,
        "An export has one span of care for a child, and the time between counts as looked after.",
    )
    return rows


def stays_of(rows: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """One row per stay: CHILD, unit_id, started_on, ended_on.

    Rows that follow one another in the same place (PLACE, URN and PL_POST) are one stay. A temporary placement (T0 to T4)
    between two rows of one place is part of that stay: the place was kept for the child, who came back, and coming back is
    not a move. A temporary placement from which the child did not come back is a stay of its own.
    """
    rows = rows.with_columns(
        is_temporary=pl.col("PLACE").str.starts_with("T").fill_null(False),
        place=pl.concat_str(pl.col("PLACE", "URN", "postcode").fill_null(""), separator="|"),
    )
    kept = pl.when(~pl.col("is_temporary")).then("place")
    left, came_to = kept.forward_fill().over("period"), kept.backward_fill().over("period")
    came_back = pl.col("is_temporary") & (left == came_to).fill_null(False)
    rows = rows.with_columns(came_back=came_back, place=pl.when(came_back).then(left).otherwise("place"))
    is_new = pl.col("is_after_a_gap") | (pl.col("place") != pl.col("place").shift(1)).fill_null(True)
    stays = (
        rows.with_columns(stay=is_new.cum_sum())
        .group_by("stay", maintain_order=True)
        .agg(pl.col("CHILD", "unit_id").first(), started_on=pl.col("DECOM").first(), ended_on=pl.col("DEC").max())
        .select("CHILD", "unit_id", "started_on", ended_on=pl.when(pl.col("ended_on") < STILL_THERE).then("ended_on"))
    )
    findings.note(
        "Temporary placements (T0 to T4) from which the child came back",
        rows.filter("came_back").height,
        "Their nights count for the place that was kept.",
    )
    return stays
