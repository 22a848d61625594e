"""The Overview's figures again, in plain Python."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from dashboard.scope import Period, Scope, month_after
from tests.oracle.made import Rows
from tests.oracle.plain import Plain, hours_between


def months(plain: Plain, scope: Scope) -> Rows:
    """overview/months."""
    rows = []
    month = scope.period.first_month
    nights = plain.nights_in(scope)
    while month <= scope.period.last_month:
        after = month_after(month, 1)
        if month <= plain.covers[1] and after > plain.covers[0]:
            episodes = [e for e in plain.episodes_in(scope) if month <= e.started_on < after]
            slept = sum(month <= day < after for _, _, day in nights)
            rows.append(
                {
                    "month": month,
                    "episodes": len(episodes),
                    "children": len({e.child_id for e in episodes}),
                    "nights": slept,
                    "rate": len(episodes) * 1000 / slept if slept >= 500 else None,
                    "is_provisional": after - timedelta(1) > plain.covers[1] - timedelta(28),
                }
            )
        month = after
    return rows


def _looked_after(plain: Plain, scope: Scope) -> int:
    first, last = scope.period.first_day, scope.period.last_day
    if scope.units is None and scope.whose == "ours" and plain.children:
        return sum(
            child["looked_after_from"] is not None
            and child["looked_after_from"] <= last
            and (child["looked_after_to"] is None or child["looked_after_to"] >= first)
            and plain.is_ours(child["child_id"])
            for child in plain.children.values()
        )
    return len({child for child, _, _ in plain.nights_in(scope)})


def _measures(plain: Plain, scope: Scope) -> dict[str, tuple[float | None, Any, Any]]:
    """Measure → value, numerator, denominator in the scope's period."""
    episodes = plain.episodes_in(scope)
    by_child: dict[str, int] = {}
    for episode in episodes:
        by_child[episode.child_id] = by_child.get(episode.child_id, 0) + 1
    children, again = len(by_child), sum(count >= 2 for count in by_child.values())
    looked_after, nights = _looked_after(plain, scope), len(plain.nights_in(scope))
    due = [r for r in plain.returns_in(scope) if not r.is_not_yet_due]
    in_time = sum(r.is_held and r.hours_to_held is not None and r.hours_to_held <= 72 for r in due)
    told = [e for e in episodes if e.row.get("police_called") is not None]
    called = sum(e.row["police_called"] for e in told)

    def share(part: int, whole: int, of_children: int) -> tuple[float | None, int, int]:
        return (part / whole if of_children >= 5 else None), part, whole

    return {
        "episodes": (len(episodes), None, None),
        "children": (children, None, None),
        "looked_after": (looked_after, None, None),
        "percent_missing": share(children, looked_after, looked_after),
        "episodes_per_child": share(len(episodes), children, children),
        "repeat_share": share(again, children, children),
        "placement_nights": (nights, None, None),
        "rate": (len(episodes) * 1000 / nights if nights >= 500 else None, len(episodes), nights),
        "over_24h": (sum(e.is_over_24h for e in episodes), sum(e.is_over_24h for e in episodes), len(episodes)),
        "overnight": (sum(bool(e.is_overnight) for e in episodes), sum(bool(e.is_overnight) for e in episodes), len(episodes)),
        "open_now": (len(_open(plain, scope)), None, None),
        "interviews_72h": share(in_time, len(due), len({r.episode.child_id for r in due})),
        "police_called": share(called, len(told), len({e.child_id for e in told})),
    }


def headline(plain: Plain, scope: Scope) -> Rows:
    """overview/headline, without its intervals."""
    now = _measures(plain, scope)

    def then(period: Period, measure: str) -> float | None:
        if period.first_day < plain.covers[0] or measure == "open_now":
            return None
        return _measures(plain, replace(scope, period=period))[measure][0]

    return [
        {
            "measure": measure,
            "value": value,
            "numerator": numerator,
            "denominator": denominator,
            "previous": then(scope.period.previous, measure),
            "year_before": then(scope.period.year_before, measure),
        }
        for measure, (value, numerator, denominator) in now.items()
    ]


def _open(plain: Plain, scope: Scope) -> list[Any]:
    always = replace(scope, period=Period(date(2000, 1, 1), date(2050, 1, 1)))
    return [e for e in plain.episodes_in(always) if e.is_open and hours_between(e.started_at, plain.ends_at) > 0]


def open_episodes(plain: Plain, scope: Scope) -> Rows:
    """overview/open_episodes."""
    rows = [
        {
            "episode_id": e.episode_id,
            "child_id": e.child_id,
            "unit_id": e.unit_id,
            "category": e.category,
            "started_at": e.started_at,
            "hours_open": hours_between(e.started_at, plain.ends_at),
            "risk": "very_low" if e.row["risk"] == "absent" else e.row["risk"],
        }
        for e in _open(plain, scope)
    ]
    return sorted(rows, key=lambda row: (-row["hours_open"], row["episode_id"]))


def national(plain: Plain, scope: Scope) -> Rows:
    """overview/national: our children, missing alone, whatever the scope."""
    rows = []
    for year in range(plain.covers[0].year, plain.covers[1].year + 2):
        first, last = date(year - 1, 4, 1), date(year, 3, 31)
        if first < plain.covers[0] or last > plain.covers[1]:
            continue
        episodes = [
            e
            for e in plain.episodes
            if e.category == "missing"
            and e.is_ours
            and e.started_on <= last
            and (e.started_on >= first or e.ended_at is None or e.ended_at.date() >= first)
        ]
        children = {e.child_id for e in episodes}
        looked_after = _looked_after(plain, Scope(Period(first, last.replace(day=1))))
        rows.append(
            {
                "year": year,
                "percent_missing": 100 * len(children) / looked_after if looked_after >= 5 else None,
                "episodes_per_child": len(episodes) / len(children) if len(children) >= 5 else None,
                "children": len(children),
                "episodes": len(episodes),
                "looked_after": looked_after,
            }
        )
    return rows
