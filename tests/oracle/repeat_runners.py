"""The Repeat runners page's figures again, in plain Python."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

from dashboard.scope import Period, Scope
from dashboard.settings import Settings, TriggerRule
from dashboard.statistics.intervals import rate_interval_of_few, wilson_interval
from tests.oracle.made import Rows
from tests.oracle.plain import Episode, Plain, hours_between, local

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
    if not rows:
        return []
    for crossing in triggers(plain, scope):
        if crossing["child_id"] == child_id and crossing["rule"] not in ("over 24 hours", "overnight"):
            add("rule", local(crossing["crossed_on"]), None, None, None, crossing["rule"])
            rows.append(found[-1])

    def in_order(value: Any) -> tuple[bool, Any]:
        # Nulls last; instants through UTC, because local times run twice through an hour in October.
        if isinstance(value, datetime):
            return False, value.astimezone(UTC)
        return value is None, value if value is not None else 0

    names = ("starts_at", "kind", "ends_at", "unit_id", "category", "detail")
    return sorted(rows, key=lambda row: tuple(in_order(row[name]) for name in names))


def _of_category(plain: Plain, scope: Scope) -> list[Episode]:
    """Every episode of the scope's category, whenever and wherever, in order."""
    chosen = [e for e in plain.episodes if scope.category in ("both", e.category)]
    return sorted(chosen, key=lambda e: (e.row["started_at"], e.episode_id))


def _overlaps(plain: Plain, episode: Episode) -> bool:
    """Whether one of the two had not ended when the other began."""

    def begins(e: Episode) -> Any:
        return e.row["started_at"], e.episode_id

    return any(
        hours_between(later.started_at, earlier.lasted_to) > 0
        for other in plain.episodes
        if other is not episode and other.child_id == episode.child_id
        for earlier, later in [sorted((episode, other), key=begins)]
    )


def return_to_missing(plain: Plain, scope: Scope) -> Rows:
    """repeat_runners/return_to_missing, without limits: the product limit over every hour at which a child went again."""
    by_child = defaultdict(list)
    for e in _of_category(plain, scope):
        by_child[e.child_id].append(e)
    interviews = {r.episode.episode_id: r for r in plain.returns}
    inside = {e.episode_id for e in plain.episodes_in(scope)}
    groups: dict[str, list[tuple[str, int, bool]]] = defaultdict(list)
    for child_id, episodes in by_child.items():
        care_ends = plain.children.get(child_id, {}).get("looked_after_to")
        known_to = local(min(plain.covers[1], care_ends or date.max) + timedelta(1))
        for number, e in enumerate(episodes, 1):
            if e.episode_id not in inside or e.is_open or e.hours is None or _overlaps(plain, e):
                continue
            if hours_between(e.ended_at, known_to) <= 0:
                continue
            following = episodes[number].started_at if number < len(episodes) else None
            is_again = following is not None and hours_between(following, known_to) > 0
            hours = math.ceil(round(hours_between(e.ended_at, following if is_again else known_to), 6))
            found = (child_id, hours, is_again)
            groups["all"].append(found)
            named = {1: "1st episode", 2: "2nd episode", 3: "3rd to 5th episode", 4: "3rd to 5th episode", 5: "3rd to 5th episode"}
            groups[named.get(number, "6th episode or later")].append(found)
            held = interviews[e.episode_id]
            if hours > 72 and not held.is_not_required:
                if held.hours_to_held is not None and held.hours_to_held <= 72:
                    groups["interview within 72 hours"].append(found)
                elif held.hours_to_held is not None or not held.is_held:
                    groups["no interview within 72 hours"].append(found)
    rows = []
    order = ("all", "1st episode", "2nd episode", "3rd to 5th episode", "6th episode or later")
    for group in (*order, "interview within 72 hours", "no interview within 72 hours"):
        returns = groups[group]
        for days in (7, 28, 90):
            at_risk = sum(hours >= 24 * days for _, hours, _ in returns)
            staying = 1.0
            for at in sorted({hours for _, hours, is_again in returns if is_again and hours <= 24 * days}):
                went = sum(is_again and hours == at for _, hours, is_again in returns)
                staying *= 1 - went / sum(hours >= at for _, hours, _ in returns)
            is_known = len({child for child, _, _ in returns}) >= _SMALLEST and (at_risk > 0 or staying < 1e-12)
            is_told = group in order or "return_interviews" in plain.tables
            rows.append(
                {
                    "group": group,
                    "days": days,
                    "at_risk": at_risk if is_told else None,
                    "share": 1 - staying if is_known and is_told else None,
                }
            )
    return rows


def without_top(plain: Plain, scope: Scope) -> Rows:
    """repeat_runners/without_top."""
    top = {child_id for child_id, _ in _ranked(plain, scope)[:5]}
    rows, month = [], scope.period.first_month
    while month <= scope.period.last_month:
        after = (month + timedelta(31)).replace(day=1)
        if month <= plain.covers[1] and after > plain.covers[0]:
            began = [e for e in plain.episodes_in(scope) if month <= e.started_on < after]
            rest = [e for e in began if e.child_id not in top]
            rows.append({"month": month, "episodes": len(began), "episodes_without_top_5": len(rest)})
        month = after
    return rows


def _are_together(one: Episode, other: Episode) -> bool:
    if one.unit_id is not None and one.unit_id == other.unit_id and abs(hours_between(one.started_at, other.started_at)) <= 2:
        return True
    if one.started_on != other.started_on or one.hours is None or other.hours is None:
        return False

    def instant(moment: datetime) -> datetime:
        return moment.astimezone(UTC)

    began, ended = max(one.started_at, other.started_at, key=instant), min(one.lasted_to, other.lasted_to, key=instant)
    return hours_between(began, ended) >= 1


def _together(plain: Plain, scope: Scope) -> list[tuple[Episode, Episode]]:
    """Pairs of episodes that two children had together, the child with the smaller id first."""
    pairs = combinations(sorted(plain.episodes_in(scope), key=lambda e: e.child_id), 2)
    return [(one, other) for one, other in pairs if one.child_id != other.child_id and _are_together(one, other)]


def together(plain: Plain, scope: Scope) -> Rows:
    """repeat_runners/together, without what is said of chance."""
    paired = defaultdict(list)
    for one, other in _together(plain, scope):
        paired[one.child_id, other.child_id].append((one, other))
    placed = defaultdict(Counter)
    for child_id, _, day in plain.nights_in(scope):
        placed[child_id][day] += 1
    went = dict(_ranked(plain, scope))
    rows = []
    for (a, b), episodes in paired.items():
        shared = min(len({one.episode_id for one, _ in episodes}), len({other.episode_id for _, other in episodes}))
        if shared < 2:
            continue
        expected = None
        if placed[a] and placed[b]:
            nights = sum(count * placed[b][day] for day, count in placed[a].items())
            expected = nights * went[a] / placed[a].total() * went[b] / placed[b].total()
        latest = [(max(one.started_on, other.started_on), one.unit_id, other.unit_id) for one, other in episodes]
        units = [(day, unit) for day, unit, other in latest if unit is not None and unit == other]
        rows.append(
            {
                "child_a": a,
                "child_b": b,
                "shared": shared,
                "expected": expected,
                "unit_id": max(units)[1] if units else None,
                "last_on": max(day for day, _, _ in latest),
            }
        )
    return sorted(rows, key=lambda row: (-round(row["shared"] - (row["expected"] or 0), 9), row["child_a"], row["child_b"]))


def together_summary(plain: Plain, scope: Scope) -> Rows:
    """repeat_runners/together_summary."""
    pairs = _together(plain, scope)
    shared = {e.episode_id for pair in pairs for e in pair}
    same_unit = {e.episode_id for pair in pairs for e in pair if pair[0].unit_id is not None and pair[0].unit_id == pair[1].unit_id}
    gathered = defaultdict(list)
    for e in plain.episodes_in(scope):
        if e.unit_id is not None:
            gathered[e.unit_id, date(e.started_on.year, (e.started_on.month - 1) // 3 * 3 + 1, 1)].append(e)
    rows = []
    for (unit_id, quarter), episodes in gathered.items():
        with_any, with_same = (sum(e.episode_id in chosen for e in episodes) for chosen in (shared, same_unit))
        children = len({e.child_id for e in episodes})
        rows.append(
            {
                "unit_id": unit_id,
                "quarter": quarter,
                "episodes": len(episodes),
                "episodes_shared": with_any,
                "episodes_shared_share": with_any / len(episodes) if children >= _SMALLEST else None,
                "episodes_same_unit": with_same,
                "episodes_same_unit_share": with_same / len(episodes) if children >= _SMALLEST else None,
                "children": children,
            }
        )
    return sorted(rows, key=lambda row: (-row["quarter"].toordinal(), -row["episodes_same_unit"], row["unit_id"]))


def after_move(plain: Plain, scope: Scope) -> Rows:
    """repeat_runners/after_move: night by night."""
    of_category = _of_category(plain, scope)
    first_at = {}
    for e in of_category:
        first_at.setdefault(e.child_id, e.row["started_at"])
    firsts = {e.child_id: e.started_on for e in plain.episodes_in(scope) if e.row["started_at"] == first_at[e.child_id]}

    def latest_start(child_id: str, day: date) -> date | None:
        stays = [stay["started_on"] for stay in _stays(plain, child_id) if _holds(stay, day)]
        return max(stays) if stays else None

    since = {child_id: (day - start).days for child_id, day in firsts.items() if (start := latest_start(child_id, day)) is not None}
    nights = [
        (child_id, (day - stay["started_on"]).days)
        for stay in plain.placements
        for child_id, _, day in Plain(plain.tables | {"placements": [stay], "episodes": []}, plain.covers).nights_in(scope)
    ]
    counted = {
        "first_within_28": (sum(days < 28 for days in since.values()), len(since), len(since), None),
        "nights_within_28": (sum(days < 28 for _, days in nights), len(nights), len({child for child, _ in nights}), None),
    }
    around: dict[str, dict[str, list[int]]] = {"before_move": defaultdict(lambda: [0, 0]), "after_move": defaultdict(lambda: [0, 0])}
    for child_id in sorted({stay["child_id"] for stay in plain.placements}):
        for earlier, stay in pairwise(_stays(plain, child_id)):
            moved_on = stay["started_on"]
            if (
                stay["unit_id"] == earlier["unit_id"]
                or not scope.period.first_day <= moved_on <= scope.period.last_day
                or moved_on - timedelta(28) < plain.covers[0]
                or moved_on + timedelta(27) > plain.covers[1]
                or (scope.units is not None and stay["unit_id"] not in scope.units)
                or not (plain.is_ours(child_id) if scope.whose == "ours" else plain.is_here(stay["unit_id"]))
            ):
                continue
            for measure, offset in (("before_move", -28), ("after_move", 0)):
                days = [moved_on + timedelta(offset + day) for day in range(28)]
                episodes = sum(e.child_id == child_id and e.started_on in days for e in of_category)
                slept = sum(_holds(other, day) for other in _stays(plain, child_id) for day in days)
                if episodes or slept:
                    around[measure][child_id][0] += episodes
                    around[measure][child_id][1] += slept
    rows = []
    for measure, by_child in around.items():
        episodes, slept = (sum(part[place] for part in by_child.values()) for place in (0, 1))
        spread = sum((e - episodes / slept * n) ** 2 for e, n in by_child.values()) if slept else None
        counted[measure] = (episodes, slept, len(by_child), spread)
    for measure, (numerator, denominator, children, spread) in counted.items():
        is_rate = measure in around
        value = lower = upper = None
        if children >= _SMALLEST and (not is_rate or denominator >= 500):
            value = numerator / denominator * (100 if is_rate else 1)
            if is_rate:
                lower, upper = (limit / 10 for limit in rate_interval_of_few(numerator, denominator, spread))
            elif measure == "first_within_28":
                lower, upper = wilson_interval(numerator, denominator)
        rows.append(
            {
                "measure": measure,
                "value": value,
                "numerator": numerator,
                "denominator": denominator,
                "lower": lower,
                "upper": upper,
                "children": children,
            }
        )
    return rows


def _stays(plain: Plain, child_id: str) -> Rows:
    return sorted(
        (stay for stay in plain.placements if stay["child_id"] == child_id),
        key=lambda stay: (stay["started_on"], stay["ended_on"] or date.max, stay["unit_id"]),
    )


def _holds(stay: dict[str, Any], day: date) -> bool:
    return stay["started_on"] <= day and (stay["ended_on"] is None or day < stay["ended_on"])
