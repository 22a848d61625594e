"""The Police calls figures again, in plain Python."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import asin, pi, sin, sqrt
from statistics import median, quantiles
from typing import Any

from dashboard.scope import Scope, month_after
from tests.oracle.made import Rows
from tests.oracle.plain import Episode, Plain, hours_between, local
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
            rows.append({"by": by, "group": group, "episodes": len(of_group), "called": hits, **_share(hits, of_group)})
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
        beds = plain.units[unit]["beds"]
        is_bedded = slept >= 500 and beds
        rows.append(
            {
                "unit_id": unit,
                "nights": slept,
                "beds": beds,
                "missing_calls": len(missing),
                "missing_rate": len(missing) * 1000 / slept if slept >= 500 else None,
                "all_calls": len(every),
                "all_rate": len(every) * 1000 / slept if slept >= 500 else None,
                "missing_per_bed": len(missing) / beds if is_bedded else None,
                "all_per_bed": len(every) / beds if is_bedded else None,
            }
        )
    rows = [row for row in rows if row["all_calls"] or row["nights"]]
    if any(row["all_calls"] for row in rows) and not any(row["reason"] for row in plain.tables["police_calls"]):
        rows = [row | {"missing_calls": None, "missing_rate": None, "missing_per_bed": None} for row in rows]
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
        of_unit = [e for e in episodes if e.unit_id == unit]
        hits = sum(e.row["whereabouts_known"] for e in of_unit)
        row = {"unit_id": unit, "called": len(of_unit), "known": hits, **_share(hits, of_unit), "compared": None}
        if row["share"] is not None:
            tries = [(e.unit_id, e.child_id, e.row["whereabouts_known"]) for e in episodes]
            row["compared"] = compared([of for of in tries if of[0] == unit], [of for of in tries if of[0] != unit])
        rows.append(row)
    return sorted(
        rows, key=lambda row: (row["share"] is None, -(row["share"] or 0), -row["known"], row["unit_id"] is None, row["unit_id"] or "")
    )


def funnel_called(plain: Plain, scope: Scope) -> Rows:
    """police_calls/funnel_called: the limits from every child of every unit, one by one."""
    episodes = _recorded(plain, scope)
    by_unit: dict[str | None, list[Episode]] = {}
    for e in episodes:
        by_unit.setdefault(e.unit_id, []).append(e)
    usual = {}
    for category in {e.category for e in episodes}:
        of_category = [e.row["police_called"] for e in episodes if e.category == category]
        usual[category] = sum(of_category) / len(of_category)
    average = sum(e.row["police_called"] for e in episodes) / len(episodes) if episodes else 0.0
    # How much more often a unit reports than all of them do, category by category.
    more = {unit: sum(e.row["police_called"] - usual[e.category] for e in of_unit) / len(of_unit) for unit, of_unit in by_unit.items()}
    spread = chance = 0.0
    for unit, of_unit in by_unit.items():
        children = {e.child_id for e in of_unit}
        if len(children) > 1:
            shares = [usual[e.category] + more[unit] for e in of_unit]
            off = [
                sum(e.row["police_called"] - share for e, share in zip(of_unit, shares, strict=True) if e.child_id == child)
                for child in children
            ]
            spread += sum(one**2 for one in off) * len(children) / (len(children) - 1)
            chance += sum(max(0.0, share * (1 - share)) for share in shares)
    effect = max(1.0, spread / chance) if chance > 1e-12 else 1.0
    large = [of_unit for unit, of_unit in by_unit.items() if unit is not None and len({e.child_id for e in of_unit}) >= 5]
    rows = []
    for unit, of_unit in by_unit.items():
        hits = sum(e.row["police_called"] for e in of_unit)
        row = {"unit_id": unit, "episodes": len(of_unit), "called": hits, **_share(hits, of_unit), "design_effect": effect, "outside": None}
        del row["lower"], row["upper"]
        row["adjusted"] = min(1.0, max(0.0, average + more[unit])) if row["share"] is not None else None
        if of_unit in large and len(large) >= 5:
            for name, z in (("95", 1.959963984540054), ("998", 3.090232306167813)):
                reach = z * sqrt(effect) / (2 * sqrt(len(of_unit)))
                row[f"lower_{name}"] = sin(max(0.0, asin(sqrt(average)) - reach)) ** 2
                row[f"upper_{name}"] = sin(min(pi / 2, asin(sqrt(average)) + reach)) ** 2
            row["outside"] = "high" if row["adjusted"] > row["upper_998"] else "low" if row["adjusted"] < row["lower_998"] else "usual"
        rows.append(row)
    return sorted(
        rows, key=lambda row: (row["share"] is None, -(row["share"] or 0), -row["episodes"], row["unit_id"] is None, row["unit_id"] or "")
    )


def _missing_unknown(plain: Plain, scope: Scope) -> list[Episode]:
    return [e for e in _recorded(plain, scope) if e.category == "missing" and e.row.get("whereabouts_known") is not True]


def missing_not_called(plain: Plain, scope: Scope) -> Rows:
    """police_calls/missing_not_called."""
    episodes = _missing_unknown(plain, scope)
    rows = []
    for unit in {e.unit_id for e in episodes}:
        of_unit = [e for e in episodes if e.unit_id == unit]
        hits = sum(not e.row["police_called"] for e in of_unit)
        young = sum(not e.row["police_called"] and e.age is not None and e.age <= 13 for e in of_unit)
        row = {"unit_id": unit, "missing": len(of_unit), "not_called": hits, "young": young, **_share(hits, of_unit), "compared": None}
        if row["share"] is not None:
            tries = [(e.unit_id, e.child_id, not e.row["police_called"]) for e in episodes]
            row["compared"] = compared([of for of in tries if of[0] == unit], [of for of in tries if of[0] != unit])
        rows.append(row)
    return sorted(
        rows, key=lambda row: (row["share"] is None, -(row["share"] or 0), -row["not_called"], row["unit_id"] is None, row["unit_id"] or "")
    )


def young_not_called(plain: Plain, scope: Scope) -> Rows:
    """police_calls/young_not_called."""
    young = [e for e in _missing_unknown(plain, scope) if not e.row["police_called"] and e.age is not None and e.age <= 13]
    return [
        {
            "episode_id": e.episode_id,
            "child_id": e.child_id,
            "unit_id": e.unit_id,
            "age": e.age,
            "started_at": e.started_at,
            "hours": e.hours,
            "risk": _RISKS.get(e.row.get("risk"), e.row.get("risk")),
        }
        for e in sorted(young, key=lambda e: (-e.started_at.timestamp(), e.episode_id))
    ]


def time_to_call(plain: Plain, scope: Scope) -> Rows:
    """police_calls/time_to_call: quartiles as a spreadsheet has them (between the two nearest)."""
    rows = []
    for category in ("missing", "away"):
        reported = [e for e in plain.episodes_in(scope) if e.category == category and e.row.get("police_called")]
        timed = [e for e in reported if e.row.get("police_called_at") and hours_between(e.started_at, e.row["police_called_at"]) >= 0]
        minutes = [hours_between(e.started_at, e.row["police_called_at"]) * 60 for e in timed]
        children = len({e.child_id for e in timed})
        quarters = quantiles(minutes, n=4, method="inclusive") if children >= 5 else (None, None, None)
        if reported:
            rows.append(
                {
                    "category": category,
                    "called": len(timed),
                    "median_minutes": median(minutes) if children >= 5 else None,
                    "lower_quartile": quarters[0],
                    "upper_quartile": quarters[2],
                    **{f"within_{hours}h": sum(one <= hours * 60 for one in minutes) for hours in (1, 3, 6)},
                    "children": children,
                    "untimed": len(reported) - len(timed),
                }
            )
    return rows


def reclassified(plain: Plain, scope: Scope) -> Rows:
    """police_calls/reclassified: both categories, whatever the scope's."""
    every = plain.episodes_in(replace(scope, category="both"))
    rows = []
    month = scope.period.first_month
    while month <= scope.period.last_month:
        after = month_after(month, 1)
        if month <= plain.covers[1] and after > plain.covers[0]:
            absences = [e for e in every if month <= e.started_on < after and (e.category == "away" or e.row.get("reclassified_at"))]
            became = [e for e in absences if e.row.get("reclassified_at")]
            timed = [e for e in became if hours_between(e.started_at, e.row["reclassified_at"]) >= 0]
            hours = [hours_between(e.started_at, e.row["reclassified_at"]) for e in timed]
            rows.append(
                {
                    "month": month,
                    "absences": len(absences),
                    "reclassified": len(became),
                    "median_hours": median(hours) if len({e.child_id for e in timed}) >= 5 else None,
                    **_share(len(became), absences),
                    "is_provisional": after - timedelta(1) > plain.covers[1] - timedelta(28),
                }
            )
        month = after
    return rows


def _calls_about_missing(plain: Plain, scope: Scope) -> Rows:
    return [
        row
        for row in plain.tables["police_calls"]
        if row["reason"] == "missing"
        and scope.period.first_day <= local(row["called_at"]).date() <= scope.period.last_day
        and (scope.units is None or row["unit_id"] in scope.units)
        and (scope.whose == "ours" or plain.is_here(row["unit_id"]))
    ]


def police_hours(plain: Plain, scope: Scope) -> Rows:
    """police_calls/police_hours, where no hours are set."""
    units = [row["unit_id"] for row in _calls_about_missing(plain, scope)]
    rows = [{"unit_id": unit, "calls": units.count(unit), "hours": None} for unit in set(units)]
    return sorted(rows, key=lambda row: (-row["calls"], row["unit_id"]))


def reconciliation(plain: Plain, scope: Scope) -> Rows:
    """police_calls/reconciliation."""
    named = {row["episode_id"] for row in plain.tables["police_calls"] if row["reason"] == "missing"}
    all_reported = {e.episode_id for e in plain.episodes if e.row.get("police_called")}
    reported = [e for e in plain.episodes_in(scope) if e.row.get("police_called")]
    unmatched = [row for row in _calls_about_missing(plain, scope) if row["episode_id"] not in all_reported]
    rows = [
        {
            "unit_id": unit,
            "matched": sum(e.unit_id == unit and e.episode_id in named for e in reported),
            "episodes_only": sum(e.unit_id == unit and e.episode_id not in named for e in reported),
            "calls_only": sum(row["unit_id"] == unit for row in unmatched),
        }
        for unit in {e.unit_id for e in reported} | {row["unit_id"] for row in unmatched}
    ]
    return sorted(
        rows, key=lambda row: (-row["matched"] - row["episodes_only"] - row["calls_only"], row["unit_id"] is None, row["unit_id"] or "")
    )
