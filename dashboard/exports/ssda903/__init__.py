"""SSDA903, the yearly return on looked-after children that every authority in England makes, turned into an export.

Reads the CSV files of one year's return. docs/import-ssda903.md says for a data team what is read, what is made of it and
what never leaves. Rule numbers in comments are those of the return's own validation checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from dashboard.errors import Refusal
from dashboard.exports.pseudonyms import default_key_file, pseudonymised, read_or_make_key
from dashboard.exports.ssda903.children import children_of, missing_episodes
from dashboard.exports.ssda903.placements import STILL_THERE, placement_rows, stays_of, units_of, without_short_breaks
from dashboard.exports.ssda903.reading import find_files, note, read
from dashboard.exports.write import write_export


@dataclass(frozen=True)
class ImportSummary:
    """What an import read and wrote.

    `rows_read` is by file and `rows_written` by table; `covers` is the first and the last day of the return's year; `notes`
    say in plain English, with counts, what was assumed or left out and why.
    """

    rows_read: Mapping[str, int]
    rows_written: Mapping[str, int]
    covers: tuple[date, date]
    notes: tuple[str, ...]


def import_ssda903(folder: Path, out: Path, key_file: Path | None = None) -> ImportSummary:
    """Read the return in `folder` and write it as an export into `out`.

    Children's ids become pseudonyms under the key in `key_file`, which is made on first use
    (`pseudonyms.default_key_file` where none is given): the same key gives the same child the same id in every year.

    Raises:
        Refusal: a required file or column is not there; a cell that must be filled is blank; a date or a MISSING code cannot
            be read; the ends are not of one year; `out` would hold the return or the key.
    """
    key_file = key_file or default_key_file()
    _refuse_mixing(folder, out, key_file)
    paths = find_files(folder)
    files = {name: read(path, name) for name, path in paths.items()}

    notes: list[str] = []
    episodes = missing_episodes(files["missing"], notes)
    recorded = placement_rows(files["episodes"], notes)
    covers = _year(episodes, recorded, notes)
    rows = without_short_breaks(recorded, episodes, notes)
    stays = stays_of(rows, notes)
    units = units_of(rows, stays, notes)
    children = children_of(rows, episodes, files, notes)

    if not key_file.exists():
        notes.append(f"A new pseudonym key was made: {key_file}. Keep a copy, apart from the export; under another key every id changes.")
    key = read_or_make_key(key_file)
    tables = {
        "episodes": pseudonymised(pseudonymised(episodes, key, "child", "CHILD"), key, "episode", "told")
        .select("episode_id", "child_id", "category", "started_at", "ended_at")
        .sort("started_at", "episode_id"),
        "placements": pseudonymised(stays, key, "child", "CHILD").sort(pl.all()),
        "units": units,
        "children": pseudonymised(children, key, "child", "CHILD").sort("child_id"),
    }
    saved_at = max(path.stat().st_mtime for path in paths.values())
    write_export(
        out,
        tables,
        authority="SSDA903 return",  # the files do not say whose they are
        source="SSDA903",
        exported_at=datetime.fromtimestamp(saved_at, UTC),
        covers=covers,
    )
    return ImportSummary(
        rows_read={paths[name].name: frame.height for name, frame in files.items()},
        rows_written={name: table.height for name, table in tables.items()},
        covers=covers,
        notes=tuple(notes),
    )


def _refuse_mixing(folder: Path, out: Path, key_file: Path) -> None:
    if out.resolve() in (folder.resolve(), *folder.resolve().parents, *key_file.resolve().parents):
        raise Refusal(
            f"{out} holds the return or the pseudonym key.",
            "Name another folder for the export: nothing that identifies a child may lie in it.",
        )


def _year(episodes: pl.DataFrame, rows: pl.DataFrame, notes: list[str]) -> tuple[date, date]:
    """The first and the last day of the return's year: the financial year of the latest start, borne out by the ends.

    A return has every placement and episode that was open in its year, so that starts may lie years back and ends may not.
    """
    starts = pl.concat(
        [
            episodes.select("row", file=pl.lit("missing.csv"), start="started_at"),
            rows.select("row", file=pl.lit("episodes.csv"), start="DECOM"),
        ]
    ).sort("start", descending=True)
    if starts.is_empty():
        raise Refusal("episodes.csv and missing.csv hold no rows.", "Save the return's files again.")
    row, file, latest = starts.row(0)
    first = date(latest.year if latest.month >= 4 else latest.year - 1, 4, 1)
    last = date(first.year + 1, 3, 31)
    ends = pl.concat([episodes["ended_at"].drop_nulls(), rows.filter(pl.col("DEC") < STILL_THERE)["DEC"]])
    # A placement whose last night is 31 March ends on 1 April.
    outside = ends.filter(~ends.is_between(first, last + timedelta(days=1))).len()
    if outside * 2 > ends.len():
        raise Refusal(
            f"The latest start, {latest:%d/%m/%Y} ({file}, row {row}), makes the return's year {first.year}-{last:%y}, "
            f"and {outside:,} of {ends.len():,} ends lie outside it.",
            "Put that date right, or give the files of one year alone.",
        )
    notes.append(f"The return's year is taken to be that of the latest start in the files: {first:%d/%m/%Y} to {last:%d/%m/%Y}.")
    note(notes, "Ends of placements and episodes outside that year", outside, "They are kept as recorded.")
    return first, last
