"""Clock changes, leap day, year's ends and the edges of the night: what is said of an episode, whichever way a file holds its times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import polars.selectors as cs
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.exports.tables import Snapshot
from dashboard.settings import Settings
from tests.oracle.made import write_made

# Start and end in UTC → the local date and hour of the start, hours, overnight (some of it between 00:00 and 06:00 local).
_CLOCKS = [
    # 31 March 2024, when 01:00 to 02:00 never was.
    ("2024-03-31 00:30", "2024-03-31 01:30", "2024-03-31", 0, 1.0, True),
    ("2024-03-31 00:59", "2024-03-31 01:00", "2024-03-31", 0, 1 / 60, True),
    ("2024-03-30 23:30", "2024-03-31 23:30", "2024-03-30", 23, 24.0, True),
    # 27 October 2024, when 01:00 to 02:00 came twice.
    ("2024-10-27 00:30", "2024-10-27 01:30", "2024-10-27", 1, 1.0, True),
    ("2024-10-26 23:30", "2024-10-27 23:30", "2024-10-27", 0, 24.0, True),
    # 29 February, New Year and 1 April.
    ("2024-02-28 23:59", "2024-03-01 00:00", "2024-02-28", 23, 24 + 1 / 60, True),
    ("2024-02-29 06:00", "2024-02-29 23:59", "2024-02-29", 6, 17 + 59 / 60, False),
    ("2024-12-31 23:30", "2025-01-01 00:30", "2024-12-31", 23, 1.0, True),
    ("2025-03-31 22:30", "2025-04-01 01:00", "2025-03-31", 23, 2.5, True),
    # Midnight and six, to the minute: an end at midnight is of the day before, a start at six of the day.
    ("2025-01-10 22:00", "2025-01-11 00:00", "2025-01-10", 22, 2.0, False),
    ("2025-01-10 22:00", "2025-01-11 00:01", "2025-01-10", 22, 2 + 1 / 60, True),
    ("2025-01-10 05:59", "2025-01-10 06:00", "2025-01-10", 5, 1 / 60, True),
    ("2025-01-10 06:00", "2025-01-10 07:00", "2025-01-10", 6, 1.0, False),
    # In summer a local midnight is 23:00 in UTC.
    ("2025-06-10 22:59", "2025-06-10 23:01", "2025-06-10", 23, 2 / 60, True),
    ("2025-06-10 22:00", "2025-06-10 23:00", "2025-06-10", 23, 1.0, False),
    # It ends before it starts; it lasts no time at all.
    ("2025-01-10 12:00", "2025-01-10 11:00", "2025-01-10", 12, None, None),
    ("2025-01-10 02:00", "2025-01-10 02:00", "2025-01-10", 2, 0.0, False),
]


def _in_utc(folder: Path) -> None:
    """Leave the times in UTC, as `write_made` wrote them."""


def _without_a_zone(folder: Path) -> None:
    frame = pl.read_parquet(folder / "episodes.parquet")
    local = cs.datetime().dt.convert_time_zone("Europe/London").dt.replace_time_zone(None)
    frame.with_columns(local).write_parquet(folder / "episodes.parquet")


def _in_nanoseconds(folder: Path) -> None:
    table = pl.read_parquet(folder / "episodes.parquet").to_arrow()
    for column in ("started_at", "ended_at"):
        index = table.column_names.index(column)
        table = table.set_column(index, column, table[column].cast(pa.timestamp("ns", "Europe/London")))
    pq.write_table(table, folder / "episodes.parquet")


@pytest.mark.parametrize("written", [_in_utc, _without_a_zone, _in_nanoseconds])
def test_clocks_and_calendars(written: Callable[[Path], None], tmp_path: Path) -> None:
    """Lengths are of time that passed and dates those of the local clock. Times without a zone are what a clock in London showed; of the
    hour that came twice they do not say which, so that a length there may be an hour out."""
    ends = [(datetime.fromisoformat(s).replace(tzinfo=UTC), datetime.fromisoformat(e).replace(tzinfo=UTC)) for s, e, *_ in _CLOCKS]
    write_made(tmp_path, episodes=[{"episode_id": f"E{n:02}", "started_at": s, "ended_at": e} for n, (s, e) in enumerate(ends)])
    written(tmp_path)
    (tmp_path / "manifest.json").unlink()
    snapshot = Snapshot.read(tmp_path, Settings(), tmp_path / "snapshot.duckdb")
    rows = snapshot._run("SELECT started_on, started_hour, hours, is_overnight FROM episodes ORDER BY episode_id", {})
    for row, (start, _, on, hour, hours, is_overnight) in zip(rows.iter_rows(named=True), _CLOCKS, strict=True):
        assert (f"{row['started_on']}", row["started_hour"]) == (on, hour), start
        if written is not _without_a_zone or not on.startswith("2024-10"):
            assert row["is_overnight"] == is_overnight, start
            assert row["hours"] == (None if hours is None else pytest.approx(hours)), start
