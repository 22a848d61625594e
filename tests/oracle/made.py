"""Exports made for tests: rows as small dicts with defaults, written as Parquet and opened by the loader that serves readers."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import strategies as st

from dashboard.exports import contract
from dashboard.exports.tables import Snapshot
from dashboard.exports.write import write_export
from dashboard.scope import Period, Scope
from dashboard.settings import Settings

Rows = list[dict[str, Any]]
Tables = dict[str, Rows]

COVERS = (date(2024, 1, 1), date(2025, 6, 30))

_DEFAULTS: dict[str, dict[str, Any]] = {
    "episodes": {"child_id": "C1", "category": "missing", "unit_id": None},
    "return_interviews": {"offered": "yes"},
    "placements": {"child_id": "C1", "unit_id": "U1", "started_on": date(2023, 1, 1), "ended_on": None},
    "units": {"kind": "childrens_home", "sector": "own", "in_area": True, "beds": 4},
    "children": {
        "birth_month": date(2010, 1, 1),
        "looked_after_from": date(2023, 1, 1),
        "looked_after_to": None,
        "responsible_authority": None,
    },
    "police_calls": {"unit_id": "U1", "reason": "missing", "episode_id": None},
    "events": {"unit_id": None, "rebase": False},
}

_TYPES = {
    contract.Kind.TEXT: pl.String,
    contract.Kind.BOOLEAN: pl.Boolean,
    contract.Kind.INTEGER: pl.Int64,
    contract.Kind.NUMBER: pl.Float64,
    contract.Kind.DATE: pl.Date,
    contract.Kind.INSTANT: pl.Datetime("us", "UTC"),
    contract.Kind.INSTANT_OR_DATE: pl.Datetime("us", "UTC"),
    contract.Kind.TEXT_LIST: pl.List(pl.String),
}


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def rows_of(table: str, rows: Sequence[Mapping[str, Any]]) -> Rows:
    """The rows with the table's defaults, and ids where a row names none."""
    identifier = contract.CONTRACT[table].columns[0].name
    made = []
    for index, row in enumerate(rows):
        names = {identifier: f"{identifier[0].upper()}{index}"} if table in ("episodes", "return_interviews", "police_calls") else {}
        if table == "units":
            names = {"name": f"{row['unit_id']} House"}
        made.append(_DEFAULTS[table] | names | dict(row))
    return made


def frame_of(table: str, rows: Rows) -> pl.DataFrame:
    """The rows as a frame of the contract's types. Columns that no row names are left out, unless there is no row; dates stay dates."""
    columns = [c for c in contract.CONTRACT[table].columns if c.required or not rows or any(c.name in row for row in rows)]
    schema = {}
    for column in columns:
        values = [row[column.name] for row in rows if row.get(column.name) is not None]
        dated = column.kind is contract.Kind.INSTANT_OR_DATE and any(not isinstance(value, datetime) for value in values)
        schema[column.name] = pl.Date if dated else _TYPES[column.kind]
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema)


def write_made(folder: Path, covers: tuple[date, date] = COVERS, **tables: Sequence[Mapping[str, Any]]) -> Tables:
    """Write an export of these tables into `folder`; gives the rows with their defaults, for the oracle."""
    whole = {table: rows_of(table, rows) for table, rows in tables.items()}
    write_export(
        folder,
        {table: frame_of(table, rows) for table, rows in whole.items()},
        authority="Testshire",
        source="tests",
        exported_at=datetime(covers[1].year, covers[1].month, covers[1].day, 12, tzinfo=UTC),
        covers=covers,
        synthetic=True,
    )
    return whole


def opened(
    covers: tuple[date, date] = COVERS, settings: Settings | None = None, **tables: Sequence[Mapping[str, Any]]
) -> tuple[Snapshot, Tables]:
    """A snapshot of an export of these tables, and the rows with their defaults. `episodes` may be left out: none then."""
    tables.setdefault("episodes", [])
    with tempfile.TemporaryDirectory() as folder:
        whole = write_made(Path(folder), covers, **tables)
        return Snapshot.read(Path(folder), settings or Settings()), whole


_CHILDREN = ["C1", "C2", "C3", "C4", "C5", "C6"]
_UNITS = ["U1", "U2", "U3"]


def _after(at: Any, later: timedelta | None) -> Any:
    return None if later is None else at + later


def _hours(count: float) -> timedelta:
    return timedelta(hours=count)


def _days(count: int) -> timedelta:
    return timedelta(days=count)


# Made once: Hypothesis looks a strategy through before it first draws from it, and an export takes hundreds of draws.
_HOURS = (COVERS[1] - COVERS[0]).days * 24
_ANYWHERE = st.integers(-48, _HOURS + 24).map(lambda h: utc(2024, 1, 1) + timedelta(hours=h))
_EDGES = st.sampled_from(
    [
        utc(2024, 3, 31, 0),
        utc(2024, 3, 31, 1),
        utc(2024, 10, 27, 0),
        utc(2024, 10, 27, 1),
        utc(2024, 12, 31, 23),
        utc(2025, 4, 1),
        utc(2025, 6, 30, 22),
    ]
)
_TRUTH = st.sampled_from([None, True, False])
_EPISODE = st.fixed_dictionaries(
    {
        "started_at": st.one_of(_ANYWHERE, _EDGES),
        "lasting": st.one_of(st.none(), st.sampled_from([-2.0, 0.0, 0.5, 3.0, 8.0, 24.0, 25.0, 72.0, 800.0]).map(_hours)),
        "child_id": st.sampled_from(_CHILDREN),
        "category": st.sampled_from(["missing", "away"]),
        "unit_id": st.sampled_from([None, None, *_UNITS]),
        "whereabouts_known": _TRUTH,
        "risk": st.sampled_from([None, "low", "medium", "high", "absent"]),
        "police_called": _TRUTH,
        "before_call": st.one_of(st.none(), st.integers(0, 600).map(lambda minutes: timedelta(minutes=minutes))),
        "before_reclassified": st.sampled_from([None, _hours(2)]),
        "found_latitude": st.sampled_from([None, 52.8, 52.48]),
        "last_seen_latitude": st.sampled_from([None, 52.9]),
        "found_place": st.sampled_from([None, "unit", "friend", "town_centre"]),
        "found_by": st.sampled_from([None, "police", "staff"]),
    }
)
_INTERVIEW = st.fixed_dictionaries(
    {
        "offered": st.sampled_from(["yes", "yes", "no", "not_required"]),
        "outcome": st.sampled_from([None, "completed", "declined", "not_held", "pending"]),
        "before_held": st.one_of(st.none(), st.sampled_from([-1, 0, 20, 24, 48, 72, 73, 200]).map(_hours)),
        "interviewer": st.sampled_from([None, "independent", "social_worker"]),
    }
)
_PLACEMENT = st.fixed_dictionaries(
    {
        "unit_id": st.sampled_from(_UNITS),
        "started_on": st.integers(-100, 500).map(lambda day: COVERS[0] + _days(day)),
        "lasting": st.one_of(st.none(), st.integers(0, 300).map(_days)),
    }
)
_CALL = st.fixed_dictionaries(
    {
        "unit_id": st.sampled_from(_UNITS),
        "called_at": _ANYWHERE,
        "reason": st.sampled_from([None, "missing", "assault", "damage"]),
        "episode_id": st.sampled_from([None, "E0", "E1"]),
    }
)
_CHILD = st.fixed_dictionaries(
    {
        "birth_month": st.sampled_from([None, date(2008, 2, 1), date(2012, 7, 1), date(2013, 1, 1)]),
        "looked_after_from": st.integers(-200, 300).map(lambda day: COVERS[0] + _days(day)),
        "looked_after_to": st.one_of(st.none(), st.integers(300, 700).map(lambda day: COVERS[0] + _days(day))),
        "responsible_authority": st.sampled_from([None, None, "Elsewhere"]),
    }
)
_UP_TO_TWO, _UP_TO_THREE, _UP_TO_EIGHT = st.integers(0, 2), st.integers(0, 3), st.integers(0, 8)
_IN_AREA = st.sampled_from([None, True])


@st.composite
def exports(draw: st.DrawFn, *, most_episodes: int = 40) -> Tables:
    """Tables of a small export with everything that a rule can trip over.

    Starts and ends fall on whole and half hours around midnight, 06:00, month ends and both clock changes; children move, overlap
    and belong to other authorities; some episodes are open, end before they start, or belong to no placement.
    """
    episodes = []
    for index in range(draw(st.integers(0, most_episodes))):
        row = draw(_EPISODE)
        started = row["started_at"]
        ended, called = _after(started, row.pop("lasting")), _after(started, row.pop("before_call"))
        reclassified = _after(started, row.pop("before_reclassified"))
        episodes.append(
            {"episode_id": f"E{index}", "ended_at": ended, "police_called_at": called, "reclassified_at": reclassified}
            | {"found_longitude": -1.9, "last_seen_longitude": -2.1}
            | row
        )
    interviews = []
    for episode in episodes:
        for _ in range(draw(_UP_TO_TWO)):
            row = draw(_INTERVIEW)
            held = _after(episode["ended_at"] or episode["started_at"], row.pop("before_held"))
            interviews.append({"interview_id": f"I{len(interviews)}", "episode_id": episode["episode_id"], "held_at": held} | row)
    placements = []
    for child in _CHILDREN[:5]:
        for _ in range(draw(_UP_TO_THREE)):
            row = draw(_PLACEMENT)
            placements.append({"child_id": child, "ended_on": _after(row["started_on"], row.pop("lasting"))} | row)
    calls = [{"call_id": f"P{n}"} | draw(_CALL) for n in range(draw(_UP_TO_EIGHT))]
    children = [{"child_id": child} | draw(_CHILD) for child in _CHILDREN]
    units = [
        {"unit_id": "U1", "in_area": True, "kind": "childrens_home", "sector": "own", "latitude": 52.8, "longitude": -2.1},
        {
            "unit_id": "U2",
            "in_area": draw(_IN_AREA),
            "kind": "foster",
            "sector": "private",
            "latitude": 52.5,
            "longitude": -1.9,
        },
        {"unit_id": "U3", "in_area": False, "kind": "supported", "sector": "private"},
    ]
    return {
        "episodes": episodes,
        "return_interviews": interviews,
        "placements": placements,
        "children": children,
        "units": units,
        "police_calls": calls,
    }


_SCOPES = st.builds(
    Scope,
    period=st.sampled_from(
        ["2024-25", "2024-Q2", "2024-03", "2025-06", "2024-10-01..2025-06-30", "2024-01-01..2025-12-31", "2023-07-01..2024-06-30"]
    ).map(Period.parse),
    category=st.sampled_from(["both", "missing", "away"]),
    units=st.sampled_from([None, ("U1",), ("U1", "U2")]),
    whose=st.sampled_from(["ours", "here"]),
)


def scopes() -> st.SearchStrategy[Scope]:
    """Scopes over the months that `exports` covers and a little beyond."""
    return _SCOPES
