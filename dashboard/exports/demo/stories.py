"""The stories that the first authority carries, each so that a reader of the dashboard can find it.

Light evenings are in `days` and foster care's low reports in `episodes`: those hold everywhere. Each story here stands at a fixed
distance from the last day and is left out where the export begins too late for it. Whoever a story needs is chosen from the
children who are there, and lives in the story's home while it lasts; what chance had given them meanwhile is taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from dashboard.exports.contract import CONTRACT
from dashboard.exports.demo.children import BedStays, Children, Stays, without_conflicts
from dashboard.exports.demo.county import County
from dashboard.exports.demo.days import Days, day_number, month_start
from dashboard.exports.demo.draw import MINUTES_A_DAY, Bools, Ints, pick
from dashboard.exports.demo.episodes import Episodes, is_free, lengths
from dashboard.exports.demo.reports import Reports

FIVE_YOUNG_PEOPLE = "H01"
ONE_CHILD = "H04"
PAIR = "H02"
CALLS_THOUGH_KNOWN = "H09"
LATE_INTERVIEWS = "S03"
NEW_PLACE = "Crewe"

_ABSENCES = (34, 27, 20, 14, 10)  # 105, the study's number
_USUAL_A_MONTH, _KNOWN_A_MONTH = 4.8, 3.2
_ONE_CHILDS_OWN = 54
_ORDINARY_RATE = 8 / 1000
_TOGETHER = 18
_UNRECORDED_BEFORE = 0.96
_SHARE_IN_NEW_PLACE, _FEWEST_IN_NEW_PLACE = 0.3, 9
_FOUND = CONTRACT["episodes"].column("found_place").codes
_FINDERS = CONTRACT["episodes"].column("found_by").codes


@dataclass(frozen=True)
class Role:
    """A child who lives in one bed of a home from `start` up to `end` (days since 1970)."""

    child: int
    unit: int
    bed: int
    start: int
    end: int


class Tale:
    """The stories told of one authority; which of them fit is settled by the days."""

    def __init__(self, rng: np.random.Generator, days: Days, county: County, children: Children) -> None:
        self._rng, self._days, self._county, self._children = rng, days, county, children
        after = days.last_day + timedelta(1)
        # The first day after the last whole calendar quarter.
        self._quarter_end = month_start(after, -((after.month - 1) % 3))
        self._new_place_quarter = self._months(-3, 0)
        self._five_quarter = self._months(-6, -3)
        self._one_child_span = self._months(-15, 0)
        self._pair_span = self._months(-18, 0)
        self._known_span = self._months(-15, 0)
        self._recording_changed = self._months(-36, 0)[0]
        self._is_recording_change_told = self._recording_changed > days.first + 60
        self._five: list[Role] = []
        self._one: list[Role] = []
        self._two: list[Role] = []
        self._five = self._cast_five()
        self._one = self._cast(ONE_CHILD, self._one_child_span, 1, history=90)
        self._two = self._cast(PAIR, self._pair_span, 2, history=60)
        self._calls_though_known()
        self._interviews_late()
        self._nobody_found_in_new_place()

    def _months(self, first: int, end: int) -> tuple[int, int]:
        return day_number(month_start(self._quarter_end, first)), day_number(month_start(self._quarter_end, end))

    @staticmethod
    def _day(number: int) -> date:
        return date(1970, 1, 1) + timedelta(number)

    def _fits(self, span: tuple[int, int], history: int) -> bool:
        return span[0] - history >= self._days.first

    # Who takes part, and where they live meanwhile.

    def _cast_five(self) -> list[Role]:
        """Five who go and a sixth who does not fill the home; the last two of the five arrive early in the quarter."""
        roles = self._cast(FIVE_YOUNG_PEOPLE, self._five_quarter, 6, history=400)
        arrivals = (-70, -45, 11, 4, -30, -60)
        return [
            Role(role.child, role.unit, role.bed, self._five_quarter[0] + arrival, self._five_quarter[1] + 25 + 9 * n)
            for n, (role, arrival) in enumerate(zip(roles, arrivals, strict=False))
        ]

    def _cast(self, unit_id: str, span: tuple[int, int], how_many: int, history: int) -> list[Role]:
        """Children in care and in their teens all through `span`, in the first beds of the home; none if it does not fit."""
        if not self._fits(span, history):
            return []
        start, end = span
        everyone = np.arange(len(self._children))
        fits = (self._children.arrives <= start - 80) & (self._children.leaves > end + 90) & ~self._children.is_uasc
        fits &= (self._children.age(everyone, np.full(len(everyone), start)) >= 13) & (self._children.born + 17.7 * 365.25 > end)
        fits[[role.child for role in self._roles]] = False
        chosen = self._rng.choice(np.flatnonzero(fits), how_many, replace=False)
        unit = self._county.number(unit_id)
        first_bed = int(self._county.beds_used[:unit].sum())
        return [Role(int(child), unit, first_bed + n, start - 45, end) for n, child in enumerate(chosen)]

    @property
    def _roles(self) -> list[Role]:
        return self._five + self._one + self._two

    def set_the_scene(self, beds: BedStays) -> BedStays:
        """Give the parts their beds: whoever was in one leaves when the part begins."""
        for role in self._roles:
            is_in_the_way = ((beds.bed == role.bed) | (beds.child == role.child)) & (beds.started < role.end)
            beds = beds.take(~(is_in_the_way & (beds.started >= role.start)))
            is_in_the_way = ((beds.bed == role.bed) | (beds.child == role.child)) & (beds.started < role.start)
            beds.ended = np.where(is_in_the_way, np.minimum(beds.ended, role.start), beds.ended)
        parts = [np.array(column) for column in zip(*((r.unit, r.bed, r.child, r.start, r.end) for r in self._roles), strict=True)]
        return without_conflicts(self._children, beds.with_more(BedStays(*parts)) if parts else beds)

    # What happens.

    def act(self, episodes: Episodes, stays: Stays) -> Episodes:
        """The episodes with the stories in them."""
        for role in self._roles:
            is_theirs = episodes.child == role.child
            is_meanwhile = (episodes.ended >= role.start * MINUTES_A_DAY) & (episodes.started < role.end * MINUTES_A_DAY)
            episodes = episodes.take(~(is_theirs & is_meanwhile))
        episodes = self._five_young_people(episodes, stays)
        episodes = self._one_child(episodes, stays)
        if self._fits(self._known_span, history=0):
            episodes = self._as_ever(episodes, stays, self._county.number(CALLS_THOUGH_KNOWN), self._known_span, _KNOWN_A_MONTH)
        return self._recording_change(self._pair(episodes))

    def _five_young_people(self, episodes: Episodes, stays: Stays) -> Episodes:
        """105 absences by five young people from one home in one quarter, more from month to month as the last two settle in."""
        if not self._five:
            return episodes
        episodes = self._as_ever(episodes, stays, self._five[0].unit, (self._days.first, self._five_quarter[0]), _USUAL_A_MONTH)
        start, end = self._five_quarter
        episodes = episodes.take(~((episodes.unit == self._five[0].unit) & self._is_within(episodes, self._five_quarter)))
        for role, absences in zip(self._five, _ABSENCES, strict=False):
            days = np.arange(max(start, role.start + 1), end)
            weight = 0.35 + (days - start) / (end - start)
            chosen = self._rng.choice(days, absences, replace=False, p=weight / weight.sum())
            episodes = episodes.with_more(self._evenings(role.child, role.unit, np.sort(chosen)))
        return episodes

    def _as_ever(self, episodes: Episodes, stays: Stays, unit: int, span: tuple[int, int], a_month: float) -> Episodes:
        """Much the same number of episodes from a home in every whole month of `span`, by whoever lives there."""
        month, end = month_start(self._day(span[0] - 1), 1), self._day(span[1])
        while month < end:
            within = (day_number(month), day_number(month_start(month, 1)))
            usual = int(np.clip(self._rng.poisson(a_month), 3, 9))
            there = np.flatnonzero((episodes.unit == unit) & self._is_within(episodes, within))
            keep = np.ones(len(episodes), dtype=bool)
            keep[self._rng.permutation(there)[usual:]] = False
            episodes = episodes.take(keep)
            for day in self._rng.choice(np.arange(*within), max(usual - len(there), 0), replace=False):
                residents = np.flatnonzero((stays.unit == unit) & (stays.started <= day) & (day < stays.ended))
                if len(residents):
                    episodes = episodes.with_more(self._evenings(int(stays.child[self._rng.choice(residents)]), unit, np.array([day])))
            month = month_start(month, 1)
        return episodes.take(is_free(episodes))

    def _one_child(self, episodes: Episodes, stays: Stays) -> Episodes:
        """A home whose rate is high because of one child: the others' episodes are kept to an ordinary number."""
        for role in self._one:
            start, end = self._one_child_span
            nights = np.clip(np.minimum(stays.ended, end) - np.maximum(stays.started, start), 0, None)
            ordinary = round(_ORDINARY_RATE * nights[(stays.unit == role.unit) & (stays.child != role.child)].sum())
            others = np.flatnonzero((episodes.unit == role.unit) & self._is_within(episodes, self._one_child_span))
            keep = np.ones(len(episodes), dtype=bool)
            keep[self._rng.permutation(others)[ordinary:]] = False
            chosen = self._rng.choice(np.arange(start, end), _ONE_CHILDS_OWN, replace=False)
            episodes = episodes.take(keep).with_more(self._evenings(role.child, role.unit, np.sort(chosen)))
        return episodes

    def _pair(self, episodes: Episodes) -> Episodes:
        """Two from the same home who go together: one leaves minutes after the other, and they come back within the hour."""
        if not self._two:
            return episodes
        first, second = self._two
        chosen = self._rng.choice(np.arange(*self._pair_span), _TOGETHER, replace=False)
        led = self._evenings(first.child, first.unit, np.sort(chosen))
        followed = Episodes(
            np.full(len(led), second.child),
            led.unit,
            led.started + self._rng.integers(0, 13, len(led)),
            led.ended + self._rng.integers(0, 45, len(led)),
            led.is_away,
        )
        return episodes.with_more(led).with_more(followed)

    def _recording_change(self, episodes: Episodes) -> Episodes:
        """Before the change almost nothing but `missing` was recorded; counts step up when `away` is recorded too."""
        if not self._is_recording_change_told:
            return episodes
        is_before = episodes.started < self._recording_changed * MINUTES_A_DAY
        return episodes.take(~(episodes.is_away & is_before & (self._rng.random(len(episodes)) < _UNRECORDED_BEFORE)))

    def _evenings(self, child: int, unit: int, days: Ints) -> Episodes:
        """One episode on each of these evenings, over by the next morning, so that none meets the next."""
        how_many = len(days)
        started = self._days.utc(days * MINUTES_A_DAY + self._days.minute_of_day(self._rng, how_many, hours=slice(17, 24)))
        length = np.clip(lengths(self._rng, how_many), 60, 900)
        is_away = self._rng.random(how_many) < self._county.away_share[unit]
        return Episodes(np.full(how_many, child), np.full(how_many, unit), started, started + length, is_away)

    def _is_within(self, episodes: Episodes, span: tuple[int, int]) -> Bools:
        day = self._days.local(episodes.started) // MINUTES_A_DAY
        return (day >= span[0]) & (day < span[1])

    # What staff do, and where children are found.

    def _calls_though_known(self) -> None:
        """A home that calls the police although it knows where the children are: more than half of what it reports is `away`."""
        unit = self._county.number(CALLS_THOUGH_KNOWN)
        self._county.away_share[unit] = 0.55
        self._county.calls_when_away[unit] = 0.88
        self._county.knows_when_away[unit] = 1.0

    def _interviews_late(self) -> None:
        """A unit whose return interviews are mostly held after the 72 hours."""
        self._county.hours_to_interview[self._county.number(LATE_INTERVIEWS)] = 118.0

    def _nobody_found_in_new_place(self) -> None:
        self._county.pull[:, self._county.towns.index(NEW_PLACE)] *= 0.01

    def move_to_new_place(self, episodes: Episodes, reports: Reports) -> None:
        """In the last quarter three in ten of the children who went are found in a town where hardly anybody was before."""
        if not self._fits(self._new_place_quarter, history=365):
            return
        is_within = self._is_within(episodes, self._new_place_quarter)
        is_found = is_within & ~np.isnan(reports.found_latitude) & (reports.found_place != _FOUND.index("unit"))
        active, found = np.unique(episodes.child[is_within]), np.unique(episodes.child[is_found])
        how_many = min(len(found), max(_FEWEST_IN_NEW_PLACE, round(_SHARE_IN_NEW_PLACE * len(active))))
        drawn = self._rng.choice(found, how_many, replace=False)
        candidates = np.flatnonzero(is_found & np.isin(episodes.child, drawn))
        is_first = np.ones(len(candidates), dtype=bool)
        is_first[1:] = episodes.child[candidates[1:]] != episodes.child[candidates[:-1]]
        moved = candidates[is_first | (self._rng.random(len(candidates)) < 0.25)]
        town = self._county.towns.index(NEW_PLACE)
        # East of the centre, in the middle of one cell of the map: a retail park and the streets around it.
        reports.found_latitude[moved] = self._county.town_latitude[town] - 0.001 + self._rng.normal(0, 0.0022, len(moved))
        reports.found_longitude[moved] = self._county.town_longitude[town] + 0.016 + self._rng.normal(0, 0.0036, len(moved))
        kinds = ("town_centre", "friend", "transport", "other")
        reports.found_place[moved] = np.array([_FOUND.index(kind) for kind in kinds])[pick(self._rng, (5, 3, 2, 1), len(moved))]
        reports.found_by[moved] = np.where(self._rng.random(len(moved)) < 0.6, _FINDERS.index("police"), _FINDERS.index("own_accord"))
        reports.exploitation[moved] = self._rng.random(len(moved)) < 0.55

    def events(self) -> pl.DataFrame:
        """The contract's table `events`: what a reader needs to know of the changes above, and other dated things."""
        told: list[tuple[date, str, str | None, bool]] = [
            (month_start(self._quarter_end, -46), "A new provider holds the return interviews", None, False),
            (month_start(self._quarter_end, -14), "Homes and police agree how to decide whether to report a child missing", None, False),
            (month_start(self._quarter_end, -3).replace(day=20), "A second member of staff is awake at night", FIVE_YOUNG_PEOPLE, False),
        ]
        if self._is_recording_change_told:
            told.append((self._day(self._recording_changed), "Away from placement is recorded as well as missing", None, True))
        for name, unit_id, opened, closed in self._county.units(self._days)["name", "unit_id", "opened_on", "closed_on"].iter_rows():
            told += [(day, f"{name} {verb}", unit_id, False) for day, verb in ((opened, "opens"), (closed, "closes")) if day]
        in_days = [event for event in sorted(told, key=lambda event: event[0]) if self._days.first_day <= event[0] <= self._days.last_day]
        return pl.DataFrame(in_days, schema=_EVENT_COLUMNS, orient="row")


_EVENT_COLUMNS = {"happened_on": pl.Date, "text": pl.String, "unit_id": pl.String, "rebase": pl.Boolean}


def no_events() -> pl.DataFrame:
    """The contract's table `events` with nothing in it."""
    return pl.DataFrame(schema=_EVENT_COLUMNS)
