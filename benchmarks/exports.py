"""The exports that are measured: ten years of as many invented authorities as it takes. They are made once and kept outside the project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import h3
import platformdirs
import polars as pl

from dashboard.exports.calendar import sun_and_bank_holidays
from dashboard.exports.contract import LOCAL_TIME
from dashboard.exports.demo import write_demo
from dashboard.settings import load_settings

FIRST_DAY = date(2016, 7, 1)
LAST_DAY = date(2026, 6, 30)
# What ten years of one authority of the demo come to.
EPISODES_OF_AN_AUTHORITY = 13_100

folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=platformdirs.user_cache_path("oversight") / "benchmarks",
    help="Where the exports are made and kept; the user's cache by default. Remove it to have them made anew.",
)


@dataclass(frozen=True)
class Export:
    """An export's Parquet files as polars scans them, and beside them what polars cannot work out for itself.

    The dashboard has the H3 cells and the light from Python libraries when it opens an export. Polars is given the same: `episodes`
    come with their two cells, `cell_centres` and `light` from files of their own.
    """

    folder: Path

    def table(self, name: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.folder / f"{name}.parquet")

    @cached_property
    def ends_at(self) -> datetime:
        """The instant at which the export's last day ends."""
        return midnight(LAST_DAY + timedelta(1))


def midnight(day: date) -> datetime:
    """The instant at which a day begins in local time, in UTC as the files have it."""
    return datetime.combine(day, time(), ZoneInfo(LOCAL_TIME)).astimezone(ZoneInfo("UTC"))


def export_of(episodes: int, folder: Path) -> Export:
    """The export of about so many episodes, made in `folder` if it is not there yet."""
    export = Export(folder / f"{episodes}")
    if not (export.folder / "light.parquet").exists():
        write_export_of(episodes, export.folder)
        _add_what_python_works_out(export)
    return export


def write_export_of(episodes: int, folder: Path) -> None:
    """Write a demo of about so many episodes."""
    write_demo(folder, first_day=FIRST_DAY, last_day=LAST_DAY, authorities=max(1, round(episodes / EPISODES_OF_AN_AUTHORITY)))


def _add_what_python_works_out(export: Export) -> None:
    resolution = load_settings().cell_resolution
    points = export.table("episodes").select("^(found|last_seen)_(latitude|longitude)$").collect()
    found, last_seen = (
        pl.Series(
            f"{place}_cell",
            [
                None if latitude is None or longitude is None else h3.latlng_to_cell(latitude, longitude, resolution)
                for latitude, longitude in points.select(f"{place}_latitude", f"{place}_longitude").iter_rows()
            ],
            pl.String,
        )
        for place in ("found", "last_seen")
    )
    pl.read_parquet(export.folder / "episodes.parquet").with_columns(found, last_seen).write_parquet(
        export.folder / "episodes_with_cells.parquet", compression="zstd"
    )
    cells = pl.concat([found.rename("cell"), last_seen.rename("cell")]).drop_nulls().unique().sort()
    centres = [h3.cell_to_latlng(cell) for cell in cells]
    pl.DataFrame({"cell": cells, "latitude": [y for y, _ in centres], "longitude": [x for _, x in centres]}).write_parquet(
        export.folder / "cell_centres.parquet"
    )
    middle = export.table("units").filter(pl.col("in_area") & pl.col("latitude").is_not_null()).select(pl.mean("latitude", "longitude"))
    latitude, longitude = middle.collect().row(0)
    sun_and_bank_holidays(FIRST_DAY, LAST_DAY, round(latitude, 2), round(longitude, 2)).write_parquet(export.folder / "light.parquet")
