"""Authorities in which nothing changes: what findings are tried on that should then tell of nothing.

Authorities are drawn by the demo's generator without its stories: children go in runs, a few of them very often, as is published for
England. No season and no weekday is above another, and no unit sees more than another of its kind. Each quarter is looked at as a
reader would at its end, with what came before it. Quarters of one authority share months.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from dashboard.exports.demo.children import Children, Stays, children_table, come_into_care, fill_beds, place, placements_table
from dashboard.exports.demo.county import SETTINGS, County
from dashboard.exports.demo.days import Days
from dashboard.exports.demo.draw import MINUTES_A_DAY, ids
from dashboard.exports.demo.episodes import Episodes, draw_episodes
from dashboard.exports.demo.interviews import return_interviews_table
from dashboard.exports.demo.reports import episodes_table, write_reports
from dashboard.exports.tables import Snapshot
from dashboard.exports.write import write_export
from dashboard.figures.figure import Figure, build
from dashboard.scope import Period, Scope, month_after
from dashboard.settings import Settings

FIRST_DAY, LAST_DAY = date(2020, 7, 1), date(2026, 6, 30)
MONTHS = [month_after(FIRST_DAY, n) for n in range(72)]
HISTORY = 36
QUARTERS = range(HISTORY, len(MONTHS) + 1, 3)
"""Quarters that have as long a history as a reader sees, as the number of months up to their end."""

SHARE = 0.63
"""Shares of episodes that end in a report to the police, and of returns with an interview in time: Thames Valley and England."""

# How like themselves children are: of a beta distribution with that mean, in which a child's next two episodes agree in a quarter of
# what is not by chance.
_ALIKE = 3.0


class EvenDays(Days):
    """Days of which none sees more episodes than another."""

    def __init__(self, first_day: date, last_day: date) -> None:
        super().__init__(first_day, last_day)
        self._clock = np.arange(len(self._clock), dtype=float)


@dataclass
class World:
    """Authorities in which nothing changes, as they were drawn."""

    authorities: int
    rng: np.random.Generator
    days: EvenDays
    county: County
    children: Children
    stays: Stays
    drawn: Episodes
    _snapshots: dict[bool, Snapshot] = field(default_factory=dict)

    @classmethod
    def of(cls, seed: int, authorities: int) -> World:
        """So many authorities; the same seed gives the same."""
        rng = np.random.default_rng(seed)
        days = EvenDays(FIRST_DAY, LAST_DAY)
        county = County(rng, days, first_number=1, authorities=authorities, is_told=False)
        county.goes = np.ones_like(county.goes)
        county.opened, county.closed = np.full(county.settings, days.start - 10_000), np.full(county.settings, days.last + 10_000)
        children = come_into_care(rng, days, authorities)
        stays = place(rng, days, county, children, fill_beds(rng, days, county, children))
        return cls(authorities, rng, days, county, children, stays, draw_episodes(rng, days, county, children, stays))

    @cached_property
    def episodes(self) -> pl.DataFrame:
        """One row an episode: authority, unit, child, day, month, kind (of setting)."""
        local = np.clip(self.days.local(self.drawn.started) // MINUTES_A_DAY, self.days.first, self.days.last)
        day = pl.Series("day", local.astype(np.int32)).cast(pl.Date)
        frame = pl.DataFrame(
            {"authority": self.drawn.unit // self.county.settings, "unit": self.drawn.unit, "child": self.drawn.child, "day": day}
        )
        return frame.with_columns(month=pl.col("day").dt.month_start(), kind=self._kinds())

    @cached_property
    def alike(self) -> pl.DataFrame:
        """The episodes with `is_hit`, in SHARE of them: some children's are nearly always one, others' hardly ever."""
        return self.episodes.with_columns(is_hit=self._hits())

    def _hits(self) -> pl.Series:
        often = self.rng.beta(SHARE * _ALIKE, (1 - SHARE) * _ALIKE, len(self.children))[self.drawn.child]
        return pl.Series(self.rng.random(len(self.drawn)) < often)

    @cached_property
    def placements(self) -> pl.DataFrame:
        """One row a placement: authority, unit, child, started, ended, kind (of setting)."""
        frame = pl.DataFrame(
            {
                "authority": self.stays.unit // self.county.settings,
                "unit": self.stays.unit,
                "child": self.stays.child,
                "started": pl.Series(self.stays.started.astype(np.int32)).cast(pl.Date),
                "ended": pl.Series(self.stays.ended.astype(np.int32)).cast(pl.Date),
            }
        )
        return frame.with_columns(kind=self._kinds())

    def _kinds(self) -> pl.Expr:
        kinds = {n: setting.kind for n, setting in enumerate(SETTINGS)}
        return (pl.col("unit") % self.county.settings).replace_strict(kinds, return_dtype=pl.Int64)

    @cached_property
    def by_child(self) -> pl.DataFrame:
        return self.episodes.group_by("authority", "unit", "child", "month").agg(episodes=pl.len())

    def quarters(self) -> Iterator[tuple[int, int]]:
        """Each authority with each quarter's end, as a place in the months."""
        for authority in range(self.authorities):
            for end in QUARTERS:
                yield authority, end

    def figure(self, name: str, authority: int, end: int, *, moves_at_random: bool = False) -> Figure:
        """The figure as the reader of one authority has it, of the twelve months before a quarter's end.

        With `moves_at_random` children move on days that have nothing to do with when they go: a child goes on living in settings of
        the same kind, under the name of one unit or the other.
        """
        if moves_at_random not in self._snapshots:
            self._snapshots[moves_at_random] = _opened(self._tables(moves_at_random))
        units = self.county.unit_ids[authority * self.county.settings : (authority + 1) * self.county.settings]
        scope = Scope(Period(MONTHS[end - 12], MONTHS[end - 1]), units=tuple(sorted(units)))
        return build(name, self._snapshots[moves_at_random], scope, Settings())

    def _tables(self, moves_at_random: bool) -> dict[str, pl.DataFrame]:
        child_ids, episode_ids = ids("C", 0, len(self.children)), ids("E", 0, len(self.drawn))
        reports = write_reports(self.rng, self.days, self.county, self.drawn)
        episodes = episodes_table(self.rng, self.days, self.county, self.drawn, reports, child_ids, episode_ids)
        placements = placements_table(self.days, self.county, self.stays, child_ids)
        return {
            "episodes": episodes.with_columns(police_called=self._hits()),
            "return_interviews": return_interviews_table(self.rng, self.days, self.county, self.drawn, episode_ids, 0),
            "placements": self._moved_at_random(placements) if moves_at_random else placements,
            "units": self.county.units(self.days),
            "children": children_table(self.rng, self.days, self.children, child_ids),
        }

    def _moved_at_random(self, placements: pl.DataFrame) -> pl.DataFrame:
        """The placements of each child at one unit, cut on random nights, from each of which on the child is at the authority's next."""
        last = pl.lit(LAST_DAY + timedelta(1))
        nights = (pl.col("ended_on").fill_null(last) - pl.col("started_on")).dt.total_days()
        cut = pl.col("started_on") + pl.duration(days=(pl.Series(self.rng.random(placements.height)) * nights).floor().cast(pl.Int64))
        place = pl.Series("place", range(len(self.county.unit_ids)))
        settings = self.county.settings
        first = pl.col("place").first().over("child_id")
        halves = placements.with_columns(cut=cut).join(pl.DataFrame({"unit_id": self.county.unit_ids, "place": place}), on="unit_id")
        halves = halves.sort("child_id", "started_on").with_columns(home=first, row=pl.int_range(pl.len()).over("child_id"))
        next_door = pl.col("home") // settings * settings + (pl.col("home") + 1) % settings
        parts = pl.concat(
            [
                halves.select("child_id", "home", "row", started_on="started_on", ended_on="cut", is_next=pl.col("row") % 2 == 1),
                halves.select("child_id", "home", "row", started_on="cut", ended_on="ended_on", is_next=pl.col("row") % 2 == 0),
            ]
        ).with_columns(unit_id=pl.when("is_next").then(next_door).otherwise("home"))
        at = parts["unit_id"].to_numpy()
        named = parts.with_columns(unit_id=self.county.unit_ids.gather(at)).filter(
            pl.col("ended_on").is_null() | (pl.col("ended_on") > pl.col("started_on"))
        )
        return named.select(placements.columns).sort("child_id", "started_on")


def _opened(tables: dict[str, pl.DataFrame]) -> Snapshot:
    with tempfile.TemporaryDirectory() as folder:
        write_export(
            Path(folder),
            tables,
            authority="Authorities in which nothing changes",
            source="python -m benchmarks.false_alarms",
            exported_at=datetime.combine(LAST_DAY + timedelta(1), time(5), UTC),
            covers=(FIRST_DAY, LAST_DAY),
            synthetic=True,
        )
        return Snapshot.read(Path(folder), Settings())
