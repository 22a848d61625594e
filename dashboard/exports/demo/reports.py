"""What is recorded of an episode beside its times: risk, what staff knew, the police, and where the child was found.

All arrays are one element an episode, in the order of the episodes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.exports.contract import CONTRACT
from dashboard.exports.demo.county import FOSTER, OTHER, PARENTS, County
from dashboard.exports.demo.days import Days
from dashboard.exports.demo.draw import (
    MINUTES_A_DAY,
    NONE,
    Bools,
    Floats,
    Ints,
    RowPicker,
    flags,
    ids,
    instants,
    numbers,
    pick,
    runs,
    words,
)
from dashboard.exports.demo.episodes import Episodes

# Thames Valley: high 16, medium 68, low 13; the rest very low.
_RISKS = ("very_low", "low", "medium", "high")
_RISK_SHARES = (0.03, 0.13, 0.68, 0.16)
_CALLED_BY_RISK = np.array([0.35, 0.68, 0.89, 0.97])
_KNOWN_WHEN_MISSING = 0.08

_PLACES = CONTRACT["episodes"].column("found_place").codes
_PLACE_SHARES = {
    "family_home": 0.20,
    "friend": 0.23,
    "partner": 0.06,
    "care_leaver_flat": 0.04,
    "town_centre": 0.13,
    "transport": 0.06,
    "unit": 0.19,
    "outdoors": 0.05,
    "custody": 0.012,
    "hospital": 0.012,
    "other": 0.016,
}
_FINDERS = CONTRACT["episodes"].column("found_by").codes
# own_accord, staff, police, family, other, by where the child was found.
_FINDER_SHARES = {
    "family_home": (0.34, 0.10, 0.18, 0.36, 0.02),
    "unit": (0.93, 0.04, 0.02, 0.0, 0.01),
    "custody": (0.0, 0.0, 1.0, 0.0, 0.0),
    "hospital": (0.25, 0.1, 0.35, 0.1, 0.2),
}
_FINDER_SHARES_ELSEWHERE = (0.34, 0.19, 0.37, 0.05, 0.05)
_KILOMETRE_NORTH = 1 / 111.2
_KILOMETRE_EAST = 1 / (111.2 * 0.605)

CALL_REASONS = CONTRACT["police_calls"].column("reason").codes
_REASON_SHARES = (0.0, 0.26, 0.30, 0.16, 0.08, 0.20)
_MISSING_SHARE_OF_CALLS = 0.64  # Suffolk 2018: 520 of 812 calls to homes
_CALL_LINKED, _MISSING_CALL_WITHOUT_EPISODE = 0.94, 0.05


@dataclass
class Reports:
    """What is recorded of each episode. Codes are places in the contract's lists, -1 where nothing is recorded."""

    risk: Ints
    whereabouts_known: Bools
    police_called: Bools
    police_called_at: Ints
    reclassified_at: Ints
    police_checked_at: Ints
    found_place: Ints
    found_by: Ints
    found_latitude: Floats
    found_longitude: Floats
    seen_latitude: Floats
    seen_longitude: Floats
    exploitation: Bools


def write_reports(rng: np.random.Generator, days: Days, county: County, episodes: Episodes) -> Reports:
    """Draw what is recorded of each episode by the end of the last day."""
    how_many, away, unit = len(episodes), episodes.is_away, episodes.unit
    risk = np.where(away, pick(rng, (0.55, 0.42, 0.03, 0.0), how_many), pick(rng, _RISK_SHARES, how_many))
    known = rng.random(how_many) < np.where(away, county.knows_when_away[unit], _KNOWN_WHEN_MISSING)
    called = rng.random(how_many) < np.where(away, county.calls_when_away[unit], _CALLED_BY_RISK[risk])
    length = np.minimum(episodes.ended, days.end) - episodes.started

    # An absence that staff come to take for going missing: hours later, and then the police hear of it.
    reclassified = away & (rng.random(how_many) < 0.09) & (length > 240)
    reclassified_at = episodes.started + 120 + ((length - 120) * rng.random(how_many) * 0.6).astype(np.int64)
    delay = np.where(away, 130, 75) * np.exp(rng.normal(0, 1.0, how_many))
    called_at = episodes.started + np.minimum(4 + delay, 0.9 * length).astype(np.int64)
    called_at = np.where(reclassified, reclassified_at + 10, called_at)
    called |= reclassified
    has_time = called & (rng.random(how_many) < 0.97) & (called_at < days.end)

    is_back = episodes.ended < days.end
    checked_at = episodes.ended + (14 * 60 * np.exp(rng.normal(0, 0.9, how_many))).astype(np.int64)
    checked = is_back & called & (rng.random(how_many) < 0.62) & (checked_at < days.end)

    place = np.where(is_back & (rng.random(how_many) > 0.07), pick(rng, [_PLACE_SHARES[code] for code in _PLACES], how_many), -1)
    finders = np.array([_FINDER_SHARES.get(code, _FINDER_SHARES_ELSEWHERE) for code in _PLACES])
    finder = RowPicker(finders).pick(np.maximum(place, 0), rng.random(how_many))
    found_latitude, found_longitude = _where_found(rng, county, episodes, place)
    seen = np.flatnonzero(rng.random(how_many) < 0.6)
    seen_latitude, seen_longitude = np.full(how_many, np.nan), np.full(how_many, np.nan)
    seen_latitude[seen], seen_longitude[seen] = _near_the_unit(rng, county, unit[seen])
    return Reports(
        risk=np.where(rng.random(how_many) < np.where(away & ~called, 0.25, 0.96), risk, -1),
        whereabouts_known=known,
        police_called=called,
        police_called_at=np.where(has_time, called_at, NONE),
        reclassified_at=np.where(reclassified, reclassified_at, NONE),
        police_checked_at=np.where(checked, checked_at, NONE),
        found_place=place,
        found_by=np.where(place >= 0, finder, -1),
        found_latitude=found_latitude,
        found_longitude=found_longitude,
        seen_latitude=seen_latitude,
        seen_longitude=seen_longitude,
        exploitation=rng.random(how_many) < np.where(away, 0.04, 0.12),
    )


def _where_found(rng: np.random.Generator, county: County, episodes: Episodes, place: Ints) -> tuple[Floats, Floats]:
    """Degrees, not a number for two in nine. The family's home is one place for each child, whenever found there."""
    is_at_unit = place == _PLACES.index("unit")
    is_given = (place >= 0) & (rng.random(len(place)) > 0.17)
    latitude, longitude = np.full(len(place), np.nan), np.full(len(place), np.nan)
    back = np.flatnonzero(is_given & is_at_unit)
    latitude[back], longitude[back] = _near_the_unit(rng, county, episodes.unit[back])

    out = np.flatnonzero(is_given & ~is_at_unit)
    _, first_of_child = runs(episodes.child[out])
    luck, north, east = rng.random(len(out)), rng.standard_normal(len(out)), rng.standard_normal(len(out))
    is_at_family = place[out] == _PLACES.index("family_home")
    luck, north, east = (np.where(is_at_family, column[first_of_child], column) for column in (luck, north, east))
    town = RowPicker(county.pull).pick(episodes.unit[out], luck)
    spread = np.where(np.isin(place[out], (_PLACES.index("town_centre"), _PLACES.index("transport"))), 0.35, 1.1)
    latitude[out] = county.town_latitude[town] + spread * north * _KILOMETRE_NORTH
    longitude[out] = county.town_longitude[town] + spread * east * _KILOMETRE_EAST
    return latitude, longitude


def _near_the_unit(rng: np.random.Generator, county: County, unit: Ints) -> tuple[Floats, Floats]:
    """By the door of a home; anywhere in the district for a foster family, for parents or for an adoption."""
    scattered = np.isin(county.kind[county.setting_of(unit)], (FOSTER, PARENTS, OTHER))
    spread = np.where(scattered, 3.0, 0.08)
    latitude = county.latitude[unit] + spread * rng.standard_normal(len(unit)) * _KILOMETRE_NORTH
    longitude = county.longitude[unit] + spread * rng.standard_normal(len(unit)) * _KILOMETRE_EAST
    return latitude, longitude


def episodes_table(
    rng: np.random.Generator, days: Days, county: County, episodes: Episodes, reports: Reports, child_ids: pl.Series, episode_ids: pl.Series
) -> pl.DataFrame:
    """The contract's table `episodes`; those that last beyond the last day are open."""
    how_many = len(episodes)
    everywhere = np.ones(how_many, dtype=bool)
    is_back = episodes.ended < days.end
    return pl.DataFrame(
        {
            "episode_id": episode_ids,
            "child_id": child_ids.gather(episodes.child),
            "category": words(episodes.is_away.astype(np.int64), ("missing", "away")),
            "started_at": instants(episodes.started),
            "ended_at": instants(np.where(is_back, episodes.ended, NONE)),
            "unit_id": county.unit_ids.gather(episodes.unit),
            "whereabouts_known": flags(reports.whereabouts_known, rng.random(how_many) < 0.97),
            "risk": words(reports.risk, _RISKS),
            "police_called": flags(reports.police_called, everywhere),
            "police_called_at": instants(reports.police_called_at),
            "reclassified_at": instants(reports.reclassified_at),
            "police_checked_at": instants(reports.police_checked_at),
            "last_seen_latitude": numbers(reports.seen_latitude.round(5)),
            "last_seen_longitude": numbers(reports.seen_longitude.round(5)),
            "found_latitude": numbers(reports.found_latitude.round(5)),
            "found_longitude": numbers(reports.found_longitude.round(5)),
            "found_place": words(reports.found_place, _PLACES),
            "found_by": words(reports.found_by, _FINDERS),
            "exploitation_concern": flags(reports.exploitation, rng.random(how_many) < 0.93),
            "harm_disclosed": flags(rng.random(how_many) < 0.05, is_back & (rng.random(how_many) < 0.88)),
        }
    )


def police_calls_table(
    rng: np.random.Generator, days: Days, county: County, episodes: Episodes, reports: Reports, episode_ids: pl.Series, first_id: int
) -> pl.DataFrame:
    """The contract's table `police_calls`, in order of time.

    Most calls about missing children name the episode and are at its time of calling; some episodes' calls are not there, and some
    calls about missing children belong to no episode. Calls for other reasons come from the same units around the same time.
    """
    episode = np.flatnonzero((reports.police_called_at != NONE) & (rng.random(len(episodes)) < _CALL_LINKED))
    unlinked = episode[rng.random(len(episode)) < _MISSING_CALL_WITHOUT_EPISODE]
    about_missing = np.concatenate([episode, unlinked])
    others = round(len(about_missing) * (1 / _MISSING_SHARE_OF_CALLS - 1))
    unit, called_at = _calls_for_other_reasons(rng, days, county, episodes, about_missing, others)

    calls = {
        "unit": np.concatenate([episodes.unit[about_missing], unit]),
        # The call that names no episode is a second one, about a child who was back before it was written down.
        "called_at": np.concatenate(
            [
                reports.police_called_at[episode],
                np.minimum(reports.police_called_at[unlinked] + rng.integers(1, 5 * MINUTES_A_DAY, len(unlinked)), days.end - 1),
                called_at,
            ]
        ),
        "reason": np.concatenate([np.zeros(len(about_missing), dtype=np.int64), pick(rng, _REASON_SHARES, others)]),
        "episode": np.concatenate([episode, np.full(len(unlinked) + others, -1)]),
    }
    order = np.argsort(calls["called_at"], kind="stable")
    unit, called_at, reason, episode = (column[order] for column in calls.values())
    return pl.DataFrame(
        {
            "call_id": ids("P", first_id, len(order)),
            "unit_id": county.unit_ids.gather(unit),
            "called_at": instants(called_at),
            "reason": words(reason, CALL_REASONS),
            "episode_id": words(episode, episode_ids),
        }
    )


def _calls_for_other_reasons(
    rng: np.random.Generator, days: Days, county: County, episodes: Episodes, about_missing: Ints, how_many: int
) -> tuple[Ints, Ints]:
    """Unit and time of calls, each within two months of one of `about_missing`; families call for other reasons less than staff do."""
    kind = county.kind[county.setting_of(episodes.unit[about_missing])]
    like = about_missing[pick(rng, np.where(np.isin(kind, (FOSTER, PARENTS, OTHER)), 0.4, 1.0), how_many)]
    unit, setting = episodes.unit[like], county.setting_of(episodes.unit[like])
    day = episodes.started[like] // MINUTES_A_DAY + rng.integers(-60, 61, how_many)
    day = np.clip(day, np.maximum(days.first, county.opened[setting]), np.minimum(days.last, county.closed[setting] - 1))
    return unit, days.utc(day * MINUTES_A_DAY + days.minute_of_day(rng, how_many))
