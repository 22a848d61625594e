"""The Seasons figures again, in plain Python."""

from __future__ import annotations

import csv
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
