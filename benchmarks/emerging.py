"""How often a new place is named that is none, and how often one that is: the test of `hotspots/emerging` on invented authorities.

    python -m benchmarks.emerging

90 children, five quarters, 60 places. A child is active in a quarter or not, goes by habits of its own to some of the places, some far
more often than others, and in bursts. Then, the same again, with one place that 30% of the children active in the last quarter start
to use. Both are counted as the SQL counts them, and beside them what counting episodes would give.
"""

from __future__ import annotations

import click
import numpy as np
import polars as pl

from dashboard.statistics.emerging import emerging

CHILDREN, QUARTERS, PLACES = 90, 5, 60
ACTIVE = 0.45
STARTING = 0.30
_FEWEST = 3


def visits(seeded: np.random.Generator, new_place: int | None = None) -> np.ndarray:
    """Episodes by child, place and quarter."""
    drawn_to = seeded.dirichlet(np.full(PLACES, 0.5))
    habits = seeded.dirichlet(PLACES * 0.15 * drawn_to + 1e-3, CHILDREN)
    active = seeded.random((CHILDREN, QUARTERS)) < ACTIVE
    # A zero-truncated negative binomial with size 0.14 and mean 1.9 is what a year of one authority's children fits.
    episodes = 1 + seeded.negative_binomial(0.3, 0.3 / 2.3, (CHILDREN, QUARTERS))
    counts = np.stack([[seeded.multinomial(n, habit) for n in of_child] for of_child, habit in zip(episodes * active, habits, strict=True)])
    if new_place is not None:
        starting = active[:, -1] & (seeded.random(CHILDREN) < STARTING)
        counts[starting, -1, new_place] += seeded.integers(1, 4, int(starting.sum()))
    return counts.transpose(0, 2, 1)


def tested(counts: np.ndarray) -> pl.DataFrame:
    """The cells as queries/hotspots/emerging.sql counts them, and what the test says of each."""
    went = counts > 0
    active = went.any(axis=1)
    cells = pl.DataFrame(
        {
            "place": np.arange(PLACES),
            "children": went.any(axis=2).sum(axis=0),
            "children_latest": went[:, :, -1].sum(axis=0),
            "children_all": went.sum(axis=(0, 2)),
            "active_latest": int(active[:, -1].sum()),
            "active_all": int(active.sum()),
        }
    )
    return emerging(cells.filter(pl.col("children") >= _FEWEST))


def by_episodes(counts: np.ndarray) -> pl.DataFrame:
    """The same test, were each episode counted as if it were another child."""
    by_quarter = counts.sum(axis=(0, 1))
    cells = pl.DataFrame(
        {
            "children_latest": counts[:, :, -1].sum(axis=0),
            "children_all": counts.sum(axis=(0, 2)),
            "active_latest": int(by_quarter[-1]),
            "active_all": int(by_quarter.sum()),
        }
    )
    return emerging(cells.filter(pl.col("children_all") >= _FEWEST))


def run(maps: int, seed: int) -> dict[str, float]:
    """Shares: of maps with any wrong alarm and of cells under 0.05 without a new place, counting children and counting episodes; of
    maps in which a new place is named; of other cells named wrongly beside it."""
    seeded = np.random.default_rng(seed)
    wrong_maps = wrong_by_episodes = named = 0
    under, under_by_episodes = [], []
    for _ in range(maps):
        counts = visits(seeded)
        by_child, episodes = tested(counts), by_episodes(counts)
        wrong_maps += bool(by_child["is_emerging"].any())
        wrong_by_episodes += bool(episodes["is_emerging"].any())
        under += (by_child["p_value"] < 0.05).to_list()
        under_by_episodes += (episodes["p_value"] < 0.05).to_list()
        place = int(seeded.integers(PLACES))
        new = tested(visits(seeded, place))
        named += bool(new.filter(pl.col("place") == place)["is_emerging"].any())
    return {
        "maps with a wrong alarm, counting children": wrong_maps / maps,
        "maps with a wrong alarm, counting episodes": wrong_by_episodes / maps,
        "cells under 0.05, counting children": float(np.mean(under)),
        "cells under 0.05, counting episodes": float(np.mean(under_by_episodes)),
        f"maps in which a place that {STARTING:.0%} of active children start to use is named": named / maps,
    }


@click.command()
@click.option("--maps", type=int, default=1000, show_default=True, help="Invented authorities of each kind.")
@click.option("--seed", type=int, default=692, show_default=True)
def main(maps: int, seed: int) -> None:
    """Print the shares."""
    for what, share in run(maps, seed).items():
        click.echo(f"{share:6.1%}  {what}")


if __name__ == "__main__":
    main()
