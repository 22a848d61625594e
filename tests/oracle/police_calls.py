"""The Police calls figures again, in plain Python."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dashboard.scope import Scope, month_after
from tests.oracle.made import Rows
from tests.oracle.plain import Episode, Plain, local
from tests.oracle.return_interviews import compared, score_limits

_RISKS = {"absent": "very_low", "no_apparent_risk": "very_low"}
_ORDER = ["missing", "away", "very_low", "low", "medium", "high"]


def _recorded(plain: Plain, scope: Scope) -> list[Episode]:
    return [e for e in plain.episodes_in(scope) if e.row.get("police_called") is not None]


def _share(hits: int, episodes: list[Episode]) -> dict[str, Any]:
    children = len({e.child_id for e in episodes})
    lower, upper = score_limits(hits, len(episodes)) if children >= 5 else (None, None)
    return {"share": hits / len(episodes) if children >= 5 else None, "lower": lower, "upper": upper, "children": children}


def _age(episode: Episode) -> str | None:
    if episode.age is None:
        return None
    return "13 and under" if episode.age <= 13 else "14 and over"


def called(plain: Plain, scope: Scope) -> Rows:
    """police_calls/called."""
    episodes = _recorded(plain, scope)
    kinds = {
        "category": lambda e: e.category,
        "risk": lambda e: _RISKS.get(e.row.get("risk"), e.row.get("risk")),
        "age": _age,
        "unit": lambda e: e.unit_id,
    }
    rows = []
    for by, value_of in kinds.items():
        groups = {value_of(e) for e in episodes}
        for group in sorted(groups, key=lambda g: (_ORDER.index(g) if g in _ORDER else 99, g is None, g or "")):
            of_group = [e for e in episodes if value_of(e) == group]
            hits = sum(e.row["police_called"] for e in of_group)
            row = {"by": by, "group": group, "episodes": len(of_group), "called": hits, **_share(hits, of_group), "compared": None}
            if by == "unit" and row["share"] is not None:
                others = [e for e in episodes if e.unit_id != group]
                row["compared"] = compared(hits, len(of_group), sum(e.row["police_called"] for e in others), len(others))
            rows.append(row)
    return rows


def months(plain: Plain, scope: Scope) -> Rows:
    """police_calls/months."""
    rows = []
    month = scope.period.first_month
    while month <= scope.period.last_month:
        after = month_after(month, 1)
        if month <= plain.covers[1] and after > plain.covers[0]:
            every = [e for e in plain.episodes_in(scope) if month <= e.started_on < after]
            recorded = [e for e in every if e.row.get("police_called") is not None]
            hits = sum(e.row["police_called"] for e in recorded)
            rows.append(
                {
                    "month": month,
                    "episodes": len(recorded),
                    "called": hits,
                    **_share(hits, recorded),
                    "not_recorded": len(every) - len(recorded),
                    "is_provisional": after - timedelta(1) > plain.covers[1] - timedelta(28),
                }
            )
        month = after
    return rows


def call_rate(plain: Plain, scope: Scope) -> Rows:
    """police_calls/call_rate: every night in the unit counts, whoever's the child; nothing of missing children where no reason is known."""
    calls = [
        row for row in plain.tables["police_calls"] if scope.period.first_day <= local(row["called_at"]).date() <= scope.period.last_day
    ]
    rows = []
    for unit in {row["unit_id"] for row in calls} | {stay["unit_id"] for stay in plain.placements}:
        if (scope.units is not None and unit not in scope.units) or (scope.whose == "here" and not plain.is_here(unit)):
            continue
        slept = _nights_of_everyone(plain, scope, unit)
        every = [row for row in calls if row["unit_id"] == unit]
        missing = [row for row in every if row["reason"] == "missing"]
        rows.append(
            {
                "unit_id": unit,
                "nights": slept,
                "beds": plain.units[unit]["beds"],
                "missing_calls": len(missing),
                "missing_rate": len(missing) * 1000 / slept if slept >= 500 else None,
                "all_calls": len(every),
                "all_rate": len(every) * 1000 / slept if slept >= 500 else None,
            }
        )
    rows = [row for row in rows if row["all_calls"] or row["nights"]]
    if any(row["all_calls"] for row in rows) and not any(row["reason"] for row in plain.tables["police_calls"]):
        rows = [row | {"missing_calls": None, "missing_rate": None} for row in rows]
    return sorted(rows, key=lambda row: (row["all_rate"] is None, -(row["all_rate"] or 0), -row["all_calls"], row["unit_id"]))


def _nights_of_everyone(plain: Plain, scope: Scope, unit: str) -> int:
    nights = 0
    for stay in plain.placements:
        day = max(stay["started_on"], scope.period.first_day, plain.covers[0])
        while (
            stay["unit_id"] == unit
            and day <= min(scope.period.last_day, plain.covers[1])
            and (stay["ended_on"] is None or day < stay["ended_on"])
        ):
            nights += 1
            day += timedelta(1)
    return nights


def known_whereabouts(plain: Plain, scope: Scope) -> Rows:
    """police_calls/known_whereabouts."""
    episodes = [e for e in _recorded(plain, scope) if e.row["police_called"] and e.row.get("whereabouts_known") is not None]
    rows = []
    for unit in {e.unit_id for e in episodes}:
        of_unit, others = [e for e in episodes if e.unit_id == unit], [e for e in episodes if e.unit_id != unit]
        hits = sum(e.row["whereabouts_known"] for e in of_unit)
        row = {"unit_id": unit, "called": len(of_unit), "known": hits, **_share(hits, of_unit), "compared": None}
        if row["share"] is not None:
            row["compared"] = compared(hits, len(of_unit), sum(e.row["whereabouts_known"] for e in others), len(others))
        rows.append(row)
    return sorted(
        rows, key=lambda row: (row["share"] is None, -(row["share"] or 0), -row["known"], row["unit_id"] is None, row["unit_id"] or "")
    )
