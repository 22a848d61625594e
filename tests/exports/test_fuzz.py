"""Two thousand exports that something has happened to, each checked by the child's own code in a process of its own under its limits."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path

import polars as pl
import pytest

from dashboard.exports import contract
from dashboard.exports.sandbox import SNAPSHOT, outcome, run
from dashboard.exports.tables import Snapshot
from dashboard.settings import Settings
from tests.exports.mutations import mutate, write_truth

_SETTINGS = Settings(check_memory_mb=4_000, check_seconds=30)
_BLOCKS, _OF_A_BLOCK = 20, 100

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks")


@pytest.fixture(scope="module")
def forkserver() -> ForkServerContext:
    """Where children are forked that have imported everything: a child started anew takes half a second to do so."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["dashboard.exports.sandbox", "tests.exports.test_fuzz"])
    return context


def _child(export: Path, clean: Path) -> None:
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    run(export, clean, _SETTINGS)


def _held(snapshot: Snapshot) -> Iterator[pl.DataFrame]:
    """The columns of the contract, as readers have them: a manifest that no longer says what is covered changes no cell."""
    for table in contract.TABLES:
        frame = snapshot._run(f"SELECT * FROM {table.name}", {})
        yield frame.select(column.name for column in table.columns if column.name in frame.columns).sort(pl.all())


def _judged(context: ForkServerContext, folder: Path, number: int, truth: list[pl.DataFrame]) -> str:
    """What became of the export of that number, in a word; fails where it may not have."""
    export, clean = folder / f"{number}", folder / f"{number}-clean"
    shutil.copytree(folder / "truth", export)
    clean.mkdir()
    can_be_told = mutate(export, number)
    child = context.Process(target=_child, args=(export, clean))
    child.start()
    child.join(_SETTINGS.check_seconds)
    exit_code = child.exitcode
    child.kill()
    child.join()
    verdict = outcome(clean, exit_code, _SETTINGS)
    said = [*map(str, verdict.findings), verdict.summary]
    assert all(line.isprintable() and len(line) < 2_000 and "Traceback" not in line for line in said), (number, said)
    if not verdict.is_good:
        assert not verdict.not_written, (number, verdict.not_written)
        assert verdict.errors, number
        return "stopped" if exit_code is None else "crashed" if exit_code else "refused"
    opened = list(_held(Snapshot.open(clean / SNAPSHOT)))
    if can_be_told:
        assert all(a.equals(b) for a, b in zip(opened, truth, strict=True)), number
    return "accepted"


@pytest.mark.parametrize("block", range(_BLOCKS))
def test_whatever_happened_to_an_export(block: int, forkserver: ForkServerContext, tmp_path: Path) -> None:
    """A cut, a flipped bit, another type, a nested column, a text without an end, a bomb, a wrong manifest: given a manifest, what is
    accepted is the truth, and all else is refused in lines that a person can read. Without one, what is accepted opens. Nothing hangs, and
    nothing reaches the process that asked."""
    write_truth(tmp_path / "truth")
    truth = list(_held(Snapshot.read(tmp_path / "truth", _SETTINGS)))
    numbers = range(block * _OF_A_BLOCK, (block + 1) * _OF_A_BLOCK)
    with ThreadPoolExecutor(2) as pool:
        became = list(pool.map(lambda number: _judged(forkserver, tmp_path, number, truth), numbers))
    counted = {word: became.count(word) for word in sorted(set(became))}
    print(counted)  # noqa: T201  # shown with -s, or where it fails
    assert counted["refused"] > 0
