"""The Seasons figures again, in plain Python."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache

from dashboard.exports.calendar import sun_and_bank_holidays
from dashboard.resources import REFERENCE
from dashboard.scope import Scope, month_after
from tests.oracle.made import Rows
from tests.oracle.plain import Plain


def _days(plain: Plain, scope: Scope) -> list[date]:
    """Days of the period that the export covers."""
    first, last = max(scope.period.first_day, plain.covers[0]), min(scope.period.last_day, plain.covers[1])
    return [first + timedelta(n) for n in range((last - first).days + 1)]


@cache
def _is_term(day: date) -> bool | None:
    with (REFERENCE / "term_dates.csv").open(encoding="utf-8") as file:
        kinds = {row["kind"] for row in csv.DictReader(file) if row["first_day"] <= day.isoformat() <= row["last_day"]}
    return "holiday" not in kinds if kinds else None


def _light(plain: Plain) -> dict[date, tuple[float, float, bool]]:
    """Sunrise, sunset and bank holiday of each day at the middle of the units in our area."""
    points = [
        (unit["latitude"], unit["longitude"]) for unit in plain.units.values() if unit.get("in_area") and unit.get("latitude") is not None
    ]
    latitude, longitude = (round(sum(values) / len(points), 2) for values in zip(*points, strict=True))
    frame = sun_and_bank_holidays(*plain.covers, latitude, longitude)
    return {day: (sunrise, sunset, bank) for day, sunrise, sunset, bank in frame.iter_rows()}


def month_of_year(plain: Plain, scope: Scope) -> Rows:
    """seasons/month_of_year, for an export without rebase events."""
    first = max(plain.covers[0].replace(day=1), min(scope.period.first_month, month_after(scope.period.last_month, -35)))
    rows = []
    month = first
    while month <= scope.period.last_month:
        after = month_after(month, 1)
        if plain.covers[0] <= month and after <= plain.covers[1] + timedelta(1):
            in_month = Scope(type(scope.period)(month, month), scope.category, scope.units, scope.whose)
            episodes, nights = len(plain.episodes_in(in_month)), len(plain.nights_in(in_month))
            rate = episodes * 1000 / nights if nights >= 500 else None
            rows.append({"calendar_month": month.month, "year": month.year, "episodes": episodes, "nights": nights, "rate": rate, "run": 1})
        month = after
    return rows


def week_clock(plain: Plain, scope: Scope) -> Rows:
    """seasons/week_clock, where the term dates reach the whole period."""
    light, days = _light(plain), _days(plain, scope)
    term = {day: _is_term(day) for day in days}
    episodes = plain.episodes_in(scope)
    rows = []
    for is_term in (True, False):
        if is_term not in term.values():
            continue
        for weekday in range(1, 8):
            such = [day for day in days if term[day] is is_term and day.isoweekday() == weekday]
            for hour in range(0, 24, 2):
                began = [e for e in episodes if e.started_on in such and hour <= e.started_at.hour < hour + 2]
                # Dark is what is left of the two hours when those between sunrise and sunset are taken away.
                lit = [max(0, min(hour + 2, light[day][1]) - max(hour, light[day][0])) for day in such]
                rows.append(
                    {
                        "weekday": weekday,
                        "hour_from": hour,
                        "is_term": is_term,
                        "episodes": len(began),
                        "children": len({e.child_id for e in began}),
                        "weeks": len(such),
                        "per_10_weeks": 10 * len(began) / len(such) if such else None,
                        "dark_share": 1 - sum(lit) / (2 * len(such)) if such else None,
                    }
                )
    return rows


def calendar(plain: Plain, scope: Scope) -> Rows:
    """seasons/calendar."""
    light, episodes = _light(plain), plain.episodes_in(scope)
    rows = []
    for day in _days(plain, scope):
        # Whole minutes that have passed, from whole seconds.
        minutes = round(light[day][1] * 3600) // 60
        rows.append(
            {
                "date": day,
                "episodes": sum(e.started_on == day for e in episodes),
                "is_term": _is_term(day),
                "is_bank_holiday": light[day][2],
                "sunset": f"{minutes // 60:02d}:{minutes % 60:02d}",
            }
        )
    return rows


def _against(plain: Plain, scope: Scope, kind_of: Callable[[date], str | None], column: str, kinds: Sequence[str], measure: str) -> Rows:
    """Days of each kind set against those of the measure, for an export without rebase events."""
    days, episodes, nights = _days(plain, scope), plain.episodes_in(scope), plain.nights_in(scope)
    seen = {}
    for kind in kinds:
        such = {day for day in days if kind_of(day) == kind}
        seen[kind] = (len(such), sum(day in such for _, _, day in nights), [e.child_id for e in episodes if e.started_on in such])
    _, measure_slept, measure_began = seen[measure]
    rows = []
    for kind, (count, slept, began) in seen.items():
        enough = slept >= 500 and len(set(began)) >= 5
        is_compared = enough and measure_slept >= 500 and len(set(measure_began)) >= 5
        rows.append(
            {
                column: kind,
                "days": count,
                "nights": slept,
                "episodes": len(began),
                "rate": len(began) * 1000 / slept if enough else None,
                "children": len(set(began)),
            }
            # Without placements the ratio is over days, which `exports` does not always have enough of.
            | ({"ratio": (len(began) / slept) / (len(measure_began) / measure_slept) if is_compared else None} if nights else {})
        )
    return rows


def light_evenings(plain: Plain, scope: Scope) -> Rows:
    """seasons/light_evenings, for an export without rebase events."""
    light = _light(plain)

    def evening(day: date) -> str:
        sunset = light[day][1]
        return "light" if sunset > 20 else "dark" if sunset < 17 else "between"

    return _against(plain, scope, evening, "evening", ("light", "between", "dark"), "dark")


def holidays(plain: Plain, scope: Scope) -> Rows:
    """seasons/holidays, for an export without rebase events."""

    def school(day: date) -> str | None:
        is_term = _is_term(day)
        if is_term is None:
            return None
        return "term" if is_term else "summer" if day.month in (7, 8, 9) else "shorter"

    return _against(plain, scope, school, "school", ("term", "summer", "shorter"), "term")


def night_starts(plain: Plain, scope: Scope) -> Rows:
    """seasons/night_starts, from 22:00 to 07:00."""
    episodes = plain.episodes_in(scope)
    units = sorted({e.unit_id for e in episodes} - {None}, key=lambda unit: (-sum(e.unit_id == unit for e in episodes), unit))
    rows = []
    for unit in [None, *units] if episodes else []:
        such = [e for e in episodes if unit is None or e.unit_id == unit]
        at_night = sum(e.started_at.hour in (22, 23, 0, 1, 2, 3, 4, 5, 6) for e in such)
        children = len({e.child_id for e in such})
        rows.append(
            {
                "unit_id": unit,
                "episodes": len(such),
                "night_episodes": at_night,
                "children": children,
                "share": at_night / len(such) if children >= 5 else None,
            }
        )
    return rows


def season_strength(plain: Plain, scope: Scope) -> Rows:
    """seasons/season_strength, for an export too short for one."""
    return [{"strength": None, "months": len(month_of_year(plain, scope)), "strength_by_chance": None}]
