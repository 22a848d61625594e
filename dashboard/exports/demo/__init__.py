"""An export of invented children, for trying the dashboard and for measuring it.

The numbers follow what is published for England and the papers of single authorities (rates by kind of setting, lengths, ages,
repeats, the clock, interviews, police); nobody in it is real. The first authority carries the stories of `stories`, others the
same going without them.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from dashboard.exports.demo import stories
from dashboard.exports.demo.blemishes import blemish
from dashboard.exports.demo.children import add_children_of_others, children_table, come_into_care, fill_beds, place, placements_table
from dashboard.exports.demo.county import COUNTY, County
from dashboard.exports.demo.days import Days
from dashboard.exports.demo.draw import ids
from dashboard.exports.demo.episodes import draw_episodes
from dashboard.exports.demo.interviews import REASONS, return_interviews_table
from dashboard.exports.demo.reports import episodes_table, police_calls_table, write_reports
from dashboard.exports.write import write_export

__all__ = ["DEFAULT_SEED", "REASONS", "demo_tables", "write_demo"]

# Of some hundreds, one whose five years come near the means that the generator is calibrated to. The seed of data/demo.
DEFAULT_SEED = 692

# Authorities drawn at a time: enough to be fast, few enough that what is being worked on stays in the processor's cache.
_BATCH = 20

# Far more than an authority has children, episodes or calls in any time that a demo may cover.
_IDS_OF_AN_AUTHORITY = 100_000


def write_demo(folder: Path, *, seed: int = DEFAULT_SEED, first_day: date, last_day: date, authorities: int = 1) -> None:
    """Write an invented export that covers `first_day` to `last_day`, both included, into `folder`, made if need be.

    The first authority is a county with about 1,700 children looked after at any time and the stories that fit into the days;
    the others are like it, without stories. The same arguments give the same tables.

    Raises:
        ValueError: the last day comes before the first, or there is no authority.
    """
    if last_day < first_day or authorities < 1:
        raise ValueError("a demo needs a day and an authority")
    write_export(
        folder,
        demo_tables(seed=seed, first_day=first_day, last_day=last_day, authorities=authorities),
        authority=COUNTY if authorities == 1 else f"{COUNTY} and {authorities - 1} more",
        source=f"oversight demo, seed {seed}: invented children in an invented county",
        exported_at=datetime.combine(last_day + timedelta(1), time(5), UTC),
        covers=(first_day, last_day),
        synthetic=True,
    )


def demo_tables(*, seed: int, first_day: date, last_day: date, authorities: int = 1) -> dict[str, pl.DataFrame]:
    """The tables that `write_demo` writes, by name."""
    days = Days(first_day, last_day)
    # The county with the stories by itself, then the other authorities some at a time. Each batch has a stream of chance and
    # numbers of its own, so that batches can be drawn side by side and the county is the same however many follow.
    batches = [(0, 1), *((first, min(_BATCH, authorities - first)) for first in range(1, authorities, _BATCH))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = list(pool.map(lambda batch: _draw(np.random.default_rng([seed, batch[0]]), days, *batch), batches))
    return {name: pl.concat([tables[name] for tables in parts]) for name in parts[0]}


def _draw(rng: np.random.Generator, days: Days, first: int, authorities: int) -> dict[str, pl.DataFrame]:
    """The tables of the authorities from number `first` on, counted from nought; number nought has the stories."""
    is_told = first == 0
    county = County(rng, days, first_number=first + 1, authorities=authorities, is_told=is_told)
    children = come_into_care(rng, days, authorities)
    beds = fill_beds(rng, days, county, children)
    tale = stories.Tale(rng, days, county, children) if is_told else None
    if tale:
        beds = tale.set_the_scene(beds)
        children = add_children_of_others(rng, county, children, beds)
    stays = place(rng, days, county, children, beds)
    episodes = draw_episodes(rng, days, county, children, stays)
    if tale:
        episodes = tale.act(episodes, stays)
    reports = write_reports(rng, days, county, episodes)
    if tale:
        tale.move_to_new_place(episodes, reports)
    first_id = first * _IDS_OF_AN_AUTHORITY
    child_ids, episode_ids = ids("C", first_id, len(children)), ids("E", first_id, len(episodes))
    tables = {
        "episodes": episodes_table(rng, days, county, episodes, reports, child_ids, episode_ids),
        "return_interviews": return_interviews_table(rng, days, county, episodes, episode_ids, first_id),
        "placements": placements_table(days, county, stays, child_ids),
        "units": county.units(days),
        "children": children_table(rng, days, children, child_ids),
        "police_calls": police_calls_table(rng, days, county, episodes, reports, episode_ids, first_id),
        "events": tale.events() if tale else stories.no_events(),
    }
    return blemish(rng, days, tables) if tale else tables
