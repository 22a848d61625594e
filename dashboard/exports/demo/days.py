"""The days of the demo: which of them see more episodes, and how local time stands to UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from dashboard.exports.calendar import sun_and_bank_holidays
from dashboard.exports.contract import LOCAL_TIME
from dashboard.exports.demo.draw import MINUTES_A_DAY, Floats, Ints

_EPOCH = date(1970, 1, 1)

# Children go from before the first day on, so that runs of episodes are under way when the export begins.
_LEAD = 120
_INTERVIEW_LAG = 60

# Fridays and Saturdays most (Hertfordshire); Monday first.
_WEEKDAYS = (0.94, 0.90, 0.92, 0.97, 1.12, 1.17, 0.98)

# The sun sets after 20:00 from mid-April to late August, before 17:00 from November to early February. Light over dark is 1.27,
# and every month stays within the 0.89 to 1.15 of a stable year of the West Midlands force.
_LIGHT, _BETWEEN, _DARK = 1.13, 0.98, 0.89
MIDDLE_OF_THE_COUNTY = (52.85, -2.05)

# Share of episodes that begin in each local hour: most from 20:00 to 01:00, hardly any towards morning.
_HOURS = np.array(
    [6.5, 3.5, 2.0, 1.2, 0.8, 0.6, 0.8, 1.5, 2.5, 2.5, 2.3, 2.3, 2.6, 2.8, 3.2, 4.4, 4.8, 5.0, 5.4, 6.4, 8.2, 10.2, 11.9, 10.6]
)


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


def month_start(day: date, months: int = 0) -> date:
    """The first of the month `months` after the one that `day` is in; before it where negative."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


class Days:
    """The days from `first` to `last` (days since 1970, both included), with a lead before them.

    `clock` runs fast on days on which more children go: drawing evenly by the clock gives episodes their season and their
    weekend without leaving any of them out.
    """

    def __init__(self, first_day: date, last_day: date) -> None:
        self.first_day, self.last_day = first_day, last_day
        self.first, self.last = day_number(first_day), day_number(last_day)
        self.start = self.first - _LEAD
        begin = first_day - timedelta(_LEAD)
        sunset = sun_and_bank_holidays(begin, last_day, *MIDDLE_OF_THE_COUNTY)["sunset"].to_numpy()
        light = np.select([sunset > 20, sunset < 17], [_LIGHT, _DARK], _BETWEEN)
        weekday = (np.arange(len(sunset)) + begin.weekday()) % 7
        self._clock = np.concatenate([[0.0], np.cumsum(light * np.array(_WEEKDAYS)[weekday])])
        self._set_offsets(begin - timedelta(1), (last_day - begin).days + _INTERVIEW_LAG)
        self.end = int(self.utc(np.array([(self.last + 1) * MINUTES_A_DAY]))[0])

    def _set_offsets(self, begin: date, how_many: int) -> None:
        # British clocks change at 01:00 UTC, in spring and in autumn, so noon to noon is enough to find the days.
        zone = ZoneInfo(LOCAL_TIME)
        noons = [datetime(begin.year, begin.month, begin.day, 12, tzinfo=UTC) + timedelta(n) for n in range(how_many)]
        offsets = np.array([(noon.astimezone(zone).utcoffset() or timedelta()).total_seconds() // 60 for noon in noons], dtype=np.int64)
        changes = np.flatnonzero(np.diff(offsets)) + 1
        self._changes = (day_number(begin) + changes) * MINUTES_A_DAY + 60
        self._offsets = np.concatenate([offsets[:1], offsets[changes]])

    def utc(self, local: Ints) -> Ints:
        """Local minutes to UTC minutes. An hour that comes twice is the first; one that never comes is read as winter time."""
        return local - self._offsets[np.searchsorted(self._changes + 60, local, side="right")]

    def local(self, utc: Ints) -> Ints:
        """UTC minutes to local minutes."""
        return utc + self._offsets[np.searchsorted(self._changes, utc, side="right")]

    def clock(self, day: Ints) -> Floats:
        """What the clock shows at the start of a day; days outside are taken as the nearest inside."""
        return self._clock[np.clip(day - self.start, 0, len(self._clock) - 1)]

    def day_at(self, clock: Floats) -> Ints:
        """The day during which the clock shows this; the day after the last once it has run out."""
        return self.start + np.searchsorted(self._clock, clock, side="right") - 1

    def minute_of_day(self, rng: np.random.Generator, how_many: int, *, hours: slice = slice(0, 24)) -> Ints:
        """Local minutes after midnight at which children go, from the hours given."""
        running = np.cumsum(_HOURS[hours])
        hour = hours.start + np.searchsorted(running, rng.random(how_many) * running[-1], side="right")
        return (hour * 60 + rng.integers(0, 60, how_many)).astype(np.int64)
