"""The Repeat runners page's figures again, in plain Python."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from dashboard.scope import Period, Scope
from dashboard.settings import Settings, TriggerRule
from tests.oracle.made import Rows
from tests.oracle.plain import Episode, Plain, local

_RULES = Settings().triggers
_EVER = Period(date(2000, 1, 1), date(2100, 1, 1))
_SMALLEST = 5


def _by_child(episodes: Sequence[Episode]) -> dict[str, list[Episode]]:
    gathered = defaultdict(list)
    for episode in sorted(episodes, key=lambda e: (e.row["started_at"], e.episode_id)):
        gathered[episode.child_id].append(episode)
    return dict(gathered)


def _ranked(plain: Plain, scope: Scope) -> list[tuple[str, int]]:
    counts = Counter(e.child_id for e in plain.episodes_in(scope))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _last_day(plain: Plain, scope: Scope) -> date:
    return min(scope.period.last_day, plain.covers[1])


def _is_compared(plain: Plain, scope: Scope) -> bool:
    return scope.period.previous.first_day >= plain.covers[0]


def distribution(plain: Plain, scope: Scope) -> Rows:
    """repeat_runners/distribution."""
    bands = {str(n): (n, n) for n in range(1, 6)} | {"6–10": (6, 10), "11–20": (11, 20), "21–50": (21, 50), "over 50": (51, math.inf)}
    counts = [count for _, count in _ranked(plain, scope)]
    rows = []
    for band, (fewest, most) in bands.items():
        inside = [count for count in counts if fewest <= count <= most]
        rows.append({"band": band, "children": len(inside), "episodes": sum(inside)})
    return rows


def concentration(plain: Plain, scope: Scope) -> Rows:
    """repeat_runners/concentration, without what equal risk would give."""
    ranked = _ranked(plain, scope)
    total, rows = sum(count for _, count in ranked), []
    for rank, (child_id, count) in enumerate(ranked, 1):
        so_far = sum(count for _, count in ranked[:rank])
        large = len(ranked) >= _SMALLEST
        rows.append(
            {
                "rank": rank,
                "child_id": child_id,
                "episodes": count,
                "share_of_children": rank / len(ranked) if large else None,
                "share_of_episodes": so_far / total if large else None,
            }
        )
    return rows


def concentration_summary(plain: Plain, scope: Scope) -> Rows:
    """repeat_runners/concentration_summary. Gini as half the mean difference of all pairs over the mean."""
    counts = [count for _, count in _ranked(plain, scope)]
    children, episodes = len(counts), sum(counts)
    tenth = math.ceil(children / 10)

    def share(top: int) -> float | None:
        return sum(counts[:top]) / episodes if children >= _SMALLEST else None

    return [
        {
            "children": children,
            "episodes": episodes,
            "gini": sum(abs(a - b) for a in counts for b in counts) / (2 * children * episodes) if children >= _SMALLEST else None,
            "top_1_share": share(1),
            "top_5_share": share(5),
            "top_tenth_children": tenth,
            "top_tenth_share": share(tenth),
            "children_for_half": next((top for top in range(1, children + 1) if 2 * sum(counts[:top]) >= episodes), None),
        }
    ]


def _in_window(episodes: Sequence[Episode], day: date, days: int) -> int:
    return sum(day - timedelta(days) < e.started_on <= day for e in episodes)


def _is_of(kind: str, episode: Episode) -> bool:
    return {"over_24h": episode.is_over_24h, "overnight": bool(episode.is_overnight), "any": True}[kind]


def _lasts(episode: Episode, day: date) -> bool:
    """Whether it began by that day and still lasted at its end."""
    return episode.started_on <= day and (episode.is_open or episode.ended_at.date() > day)


def triggers(plain: Plain, scope: Scope, rules: Sequence[TriggerRule] = _RULES) -> Rows:
    """repeat_runners/triggers: day by day."""
    last_day, rows = _last_day(plain, scope), []
    for position, rule in enumerate(rules):
        for child_id, episodes in _by_child(plain.episodes_in(replace(scope, period=_EVER))).items():
            if rule.days is None:
                for e in episodes:
                    if _is_of(rule.kind, e) and scope.period.first_day <= e.started_on <= scope.period.last_day:
                        rows.append((e.started_on, position, child_id, None, _lasts(e, last_day)))
                continue
            holds, runs, day = False, [], episodes[0].started_on
            while day <= scope.period.last_day:
                count = _in_window(episodes, day, rule.days)
                if count >= rule.episodes and not holds:
                    runs.append([day, count])
                elif runs:
                    runs[-1][1] = max(runs[-1][1], count)
                holds = count >= rule.episodes
                day += timedelta(1)
            at_end = _in_window(episodes, last_day, rule.days) >= rule.episodes
            rows += [(day, position, child_id, most, at_end) for day, most in runs if day >= scope.period.first_day]
    rows.sort(key=lambda row: (-row[0].toordinal(), row[1], row[2], not row[4]))
    names = ("crossed_on", "rule", "child_id", "most_in_window", "holds_at_end")
    return [dict(zip(names, row, strict=True)) | {"rule": rules[row[1]].name} for row in rows]


def trigger_counts(plain: Plain, scope: Scope, rules: Sequence[TriggerRule] = _RULES) -> Rows:
    """repeat_runners/trigger_counts."""
    children = _by_child(plain.episodes_in(replace(scope, period=_EVER)))

    def met(rule: TriggerRule, period: Period) -> set[str]:
        return {
            child_id
            for child_id, episodes in children.items()
            for e in episodes
            if period.first_day <= e.started_on <= period.last_day
            and (_is_of(rule.kind, e) if rule.days is None else _in_window(episodes, e.started_on, rule.days) >= rule.episodes)
        }

    rows = []
    for rule in rules:
        now, before = met(rule, scope.period), met(rule, scope.period.previous)
        compared = {"previous": before, "new": now - before, "continuing": now & before, "ceased": before - now}
        known = _is_compared(plain, scope)
        rows.append({"rule": rule.name, "children": len(now)} | {name: len(who) if known else None for name, who in compared.items()})
    return rows


def children(plain: Plain, scope: Scope, rules: Sequence[TriggerRule] = _RULES) -> Rows:
    """repeat_runners/children."""
    last_day = _last_day(plain, scope)
    ever = _by_child(plain.episodes_in(replace(scope, period=_EVER)))
    before = Counter(e.child_id for e in plain.episodes_in(replace(scope, period=scope.period.previous)))
    rows = []
    for child_id, episodes in _by_child(plain.episodes_in(scope)).items():
        stays = sorted(
            (stay for stay in plain.placements if stay["child_id"] == child_id),
            key=lambda stay: (stay["started_on"], stay["ended_on"] or date.max, stay["unit_id"]),
        )
        held = [
            rule.name
            for rule in rules
            if (
                any(_is_of(rule.kind, e) and _lasts(e, last_day) for e in ever[child_id])
                if rule.days is None
                else _in_window(ever[child_id], last_day, rule.days) >= rule.episodes
            )
        ]
        lengths = [e.hours for e in episodes if e.hours is not None]
        rows.append(
            {
                "child_id": child_id,
                "unit_id": episodes[-1].unit_id,
                "age": episodes[-1].age,
                "episodes": len(episodes),
                "previous": before[child_id] if _is_compared(plain, scope) else None,
                "over_24h": sum(e.is_over_24h for e in episodes),
                "hours_missing": sum(lengths) if lengths else None,
                "last_on": episodes[-1].started_on,
                "moves": sum(
                    later["unit_id"] != earlier["unit_id"] and scope.period.first_day <= later["started_on"] <= scope.period.last_day
                    for earlier, later in pairwise(stays)
                )
                if "placements" in plain.tables
                else None,
                "triggers": held,
            }
        )
    return sorted(rows, key=lambda row: (-row["episodes"], row["child_id"]))


def trajectory(plain: Plain, scope: Scope, child_id: str | None = None) -> Rows:
    """repeat_runners/trajectory, of the child with most episodes unless one is named."""
    ranked = _ranked(plain, scope)
    if child_id is None:
        if not ranked:
            return []
        child_id = ranked[0][0]
    first_day, last_day = scope.period.first_day, scope.period.last_day
    gone = {e.episode_id: e for e in plain.episodes if e.child_id == child_id}
    found: Rows = []

    def add(kind: str, starts_at: Any, ends_at: Any, unit_id: str | None, category: str | None, detail: str | None) -> None:
        row = {"kind": kind, "starts_at": starts_at, "ends_at": ends_at, "unit_id": unit_id, "category": category, "detail": detail}
        found.append(row | {"child_id": child_id})

    for stay in plain.placements:
        if stay["child_id"] == child_id and stay["started_on"] <= last_day and (stay["ended_on"] is None or stay["ended_on"] > first_day):
            kind = plain.units.get(stay["unit_id"], {}).get("kind")
            add("placement", local(stay["started_on"]), local(stay["ended_on"]), stay["unit_id"], None, kind)
    for e in gone.values():
        risk = {"absent": "very_low"}.get(e.row["risk"], e.row["risk"])
        add("episode", e.started_at, e.ended_at, e.unit_id, e.category, risk)
        calls = [call for call in plain.tables.get("police_calls", []) if call["episode_id"] == e.episode_id]
        for call in calls:
            add("police_call", local(call["called_at"]), None, call["unit_id"], e.category, call["reason"])
        if not calls and e.row["police_called_at"] is not None:
            add("police_call", local(e.row["police_called_at"]), None, e.unit_id, e.category, None)
    for interview in plain.tables.get("return_interviews", []):
        e = gone.get(interview["episode_id"])
        if e is not None and interview["held_at"] is not None:
            add("interview", local(interview["held_at"]), None, e.unit_id, e.category, interview["outcome"])
    rows = [row for row in found if row["kind"] == "placement" or first_day <= row["starts_at"].date() <= last_day]

    def in_order(value: Any) -> tuple[bool, Any]:
        # Nulls last; instants through UTC, because local times run twice through an hour in October.
        if isinstance(value, datetime):
            return False, value.astimezone(UTC)
        return value is None, value if value is not None else 0

    names = ("starts_at", "kind", "ends_at", "unit_id", "category", "detail")
    return sorted(rows, key=lambda row: tuple(in_order(row[name]) for name in names))
