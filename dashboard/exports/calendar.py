"""The light and the bank holidays of each day, for the table `days`."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import polars as pl
from astral import Observer
from astral.sun import sunrise, sunset

from dashboard.exports.contract import LOCAL_TIME

_LOCAL = ZoneInfo(LOCAL_TIME)


def _hour(moment) -> float:  # type: ignore[no-untyped-def]  # astral has no types for what it returns
    return moment.hour + moment.minute / 60 + moment.second / 3600


@lru_cache(maxsize=4)  # a few hundred kilobytes each: ten years are 3,650 rows
def sun_and_bank_holidays(first_day: date, last_day: date, latitude: float, longitude: float) -> pl.DataFrame:
    """One row per day: date, sunrise, sunset (local hours after midnight), is_bank_holiday (England).

    One point serves a county: sunset differs by under three minutes from one side to the other.
    """
    observer = Observer(latitude, longitude)
    days = [first_day + timedelta(n) for n in range((last_day - first_day).days + 1)]
    england = holidays.country_holidays("GB", subdiv="ENG", years=range(first_day.year, last_day.year + 1))
    return pl.DataFrame(
        {
            "date": days,
            "sunrise": [_hour(sunrise(observer, day, tzinfo=_LOCAL)) for day in days],
            "sunset": [_hour(sunset(observer, day, tzinfo=_LOCAL)) for day in days],
            "is_bank_holiday": [day in england for day in days],
        },
        schema={"date": pl.Date, "sunrise": pl.Float64, "sunset": pl.Float64, "is_bank_holiday": pl.Boolean},
    )
