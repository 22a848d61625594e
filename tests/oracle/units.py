"""The figures of the Units page again, in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from dashboard.scope import Scope, month_after
from dashboard.statistics.intervals import rate_interval
from tests.oracle.made import Rows
from tests.oracle.plain import Plain


def _rate(count: int, nights: int) -> float | None:
    return count * 1000 / nights if nights >= 500 else None


def unit_rates(plain: Plain, scope: Scope) -> Rows:
    """units/unit_rates."""
    episodes, nights = plain.episodes_in(scope), plain.nights_in(scope)
    rows = []
    for unit_id in _units(plain, scope):
        gone = Counter(e.child_id for e in episodes if e.unit_id == unit_id)
        slept = Counter(child for child, unit, _ in nights if unit == unit_id)
        if not gone and not slept:
            continue
        row = plain.units.get(unit_id, {})
        total, stayed = gone.total(), slept.total()
        busiest = min(gone, key=lambda child: (-gone[child], child), default=None)
        rate = _rate(total, stayed)
        lower, upper = rate_interval(total, stayed) if rate is not None else (None, None)
        rows.append(
            {
                "unit_id": unit_id,
                "name": row.get("name", unit_id),
                "kind": row.get("kind"),
                "sector": row.get("sector"),
                "in_area": row.get("in_area"),
                "beds": row.get("beds"),
                "nights": stayed,
                "children_placed": len(slept),
                "children_missing": len(gone),
                "episodes": total,
                "rate": rate,
                "lower": lower,
                "upper": upper,
                "busiest_child_share": gone[busiest] / total if busiest and len(slept) >= 5 else None,
                "rate_without_busiest": _rate(total - gone[busiest], stayed - slept[busiest]) if busiest else None,
            }
        )
    return sorted(rows, key=lambda r: (r["rate"] is None, -(r["rate"] or 0), -r["episodes"], r["unit_id"]))


def unit_months(plain: Plain, scope: Scope) -> Rows:
    """units/unit_months."""
    episodes, nights = plain.episodes_in(scope), plain.nights_in(scope)
    rows = []
    for unit_id, month, after in _unit_months(plain, scope, scope.period.first_month):
        if month <= plain.covers[1] and after > plain.covers[0]:
            gone = [e for e in episodes if e.unit_id == unit_id and month <= e.started_on < after]
            stayed = sum(unit == unit_id and month <= day < after for _, unit, day in nights)
            rows.append(
                {
                    "unit_id": unit_id,
                    "month": month,
                    "episodes": len(gone),
                    "children": len({e.child_id for e in gone}),
                    "nights": stayed,
                    "rate": _rate(len(gone), stayed),
                }
            )
    return rows


def control_chart(plain: Plain, scope: Scope) -> Rows:
    """units/control_chart, but for limits and causes: the exports that are made hold too few months for any."""
    first = max(plain.covers[0].replace(day=1), min(scope.period.first_month, month_after(scope.period.last_month, -35)))
    first = first.replace(month=(first.month - 1) // 3 * 3 + 1)
    episodes = plain.episodes_in(replace(scope, period=replace(scope.period, first_month=min(first, scope.period.last_month))))
    rows: Rows = []
    for unit_id in _units(plain, scope):
        months = [
            (month, sum(e.unit_id == unit_id and month <= e.started_on < after for e in episodes))
            for of_unit, month, after in _unit_months(plain, scope, first)
            if of_unit == unit_id and month >= plain.covers[0] and after - timedelta(1) <= plain.covers[1]
        ]
        of_unit_episodes = [e for e in episodes if e.unit_id == unit_id]
        span = 1
        if sum(value for _, value in months) < 5 * len(months):
            quarters = [
                (month, value + months[place + 1][1] + months[place + 2][1])
                for place, (month, value) in enumerate(months[:-2])
                if month.month in (1, 4, 7, 10)
            ]
            months, span = (quarters, 3) if quarters else (months, 1)
        rows += [
            {
                "unit_id": unit_id,
                "month": month,
                "value": value,
                "mean": None,
                "cause": None,
                "months_spanned": span,
                "most_of_one_child": max(
                    Counter(e.child_id for e in of_unit_episodes if month <= e.started_on < month_after(month, span)).values(), default=0
                ),
            }
            for month, value in months
        ]
    return rows


def funnel_episodes(plain: Plain, scope: Scope) -> Rows:
    """units/funnel_episodes, but for limits: the exports that are made hold too few units of a kind for any."""
    everywhere = replace(scope, units=None)
    gone = Counter(e.unit_id for e in plain.episodes_in(everywhere))
    slept = Counter(unit for _, unit, _ in plain.nights_in(everywhere))
    rows = []
    for unit_id in sorted(slept):
        if scope.units is not None and unit_id not in scope.units:
            continue
        kind = plain.units.get(unit_id, {}).get("kind")
        alike = [unit for unit in slept if plain.units.get(unit, {}).get("kind") == kind]
        expected = slept[unit_id] * sum(gone[unit] for unit in alike) / sum(slept[unit] for unit in alike)
        rows.append(
            {
                "unit_id": unit_id,
                "nights": slept[unit_id],
                "episodes": gone[unit_id],
                "expected": expected,
                "ratio": gone[unit_id] / expected if expected and slept[unit_id] >= 500 else None,
                "lower_95": None,
                "upper_998": None,
                "outside": None,
                "kind": kind,
                "rate": _rate(gone[unit_id], slept[unit_id]),
            }
        )
    return rows


def funnel_children(plain: Plain, scope: Scope) -> Rows:
    """units/funnel_children, but for limits: the exports that are made hold too few units of a kind for any."""
    everywhere = replace(scope, units=None)
    gone = {(e.unit_id, e.child_id) for e in plain.episodes_in(everywhere)}
    placed = {(unit, child) for child, unit, _ in plain.nights_in(everywhere)}
    rows = []
    for unit_id in sorted({unit for unit, _ in placed}):
        if scope.units is not None and unit_id not in scope.units:
            continue
        here = {(unit, child) for unit, child in placed if unit == unit_id}
        rows.append(
            {
                "unit_id": unit_id,
                "children_placed": len(here),
                "children_missing": len(here & gone),
                "share": len(here & gone) / len(here) if len(here) >= 5 else None,
                "upper_998": None,
                "outside": None,
                "kind": plain.units.get(unit_id, {}).get("kind"),
            }
        )
    return rows


def who_went(plain: Plain, scope: Scope) -> Rows:
    """units/who_went."""
    episodes, nights = plain.episodes_in(scope), plain.nights_in(scope)
    rows = []
    for unit_id in _units(plain, scope):
        gone = Counter(e.child_id for e in episodes if e.unit_id == unit_id)
        slept = Counter(child for child, unit, _ in nights if unit == unit_id)
        for rank, child in enumerate(sorted(gone, key=lambda child: (-gone[child], child)), start=1):
            rows.append(
                {
                    "unit_id": unit_id,
                    "rank": rank,
                    "episodes": gone[child],
                    "share_of_episodes": gone[child] / gone.total() if len(slept) >= 5 else None,
                    "nights": slept[child],
                }
            )
    return rows


def residents(plain: Plain, scope: Scope) -> Rows:
    """units/residents: who is there night by night. A child arrives on a day with a night there after one without, and leaves likewise."""
    rows = []
    for unit_id, month, after in _unit_months(plain, scope, scope.period.first_month):
        if month > plain.covers[1] or after <= plain.covers[0]:
            continue
        first, last = max(month, plain.covers[0]), min(after - timedelta(1), plain.covers[1])
        arrivals, departures, there = 0, 0, set()
        for child in {stay["child_id"] for stay in plain.placements}:
            if not (plain.is_ours(child) if scope.whose == "ours" else plain.is_here(unit_id)):
                continue
            stays = [stay for stay in plain.placements if (stay["child_id"], stay["unit_id"]) == (child, unit_id)]
            day = first
            while day <= last:
                tonight, before = (any(_has_night(stay, night) for stay in stays) for night in (day, day - timedelta(1)))
                arrivals += tonight and not before
                departures += before and not tonight
                there |= {child} if tonight else set()
                day += timedelta(1)
        rows.append({"unit_id": unit_id, "month": month, "arrivals": arrivals, "departures": departures, "children": len(there)})
    return rows


def _has_night(stay: dict, day: date) -> bool:
    return stay["started_on"] <= day and (stay["ended_on"] is None or day < stay["ended_on"])


def settings(plain: Plain, scope: Scope) -> Rows:
    """units/settings."""
    groups: dict[tuple, set[str]] = {}
    for unit_id in _units(plain, scope):
        row = plain.units.get(unit_id, {})
        groups.setdefault((row.get("kind") or "not recorded", row.get("sector") or "not recorded", row.get("in_area")), set()).add(unit_id)
    episodes, nights = plain.episodes_in(scope), plain.nights_in(scope)
    episodes = [e for e in episodes if e.unit_id is not None]
    children = sum(len({child for child, unit, _ in nights if unit in units}) for units in groups.values())
    is_large_enough = len(nights) >= 500 and children >= 5
    rows = []
    for (kind, sector, in_area), units in groups.items():
        gone, slept = [e for e in episodes if e.unit_id in units], [night for night in nights if night[1] in units]
        if not gone and not slept:
            continue
        rate = _rate(len(gone), len(slept))
        lower, upper = rate_interval(len(gone), len(slept)) if rate is not None else (None, None)
        rows.append(
            {
                "kind": kind,
                "sector": sector,
                "in_area": in_area,
                "children_placed": len({child for child, _, _ in slept}),
                "nights": len(slept),
                "episodes": len(gone),
                "children_missing": len({e.child_id for e in gone}),
                "rate": rate,
                "lower": lower,
                "upper": upper,
                "share_of_nights": len(slept) / len(nights) if is_large_enough else None,
                "share_of_episodes": len(gone) / len(episodes) if is_large_enough and episodes else None,
            }
        )
    return sorted(rows, key=lambda r: (r["kind"], r["sector"], r["in_area"] is None, not r["in_area"]))


def events(plain: Plain, scope: Scope) -> Rows:
    """units/events."""
    first = max(plain.covers[0].replace(day=1), min(scope.period.first_month, month_after(scope.period.last_month, -35)))
    rows = [
        {"happened_on": row["happened_on"], "text": row["text"], "unit_id": row["unit_id"], "is_rebase": row["rebase"]}
        for row in plain.tables.get("events", [])
        if first <= row["happened_on"] <= scope.period.last_day
        and (row["unit_id"] is None or scope.units is None or row["unit_id"] in scope.units)
    ]
    return sorted(rows, key=lambda row: (row["happened_on"], row["text"], row["unit_id"] is None, row["unit_id"] or ""))


def _units(plain: Plain, scope: Scope) -> list[str]:
    """Units that the export mentions and the scope asks for."""
    mentioned = set(plain.units) | {stay["unit_id"] for stay in plain.placements} | {e.unit_id for e in plain.episodes}
    mentioned |= {call["unit_id"] for call in plain.tables.get("police_calls", [])}
    return sorted(unit for unit in mentioned - {None} if scope.units is None or unit in scope.units)


def _unit_months(plain: Plain, scope: Scope, first: date) -> Iterator[tuple[str, date, date]]:
    """Each month of each unit of the scope from `first` to the period's end in which the unit is open, and the month after it."""
    for unit_id in _units(plain, scope):
        if scope.whose == "here" and not plain.is_here(unit_id):
            continue
        row = plain.units.get(unit_id, {})
        seen = [e.started_on for e in plain.episodes if e.unit_id == unit_id]
        seen += [stay["started_on"] for stay in plain.placements if stay["unit_id"] == unit_id]
        opened = row.get("opened_on") or min(seen, default=None)
        month = first
        while month <= scope.period.last_month:
            after = month_after(month, 1)
            if opened is not None and after > opened and (row.get("closed_on") is None or month <= row["closed_on"]):
                yield unit_id, month, after
            month = after
