"""The questions of the Hotspots page."""

from __future__ import annotations

import polars as pl

from benchmarks.exports import Export
from benchmarks.in_polars.shared import Asked, answers, episodes_in, episodes_of, known_code, large_enough, local_day, with_unit
from dashboard.resources import REFERENCE


def located_in(export: Export, asked: Asked) -> pl.LazyFrame:
    """Episodes by the cell in which the child was found, or last seen; those found at a unit are left out."""
    located = episodes_of(export, asked, "episodes_with_cells").with_columns(cell=pl.coalesce("found_cell", "last_seen_cell"))
    return located.filter(pl.col("cell").is_not_null(), pl.col("found_place").ne_missing("unit"))


def kilometres(latitude_a: pl.Expr, longitude_a: pl.Expr, latitude_b: pl.Expr, longitude_b: pl.Expr) -> pl.Expr:
    a, b, across = latitude_a.radians(), latitude_b.radians(), (longitude_b - longitude_a).radians()
    return 2 * 6371 * (((b - a) / 2).sin() ** 2 + a.cos() * b.cos() * (across / 2).sin() ** 2).clip(upper_bound=1).sqrt().arcsin()


def cells_of(export: Export) -> pl.LazyFrame:
    """The cells with their centres and the nearest named place."""
    places = pl.scan_csv(REFERENCE / "places.csv").select("name", to_latitude="latitude", to_longitude="longitude")
    away = kilometres(*(pl.col(name) for name in ("latitude", "longitude", "to_latitude", "to_longitude")))
    return (
        pl.scan_parquet(export.folder / "cell_centres.parquet")
        .join(places, how="cross")
        .with_columns(kilometres_to_place=away)
        .group_by("cell")
        .agg(
            pl.col("latitude", "longitude").first(),
            pl.col("kilometres_to_place").min(),
            nearest_place=pl.col("name").sort_by("kilometres_to_place", "name").first(),
        )
    )


@answers("hotspots/cells")
def cells(export: Export, asked: Asked) -> pl.DataFrame:
    return (
        located_in(export, asked)
        .pipe(with_unit, export)
        .group_by("cell")
        .agg(
            children=pl.col("child_id").n_unique(),
            episodes=pl.len(),
            units=pl.col("unit_id").drop_nulls().n_unique(),
            episodes_last_seen=pl.col("found_cell").is_null().sum(),
        )
        .join(cells_of(export), on="cell")
        .sort("children", "episodes", "cell", descending=[True, True, False])
        .collect()
    )


@answers("hotspots/flows")
def flows(export: Export, asked: Asked) -> pl.DataFrame:
    counted = (
        with_unit(located_in(export, asked), export)
        .group_by("unit_id", "cell")
        .agg(episodes=pl.len(), children=pl.col("child_id").n_unique())
    )
    units = export.table("units").select("unit_id", from_latitude="latitude", from_longitude="longitude")
    away = kilometres(*(pl.col(name) for name in ("from_latitude", "from_longitude", "latitude", "longitude")))
    return (
        counted.join(cells_of(export), on="cell")
        .join(units, on="unit_id", how="left")
        .select(
            "unit_id",
            "cell",
            "episodes",
            "children",
            "nearest_place",
            "latitude",
            "longitude",
            unit_latitude="from_latitude",
            unit_longitude="from_longitude",
            kilometres=away,
        )
        .sort("episodes", "children", "unit_id", "cell", descending=[True, True, False, False], nulls_last=True)
        .collect()
    )


@answers("hotspots/nearest_places")
def nearest_places(export: Export, asked: Asked) -> pl.DataFrame:
    return (
        located_in(export, asked)
        .join(cells_of(export), on="cell")
        .group_by("nearest_place")
        .agg(children=pl.col("child_id").n_unique(), episodes=pl.len(), cells=pl.col("cell").n_unique())
        .sort("children", "episodes", "nearest_place", descending=[True, True, False])
        .collect()
    )


@answers("hotspots/places")
def places(export: Export, asked: Asked) -> pl.DataFrame:
    return (
        episodes_of(export, asked)
        .group_by(known_code("episodes", "found_place").alias("found_place"), known_code("episodes", "found_by").alias("found_by"))
        .agg(episodes=pl.len(), children=pl.col("child_id").n_unique())
        .sort("episodes", "found_place", "found_by", descending=[True, False, False], nulls_last=True)
        .collect()
    )


@answers("hotspots/distances")
def distances(export: Export, asked: Asked) -> pl.DataFrame:
    units = export.table("units").select("unit_id", from_latitude="latitude", from_longitude="longitude")
    is_found = pl.col("found_cell").is_not_null()
    point = [pl.when(is_found).then(f"found_{axis}").otherwise(f"last_seen_{axis}") for axis in ("latitude", "longitude")]
    away = kilometres(pl.col("from_latitude"), pl.col("from_longitude"), *point)
    located = (
        with_unit(located_in(export, asked), export)
        .join(units, on="unit_id", how="left")
        .select("child_id", "cell", kilometres=away)
        .with_columns(
            position=pl.when(pl.col("kilometres").is_not_null()).then(1 + sum(pl.col("kilometres") >= km for km in (1, 5, 20, 50)))
        )
        .collect()
    )
    counts = {"episodes": pl.len(), "children": pl.col("child_id").n_unique()}
    outside = asked["cells_outside"]
    measured = located.drop_nulls("position")
    beyond = located.filter(pl.col("cell").is_in(outside or [])).select(position=pl.lit(6), **counts)
    if outside is None:
        beyond = beyond.with_columns(episodes=None, children=None)
    names = ["under 1", "1–5", "5–20", "20–50", "over 50", "outside the area"]
    bands = pl.DataFrame({"band": names, "position": range(1, 7)}, {"band": pl.String, "position": pl.Int32})
    base = pl.when(pl.col("position") < 6)
    counted = pl.concat([measured.group_by("position").agg(**counts), beyond], how="vertical_relaxed")
    of_children = base.then(measured["child_id"].n_unique()).otherwise(located["child_id"].n_unique())
    return (
        bands.join(counted, on="position", how="left")
        .with_columns(
            pl.when(pl.col("position") < 6).then(pl.col("episodes", "children").fill_null(0)).otherwise(pl.col("episodes", "children"))
        )
        .with_columns(of_episodes=base.then(measured.height).otherwise(located.height), of_children=of_children)
        .with_columns(share=large_enough(asked, pl.col("episodes") / pl.col("of_episodes"), "of_children"))
    )


@answers("hotspots/emerging")
def emerging(export: Export, asked: Asked) -> pl.DataFrame:
    began = local_day("started_at")
    months = (began.dt.year() - asked["earliest_from"].year) * 12 + began.dt.month() - asked["earliest_from"].month
    visits = (
        episodes_in(export, asked["earliest_from"], asked["latest_to"], "episodes_with_cells")
        .with_columns(cell=pl.coalesce("found_cell", "last_seen_cell"))
        .filter(pl.col("cell").is_not_null(), pl.col("found_place").ne_missing("unit"))
        .select("cell", "child_id", quarter=months // 3)
        .unique()
    )
    is_latest = (pl.col("quarter") == 4).sum()
    active = visits.select("child_id", "quarter").unique().select(active_all=pl.len(), active_latest=is_latest)
    return (
        visits.group_by("cell")
        .agg(children_latest=is_latest, children_all=pl.len(), children=pl.col("child_id").n_unique())
        .filter(pl.col("children") >= 3)
        .join(cells_of(export), on="cell")
        .join(active, how="cross")
        .sort("cell")
        .collect()
    )
