"""Who is looked after, from when to when, and where each child is placed.

Children come into care at a steady pace and stay as long as such children do, from eighteen years before the first day on, so
that the ages and lengths of stay on the first day are those of a population at rest. Homes are filled bed by bed: no home ever
holds more children than it has beds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dashboard.exports.demo.county import FOSTER, HOME, OTHER, PARENTS, SCHOOL, SECURE, SUPPORTED, County
from dashboard.exports.demo.days import Days
from dashboard.exports.demo.draw import NONE, Bools, Columns, Floats, Ints, RowPicker, by_child, dates, pick, words

YEAR = 365.25
_CHILDREN_COMING_A_YEAR = 735

# Ages on coming into care (England, roughly) with the mean years that those who stay beyond the first months would stay.
_AGE_FROM = np.array([0, 1, 5, 10, 16])
_AGE_TO = np.array([1, 5, 10, 16, 17.6])
_AGE_SHARE = (0.19, 0.17, 0.18, 0.31, 0.15)
_YEARS_STAYED = np.array([2.2, 3.6, 6.0, 5.5, 3.0])
_SHORT_STAY_SHARE, _SHORT_STAY_YEARS = 0.22, 0.45
_UASC_SHARE = 0.125
_MOVE_AFTER_DAYS = 480
_LIVELINESS_SHAPE = 0.3

# Kinds of setting of a stay, by age when it begins (under 4, 4-9, 10-12, 13-15, 16 and over, unaccompanied). Homes and secure
# homes are not drawn here: their beds find their children.
_STAY_AGES = (4, 10, 13, 16)
_STAY_KINDS = np.zeros((6, 7))
_STAY_KINDS[:, FOSTER] = (0.74, 0.88, 0.90, 0.88, 0.625, 0.47)
_STAY_KINDS[:, PARENTS] = (0.11, 0.10, 0.08, 0.07, 0.06, 0.0)
_STAY_KINDS[:, OTHER] = (0.15, 0.015, 0.0, 0.0, 0.0, 0.0)
_STAY_KINDS[:, SCHOOL] = (0.0, 0.005, 0.02, 0.03, 0.01, 0.0)
_STAY_KINDS[:, SUPPORTED] = (0.0, 0.0, 0.0, 0.02, 0.305, 0.53)

_BED_DAYS, _SECURE_BED_DAYS, _EMPTY_BED_DAYS = 280, 110, 9
_CANDIDATES = 40

_ETHNICITIES = ("White", "Mixed or multiple ethnic groups", "Asian or Asian British", "Black, African, Caribbean or Black British", "Other")
_ETHNIC_SHARES = np.array([[0.82, 0.09, 0.035, 0.04, 0.015], [0.04, 0.03, 0.20, 0.35, 0.38]])  # others, unaccompanied
_AUTHORITIES_NEARBY = ("Northmarch Council", "Severnside Council", "Peakdale Council")


@dataclass
class Children(Columns):
    """One child an element. Days are since 1970; `leaves` is the day of leaving, after `last` for those who stay.

    `liveliness` multiplies how often the child goes; its mean is 1 and most are far below. `other_authority` is -1 for our own.
    """

    authority: Ints
    born: Ints
    arrives: Ints
    leaves: Ints
    is_boy: Bools
    is_uasc: Bools
    liveliness: Floats
    other_authority: Ints

    def age(self, child: Ints, day: Ints) -> Floats:
        """Age in years of each of `child` on its `day`."""
        return (day - self.born[child]) / YEAR


@dataclass
class BedStays(Columns):
    """Stays in the beds of homes, each bed's in turn: `bed` numbers the beds of all units of a batch."""

    unit: Ints
    bed: Ints
    child: Ints
    started: Ints
    ended: Ints


@dataclass
class Stays(Columns):
    """Placements, by child and then by start: each lasts to the child's next or to the day of leaving."""

    child: Ints
    unit: Ints
    started: Ints
    ended: Ints

    def at(self, child: Ints, day: Ints) -> Ints:
        """The stay that each child is in on its day, by the night that begins then; -1 where there is none."""
        found = np.searchsorted(by_child(self.child, self.started), by_child(child, day), side="right") - 1
        is_in = (found >= 0) & (self.child[found] == child) & (day < self.ended[found])
        return np.where(is_in, found, -1)


def _drawn(rng: np.random.Generator, authority: Ints, arrives: Ints, born: Ints, leaves: Ints, is_uasc: Bools) -> Children:
    how_many = len(born)
    is_boy = rng.random(how_many) < np.where(is_uasc, 0.93, 0.54)
    liveliness = rng.standard_gamma(_LIVELINESS_SHAPE, how_many) / _LIVELINESS_SHAPE
    return Children(
        authority=authority,
        born=born,
        arrives=arrives,
        leaves=leaves,
        is_boy=is_boy,
        is_uasc=is_uasc,
        liveliness=np.where(is_uasc, 0.3, np.where(is_boy, 0.92, 1.28)) * liveliness,
        other_authority=np.full(how_many, -1),
    )


def come_into_care(rng: np.random.Generator, days: Days, authorities: int) -> Children:
    """Our children who are looked after on a day of the period or of the lead before it, authority by authority."""
    from_day = days.start - int(18 * YEAR)
    each = round(_CHILDREN_COMING_A_YEAR * (days.last + 1 - from_day) / YEAR)
    how_many = each * authorities
    arrives = rng.integers(from_day, days.last + 1, how_many)
    band = pick(rng, _AGE_SHARE, how_many)
    years = np.where(rng.random(how_many) < _SHORT_STAY_SHARE, _SHORT_STAY_YEARS, _YEARS_STAYED[band]) * rng.standard_exponential(how_many)
    would_leave = arrives + 1 + (years * YEAR).astype(np.int64)
    # Most of those who came in the eighteen years before are long gone: no more is drawn for them.
    seen = np.flatnonzero(would_leave > days.start)
    authority, arrives, band, would_leave = seen // each, arrives[seen], band[seen], would_leave[seen]

    is_uasc = rng.random(len(seen)) < _UASC_SHARE
    age = np.where(is_uasc, rng.uniform(15.3, 17.7, len(seen)), rng.uniform(_AGE_FROM[band], _AGE_TO[band]))
    born = arrives - (age * YEAR).astype(np.int64)
    leaves = np.minimum(would_leave, born + int(18 * YEAR))
    is_seen = leaves > days.start
    return _drawn(rng, authority[is_seen], arrives[is_seen], born[is_seen], leaves[is_seen], is_uasc[is_seen])


def fill_beds(rng: np.random.Generator, days: Days, county: County, children: Children) -> BedStays:
    """Stay after stay in each bed of each home, each by a child of fitting age who is looked after then.

    A bed for which no such child turns up stays empty for that time.
    """
    in_setting = np.repeat(np.arange(county.settings), county.beds_used)
    beds = len(in_setting) * county.authorities
    setting = np.tile(in_setting, county.authorities)
    unit = setting + np.repeat(np.arange(county.authorities) * county.settings, len(in_setting))
    mean_days = np.where(county.kind[setting] == SECURE, _SECURE_BED_DAYS, _BED_DAYS)

    begin = days.start - 365
    each = 6 + int(1.6 * (days.last - begin) / _BED_DAYS)
    lasts = 3 + mean_days[:, None] * rng.standard_exponential((beds, each))
    empty = _EMPTY_BED_DAYS * rng.standard_exponential((beds, each))
    ended = np.cumsum(lasts + empty, axis=1) - empty
    stays = BedStays(
        unit=np.repeat(unit, each),
        bed=np.repeat(np.arange(beds), each),
        child=np.full(beds * each, -1),
        started=begin + (ended - lasts).astype(np.int64).ravel(),
        ended=begin + ended.astype(np.int64).ravel(),
    )
    of_setting = county.setting_of(stays.unit)
    stays.ended = np.minimum(stays.ended, county.closed[of_setting])
    stays = stays.take((stays.started <= days.last) & county.is_open(of_setting, stays.started))
    stays.child = _first_fitting(rng, county, children, stays)
    return without_conflicts(children, stays.take(stays.child >= 0))


def _first_fitting(rng: np.random.Generator, county: County, children: Children, stays: BedStays) -> Ints:
    first_child = np.searchsorted(children.authority, np.arange(county.authorities + 1))
    authority = stays.unit // county.settings
    among = (first_child[authority + 1] - first_child[authority])[:, None]
    child = first_child[authority][:, None] + (rng.random((len(authority), _CANDIDATES)) * among).astype(np.int64)
    age = (stays.started[:, None] - children.born[child]) / YEAR
    fits = (age >= 10) & (age < 17.6) & ~children.is_uasc[child]
    stays_on = children.leaves[child] > np.minimum(stays.ended, stays.started + 150)[:, None]
    fits &= (children.arrives[child] <= stays.started[:, None]) & stays_on
    chosen = np.argmax(fits, axis=1)
    rows = np.arange(len(chosen))
    return np.where(fits[rows, chosen], child[rows, chosen], -1)


def without_conflicts(children: Children, stays: BedStays) -> BedStays:
    """The stays ended where their children leave care, without those that begin while the same child is in another bed."""
    order = np.argsort(by_child(stays.child, stays.started), kind="stable")
    stays = stays.take(order)
    stays.ended = np.minimum(stays.ended, children.leaves[stays.child])
    busy_until = np.maximum.accumulate(by_child(stays.child, stays.ended))
    is_free = np.ones(len(order), dtype=bool)
    is_free[1:] = by_child(stays.child, stays.started)[1:] >= busy_until[:-1]
    return stays.take(is_free)


def add_children_of_others(rng: np.random.Generator, county: County, children: Children, stays: BedStays) -> Children:
    """Give some beds of private homes in the area to children of other authorities, who are added after ours."""
    setting = county.setting_of(stays.unit)
    is_theirs = county.is_private[setting] & county.in_area[setting] & (rng.random(len(setting)) < 0.22)
    how_many = int(is_theirs.sum())
    started, ended = stays.started[is_theirs], stays.ended[is_theirs]
    born = started - (rng.uniform(11, 16, how_many) * YEAR).astype(np.int64)
    leaves = np.minimum(ended, born + int(18 * YEAR))
    theirs = _drawn(rng, np.zeros(how_many, dtype=np.int64), started, born, leaves, np.zeros(how_many, dtype=bool))
    theirs.other_authority = rng.integers(0, len(_AUTHORITIES_NEARBY), how_many)
    stays.child[is_theirs] = len(children) + np.arange(how_many)
    stays.ended[is_theirs] = theirs.leaves
    return children.with_more(theirs)


def place(rng: np.random.Generator, days: Days, county: County, children: Children, bed_stays: BedStays) -> Stays:
    """Every child's placements: a path through foster care and other settings, broken by stays in homes."""
    path = _paths(rng, days, county, children)
    order = np.argsort(by_child(bed_stays.child, bed_stays.started))
    beds = bed_stays.take(order)

    # A stay in a home hides what would have begun meanwhile, and the child comes back to what would have been going on.
    latest = np.searchsorted(by_child(beds.child, beds.started), by_child(path.child, path.started), side="right") - 1
    is_hidden = (latest >= 0) & (beds.child[latest] == path.child) & (path.started < beds.ended[latest])
    comes_back = beds.ended < children.leaves[beds.child]
    follows_at_once = np.zeros(len(order), dtype=bool)
    follows_at_once[:-1] = (beds.child[1:] == beds.child[:-1]) & (beds.started[1:] <= beds.ended[:-1])
    meanwhile = path.at(beds.child, beds.ended)
    comes_back &= ~follows_at_once & (meanwhile >= 0)
    back_child, back_on, back_unit = beds.child[comes_back], beds.ended[comes_back], path.unit[meanwhile[comes_back]]

    child = np.concatenate([path.child[~is_hidden], beds.child, back_child])
    unit = np.concatenate([path.unit[~is_hidden], beds.unit, back_unit])
    started = np.concatenate([path.started[~is_hidden], beds.started, back_on])
    order = np.argsort(by_child(child, started), kind="stable")
    child, unit, started = child[order], unit[order], started[order]
    ended = children.leaves[child]
    is_followed = child[1:] == child[:-1]
    ended[:-1] = np.where(is_followed, started[1:], ended[:-1])
    keep = ended > np.maximum(started, days.start)
    return Stays(child, unit, started, ended).take(keep)


def _paths(rng: np.random.Generator, days: Days, county: County, children: Children) -> Stays:
    """Where each of our children would be if there were no homes."""
    ours = np.flatnonzero(children.other_authority < 0)
    # What ended before the export begins is not in it, so no path need start more than some three years before.
    begin = np.maximum(children.arrives[ours], days.start - rng.integers(0, 1200, len(ours)))
    most = 4 + int(1.25 * (days.last - days.start + 1200) / _MOVE_AFTER_DAYS)
    settled = np.exp(rng.normal(0, 0.5, (len(ours), 1))) * _MOVE_AFTER_DAYS
    gaps = 5 + settled * rng.standard_exponential((len(ours), most))
    started = begin[:, None] + np.concatenate([np.zeros((len(ours), 1)), np.cumsum(gaps, axis=1)[:, :-1]], axis=1).astype(np.int64)
    is_seen = (started < children.leaves[ours, None]) & (started <= days.last)
    child = np.repeat(ours, is_seen.sum(axis=1))
    started = started[is_seen]
    ended = children.leaves[child]
    ended[:-1] = np.where(child[1:] == child[:-1], started[1:], ended[:-1])
    is_in = ended > days.start
    child, started, ended = child[is_in], started[is_in], ended[is_in]

    band = np.searchsorted(_STAY_AGES, children.age(child, started), side="right")
    kind = RowPicker(_STAY_KINDS).pick(np.where(children.is_uasc[child], len(_STAY_AGES) + 1, band), rng.random(len(child)))
    shares = np.where(county.kind == np.arange(7)[:, None], county.share, 0.0)
    shares[[HOME, SECURE]] = 1.0  # never asked for; a row of zeros would have no shares
    unit = RowPicker(shares).pick(kind, rng.random(len(child))) + children.authority[child] * county.settings
    return Stays(child, unit, started, ended)


def children_table(rng: np.random.Generator, days: Days, children: Children, child_ids: pl.Series) -> pl.DataFrame:
    """The contract's table `children`: one row for each who is looked after on a day of the period."""
    how_many = len(children)
    ethnicity = RowPicker(_ETHNIC_SHARES).pick(children.is_uasc.astype(np.int64), rng.random(how_many))
    before_care = rng.poisson(np.where(children.arrives - children.born > 10 * YEAR, 0.7, 0.0) * np.minimum(children.liveliness, 8))
    born_in = children.born.view("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]")
    frame = pl.DataFrame(
        {
            "child_id": child_ids,
            "birth_month": pl.Series(born_in).cast(pl.Date),
            "sex": words(children.is_boy.astype(np.int64), ("female", "male")),
            "ethnicity": words(np.where(rng.random(how_many) < 0.02, -1, ethnicity), _ETHNICITIES),
            "looked_after_from": dates(children.arrives),
            "looked_after_to": dates(np.where(children.leaves <= days.last, children.leaves, NONE)),
            "uasc": pl.Series(children.is_uasc),
            "responsible_authority": words(children.other_authority, _AUTHORITIES_NEARBY),
            "episodes_before_care": pl.Series(before_care.astype(np.int64)),
        }
    )
    return frame.filter((children.leaves >= days.first) & (children.arrives <= days.last))


def placements_table(days: Days, county: County, stays: Stays, child_ids: pl.Series) -> pl.DataFrame:
    """The contract's table `placements`: one row for each stay that ends on the first day or later."""
    seen = stays.take((stays.ended >= days.first) & (stays.started <= days.last))
    return pl.DataFrame(
        {
            "child_id": child_ids.gather(seen.child),
            "unit_id": county.unit_ids.gather(seen.unit),
            "started_on": dates(seen.started),
            "ended_on": dates(np.where(seen.ended <= days.last, seen.ended, NONE)),
        }
    )
