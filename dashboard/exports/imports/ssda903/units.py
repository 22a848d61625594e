"""The units in which children were: homes by their URN, fostering agencies by theirs, the rest by kind and provider."""

from __future__ import annotations

import polars as pl

from dashboard.exports.imports.codes import PROVIDERS, SECTORS, WITH_URN, WITHOUT_URN
from dashboard.exports.imports.ssda903.rules import Findings


def units_of(
    rows: pl.DataFrame, stays: pl.DataFrame, points: pl.DataFrame, providers: pl.DataFrame, authority: str | None, findings: Findings
) -> pl.DataFrame:
    """One row per unit with a stay: unit_id, name, kind, sector, and in_area, area, latitude, longitude where `points` or `providers` tell.

    Where rows of a unit disagree, the most frequent counts. Only a home has a point and an area of its own: a fostering agency's office
    is not where its children are.
    """
    rows = rows.join(stays, on="unit_id", how="semi")
    disagree = rows.group_by("unit_id").agg(pl.struct("kind", "provider").n_unique().alias("answers")).filter(pl.col("answers") > 1)
    findings.note("Units whose rows disagree about their kind or provider", disagree.height, "The most frequent of each is used.")
    homes = _most_frequent(rows.filter("is_home").drop_nulls("postcode"), "postcode").join(points, on="postcode")
    units = (
        rows.group_by("unit_id")
        .agg(pl.col("urn").first(), pl.col("is_home").any(), pl.when(~pl.col("is_home")).then("in_area").first())
        .join(_most_frequent(rows, "kind"), on="unit_id")
        .join(_most_frequent(rows, "provider"), on="unit_id")
        .join(homes, on="unit_id", how="left", suffix="_of_home")
        .join(providers, on="urn", how="left", suffix="_listed")
    )
    if providers.height:
        registered = units.drop_nulls("urn")
        named = registered.drop_nulls("name").height
        findings.assumptions.append(f"Of {registered.height:,} units with a URN the list of providers has {named:,}.")
    kind = pl.coalesce("kind_listed", "kind")
    provider = pl.col("provider").replace_strict(PROVIDERS, default="provider not given", return_dtype=pl.String)
    with_urn = kind.replace_strict(WITH_URN, default="Unit") + " URN " + pl.col("urn")
    without = pl.col("kind").replace_strict(WITHOUT_URN) + ", " + provider
    # What is no home is one unit in the area and another outside it, where that is known.
    place = pl.col("in_area").replace_strict({True: ", in the area", False: ", outside the area"}, default="", return_dtype=pl.String)
    area = pl.when("is_home").then("area")
    is_ours = area.str.to_lowercase() == authority.lower() if authority else pl.lit(None, pl.Boolean)
    units = units.select(
        "unit_id",
        (pl.coalesce("name", with_urn, without) + place).alias("name"),
        kind.alias("kind"),
        pl.coalesce("sector", pl.col("provider").replace_strict(SECTORS, default=None, return_dtype=pl.String)).alias("sector"),
        pl.coalesce("in_area", "in_area_of_home", is_ours).alias("in_area"),
        area.alias("area"),
        "latitude",
        "longitude",
    ).sort("unit_id")
    told = [column for column in ("in_area", "area", "latitude", "longitude") if units[column].is_not_null().any()]
    return units.select("unit_id", "name", "kind", "sector", *told)


def _most_frequent(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """One row per unit_id with its most frequent value of `column`; of equally frequent ones the first by name."""
    counted = rows.group_by("unit_id", column).len().sort("len", column, descending=[True, False], nulls_last=True)
    return counted.group_by("unit_id", maintain_order=True).agg(pl.col(column).first())
