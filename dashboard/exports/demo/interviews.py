"""Return interviews: offered, declined, held in time or late, by whom, and what the child said."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np
import polars as pl

from dashboard.exports.contract import CONTRACT
from dashboard.exports.demo.county import County
from dashboard.exports.demo.days import Days
from dashboard.exports.demo.draw import MINUTES_A_DAY, NONE, Bools, Ints, flags, ids, instants, pick, words
from dashboard.exports.demo.episodes import Episodes

REASONS: dict[str, tuple[str, ...]] = {
    "push": ("placement_unhappy", "argument_with_staff", "argument_with_child", "bullying", "rules", "boredom"),
    "pull": ("family", "friends", "partner", "exploitation", "party_or_event", "former_home"),
    "personal": ("mental_health", "substance_use", "needed_space", "school_problem", "bereavement"),
}
"""Codes of the reasons that children give, in the groups of the dashboard's settings."""

_REASON_WEIGHTS = {
    **dict(zip(REASONS["push"], (9, 8, 5, 3, 9, 5), strict=True)),
    **dict(zip(REASONS["pull"], (15, 19, 6, 4, 7, 3), strict=True)),
    **dict(zip(REASONS["personal"], (5, 3, 10, 2, 1), strict=True)),
}
_HOW_MANY_REASONS = (0.52, 0.35, 0.13)  # one, two, three

LATE_REASONS = ("child_unavailable", "placed_far_away", "no_interviewer", "late_notice", "missing_again")

# What becomes of an interview that is due. England 2023-24: 63% are held within 72 hours.
_OUTCOMES = CONTRACT["return_interviews"].column("outcome").codes
_COMPLETED, _DECLINED, _NOT_HELD, _PENDING = range(len(_OUTCOMES))
_OFFERS = CONTRACT["return_interviews"].column("offered").codes
_OFFERED, _NOT_OFFERED, _NOT_REQUIRED = range(len(_OFFERS))
_OUTCOME_SHARES = (0.84, 0.10, 0.06)
_NOT_OFFERED_SHARE, _NO_ROW_SHARE = 0.02, 0.012
_NOT_REQUIRED_WHEN_AWAY, _NOT_REQUIRED_WHEN_MISSING = 0.16, 0.012
_SPREAD_OF_HOURS = 0.62
_OPENS, _CLOSES = 9 * 60, 18 * 60
_IN_TIME = 72 * 60
_STILL_BEING_RECORDED_DAYS = 28

_INTERVIEWERS = CONTRACT["return_interviews"].column("interviewer").codes
_INTERVIEWER_SHARES = (0.83, 0.11, 0.045, 0.005, 0.01)
_ONE_FOR_BOTH_WITHIN, _ONE_FOR_BOTH_SHARE = 2 * MINUTES_A_DAY, 0.3


def return_interviews_table(
    rng: np.random.Generator, days: Days, county: County, episodes: Episodes, episode_ids: pl.Series, first_id: int
) -> pl.DataFrame:
    """The contract's table `return_interviews`: one row for each episode that has ended, but for a few with none.

    An interview is worked out from the last return that it covers, and is held in office hours.
    """
    ended = np.flatnonzero(episodes.ended < days.end)
    of_row, first, last = _interviews_of(rng, episodes, ended)
    how_many, unit, back = len(last), episodes.unit[last], episodes.ended[last]

    needed = rng.random(how_many) >= np.where(episodes.is_away[last], _NOT_REQUIRED_WHEN_AWAY, _NOT_REQUIRED_WHEN_MISSING)
    offered = np.where(~needed, _NOT_REQUIRED, np.where(rng.random(how_many) < _NOT_OFFERED_SHARE, _NOT_OFFERED, _OFFERED))
    outcome = np.where(offered == _OFFERED, pick(rng, _OUTCOME_SHARES, how_many), -1)
    hours = county.hours_to_interview[unit] * np.exp(rng.normal(0, _SPREAD_OF_HOURS, how_many))
    held_at = _in_office_hours(rng, days, back + (hours * 60).astype(np.int64))
    is_recent = back > days.end - _STILL_BEING_RECORDED_DAYS * MINUTES_A_DAY
    not_yet = (held_at >= days.end) | (is_recent & (rng.random(how_many) < 0.15))
    outcome = np.where((outcome == _COMPLETED) & not_yet, _PENDING, outcome)
    held = outcome == _COMPLETED
    offered_at = _in_office_hours(rng, days, back + ((np.minimum(held_at, days.end) - back) * 0.6 * rng.random(how_many)).astype(np.int64))
    offered_at = np.where((offered == _OFFERED) & (offered_at < days.end), np.minimum(offered_at, held_at), NONE)

    is_late = (held & (held_at - episodes.ended[first] > _IN_TIME)) | (outcome == _NOT_HELD)
    late_reason = _late_reasons(rng, county, episodes, last, outcome == _NOT_HELD)
    late_reason = np.where(is_late & (rng.random(how_many) < 0.9), late_reason, -1)
    late_reason = np.where(is_late & (last > first), LATE_REASONS.index("missing_again"), late_reason)
    columns = [
        ids("I", first_id, how_many).alias("interview_id"),
        words(offered, _OFFERS).alias("offered"),
        instants(offered_at).alias("offered_at"),
        words(outcome, _OUTCOMES).alias("outcome"),
        instants(np.where(held, held_at, NONE)).alias("held_at"),
        words(np.where(held, pick(rng, _INTERVIEWER_SHARES, how_many), -1), _INTERVIEWERS).alias("interviewer"),
        _reasons(rng, held).alias("reasons"),
        words(late_reason, LATE_REASONS).alias("late_reason"),
        flags(rng.random(how_many) < 0.34, held & (rng.random(how_many) < 0.94)).alias("follow_up"),
    ]
    rows = pl.DataFrame(columns)[of_row].insert_column(1, episode_ids.gather(ended).alias("episode_id"))
    return rows.filter(rng.random(how_many)[of_row] >= _NO_ROW_SHARE)


def _interviews_of(rng: np.random.Generator, episodes: Episodes, ended: Ints) -> tuple[Ints, Ints, Ints]:
    """The interview of each ended episode, and the first and last episode that each interview covers.

    One interview may do for two or more where the child was soon gone again, else there is one each.
    """
    child, back, began = episodes.child[ended], episodes.ended[ended], episodes.started[ended]
    is_new = np.ones(len(ended), dtype=bool)
    soon = (child[1:] == child[:-1]) & (began[1:] - back[:-1] < _ONE_FOR_BOTH_WITHIN)
    is_new[1:] = ~(soon & (rng.random(len(ended))[1:] < _ONE_FOR_BOTH_SHARE))
    of_row = np.cumsum(is_new) - 1
    is_last = np.append(is_new[1:], True)[: len(ended)]
    return of_row, ended[is_new], ended[is_last]


def _in_office_hours(rng: np.random.Generator, days: Days, utc: Ints) -> Ints:
    """The UTC minute itself within office hours, else some minute of the next ones; seven in eight Sundays become Mondays."""
    local = days.local(utc)
    day, minute = local // MINUTES_A_DAY, local % MINUTES_A_DAY
    next_day = day + (minute >= _CLOSES)
    is_sunday = (next_day + 3) % 7 == 6  # 1970 began on a Thursday
    next_day += is_sunday & (rng.random(len(day)) < 0.875)
    is_within = (next_day == day) & (minute >= _OPENS)
    some_minute = rng.integers(_OPENS, _CLOSES, len(day))
    return days.utc(next_day * MINUTES_A_DAY + np.where(is_within, minute, some_minute))


def _late_reasons(rng: np.random.Generator, county: County, episodes: Episodes, last: Ints, not_held: Bools) -> Ints:
    """A code for each interview: missing again only where the child was, far away mostly outside the area."""
    following = np.minimum(last + 1, len(episodes) - 1)
    gone_again = (episodes.child[following] == episodes.child[last]) & (following > last)
    gone_again &= episodes.started[following] - episodes.ended[last] < _IN_TIME
    far = ~county.in_area[county.setting_of(episodes.unit[last])] & (rng.random(len(last)) < 0.6)
    usual = np.where(not_held, 0, pick(rng, (0.44, 0.06, 0.28, 0.22), len(last)))
    usual = np.where(far, LATE_REASONS.index("placed_far_away"), usual)
    return np.where(gone_again, LATE_REASONS.index("missing_again"), usual)


def _reasons(rng: np.random.Generator, held: Bools) -> pl.Series:
    """One to three reasons for each interview held, null for the others."""
    lists, weights = _sets_of_reasons()
    return lists.gather(np.where(held, pick(rng, weights, len(held)), len(weights)))


@lru_cache(maxsize=1)
def _sets_of_reasons() -> tuple[pl.Series, list[float]]:
    """Every set of one to three reasons and, last, null; and how often each is given."""
    sets = [chosen for size in (1, 2, 3) for chosen in combinations(_REASON_WEIGHTS, size)]
    weights: list[float] = []
    for size, share in enumerate(_HOW_MANY_REASONS, start=1):
        of_size = [float(np.prod([_REASON_WEIGHTS[code] for code in chosen])) for chosen in sets if len(chosen) == size]
        weights += [share * weight / sum(of_size) for weight in of_size]
    return pl.Series([*map(list, sets), None], dtype=pl.List(pl.String)), weights
