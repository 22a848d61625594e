"""Where children are placed: the invented homes, foster areas and other settings, and the towns that children go to.

The geography is real (GeoNames' towns of Staffordshire and around), the names of the settings are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from dashboard.exports.demo.days import Days, day_number, month_start
from dashboard.exports.demo.draw import Bools, Floats, Ints, dates
from dashboard.resources import REFERENCE

COUNTY = "Trentshire County Council"
KINDS = ("foster", "childrens_home", "supported", "parents", "residential_school", "secure_home", "other")
FOSTER, HOME, SUPPORTED, PARENTS, SCHOOL, SECURE, OTHER = range(len(KINDS))

_LONG_AGO, _FAR_AHEAD = -(10**6), 10**6


@dataclass(frozen=True)
class Setting:
    """One setting of an authority. `share` is its part of the children placed in settings of its kind.

    `beds_used` are the beds of a home that this authority fills; `goes` is how much more often children go from here than from
    another place of its kind. `opens` and `closes` are months from the month of the last day.
    """

    unit_id: str
    name: str
    kind: int
    sector: str
    town: str
    area: str
    beds: int | None = None
    share: float = 0.0
    beds_used: int = 0
    in_area: bool = True
    goes: float = 1.0
    opens: int | None = None
    closes: int | None = None


def _home(unit_id: str, name: str, sector: str, town: str, area: str, beds: int, **more: Any) -> Setting:
    return Setting(unit_id, name, HOME, sector, town, area, beds, beds_used=beds, **more)


SETTINGS = (
    _home("H01", "Brindlewick House", "own", "Cannock", "Cannock Chase", 6, goes=1.6),
    _home("H02", "Ploverdene", "own", "Stafford", "Stafford", 4, goes=0.8),
    _home("H03", "Tansymoor", "private", "Newcastle under Lyme", "Newcastle-under-Lyme", 4, goes=0.9),
    _home("H04", "Damsonfold", "own", "Burton upon Trent", "East Staffordshire", 5),
    _home("H05", "Withyholt", "private", "Tamworth", "Tamworth", 4, goes=0.9),
    _home("H06", "Otterslade", "own", "Leek", "Staffordshire Moorlands", 3, goes=0.5),
    _home("H07", "Corncrake Lodge", "private", "Lichfield", "Lichfield", 5, goes=0.7),
    _home("H08", "Sallowmere", "own", "Rugeley", "Cannock Chase", 4, closes=-20, goes=0.8),
    _home("H09", "Fennelgate", "own", "Stone", "Stafford", 5, goes=1.5),
    _home("H10", "Harebell Row", "own", "Uttoxeter", "East Staffordshire", 3, opens=-40, goes=0.6),
    _home("H11", "Rookwarren House", "private", "Codsall", "South Staffordshire", 4, goes=0.6),
    _home("H12", "Merlinhurst", "private", "Walsall", "Walsall", 4, in_area=False, goes=0.9),
    _home("H13", "Thistlecombe", "private", "Shrewsbury", "Shropshire", 4, in_area=False, goes=0.6),
    _home("H14", "Lapwing Garth", "private", "Derby", "Derby", 5, in_area=False, goes=0.8),
    Setting("C01", "Quernstone Centre", SECURE, "own", "Stafford", "Stafford", beds=6, beds_used=2),
    Setting("R01", "Gritstone Edge School", SCHOOL, "private", "Leek", "Staffordshire Moorlands", beds=36, share=1),
    Setting("F01", "Foster carers, Stafford", FOSTER, "own", "Stafford", "Stafford", share=14),
    Setting("F02", "Foster carers, Newcastle", FOSTER, "own", "Newcastle under Lyme", "Newcastle-under-Lyme", share=13),
    Setting("F03", "Foster carers, Cannock Chase", FOSTER, "own", "Cannock", "Cannock Chase", share=11),
    Setting("F04", "Foster carers, East Staffordshire", FOSTER, "own", "Burton upon Trent", "East Staffordshire", share=12, goes=1.2),
    Setting("F05", "Foster carers, Tamworth", FOSTER, "own", "Tamworth", "Tamworth", share=8, goes=1.3),
    Setting("F06", "Foster carers, Lichfield", FOSTER, "own", "Lichfield", "Lichfield", share=7, goes=0.8),
    Setting("F07", "Foster carers, Moorlands", FOSTER, "own", "Cheadle", "Staffordshire Moorlands", share=7, goes=0.7),
    Setting("F08", "Foster carers, South Staffordshire", FOSTER, "own", "Codsall", "South Staffordshire", share=8),
    Setting("F09", "Kestrelgate Fostering", FOSTER, "private", "Rugeley", "Cannock Chase", share=10, goes=1.2),
    Setting("F10", "Marlfinch Fostering", FOSTER, "private", "Wolverhampton", "Wolverhampton", share=10, in_area=False, goes=1.1),
    Setting("S01", "Bellwether Court", SUPPORTED, "own", "Stafford", "Stafford", beds=56, share=30, goes=0.9),
    Setting("S02", "Saltersgate Foyer", SUPPORTED, "voluntary", "Burton upon Trent", "East Staffordshire", beds=50, share=30),
    Setting("S03", "Cordwainer Yard", SUPPORTED, "private", "Newcastle under Lyme", "Newcastle-under-Lyme", beds=32, share=14, goes=1.2),
    Setting("S04", "Ironlatch House", SUPPORTED, "private", "Wolverhampton", "Wolverhampton", beds=48, share=26, in_area=False),
    Setting("P01", "Placed with parents", PARENTS, "own", "Stafford", "Stafford", share=1),
    Setting("O01", "Placed for adoption", OTHER, "own", "Stafford", "Stafford", share=1),
)


@lru_cache(maxsize=1)
def places() -> pl.DataFrame:
    """Towns and villages of GeoNames: name, latitude, longitude, population; the larger of two with one name first."""
    return pl.read_csv(REFERENCE / "places.csv").sort("population", "geonameid", descending=[True, False])


def kilometres(latitude: Floats, longitude: Floats, to_latitude: Floats, to_longitude: Floats) -> Floats:
    """Distance on a plane that touches the earth here: right to a hundredth over a county."""
    north = (to_latitude - latitude) * 111.2
    east = (to_longitude - longitude) * 111.2 * np.cos(np.radians(52.8))
    return np.hypot(north, east)


class County:
    """The units of `authorities` authorities alike, in `units` (the contract's columns) one authority after the other.

    The arrays `kind` to `is_private` have one element for each setting, the others one for each unit; unit u is of setting
    u % settings and of authority u // settings.
    """

    def __init__(self, rng: np.random.Generator, days: Days, *, first_number: int, authorities: int, is_told: bool) -> None:
        self.authorities, self.settings = authorities, len(SETTINGS)
        self.kind = np.array([setting.kind for setting in SETTINGS])
        self.share = np.array([setting.share for setting in SETTINGS])
        self.beds_used = np.array([setting.beds_used for setting in SETTINGS])
        self.in_area = np.array([setting.in_area for setting in SETTINGS])
        self.is_private = np.array([setting.sector == "private" for setting in SETTINGS])
        self.opened, self.closed = self._lifetimes(days)
        if is_told:
            self._set_units_told()
        else:
            self._set_units_of_others(rng, first_number)
        self.unit_ids = pl.Series([unit_id for unit_id, _, _ in self.names])
        self._set_towns(is_told)
        how_many = authorities * self.settings
        # What children's going looks like from each unit; the stories change a few.
        self.away_share = np.tile(np.array([0.12, 0.24, 0.24, 0.1, 0.2, 0.05, 0.1])[self.kind], authorities)
        self.calls_when_away = np.full(how_many, 0.10)
        self.knows_when_away = np.full(how_many, 0.94)
        self.hours_to_interview = np.where(np.tile(self.in_area, authorities), 26.0, 40.0)

    def setting_of(self, unit: Ints) -> Ints:
        """The place in SETTINGS of each unit."""
        return unit % self.settings

    def number(self, unit_id: str) -> int:
        """The unit of the first authority that has this id."""
        return [setting.unit_id for setting in SETTINGS].index(unit_id)

    def _lifetimes(self, days: Days) -> tuple[Ints, Ints]:
        opened = np.full(self.settings, _LONG_AGO)
        closed = np.full(self.settings, _FAR_AHEAD)
        for n, setting in enumerate(SETTINGS):
            if setting.opens is not None:
                opened[n] = day_number(month_start(days.last_day, setting.opens).replace(day=6))
            if setting.closes is not None:
                closed[n] = day_number(month_start(days.last_day, setting.closes).replace(day=27))
        return opened, closed

    def _set_units_told(self) -> None:
        towns = {name: (latitude, longitude) for name, latitude, longitude in reversed(places()["name", "latitude", "longitude"].rows())}
        # Not on the town's own point, where another setting may be: up to two kilometres away, each in its own direction.
        turn = np.arange(self.settings) * 2.4
        self.latitude = np.array([towns[setting.town][0] for setting in SETTINGS]) + 0.014 * np.sin(turn)
        self.longitude = np.array([towns[setting.town][1] for setting in SETTINGS]) + 0.021 * np.cos(turn)
        self.goes = np.array([setting.goes for setting in SETTINGS])
        self.names = [(setting.unit_id, setting.name, setting.area) for setting in SETTINGS]

    def _set_units_of_others(self, rng: np.random.Generator, first_number: int) -> None:
        town = places().filter(pl.col("population") >= 5_000)
        latitude, longitude = town["latitude"].to_numpy(), town["longitude"].to_numpy()
        centre = rng.integers(0, len(latitude), self.authorities)
        distance = kilometres(latitude[centre, None], longitude[centre, None], latitude, longitude)
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :12]
        chosen = nearest[np.arange(self.authorities)[:, None], rng.integers(0, 12, (self.authorities, self.settings))].ravel()
        self.latitude = latitude[chosen] + rng.uniform(-0.014, 0.014, len(chosen))
        self.longitude = longitude[chosen] + rng.uniform(-0.021, 0.021, len(chosen))
        self.goes = np.exp(rng.normal(-0.06, 0.35, len(chosen)))
        area = town["name"].to_list()
        number = np.arange(len(chosen)) // self.settings + first_number
        self.names = [
            (f"{n}-{setting.unit_id}", f"{setting.unit_id}, Authority {n}", area[place])
            for n, setting, place in zip(number, SETTINGS * self.authorities, chosen, strict=True)
        ]

    def _set_towns(self, is_told: bool) -> None:
        town = places().filter(pl.col("population") >= 13_000)
        self.towns = town["name"].to_list()
        self.town_latitude, self.town_longitude = town["latitude"].to_numpy(), town["longitude"].to_numpy()
        distance = kilometres(self.latitude[:, None], self.longitude[:, None], self.town_latitude, self.town_longitude)
        self.pull: Floats = town["population"].to_numpy() ** 0.6 * np.exp(-distance / 15)
        if is_told:
            self.pull[:, [self.towns.index("Burton upon Trent"), self.towns.index("Tamworth")]] *= 1.6

    def units(self, days: Days) -> pl.DataFrame:
        """The contract's table `units`, without those that closed before the first day or opened after the last."""
        each = SETTINGS * self.authorities
        turn = np.arange(len(each)) % self.settings
        long_ago = np.array([day_number(date(days.first_day.year - 4 - 7 * n % 15, 1 + 5 * n % 12, 1 + 11 * n % 28)) for n in turn])
        opened, closed = np.tile(self.opened, self.authorities), np.tile(self.closed, self.authorities)
        is_there = (closed > days.first) & (opened <= days.last)
        frame = pl.DataFrame(
            {
                "unit_id": self.unit_ids,
                "name": [name for _, name, _ in self.names],
                "kind": [KINDS[setting.kind] for setting in each],
                "sector": [setting.sector for setting in each],
                "beds": [setting.beds for setting in each],
                "in_area": [setting.in_area for setting in each],
                "area": [area for _, _, area in self.names],
                "opened_on": dates(np.where(opened == _LONG_AGO, long_ago, opened)),
                "closed_on": dates(np.where(closed <= days.last, closed, np.iinfo(np.int64).min)),
                "latitude": self.latitude.round(5),
                "longitude": self.longitude.round(5),
            },
            schema_overrides={"beds": pl.Int64},
        )
        return frame.filter(is_there)

    def is_open(self, setting: Ints, day: Ints) -> Bools:
        """Whether the setting is open on the day."""
        return (self.opened[setting] <= day) & (day < self.closed[setting])
