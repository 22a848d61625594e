"""How fast SSDA903 returns are imported, and the memory that it takes.

    python -m benchmarks.importing

The returns are invented: children with a few placements each and, as in England's figures, 6.5 episodes for one who goes missing.
The import runs in a process of its own; memory is the most that it ever held, the interpreter and every library included.
"""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
import polars as pl

from benchmarks.opening import alone, megabytes
from dashboard.exports.imports.ssda903 import import_ssda903

_EPISODES_OF_A_CHILD = 6.5
_PLACEMENTS_OF_A_CHILD = 3
_PLACES = ("U1", "U4", "U6", "K2", "K2", "P1", "H5", "S1", "T1")


def write_return(folder: Path, year: int, episodes: int) -> None:
    """Write a year's missing.csv of so many rows, and the episodes.csv and header.csv of its children."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(year)
    children = max(1, round(episodes / _EPISODES_OF_A_CHILD))
    ids = pl.Series("CHILD", 100_000 + draw.permutation(children)).cast(pl.String)
    born = pl.Series("DOB", np.datetime64(f"{year - 17}-01-01") + draw.integers(0, 4000, children)).cast(pl.Date)
    listed = pl.DataFrame([ids, born]).with_columns(
        SEX=pl.Series(draw.integers(1, 3, children)).cast(pl.String), ETHNIC=pl.lit("WBRI"), UPN=pl.lit("A123456789012")
    )

    cuts = np.sort(draw.integers(1, 365, (children, _PLACEMENTS_OF_A_CHILD - 1)), axis=1)
    # Each placement ends where the next begins; the last is open.
    starts = np.hstack([np.zeros((children, 1), int), cuts])
    first_day = np.datetime64(date(year, 4, 1))
    rows = children * _PLACEMENTS_OF_A_CHILD
    is_last = np.tile(np.arange(_PLACEMENTS_OF_A_CHILD) == _PLACEMENTS_OF_A_CHILD - 1, children)
    ends = np.hstack([cuts, np.zeros((children, 1), int)]).ravel()
    urns = draw.integers(1_000_000, 1_000_000 + max(10, children // 20), rows)
    placements = pl.DataFrame(
        {
            "CHILD": ids.gather(np.repeat(np.arange(children), _PLACEMENTS_OF_A_CHILD)),
            "DECOM": pl.Series(first_day + starts.ravel()).cast(pl.Date),
            "LS": pl.Series(["C2"]).new_from_index(0, rows),
            "PLACE": pl.Series(_PLACES).gather(draw.integers(0, len(_PLACES), rows)),
            "PLACE_PROVIDER": pl.Series(["PR1", "PR4"]).gather(draw.integers(0, 2, rows)),
            "DEC": pl.Series(first_day + ends).cast(pl.Date),
            "URN": pl.Series(urns).cast(pl.String),
            "PL_POST": "ST" + pl.Series(urns % 99 + 1).cast(pl.String) + " 1AA",
        }
    ).with_columns(DEC=pl.when(~pl.Series(is_last)).then("DEC"), REC=pl.when(~pl.Series(is_last)).then(pl.lit("X1")))

    who = draw.integers(0, children, episodes)
    began = first_day + draw.integers(0, 365, episodes)
    missing = pl.DataFrame(
        {
            "CHILD": ids.gather(who),
            "DOB": born.gather(who),
            "MISSING": pl.Series(["M", "M", "M", "A"]).gather(draw.integers(0, 4, episodes)),
            "MIS_START": pl.Series(began).cast(pl.Date),
            "MIS_END": pl.Series(np.minimum(began + draw.geometric(0.6, episodes) - 1, first_day + 364)).cast(pl.Date),
        }
    )
    for name, frame in (("header", listed), ("episodes", placements), ("missing", missing)):
        frame.write_csv(folder / f"{name}.csv", date_format="%d/%m/%Y")


def imported(folder: Path, out: Path) -> tuple[float, int, int]:
    """Import the returns in `folder`; the seconds it took, and megabytes before it (libraries alone) and at most."""
    before = megabytes("VmRSS")
    began = time.perf_counter()
    import_ssda903(folder, out / "export", out / "key")
    return time.perf_counter() - began, before, megabytes("VmHWM")


@click.command()
@click.option("--episodes", default=1_000_000, show_default=True, help="Rows of missing.csv in all.")
@click.option("--years", default=1, show_default=True, help="How many years' returns they are spread over.")
@click.option("--runs", default=3, show_default=True)
def main(episodes: int, years: int, runs: int) -> None:
    """Time how returns are imported, and print a row of README.md's table."""
    with TemporaryDirectory() as where:
        folder, out = Path(where) / "returns", Path(where) / "out"
        out.mkdir()
        for year in range(2025 - years, 2025):
            write_return(folder / str(year), year, episodes // years)
        seconds, before, most = zip(*(alone(imported, folder, out) for _ in range(runs)), strict=True)
    click.echo("| rows of missing.csv | returns | seconds | memory at most | of it libraries |")
    click.echo("| ---: | ---: | ---: | ---: | ---: |")
    click.echo(f"| {episodes:,} | {years} | {sorted(seconds)[runs // 2]:.1f} s | {max(most):,} MB | {max(before):,} MB |")


if __name__ == "__main__":
    main()
