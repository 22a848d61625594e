"""Dates and times as systems write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import polars as pl
import pytest

from dashboard.exports.imports.moments import read_moments


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2024-07-03 22:15:00", datetime(2024, 7, 3, 21, 15, tzinfo=UTC)),
        ("2024-07-03T22:15", datetime(2024, 7, 3, 21, 15, tzinfo=UTC)),
        ("2024-07-03 22:15:00.000", datetime(2024, 7, 3, 21, 15, tzinfo=UTC)),
        ("2024-07-03 22:15:00.0000000 +00:00", datetime(2024, 7, 3, 22, 15, tzinfo=UTC)),
        ("2024-07-03T22:15:00Z", datetime(2024, 7, 3, 22, 15, tzinfo=UTC)),
        ("2024-07-03T22:15:00-0530", datetime(2024, 7, 4, 3, 45, tzinfo=UTC)),
        ("03/07/2024 22:15", datetime(2024, 7, 3, 21, 15, tzinfo=UTC)),
        ("3/7/24 22:15", datetime(2024, 7, 3, 21, 15, tzinfo=UTC)),
        ("3.7.2024, 22:15:30", datetime(2024, 7, 3, 21, 15, 30, tzinfo=UTC)),
        ("03-07-2024", datetime(2024, 7, 2, 23, 0, tzinfo=UTC)),
        ("29/02/2024", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_text_is_read_as_systems_write_it(written: str, instant: datetime) -> None:
    """ISO 8601 and day/month/year, with long and short years, with and without seconds, their parts and a zone."""
    moments = read_moments(pl.Series([written]))
    assert moments.earliest.to_list() == moments.latest.to_list() == [instant]
    assert not moments.is_unreadable.any()


@pytest.mark.parametrize("written", ["29/02/2023", "31/04/2024", "1900-01-01", "9999-12-31", "03/07/0024", "07/13/2024", "soon", "24:00"])
def test_what_is_no_date_is_unreadable(written: str) -> None:
    """A day that never was, the stand-ins for "no date", a year of two or four figures gone wrong, and words; blank is none of them."""
    moments = read_moments(pl.Series([written, None]))
    assert moments.wall.to_list() == [None, None]
    assert moments.is_unreadable.to_list() == [True, False]


@pytest.mark.parametrize(
    "clock", ["22:15", "2215", "22.15", "10:15 PM", "10:15pm", time(22, 15), datetime.fromisoformat("1899-12-31 22:15")]
)
def test_a_time_of_day_may_stand_apart(clock: object) -> None:
    """As text in several ways, as a time, or as Excel keeps one; where it is blank the day begins."""
    days, clocks = pl.Series([date(2024, 7, 3)] * 2), pl.Series([clock, None])
    assert read_moments(days, clocks).wall.to_list() == [datetime.fromisoformat("2024-07-03 22:15"), datetime.fromisoformat("2024-07-03")]


def test_typed_cells_keep_what_they_are() -> None:
    """Times with a zone are instants whatever the zone, plain ones are local, and dates are days."""
    plain = pl.Series([datetime.fromisoformat("2024-07-03 22:15")])
    local, in_utc = plain.dt.replace_time_zone("Europe/London"), plain.dt.replace_time_zone("UTC")
    assert read_moments(local).earliest.to_list() == read_moments(plain).earliest.to_list() == [datetime(2024, 7, 3, 21, 15, tzinfo=UTC)]
    assert read_moments(in_utc).earliest.to_list() == [datetime(2024, 7, 3, 22, 15, tzinfo=UTC)]
    assert read_moments(pl.Series([date(2024, 7, 3), None])).are_dates
    assert not read_moments(plain).are_dates
    assert not read_moments(pl.Series([None], dtype=pl.String)).are_dates
