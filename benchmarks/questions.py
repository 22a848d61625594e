"""How long every question of every page takes, beside polars on the same Parquet, and how that grows from 100,000 episodes on.

    python -m benchmarks.questions

The questions are those that the figures of a page put to an export, as they put them, so that the list is never out of date. Each is
asked of all children and units, over the latest twelve months and over ten years, and answered from a database file, as readers are.
Times are medians of warm runs, DuckDB's and polars' in turns; on the smallest export the two have to agree on every value first. A page
is timed by itself: its questions one after another as a reader's browser waits for them, with no polars between.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import click
import polars.selectors as cs
from polars.testing import assert_frame_equal

from benchmarks.exports import Export, export_of, folder_option
from benchmarks.in_polars import IN_POLARS
from dashboard.exports.tables import Snapshot, sql_of
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import DEFINITIONS, build
from dashboard.scope import Period, Scope, default_scope
from dashboard.settings import Settings, load_settings

# On ten times as many, one run of every question takes polars minutes; what is asked there is how DuckDB's time grows.
_LARGEST_FOR_POLARS = 1_000_000
# They read what was worked out when the export was opened after another one. Here there is none before.
_OF_TWO_EXPORTS = ("data_quality/compared", "data_quality/months_compared", "data_quality/late_recordings")


@dataclass(frozen=True)
class Question:
    """A question as a page's figures put it, and its median times in milliseconds by size of export."""

    page: str
    scope: str
    name: str
    parameters: dict[str, Any]
    in_duckdb: dict[int, float] = field(default_factory=dict)
    in_polars: dict[int, float] = field(default_factory=dict)


def questions_of(snapshot: Snapshot, scopes: dict[str, Scope], settings: Settings) -> list[Question]:
    """What every page asks in each scope, each question and set of parameters once a page: a second time it is remembered."""
    questions: dict[tuple[str, str, str, str], Question] = {}
    for label, scope in scopes.items():
        for figure, definition in DEFINITIONS.items():
            with patch.object(snapshot, "ask", wraps=snapshot.ask) as ask:
                build(figure, snapshot, scope, settings)
            for name, parameters in (call.args for call in ask.call_args_list):
                if name in _OF_TWO_EXPORTS:
                    continue
                used = {key: value for key, value in parameters.items() if f"${key}" in sql_of(name)}
                questions.setdefault((definition.page, label, name, repr(used)), Question(definition.page, label, name, used))
    return list(questions.values())


def milliseconds(answer: Callable[[], object]) -> float:
    began = time.perf_counter()
    answer()
    return (time.perf_counter() - began) * 1000


def compare(snapshot: Snapshot, export: Export, question: Question) -> None:
    """Hold polars to the rows of the SQL, whatever their order.

    Raises:
        AssertionError: a column or value differs.
    """
    expected = snapshot.answer(question.name, question.parameters)
    instants = cs.datetime(time_zone="*").dt.convert_time_zone("UTC")
    expected = expected.with_columns(instants)
    given = IN_POLARS[question.name](export, question.parameters).select(expected.columns).with_columns(instants)
    keys = [name for name, kind in expected.schema.items() if not kind.is_float() and not kind.is_nested()]
    assert_frame_equal(given.sort(keys), expected.sort(keys), check_dtypes=False, check_exact=False)


def time_in_turns(snapshot: Snapshot, export: Export, question: Question, size: int, runs: int) -> None:
    """Note the medians of `runs` runs of each, DuckDB and polars in turns, after one that warms both."""
    ways: list[tuple[dict[int, float], Callable[[], object]]] = [
        (question.in_duckdb, lambda: snapshot.answer(question.name, question.parameters))
    ]
    if size <= _LARGEST_FOR_POLARS:
        ways.append((question.in_polars, lambda: IN_POLARS[question.name](export, question.parameters)))
    times: list[list[float]] = [[] for _ in ways]
    for run in range(runs + 1):
        for taken, (_, answer) in zip(times, ways, strict=True):
            took = milliseconds(answer)
            if run:
                taken.append(took)
    for taken, (medians, _) in zip(times, ways, strict=True):
        medians[size] = statistics.median(taken)


def time_page(snapshot: Snapshot, asked: list[Question], runs: int) -> float:
    """The median of `runs` times all questions of a page, after one that warms."""

    def answer() -> None:
        for question in asked:
            snapshot.answer(question.name, question.parameters)

    answer()
    return statistics.median(milliseconds(answer) for _ in range(runs))


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(heads), *(list(row) for row in rows)]
    lines.insert(1, ["---"] + ["---:"] * (len(lines[0]) - 1))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def pages_table(pages: Mapping[tuple[str, str], list[Question]], times: Mapping[tuple[str, str], float], size: int) -> str:
    """Each page's time in DuckDB, and the sum of polars' times for its questions."""
    scopes = list(dict.fromkeys(scope for _, scope in pages))
    rows = []
    for page in dict.fromkeys(page for page, _ in pages):
        row = [page.replace("_", " ")]
        for scope in scopes:
            asked = pages[page, scope]
            row += [f"{len(asked)}", f"{times[page, scope]:.0f}"]
            row += [f"{sum(q.in_polars[size] for q in asked):.0f}" if size <= _LARGEST_FOR_POLARS else "–"]
        rows.append(row)
    heads = [f"{scope}: {what}" for scope in scopes for what in ("questions", "DuckDB ms", "polars ms")]
    return table([f"page, {size:,} episodes", *heads], rows)


def questions_table(questions: list[Question], sizes: list[int]) -> str:
    """Every question: its time by size, how it grows from each size to the next, and polars' time as a multiple of it."""
    rows = []
    for question in questions:
        row = [question.name, *(f"{question.in_duckdb[size]:.1f}" for size in sizes)]
        row += [f"× {question.in_duckdb[more] / question.in_duckdb[few]:.1f}" for few, more in pairwise(sizes)]
        row += [f"× {question.in_polars[size] / question.in_duckdb[size]:.1f}" for size in sizes if size <= _LARGEST_FOR_POLARS]
        rows.append(row)
    growth = [f"{few:,} → {more:,}" for few, more in pairwise(sizes)]
    return table(
        [
            "question",
            *(f"{size:,} ms" for size in sizes),
            *growth,
            *(f"polars at {size:,}" for size in sizes if size <= _LARGEST_FOR_POLARS),
        ],
        rows,
    )


@click.command()
@folder_option
@click.option("--episodes", "sizes", type=int, multiple=True, default=(100_000, 1_000_000, 10_000_000), show_default=True)
@click.option("--runs", type=int, default=7, show_default=True, help="Runs of each, after one that warms; fewer where a run takes seconds.")
def main(folder: Path, sizes: tuple[int, ...], runs: int) -> None:
    """Time every question of every page and print the tables of README.md."""
    settings = load_settings()
    questions: list[Question] = []
    pages: dict[tuple[str, str], list[Question]] = defaultdict(list)
    times: dict[int, dict[tuple[str, str], float]] = {}
    for size in sorted(sizes):
        export = export_of(size, folder)
        with TemporaryDirectory() as made:
            snapshot = Snapshot.read(export.folder, settings, Path(made) / "snapshot.duckdb")
            if not questions:
                covers = snapshot.coverage
                whole = Period(covers.first_day.replace(day=1), covers.last_day.replace(day=1))
                scopes = {"12 months": default_scope(covers.first_day, covers.last_day), f"{whole.months // 12} years": Scope(whole)}
                questions = questions_of(snapshot, scopes, settings)
                for question in questions:
                    pages[question.page, question.scope].append(question)
                if lacking := {question.name for question in questions} - IN_POLARS.keys():
                    raise click.ClickException(f"Without a polars version in benchmarks/in_polars: {', '.join(sorted(lacking))}.")
                for question in questions:
                    compare(snapshot, export, question)
                click.echo(f"{len(questions)} questions agree in DuckDB and polars on {size:,} episodes.", err=True)
            times[size] = {page: time_page(snapshot, asked, runs) for page, asked in pages.items()}
            for question in questions:
                time_in_turns(snapshot, export, question, size, runs)
            click.echo(f"{size:,} episodes are timed.", err=True)
            # The next export is ten times as large.
            del snapshot
            gc.collect()
    for size in sorted(sizes):
        click.echo(f"\n{pages_table(pages, times[size], size)}")
    for label in dict.fromkeys(scope for _, scope in pages):
        asked = {question.name: question for question in questions if question.scope == label}
        click.echo(f"\n{label}\n\n{questions_table(sorted(asked.values(), key=lambda q: q.name), sorted(sizes))}")


if __name__ == "__main__":
    main()
