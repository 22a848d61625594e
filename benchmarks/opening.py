"""How fast an export is invented, checked and opened, and the memory that this takes: in the child that checks, and in the process that
serves.

    python -m benchmarks.opening

Each measurement is of a process of its own, that nothing else has warmed or filled. Memory is the most that the process ever held,
the interpreter and every library included.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ParamSpec, TypeVar

import click
import polars as pl

from benchmarks.exports import export_of, folder_option, write_export_of
from dashboard.exports.store import Store
from dashboard.settings import Settings

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Opened:
    """What opening took: seconds, and megabytes before it (libraries alone), at most and after."""

    seconds: float
    before: int
    most: int
    after: int


def alone(function: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    """What `function` gives in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(function, *given, **named).result()


def checked(folder: Path, settings: Settings) -> tuple[float, int]:
    """Seconds that it takes to check an export and put it into the store as a database, in a child of its own, and the child's memory at
    most in megabytes."""
    began = time.perf_counter()
    published = Store(folder, settings).publish(folder)
    seconds = time.perf_counter() - began
    assert published.version is not None, published.why
    # The one child of this process; it has far more than what it inherits from here.
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def opened(folder: Path, settings: Settings) -> Opened:
    """Open the export's version in the store, as the process does that serves."""
    store, before = Store(folder, settings), megabytes("VmRSS")
    assert store.current is not None
    began = time.perf_counter()
    snapshot = store.open(store.current)
    seconds = time.perf_counter() - began
    after = megabytes("VmRSS")
    del snapshot
    return Opened(seconds, before, megabytes("VmHWM"), after)


def invented(episodes: int) -> tuple[int, float]:
    """Write an export of about so many episodes; how many they are, and the seconds it took."""
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        write_export_of(episodes, Path(folder))
        seconds = time.perf_counter() - began
        return pl.scan_parquet(Path(folder) / "episodes.parquet").select(pl.len()).collect().item(), seconds


def megabytes(entry: str) -> int:
    """What this process holds ("VmRSS") or held at most ("VmHWM")."""
    # Not getrusage: its maximum is inherited from the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split(f"{entry}:")[1].split()[0]) // 1024


@click.command()
@folder_option
@click.option("--episodes", default=1_000_000, show_default=True)
@click.option("--runs", default=5, show_default=True)
def main(folder: Path, episodes: int, runs: int) -> None:
    """Time how an export is invented, checked and opened, and print the table of README.md."""
    export = alone(export_of, episodes, folder)
    rows = {
        name: export.table(name).select(pl.len()).collect().item()
        for name in ("episodes", "return_interviews", "placements", "police_calls")
    }
    click.echo(", ".join(f"{name} {count:,}" for name, count in rows.items()), err=True)
    speeds = [count / seconds for count, seconds in (alone(invented, episodes) for _ in range(3))]
    with TemporaryDirectory() as store:
        settings = Settings(store=Path(store))
        checking, of_check = alone(checked, export.folder, settings)
        runs_of_opening = [alone(opened, export.folder, settings) for _ in range(runs)]

    def median(of: Callable[[Opened], float]) -> float:
        return statistics.median(map(of, runs_of_opening))

    click.echo(
        "| episodes | check and make, once | its memory | open | memory at most | of it libraries | memory after | invented a second |"
    )
    click.echo("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    click.echo(
        f"| {rows['episodes']:,} | {checking:.1f} s | {of_check:,} MB | {median(lambda run: run.seconds):.2f} s "
        f"| {median(lambda run: run.most):,.0f} MB "
        f"| {median(lambda run: run.before):,.0f} MB | {median(lambda run: run.after):,.0f} MB | {statistics.median(speeds):,.0f} |"
    )


if __name__ == "__main__":
    main()
