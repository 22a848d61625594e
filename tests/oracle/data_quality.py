"""The Data quality figures again, in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from dashboard.exports import contract
from dashboard.scope import Scope
from dashboard.settings import Settings
from tests.oracle.made import Rows
from tests.oracle.plain import Episode, Plain, hours_between

_CODED = [(table.name, column.name) for table in contract.TABLES for column in table.columns if column.codes and column.name != "category"]


def findings(plain: Plain, scope: Scope) -> Rows:
    """data_quality/findings. The words beside each rule are not worked out here."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)

    def look(rule: str, table: str, column: str, rows: Iterable[Any], identify: Callable[[Any], str], is_odd: Callable[[Any], Any]) -> None:
        for row in rows:
            if is_odd(row):
                found[rule, table, column].append(identify(row))

    _look_at_episodes(plain, look)
    _look_at_interviews(plain, look)
    listed = {row["unit_id"] for row in plain.tables.get("units", [])}
    for table in ("episodes", "placements", "police_calls", "events") if listed else ():
        unlisted = lambda row: row.get("unit_id") is not None and row["unit_id"] not in listed  # noqa: E731
        look("unit not in units", table, "unit_id", plain.tables.get(table, []), _ID[table], unlisted)
    for table, column in _CODED:
        codes = contract.CONTRACT[table].column(column)
        known = {None, *codes.codes, *(old for old, _ in codes.also_read_as)}
        rows = _first_of(table, plain.tables.get(table, []))
        look("unknown code", table, column, rows, _ID[table], lambda row, column=column, known=known: row.get(column) not in known)
    for table, columns in (("episodes", "last_seen"), ("episodes", "found"), ("units", "")):
        north, east = (f"{columns}_{axis}".strip("_") for axis in ("latitude", "longitude"))
        rows = _first_of(table, plain.tables.get(table, []))
        look("outside the British Isles", table, north, rows, _ID[table], lambda row, n=north, e=east: _is_far(row.get(n), row.get(e)))
    left_out = {}
    for table in ("units", "children", "police_calls"):
        column = contract.CONTRACT[table].columns[0].name
        ids = [row[column] for row in plain.tables.get(table, [])]
        if len(ids) > len(set(ids)):
            found["listed twice", table, column] = [one for one in set(ids) if ids.count(one) > 1]
            left_out["listed twice", table, column] = len(ids) - len(set(ids))
    rows = [
        {
            "rule": rule,
            "table": table,
            "column": column,
            "rows": left_out.get((rule, table, column), len(ids)),
            "share": left_out.get((rule, table, column), len(ids)) / len(plain.tables[table]),
            "severity": "warning",
            "examples": sorted(ids)[:5],
        }
        for (rule, table, column), ids in found.items()
    ]
    return sorted(rows, key=lambda row: (-row["rows"], row["rule"], row["table"], row["column"]))


def _look_at_episodes(plain: Plain, look: Callable[..., None]) -> None:
    last_day = plain.covers[1]

    def add(rule: str, column: str, is_odd: Callable[[Episode], Any]) -> None:
        look(rule, "episodes", column, plain.episodes, lambda episode: episode.episode_id, is_odd)

    def in_care(episode: Episode) -> bool:
        child = plain.children.get(episode.child_id, {})
        return (child.get("looked_after_from") or date.min) <= episode.started_on <= (child.get("looked_after_to") or date.max)

    def placement_end(episode: Episode) -> date | None:
        stays = [
            (stay["started_on"], stay["unit_id"], stay["ended_on"] or date.max)
            for stay in plain.placements
            if stay["child_id"] == episode.child_id and stay["started_on"] <= episode.started_on < (stay["ended_on"] or date.max)
        ]
        return max(stays)[2] if stays else None

    overlapping = _overlapping(plain.episodes)
    add("end before start", "ended_at", lambda e: e.hours is None)
    add("start after the export's end", "started_at", lambda e: e.started_on > last_day)
    add("overlap with another episode", "started_at", lambda e: e.episode_id in overlapping)
    add("open more than 28 days", "ended_at", lambda e: e.is_open and (last_day + timedelta(1) - e.started_on).days > 28)
    add("open after the placement ended", "ended_at", lambda e: e.is_open and (placement_end(e) or date.max) <= last_day)
    add("not looked after on the day it began", "started_at", lambda e: not in_care(e))
    if plain.placements:
        add("in no placement", "started_at", lambda e: placement_end(e) is None)


def _overlapping(episodes: list[Episode]) -> set[str]:
    """Pair by pair: the later of two, by start and then by id, began before the earlier had ended."""
    found = set()
    for earlier in episodes:
        for later in episodes:
            in_order = (earlier.started_at, earlier.episode_id) < (later.started_at, later.episode_id)
            if earlier.child_id == later.child_id and in_order and hours_between(later.started_at, earlier.lasted_to) > 0:
                found |= {earlier.episode_id, later.episode_id}
    return found


def _look_at_interviews(plain: Plain, look: Callable[..., None]) -> None:
    ended = {episode.episode_id: episode.ended_at for episode in plain.episodes}
    reasons = Settings().reasons
    known = {*reasons.push, *reasons.pull, *reasons.personal}

    def is_before(row: Mapping[str, Any]) -> bool:
        back, held = ended.get(row["episode_id"]), row.get("held_at")
        return back is not None and held is not None and hours_between(back, held) < 0

    def add(rule: str, column: str, is_odd: Callable[[Mapping[str, Any]], Any]) -> None:
        look(rule, "return_interviews", column, plain.tables.get("return_interviews", []), _ID["return_interviews"], is_odd)

    add("interview for an unknown episode", "episode_id", lambda row: row["episode_id"] not in ended)
    add("held before the return", "held_at", is_before)
    add("unknown code", "reasons", lambda row: set(row.get("reasons") or ()) - known)


def completeness(plain: Plain, scope: Scope) -> Rows:
    """data_quality/completeness."""

    def row(table: str, column: str, rows: list[Mapping[str, Any]], unit_id: str | None) -> dict[str, Any]:
        filled = sum(one.get(column) is not None for one in rows)
        share = filled / len(rows) if rows else None
        return {"table": table, "column": column, "filled": filled, "rows": len(rows), "share": share, "unit_id": unit_id}

    whole = [row(t.name, c.name, plain.tables.get(t.name, []), None) for t in contract.TABLES for c in t.columns]
    units = sorted({episode.unit_id for episode in plain.episodes if episode.unit_id is not None})
    return whole + [
        row("episodes", column.name, [episode.row for episode in plain.episodes if episode.unit_id == unit], unit)
        for unit in units
        for column in contract.CONTRACT["episodes"].columns
    ]


def _first_of(table: str, rows: Rows) -> Rows:
    """The rows that are read: of an id listed twice, the first."""
    unique = contract.CONTRACT[table].unique
    kept: dict[Any, dict[str, Any]] = {}
    for index, row in enumerate(rows):
        kept.setdefault(row[unique[0]] if unique else index, row)
    return list(kept.values())


def _is_far(latitude: float | None, longitude: float | None) -> bool:
    return (latitude is not None and not 49 <= latitude <= 61) or (longitude is not None and not -11 <= longitude <= 2)


_ID: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "episodes": lambda row: row["episode_id"],
    "return_interviews": lambda row: row["interview_id"],
    "placements": lambda row: f"{row['child_id']} from {row['started_on']}",
    "units": lambda row: row["unit_id"],
    "children": lambda row: row["child_id"],
    "police_calls": lambda row: row["call_id"],
    "events": lambda row: str(row["happened_on"]),
}
