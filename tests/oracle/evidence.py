"""The Evidence figure again, in plain Python."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashboard.scope import Scope
from tests.oracle.made import Rows
from tests.oracle.plain import Episode, Plain, hours_between, local


def _told(plain: Plain) -> set[str]:
    """The links that an export of `made.exports` tells of: it always has ends, and police calls with a column for their episode."""

    def is_filled(table: str, column: str) -> bool:
        return any(row.get(column) is not None for row in plain.tables[table])

    told = {"police", "return"}
    for link, table, column in (
        ("risk", "episodes", "risk"),
        ("check", "episodes", "police_checked_at"),
        ("interview", "return_interviews", "outcome"),
        ("follow_up", "return_interviews", "follow_up"),
    ):
        if is_filled(table, column):
            told.add(link)
    return told


def _interview(plain: Plain, episode: Episode) -> str | None:
    if episode.is_open:
        return None
    back = next(r for r in plain.returns if r.episode is episode)
    if back.is_not_required:
        return "not_required"
    if back.is_held:
        return "held"
    if back.is_declined:
        return "declined"
    if back.is_not_yet_due:
        return "not_yet_due"
    if not back.is_offered:
        return "not_offered"
    outcomes = [row.get("outcome") for row in plain.tables["return_interviews"] if row["episode_id"] == episode.episode_id]
    return "not_held" if "not_held" in outcomes else "no_answer_yet"


def _held_at(plain: Plain, episode: Episode) -> datetime | None:
    if episode.is_open:
        return None
    held = [
        row["held_at"]
        for row in plain.tables["return_interviews"]
        if row["episode_id"] == episode.episode_id and row.get("outcome") in ("completed", None) and row.get("held_at") is not None
    ]
    return min((local(at) for at in held if hours_between(episode.ended_at, at) >= 0), default=None)


def _follow_up(plain: Plain, episode: Episode) -> bool | None:
    held = [
        row
        for row in plain.tables["return_interviews"]
        if row["episode_id"] == episode.episode_id
        and (row.get("outcome") == "completed" or (row.get("outcome") is None and row.get("held_at") is not None))
    ]
    said = [row["follow_up"] for row in held if row.get("follow_up") is not None]
    return any(said) if said else None


def chain(plain: Plain, scope: Scope, child_id: str | None = None) -> Rows:
    """evidence/chain, of every child unless one is named."""
    told = _told(plain)
    rows = []
    for episode in plain.episodes_in(scope):
        if child_id is not None and episode.child_id != child_id:
            continue
        calls = [local(call["called_at"]) for call in plain.tables["police_calls"] if call["episode_id"] == episode.episode_id]
        called_at = local(episode.row["police_called_at"]) or (min(calls) if calls else None)
        called = episode.row["police_called"]
        if called is None and called_at is not None:
            called = True
        interview = _interview(plain, episode)
        follow_up = _follow_up(plain, episode) if interview == "held" else None
        checked_at = local(episode.row.get("police_checked_at"))
        is_there: dict[str, bool] = {
            "risk": episode.row["risk"] is not None,
            "police": called is not None,
            "return": not episode.is_open,
        }
        if called and not episode.is_open:
            is_there["check"] = checked_at is not None
        if interview not in (None, "not_required", "not_yet_due"):
            is_there["interview"] = interview in ("held", "declined")
        if interview == "held":
            is_there["follow_up"] = follow_up is not None
        row: dict[str, Any] = {
            "episode_id": episode.episode_id,
            "child_id": episode.child_id,
            "unit_id": episode.unit_id,
            "category": episode.category,
            "started_at": episode.started_at,
            "risk": {"absent": "very_low"}.get(episode.row["risk"], episode.row["risk"]),
            "police_called": called,
            "police_called_at": called_at,
            "ended_at": None if episode.is_open else episode.ended_at,
            "police_checked_at": checked_at,
            "interview": interview,
            "held_at": _held_at(plain, episode),
            "hours_to_held": None if episode.is_open else next(r for r in plain.returns if r.episode is episode).hours_to_held,
            "follow_up": follow_up,
            "expected": [link for link in is_there if link in told],
            "lacking": [link for link, there in is_there.items() if link in told and not there],
        }
        rows.append(row)
    return sorted(rows, key=lambda row: (row["started_at"].timestamp(), row["episode_id"]))
