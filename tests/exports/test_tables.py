"""The tables that questions read: what is worked out when an export is opened, rule by rule, and that nothing stays open."""

from __future__ import annotations

import gc
import math
import os
import tempfile
import weakref
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import h3
import polars as pl
import pytest
from h3.api.basic_int import latlng_to_cell
from hypothesis import given, settings
from polars.testing import assert_frame_equal

from dashboard.errors import Refusal
from dashboard.exports.tables import Snapshot
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import DEFINITIONS, Asked
from dashboard.scope import Period, Scope
from dashboard.settings import Settings
from tests.oracle.made import COVERS, Tables, exports, opened, utc, write_made
from tests.oracle.plain import Plain

DAY = date(2025, 3, 10)


def _episode(started_at: datetime | date, ended_at: datetime | date | None, **tables: Any) -> dict[str, Any]:
    """The row of `episodes` of one episode from `started_at` to `ended_at`. The export covers days to 30 June 2025."""
    more = tables.pop("episode", {})
    snapshot, _ = opened(episodes=[{"episode_id": "E1", "started_at": started_at, "ended_at": ended_at} | more], **tables)
    return snapshot._run("SELECT * FROM episodes", {}).row(0, named=True)


@pytest.mark.parametrize(
    ("started_at", "ended_at", "hours", "started_on", "ended_on", "hour"),
    [
        # Clocks go forward on 30 March 2025: from 22:00 to 08:00 local are nine hours.
        (utc(2025, 3, 29, 22), utc(2025, 3, 30, 7), 9, date(2025, 3, 29), date(2025, 3, 30), 22),
        # Back on 27 October 2024: from 22:00 to 08:00 local are eleven.
        (utc(2024, 10, 26, 21), utc(2024, 10, 27, 8), 11, date(2024, 10, 26), date(2024, 10, 27), 22),
        # The hour that comes twice is told apart.
        (utc(2024, 10, 27, 0, 30), utc(2024, 10, 27, 1, 30), 1, date(2024, 10, 27), date(2024, 10, 27), 1),
        # In summer 23:30 UTC is the next day.
        (utc(2025, 6, 1, 23, 30), utc(2025, 6, 2), 0.5, date(2025, 6, 2), date(2025, 6, 2), 0),
        (utc(2025, 1, 1, 23, 30), utc(2025, 1, 2), 0.5, date(2025, 1, 1), date(2025, 1, 2), 23),
    ],
)
def test_local_time_and_length(started_at: datetime, ended_at: datetime, hours: float, started_on: date, ended_on: date, hour: int) -> None:
    """Days and hours are local, lengths are what passed on any clock."""
    row = _episode(started_at, ended_at)
    assert (row["hours"], row["started_on"], row["ended_on"], row["started_hour"]) == (hours, started_on, ended_on, hour)
    assert row["started_month"] == started_on.replace(day=1)
    assert row["weekday"] == started_on.isoweekday()


@pytest.mark.parametrize(
    ("started_at", "ended_at", "is_overnight"),
    [
        (utc(2025, 1, 10, 6), utc(2025, 1, 10, 23, 59), False),
        (utc(2025, 1, 10, 6), utc(2025, 1, 11, 0), False),
        (utc(2025, 1, 10, 6), utc(2025, 1, 11, 0, 1), True),
        (utc(2025, 1, 10, 5, 59), utc(2025, 1, 10, 6), True),
        (utc(2025, 1, 10, 0), utc(2025, 1, 10, 0, 1), True),
        (utc(2025, 1, 10, 3), utc(2025, 1, 10, 3), False),
        # Midnight and six in London, in summer.
        (utc(2025, 6, 10, 5), utc(2025, 6, 10, 23), False),
        (utc(2025, 6, 10, 5), utc(2025, 6, 10, 23, 1), True),
        (utc(2025, 6, 10, 4, 59), utc(2025, 6, 10, 5), True),
        (utc(2025, 1, 10, 12), utc(2025, 1, 10, 11), None),
    ],
)
def test_overnight(started_at: datetime, ended_at: datetime, is_overnight: bool | None) -> None:
    """Some of it falls between 00:00 and 06:00, local; touching one of the two is not enough, and no length is no night."""
    assert _episode(started_at, ended_at)["is_overnight"] is is_overnight


def test_over_24_hours() -> None:
    """A day to the minute is not over 24 hours."""
    assert not _episode(utc(2025, 3, 10, 12), utc(2025, 3, 11, 12))["is_over_24h"]
    assert _episode(utc(2025, 3, 10, 12), utc(2025, 3, 11, 12, 1))["is_over_24h"]


def test_dates_without_times() -> None:
    """Lengths are whole days, no hour and no night is claimed, and over 24 hours is from two dates on: the next day may be an hour away."""
    rows = [_episode(DAY, date(2025, 3, day)) for day in (10, 11, 12)]
    assert [(row["hours"], row["is_over_24h"]) for row in rows] == [(0, False), (24, False), (48, True)]
    assert {(row["started_on"], row["started_hour"], row["is_overnight"]) for row in rows} == {(DAY, None, None)}
    # Over the clock change a day is 24 hours still.
    assert _episode(date(2025, 3, 29), date(2025, 3, 31))["hours"] == 48


def test_a_start_with_a_time_and_an_end_without() -> None:
    """The hour of the start is known, and no length in hours."""
    row = _episode(utc(2025, 3, 10, 22), date(2025, 3, 11))
    assert (row["started_hour"], row["hours"], row["is_overnight"]) == (22, 24, None)


def test_open_at_the_end_of_the_export() -> None:
    """One without an end, and one that ends after the export does, are open. The first lasts to the export's end, 24:00 local of 30 June,
    as far as anyone knows."""
    row = _episode(utc(2025, 6, 30, 11), None)
    assert (row["is_open"], row["hours"], row["ended_on"]) == (True, 12, None)
    assert _episode(utc(2025, 6, 30, 11), utc(2025, 6, 30, 23))["is_open"]
    assert not _episode(utc(2025, 6, 30, 11), utc(2025, 6, 30, 22, 59))["is_open"]
    assert _episode(utc(2025, 7, 3), None)["hours"] == 0


def test_an_end_before_the_start() -> None:
    """No length is given."""
    row = _episode(utc(2025, 3, 10, 12), utc(2025, 3, 10, 11))
    assert (row["hours"], row["is_over_24h"], row["is_overnight"], row["is_open"]) == (None, None, None, False)


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(2010, 3, 1), 15),
        (date(2010, 4, 1), 14),
        (date(2010, 3, 31), 15),
        (date(2025, 3, 1), 0),
        (date(2025, 4, 1), None),
        (None, None),
    ],
)
def test_age(born: date | None, age: int | None) -> None:
    """Whole years on the day it began, by the month of birth: only the month is given. A birth after it is no age."""
    assert _episode(utc(2025, 3, 10), None, children=[{"child_id": "C1", "birth_month": born}])["age"] == age


def test_a_child_that_is_not_listed() -> None:
    """Its age is not known, and it is ours until the export says otherwise."""
    row = _episode(utc(2025, 3, 10), None, children=[{"child_id": "C2"}])
    assert (row["age"], row["is_ours"]) == (None, True)
    assert not _episode(utc(2025, 3, 10), None, children=[{"child_id": "C1", "responsible_authority": "Elsewhere"}])["is_ours"]


def _stay(unit_id: str, started_on: date, ended_on: date | None = None) -> dict[str, Any]:
    return {"unit_id": unit_id, "started_on": started_on, "ended_on": ended_on}


@pytest.mark.parametrize(
    ("stays", "unit_id", "ended_on"),
    [
        ([_stay("U1", date(2025, 1, 1))], "U1", None),
        ([_stay("U1", DAY)], "U1", None),
        ([_stay("U1", date(2025, 3, 11))], None, None),
        # A child leaves on the day on which a stay ends.
        ([_stay("U1", date(2025, 1, 1), DAY)], None, None),
        ([_stay("U1", date(2025, 1, 1), date(2025, 3, 11))], "U1", date(2025, 3, 11)),
        ([_stay("U1", date(2025, 1, 1), DAY), _stay("U2", DAY)], "U2", None),
        # Where stays overlap: the latest to begin, though it be over sooner; of two that began on one day the larger id.
        ([_stay("U2", date(2025, 1, 1)), _stay("U1", date(2025, 2, 1), date(2025, 4, 1))], "U1", date(2025, 4, 1)),
        ([_stay("U3", date(2025, 2, 1), date(2025, 3, 1)), _stay("U1", date(2025, 1, 1))], "U1", None),
        ([_stay("U2", date(2025, 1, 1), date(2025, 5, 1)), _stay("U1", date(2025, 1, 1))], "U2", date(2025, 5, 1)),
    ],
)
def test_unit_from_placements(stays: list[dict[str, Any]], unit_id: str | None, ended_on: date | None) -> None:
    """An episode without a unit has that of the placement on the local day on which it began."""
    # 23:30 UTC would be the day before in winter; in London it is still 10 March.
    row = _episode(utc(2025, 3, 10, 23, 30), None, placements=stays)
    assert (row["unit_id"], row["placement_ended_on"]) == (unit_id, ended_on)
    assert row["is_in_placement"] == (unit_id is not None)
    assert not row["is_unit_recorded"]


def test_a_recorded_unit_comes_before_the_placement() -> None:
    """What the episode says is kept, whether or not a placement agrees."""
    row = _episode(
        utc(2025, 3, 10),
        None,
        episode={"unit_id": "U9"},
        placements=[_stay("U1", date(2025, 1, 1))],
        units=[{"unit_id": "U9", "in_area": True}],
    )
    assert (row["unit_id"], row["is_unit_recorded"], row["is_in_placement"], row["is_here"]) == ("U9", True, True, True)


def test_a_unit_of_unknown_area_is_not_here() -> None:
    """Only a unit that is said to be in our area is."""
    for units in ([{"unit_id": "U1", "in_area": None}], [{"unit_id": "U2"}]):
        assert not _episode(utc(2025, 3, 10), None, episode={"unit_id": "U1"}, units=units)["is_here"]


@pytest.mark.parametrize(
    ("risk", "shown"),
    [("high", "high"), ("absent", "very_low"), ("no_apparent_risk", "very_low"), ("HIGH", "other: HIGH"), ("", "other: "), (None, None)],
)
def test_codes(risk: str | None, shown: str | None) -> None:
    """A known code is kept, an older spelling is brought to it, another is shown as "other: CODE"."""
    assert _episode(utc(2025, 3, 10), None, episode={"risk": risk})["risk"] == shown


def test_cells() -> None:
    """A place is the H3 cell that holds it, at the resolution of the settings. The last place seen stands in only where none was found; a
    point that is not on the globe has no cell."""
    points = {"found_latitude": 52.8, "found_longitude": -2.1, "last_seen_latitude": 52.9, "last_seen_longitude": -1.9}
    row = _episode(utc(2025, 3, 10), None, episode=points)
    assert (row["found_cell"], row["last_seen_cell"]) == (latlng_to_cell(52.8, -2.1, 7), None)
    for nowhere in (None, 91.0, math.nan, math.inf):
        row = _episode(utc(2025, 3, 10), None, episode=points | {"found_latitude": nowhere})
        assert (row["found_cell"], row["last_seen_cell"]) == (None, latlng_to_cell(52.9, -1.9, 7))
    snapshot, _ = opened(settings=Settings(cell_resolution=5), episodes=[{"started_at": utc(2025, 3, 10), **points}])
    assert snapshot._run("SELECT cell FROM cells", {}).item() == h3.latlng_to_cell(52.8, -2.1, 5)


def test_episode_numbers() -> None:
    """A child's episodes are numbered in the order in which they began, those of one instant by id."""
    rows = [("E3", "C1", 2), ("E1", "C1", 2), ("E2", "C1", 1), ("E4", "C2", 3)]
    snapshot, _ = opened(episodes=[{"episode_id": e, "child_id": c, "started_at": utc(2025, 3, day)} for e, c, day in rows])
    numbers = snapshot._run("SELECT episode_id, episode_number FROM episodes ORDER BY ALL", {})
    assert numbers.rows() == [("E1", 2), ("E2", 1), ("E3", 3), ("E4", 1)]


def test_times_without_a_zone_are_local(tmp_path: Path) -> None:
    """A plain timestamp is what a clock in London showed."""
    write_made(tmp_path, episodes=[{"started_at": utc(2025, 6, 10, 12), "ended_at": utc(2025, 6, 10, 13)}])
    frame = pl.read_parquet(tmp_path / "episodes.parquet")
    frame.with_columns(pl.col("started_at").dt.replace_time_zone(None)).write_parquet(tmp_path / "episodes.parquet")
    row = Snapshot.read(tmp_path, Settings())._run("SELECT * FROM episodes", {}).row(0, named=True)
    assert (row["started_hour"], row["hours"]) == (12, 2)


@settings(max_examples=10)
@given(exports())
def test_nights(tables: Tables) -> None:
    """Nights by unit, month and whose children are those counted night by night: a night is where the child was placed at midnight, and
    only nights that the export covers count."""
    snapshot, whole = opened(**tables)
    plain = Plain(whole)
    counted: Counter[tuple[str, date, bool, bool]] = Counter()
    for stay in plain.placements:
        for ordinal in range(COVERS[0].toordinal(), COVERS[1].toordinal() + 1):
            day = date.fromordinal(ordinal)
            if stay["started_on"] <= day and (stay["ended_on"] is None or day < stay["ended_on"]):
                counted[stay["unit_id"], day.replace(day=1), plain.is_ours(stay["child_id"]), plain.is_here(stay["unit_id"])] += 1
    rows = snapshot._run("SELECT unit_id, month, is_ours, is_here, nights FROM unit_nights", {}).rows()
    assert {tuple(key): nights for *key, nights in rows} == dict(counted)


def test_what_is_given() -> None:
    """Tables that are there, columns with a value in some row or where an empty cell is an answer, and times where they are not dates."""
    snapshot, _ = opened(
        episodes=[{"started_at": utc(2025, 3, 1), "ended_at": None, "risk": None, "police_called": True}],
        return_interviews=[{"episode_id": "E0", "held_at": date(2025, 3, 2)}],
    )
    given_ones = {name for name in snapshot.given if name.split(".")[0].removeprefix("times of ") in ("episodes", "units")}
    assert given_ones == {
        "episodes",
        *(f"episodes.{column}" for column in ("episode_id", "child_id", "category", "started_at", "ended_at", "unit_id", "police_called")),
        "times of episodes.started_at",
        "times of episodes.ended_at",
    }
    assert "return_interviews.held_at" in snapshot.given
    assert "times of return_interviews.held_at" not in snapshot.given


def test_coverage_by_the_rows() -> None:
    """Without a manifest the export covers the first start to the latest moment in any file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_made(
            folder,
            episodes=[{"started_at": utc(2025, 3, 1, 23), "ended_at": utc(2025, 3, 2)}],
            police_calls=[{"called_at": utc(2025, 6, 1, 23, 30)}],
        )
        (folder / "manifest.json").unlink()
        coverage = Snapshot.read(folder, Settings()).coverage
    assert (coverage.first_day, coverage.last_day, coverage.is_inferred) == (date(2025, 3, 1), date(2025, 6, 2), True)
    assert coverage.ends_at == utc(2025, 6, 2, 23)


@settings(max_examples=5)
@given(exports())
def test_a_database_of_its_own(tables: Tables) -> None:
    """An export read into a file answers as one read into memory, also when it is opened again, and twice; nothing can be written to it."""
    with tempfile.TemporaryDirectory() as name:
        folder, file = Path(name), Path(name) / "snapshot.duckdb"
        write_made(folder, **tables)
        in_memory, made = Snapshot.read(folder, Settings()), Snapshot.read(folder, Settings(), file)
        again = Snapshot.open(file)
        for snapshot in (made, again):
            assert (snapshot.fingerprint, snapshot.coverage, snapshot.given) == (in_memory.fingerprint, in_memory.coverage, in_memory.given)
            for question in ("data_quality/findings", "data_quality/completeness"):
                assert_frame_equal(snapshot.ask(question, {}), in_memory.ask(question, {}))
            everything = "SELECT * FROM episodes ORDER BY episode_id"
            assert_frame_equal(snapshot._run(everything, {}), in_memory._run(everything, {}))
            with pytest.raises(duckdb.Error):
                snapshot._run("INSERT INTO given VALUES ('units')", {})


@pytest.fixture(params=["in memory", "in a file"])
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A small export, opened."""
    folder = tmp_path_factory.mktemp("export")
    write_made(
        folder,
        episodes=[
            {"started_at": utc(2025, 1 + n % 6, 1 + n % 28, n % 24), "child_id": f"C{n % 9}", "unit_id": f"U{n % 3}"} for n in range(120)
        ],
        placements=[{"child_id": f"C{n}", "unit_id": f"U{n % 3}"} for n in range(9)],
    )
    return Snapshot.read(folder, Settings(), folder / "snapshot.duckdb" if request.param == "in a file" else None)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM read_parquet('{folder}/episodes.parquet')",
        "SELECT * FROM glob('/*')",
        "COPY episodes TO '{folder}/copied.parquet'",
        "EXPORT DATABASE '{folder}/copied'",
        "ATTACH '{folder}/other.db'",
        "INSTALL httpfs",
        "LOAD '{folder}/extension'",
        "SELECT getenv('PATH')",
        "SET enable_external_access = true",
        "SET temp_directory = '{folder}'",
        "SET TimeZone = 'UTC'",
        "RESET lock_configuration",
    ],
)
def test_the_engine_reaches_nothing(statement: str, snapshot: Snapshot, tmp_path: Path) -> None:
    """Once an export is open, no question can read or write a file, load code or change a setting."""
    write_made(tmp_path, episodes=[])
    before = sorted(os.listdir(tmp_path))
    with snapshot._connection.cursor() as cursor, pytest.raises(duckdb.Error):
        cursor.execute(statement.format(folder=tmp_path)).fetchall()
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the open files of a process are to be seen on Linux")
def test_no_file_stays_open(tmp_path: Path) -> None:
    """The files can be replaced or removed as soon as the export is open, and also where it was refused."""

    def held() -> list[str]:
        links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))
        return [target for link in links if link.is_symlink() and (target := os.readlink(link)).startswith(str(tmp_path))]

    write_made(tmp_path, episodes=[{"started_at": utc(2025, 3, 1)}], units=[{"unit_id": "U1"}])
    opened_once = Snapshot.read(tmp_path, Settings())
    assert held() == []
    (tmp_path / "episodes.parquet").unlink()
    assert opened_once._run("SELECT count(*) FROM episodes", {}).item() == 1
    write_made(tmp_path, episodes=[{"started_at": utc(2025, 3, 1), "category": "absent"}])
    with pytest.raises(Refusal):
        Snapshot.read(tmp_path, Settings())
    assert held() == []


def test_an_export_that_is_replaced_is_let_go() -> None:
    """Nothing holds a snapshot once its last reader has let go of it: no ring of references that waits for the collector."""
    made, _ = opened(episodes=[{"started_at": utc(2025, 3, 1)}])
    made.ask("overview/months", Asked(made, Scope(Period.parse("2025-Q1")), Settings(), DEFINITIONS["overview/months"]).parameters)
    still_there = weakref.ref(made)
    gc.disable()
    try:
        del made
        assert still_there() is None
    finally:
        gc.enable()


def test_eight_readers_at_once_are_answered_as_one(snapshot: Snapshot) -> None:
    """Given questions from eight threads at the same time, then each answer is the one that it has alone."""
    scopes = [
        Scope(Period.parse(period), whose=whose) for period in ("2025-01", "2025-02", "2025-Q1", "2025-Q2") for whose in ("ours", "here")
    ]
    questions = ("overview/months", "data_quality/findings", "units/unit_months", "seasons/calendar")
    asked = [
        (question, Asked(snapshot, scope, Settings(), DEFINITIONS[question]).parameters) for scope in scopes for question in questions
    ] * 3
    alone = [snapshot.answer(*one) for one in asked]
    with ThreadPoolExecutor(8) as readers:
        together = list(readers.map(lambda one: snapshot.answer(*one), asked))
    assert all(a.equals(b) for a, b in zip(alone, together, strict=True))
