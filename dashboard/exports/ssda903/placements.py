"""Where children were: rows of episodes.csv, made into stays and units."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard.exports.ssda903.reading import note, refuse_blank

_SHORT_BREAKS = ("V3", "V4")
_KINDS = (
    dict.fromkeys(("U1", "U2", "U3", "U4", "U5", "U6", "Q1", "Q2"), "foster")
    | {"K1": "secure_home", "K2": "childrens_home", "P1": "parents"}
    | dict.fromkeys(("K3", "H5", "P2"), "supported")
    | dict.fromkeys(("S1", "R1", "R2", "R3", "R5"), "residential_school")
    | dict.fromkeys(("A3", "A4", "A5", "A6", "P3", "T0", "T1", "T2", "T3", "T4", "Z1", "Z11", "Z12", "Z13", "Z14"), "other")
)
# For these the URN is the home's, for foster care the agency's; elsewhere it does not say where the child is.
_URN_IS_A_HOME = ("K1", "K2", "K3", "R3", "S1")
_SECTORS = {"PR1": "own", "PR4": "private", "PR5": "voluntary"}
_PROVIDERS = {
    "PR0": "parental provision",
    "PR1": "own provision",
    "PR2": "another authority's provision",
    "PR3": "other public provision",
    "PR4": "private provision",
    "PR5": "voluntary provision",
}
# The files have no names of units: what one with a URN is called, and what all those of a kind without are.
_WITH_URN = {
    "childrens_home": "Children's home",
    "secure_home": "Secure children's home",
    "foster": "Fostering agency",
    "supported": "Supported accommodation",
    "residential_school": "Residential setting",
}
_WITHOUT_URN = {
    "childrens_home": "Children's homes",
    "secure_home": "Secure children's homes",
    "foster": "Foster carers",
    "supported": "Supported accommodation",
    "residential_school": "Residential settings",
    "parents": "Placed with parents",
    "other": "Other placements",
}
STILL_THERE = date(9999, 12, 31)  # stands for a blank DEC while ends are compared


def placement_rows(recorded: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """One row per row of episodes.csv, with its kind, provider and unit, by child and start; a blank DEC is `STILL_THERE`."""
    refuse_blank(recorded, "episodes.csv", "DECOM")
    rows = recorded.unique(pl.exclude("row"), keep="first")
    note(notes, "Rows of episodes.csv that say the same as another row", recorded.height - rows.height, "They are read once.")
    note(
        notes,
        "Rows of episodes.csv with a reason for leaving care (REC) and no end (DEC)",
        rows.filter(pl.col("DEC").is_null() & pl.col("REC").str.starts_with("E")).height,
        "The child is taken to be still there.",
    )
    kind = pl.col("PLACE").replace_strict(_KINDS, default=None, return_dtype=pl.String)
    note(
        notes,
        "Rows of episodes.csv whose placement code (PLACE) is blank or not known",
        rows.filter(kind.is_null()).height,
        "Their kind of unit is other.",
    )
    has_urn = (pl.col("PLACE").is_in(_URN_IS_A_HOME) | (kind == "foster")).fill_null(False)
    rows = rows.with_columns(
        kind=kind.fill_null("other"),
        provider=pl.when(pl.col("PLACE_PROVIDER").is_in(list(_PROVIDERS))).then("PLACE_PROVIDER"),
        urn=pl.when(has_urn & ~pl.col("URN").str.contains("^X+$")).then("URN"),  # XXXXXXX: not registered
        DEC=pl.col("DEC").fill_null(STILL_THERE),
    )
    note(
        notes,
        "Rows of episodes.csv in foster care or a home without its URN",
        rows.filter(has_urn & pl.col("urn").is_null()).height,
        "They are counted by kind and provider.",
    )
    return rows.with_columns(
        unit_id=pl.when(pl.col("urn").is_not_null())
        .then("URN-" + pl.col("urn"))
        .otherwise(pl.col("kind") + "-" + pl.col("provider").fill_null("unknown")),
    ).sort("CHILD", "DECOM", "DEC", "row")


def without_short_breaks(rows: pl.DataFrame, episodes: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
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
        note(notes, "Children looked after only in a series of short breaks (V3, V4)", children, f"They are {then}")
    return rows.join(left_out, on="CHILD", how="anti", maintain_order="left")


def stays_of(rows: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """One row per stay: CHILD, unit_id, started_on, ended_on.

    Rows that follow one another in the same place (PLACE, URN and PL_POST) are one stay. A temporary placement (T0 to T4)
    between two rows of one place is part of that stay: the place was kept for the child, who came back, and coming back is
    not a move. A temporary placement from which the child did not come back is a stay of its own.
    """
    ended_before = pl.col("DEC").cum_max().shift(1).over("CHILD")
    rows = rows.with_columns(
        ended_before=ended_before,
        is_after_a_gap=(pl.col("DECOM") > ended_before).fill_null(True),
        is_temporary=pl.col("PLACE").str.starts_with("T").fill_null(False),
        place=pl.concat_str(pl.col("PLACE", "URN", "PL_POST").fill_null("").str.replace_all(" ", ""), separator="|"),
    ).with_columns(period=pl.col("is_after_a_gap").cum_sum())

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
    note(
        notes,
        "Rows of episodes.csv that start before an earlier row of the child has ended",
        rows.filter(pl.col("DECOM") < pl.col("ended_before")).height,
        "They are kept as recorded: those nights count in both places.",
    )
    note(
        notes,
        "Temporary placements (T0 to T4) from which the child came back",
        rows.filter("came_back").height,
        "Their nights count for the place that was kept.",
    )
    note(
        notes,
        "Children who left care and came back",
        rows.group_by("CHILD").agg(pl.col("period").n_unique()).filter(pl.col("period") > 1).height,
        "An export has one span of care for a child, and the time between counts as looked after.",
    )
    return stays


def units_of(rows: pl.DataFrame, stays: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """One row per unit with a stay: unit_id, name, kind, sector. Where its rows disagree, the most frequent counts."""
    rows = rows.join(stays, on="unit_id", how="semi")
    disagree = rows.group_by("unit_id").agg(pl.struct("kind", "provider").n_unique().alias("answers")).filter(pl.col("answers") > 1)
    note(notes, "Units whose rows disagree about their kind or provider", disagree.height, "The most frequent of each is used.")
    units = (
        rows.group_by("unit_id")
        .agg(pl.col("urn").first())
        .join(_most_frequent(rows, "kind"), on="unit_id")
        .join(_most_frequent(rows, "provider"), on="unit_id")
    )
    with_urn = pl.col("kind").replace_strict(_WITH_URN, default=None) + " URN " + pl.col("urn")
    provider = pl.col("provider").replace_strict(_PROVIDERS, default="provider not given", return_dtype=pl.String)
    without = pl.col("kind").replace_strict(_WITHOUT_URN) + ", " + provider
    return units.select(
        "unit_id",
        pl.coalesce(with_urn, without).alias("name"),
        "kind",
        sector=pl.col("provider").replace_strict(_SECTORS, default=None, return_dtype=pl.String),
    ).sort("unit_id")


def _most_frequent(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """One row per unit_id with its most frequent value of `column`; of equally frequent ones the first by name."""
    counted = rows.group_by("unit_id", column).len().sort("len", column, descending=[True, False], nulls_last=True)
    return counted.group_by("unit_id", maintain_order=True).agg(pl.col(column).first())
