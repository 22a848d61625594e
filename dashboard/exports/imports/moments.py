"""Dates and times as local systems write them, read as moments.

A time without a zone is what a clock in London showed. On the last Sunday of October the hour from 01:00 to 02:00 comes twice, and on
the last Sunday of March it never comes; both are told apart here, so that an importer can count them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import polars as pl

from dashboard.exports.contract import LOCAL_TIME

# Systems write 1900-01-01 and 9999-12-31 for "no date". No child in care is older than the one, or missing beyond the other.
_YEARS = (1980, 2099)

_BRITISH = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b"
_BRITISH_SHORT = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{2})(\s|$)"
_ZONE = r"\d:\d{2}.*?\s?(Z|[+-]\d{2}:?\d{2})$"
_PLAIN = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
)
_DATES_AND_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
_TIMES = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%I:%M%p")


@dataclass(frozen=True)
class Moments:
    """One column of dates or times, read.

    Attributes:
        wall: as written, without a zone; null where blank or not to be read.
        earliest, latest: the instant in UTC. They differ where a local time came twice: by the hour between.
        is_twice, is_never: a local time of the hour that comes twice, or of the one that never comes (read as an hour later, as by a
            clock that was not put forward).
        is_unreadable: something is there, and it is no date of this century or the one before (from 1980 to 2099).
    """

    wall: pl.Series
    earliest: pl.Series
    latest: pl.Series
    is_twice: pl.Series
    is_never: pl.Series
    is_unreadable: pl.Series

    @property
    def are_dates(self) -> bool:
        """Whether all are midnights, which is how a date without a time looks once a system has put it into a time."""
        return bool(self.is_midnight.all()) and self.wall.count() > 0

    @property
    def is_midnight(self) -> pl.Series:
        return self.wall.dt.time() == time()

    @property
    def days(self) -> pl.Series:
        return self.wall.dt.date()


def read_moments(cells: pl.Series, clock: pl.Series | None = None, formats: Sequence[str] = ()) -> Moments:
    """The moments in `cells`: dates, times, or text of either.

    Text is read by `formats` (strftime's codes) alone where given, else as ISO 8601 or day/month/year, with or without hours, minutes,
    seconds and a zone. `clock` is the time of day where that stands in a column of its own; where it is blank or no time, the day begins.
    """
    written = _as_written(cells, formats)
    wall, offset = written["wall"], written["offset"]
    if clock is not None:
        since_midnight = _time_of_day(clock)
        wall = wall.dt.truncate("1d") + since_midnight.fill_null(pl.duration(minutes=0))
        offset = offset.clear(wall.len())
    wall = wall.zip_with(wall.dt.year().is_between(*_YEARS).fill_null(False), pl.Series([None], dtype=wall.dtype))
    frame = pl.DataFrame({"wall": wall, "offset": offset}).with_columns(
        by_offset=(pl.col("wall") - pl.col("offset")).dt.replace_time_zone("UTC"),
        earliest=_in_london("earliest"),
        latest=_in_london("latest"),
    )
    is_local = frame["wall"].is_not_null() & frame["offset"].is_null()
    is_never = is_local & frame["earliest"].is_null()
    # Winter time is UTC: 01:30 by a clock that was not put forward is 01:30 UTC.
    never = frame["wall"].dt.replace_time_zone("UTC")
    frame = frame.with_columns(pl.coalesce("by_offset", name, never).alias(name) for name in ("earliest", "latest"))
    return Moments(
        wall=frame["wall"],
        earliest=frame["earliest"],
        latest=frame["latest"],
        is_twice=(frame["earliest"] != frame["latest"]).fill_null(False),
        is_never=is_never,
        is_unreadable=cells.is_not_null() & frame["wall"].is_null(),
    )


def _in_london(ambiguous: str) -> pl.Expr:
    local = pl.col("wall").dt.replace_time_zone(LOCAL_TIME, ambiguous=pl.lit(ambiguous), non_existent="null")
    return local.dt.convert_time_zone("UTC")


def _as_written(cells: pl.Series, formats: Sequence[str]) -> pl.DataFrame:
    """wall, the time as written, without its zone; and offset, how far that zone is ahead of UTC, null where none is written."""
    kind, cell = cells.dtype, pl.col("cell")
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        read = cells.to_frame("cell").select(wall=cell.dt.replace_time_zone(None), offset=cell.dt.base_utc_offset() + cell.dt.dst_offset())
    elif kind.is_temporal():
        read = cells.to_frame("cell").select(wall=cell, offset=None)
    elif formats:
        read = cells.to_frame("cell").select(wall=_first_of(cell, formats), offset=None)
    else:
        # As most systems write it, which takes a tenth of the time; what that leaves is taken apart.
        wall = cells.to_frame("cell").select(wall=_first_of(cell, _PLAIN)).to_series()
        is_left = cells.is_not_null() & ~wall.dt.year().is_between(*_YEARS).fill_null(False)
        left = _taken_apart(cells.filter(is_left))
        at = is_left.arg_true()
        offset = pl.repeat(None, cells.len(), dtype=pl.Duration("us"), eager=True)
        read = pl.DataFrame({"wall": wall.scatter(at, left["wall"]), "offset": offset.scatter(at, left["offset"])})
    return read.select(pl.col("wall").cast(pl.Datetime("us")), pl.col("offset").cast(pl.Duration("us")))


def _first_of(text: pl.Expr, formats: Sequence[str]) -> pl.Expr:
    return pl.coalesce(text.str.to_datetime(form, strict=False, time_unit="us") for form in formats)


def _taken_apart(cells: pl.Series) -> pl.DataFrame:
    """wall and offset of text in ISO 8601 or day/month/year, however long its year, with parts of a second and a zone."""
    cell = pl.col("cell")
    zone = cell.str.extract(_ZONE)
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    digits = zone.str.extract_all(r"\d{2}").cast(pl.List(pl.Int64))
    hours, minutes = (digits.list.get(place, null_on_oob=True) for place in (0, 1))
    text = (
        cell.str.replace(r"(\d:\d{2}.*?)\s?(?:Z|[+-]\d{2}:?\d{2})$", "${1}")
        .str.replace(_BRITISH, "${3}-${2}-${1}")
        .str.replace(_BRITISH_SHORT, "20${3}-${2}-${1}${4}")
        .str.replace(r"(\d:\d{2}:\d{2})[.,]\d+$", "${1}")
        .str.replace(r"[T ,]+", " ")
    )
    # By length, since %Y reads 17 as the year 17.
    text = pl.when(text.str.contains(r"^\d{4}-")).then(text)
    return cells.to_frame("cell").select(
        wall=_first_of(text, _DATES_AND_TIMES),
        offset=pl.duration(minutes=pl.when(zone == "Z").then(0).otherwise(sign * (hours * 60 + minutes)), time_unit="us"),
    )


def _time_of_day(cells: pl.Series) -> pl.Series:
    """How long after midnight: of a time, of the time in a date with one (as Excel keeps a time), or of text."""
    if cells.dtype == pl.String:
        text = cells.str.to_uppercase().str.replace(r"^(\d{1,2})\.(\d{2})", "${1}:${2}").str.replace(r"^(\d{2})(\d{2})$", "${1}:${2}")
        day = text.str.replace("^", "2000-01-01 ")
        frame = day.to_frame("day").select(pl.coalesce(pl.col("day").str.to_datetime(f"%Y-%m-%d {form}", strict=False) for form in _TIMES))
        cells = frame.to_series()
    elif cells.dtype == pl.Time:
        return cells.cast(pl.Duration("us"))
    return cells - cells.dt.truncate("1d")


def local_day(moment: datetime) -> date:
    """The day in London on which an aware moment falls."""
    return moment.astimezone(ZoneInfo(LOCAL_TIME)).date()
