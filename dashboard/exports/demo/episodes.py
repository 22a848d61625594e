"""When children go, for how long, and whether staff say `missing` or `away`.

Going comes in runs: a child who has gone once goes again within days, several times, and then perhaps not for months. Runs begin
by chance, more often in some settings, at some ages and for some children; the first weeks of a placement see more of them. That
alone gives what the field knows: few children with most of the episodes, and half of first repeats within four weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from dashboard.exports.demo.children import YEAR, Children, Stays
from dashboard.exports.demo.county import FOSTER, HOME, OTHER, PARENTS, SCHOOL, SECURE, SUPPORTED, County
from dashboard.exports.demo.days import Days
from dashboard.exports.demo.draw import MINUTES_A_DAY, Bools, Columns, Floats, Ints, by_child, runs

# Runs begun per 1,000 nights of a child aged 13 to 15, set so that missing episodes per 1,000 nights come to what England's are:
# foster 0.7, homes 8.6, supported 12.3, parents 0.7.
_RUNS = np.zeros(7)
_RUNS[[FOSTER, HOME, SUPPORTED, PARENTS, SCHOOL, SECURE, OTHER]] = (0.52, 5.1, 14.2, 0.6, 1.0, 0.4, 0.0)
_AGES = (8, 10, 13, 16)
_AGE_FACTOR = np.array([0.0, 0.006, 0.42, 1.0, 0.58])
_EARLY = 1.25

# Episodes of a run: three runs in five are one episode, the rest have a long tail.
_SINGLE_SHARE = 0.6
_LOG_SIZE, _SPREAD_OF_SIZE, _LARGEST = 1.62, 0.85, 60
_GAP_DAYS, _SPREAD_OF_GAP = 5.5, 1.2

# Lengths: 79% end within a day, half a per cent last over thirty.
_LENGTH_TO = np.array([1.0, 3.0, 7.0, 30.0, 75.0])
_LENGTH_SHARE = (0.79, 0.115, 0.075, 0.0155, 0.0045)
_HOURS_OF_SHORT, _SPREAD_OF_SHORT = 5.2, 0.75
_NEXT_AFTER_MINUTES = 60


@dataclass
class Episodes(Columns):
    """Episodes, by child and then by start: who, from which unit, and when in UTC minutes."""

    child: Ints
    unit: Ints
    started: Ints
    ended: Ints
    is_away: Bools

    def with_more(self, more: Self) -> Self:
        """These and those, sorted again."""
        both = super().with_more(more)
        return both.take(np.argsort(by_child(both.child, both.started), kind="stable"))


def draw_episodes(rng: np.random.Generator, days: Days, county: County, children: Children, stays: Stays) -> Episodes:
    """The episodes that begin in the period, none of a child while an earlier one of the same child lasts."""
    child, clock = _runs_begun(rng, days, county, children, stays)
    child, clock, length = _episodes_of_runs(rng, child, clock)
    day = days.day_at(clock)
    is_in = day <= days.last
    child, day, length = child[is_in], day[is_in], length[is_in]
    started = days.utc(day * MINUTES_A_DAY + days.minute_of_day(rng, len(day)))

    stay = stays.at(child, day)
    is_in = (stay >= 0) & (day >= days.first)
    child, day, length, started, stay = child[is_in], day[is_in], length[is_in], started[is_in], stay[is_in]
    unit = stays.unit[stay]
    is_away = rng.random(len(child)) < county.away_share[unit]
    length = np.where(is_away, length * 0.7, length).astype(np.int64)
    # Nobody stays missing from care after leaving care.
    ended = np.minimum(started + np.maximum(length, 15), np.maximum(children.leaves[child] * MINUTES_A_DAY + 720, started + 15))

    episodes = Episodes(child, unit, started, ended, is_away)
    episodes = episodes.take(np.argsort(by_child(child, started), kind="stable"))
    return episodes.take(is_free(episodes))


def is_free(episodes: Episodes) -> Bools:
    """Whether each begins when the child is back, and has been for an hour, from all earlier ones."""
    back = np.maximum.accumulate(by_child(episodes.child, episodes.ended + _NEXT_AFTER_MINUTES))
    free = np.ones(len(episodes), dtype=bool)
    free[1:] = by_child(episodes.child, episodes.started)[1:] > back[:-1]
    return free


def _runs_begun(rng: np.random.Generator, days: Days, county: County, children: Children, stays: Stays) -> tuple[Ints, Floats]:
    """The child and the clock at the beginning of each run, `lead` included."""
    ripe = children.born[stays.child] + int(_AGES[0] * YEAR)
    from_clock = days.clock(np.maximum(stays.started, ripe))
    lasts = np.maximum(days.clock(stays.ended) - from_clock, 0)
    rate = _RUNS[county.kind[county.setting_of(stays.unit)]] / 1000 * county.goes[stays.unit] * children.liveliness[stays.child]
    expected = np.cumsum(rate * lasts * _AGE_FACTOR.max())
    how_many = rng.poisson(expected[-1])
    # In order, so that all that follows goes through memory child by child.
    stay = np.searchsorted(expected, np.sort(rng.random(how_many)) * expected[-1], side="right")
    clock = from_clock[stay] + lasts[stay] * rng.random(how_many) ** _EARLY
    child = stays.child[stay]
    age = np.searchsorted(_AGES, children.age(child, days.day_at(clock)), side="right")
    is_taken = rng.random(how_many) * _AGE_FACTOR.max() < _AGE_FACTOR[age]
    return child[is_taken], clock[is_taken]


def _episodes_of_runs(rng: np.random.Generator, child: Ints, clock: Floats) -> tuple[Ints, Floats, Ints]:
    """Child, clock at the start and length in minutes of each episode of each run."""
    size = np.ceil(np.exp(rng.normal(_LOG_SIZE, _SPREAD_OF_SIZE, len(child)))).astype(np.int64)
    size = np.where(rng.random(len(child)) < _SINGLE_SHARE, 1, np.minimum(size, _LARGEST))
    run = np.repeat(np.arange(len(child)), size)
    _, first = runs(run)
    length = lengths(rng, len(run))
    gap = _GAP_DAYS * np.exp(rng.normal(0, _SPREAD_OF_GAP, len(run)))
    passed = np.cumsum(gap + length / MINUTES_A_DAY)
    # The next begins a gap after the return from the one before; the first, when the run does.
    since = passed - passed[first] + length[first] / MINUTES_A_DAY - length / MINUTES_A_DAY
    return child[run], clock[run] + since, length


def lengths(rng: np.random.Generator, how_many: int) -> Ints:
    """Lengths in minutes."""
    band = np.searchsorted(np.cumsum(_LENGTH_SHARE), rng.random(how_many), side="right").clip(max=len(_LENGTH_TO) - 1)
    upper = _LENGTH_TO[band] * MINUTES_A_DAY
    lower = _LENGTH_TO[np.maximum(band - 1, 0)] * MINUTES_A_DAY
    between = lower * (upper / lower) ** rng.random(how_many)
    short = np.clip(60 * _HOURS_OF_SHORT * np.exp(rng.normal(0, _SPREAD_OF_SHORT, how_many)), 20, 1430)
    return np.where(band == 0, short, between).astype(np.int64)
