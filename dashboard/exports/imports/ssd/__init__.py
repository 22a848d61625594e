"""The Standard Safeguarding Dataset, Data to Insight's common extract of children's services, turned into an export.

docs/import-ssd.md says for a data team what is read, what is made of it and what never leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from dashboard.exports.imports.episodes import covered
from dashboard.exports.imports.moments import local_day
from dashboard.exports.imports.report import ImportReport, RuleFound, write_report
from dashboard.exports.imports.sources import keep_apart
from dashboard.exports.imports.ssd.care import children_of, spells_of
from dashboard.exports.imports.ssd.missing import interviews_of, missing_episodes
from dashboard.exports.imports.ssd.placements import placed
from dashboard.exports.imports.ssd.reading import find_files, read
from dashboard.exports.pseudonyms import default_key_file, pseudonymised, read_or_make_key
from dashboard.exports.write import write_export

_WITHOUT = {
    "person": "Without ssd_person no child's age, sex or ethnicity is known.",
    "cla_placement": "Without ssd_cla_placement no unit and no rate per placement night is known.",
    "cla_episodes": "Without ssd_cla_episodes it is not known when a child was looked after, nor how many children were.",
}


def import_ssd(folder: Path, out: Path, key_file: Path | None = None, progress: Callable[[str], None] = lambda step: None) -> ImportReport:
    """Read the dataset's files in `folder` and write them as an export into `out`, with the report of the import beside it.

    Ids become pseudonyms under the key in `key_file`, as in the import of an SSDA903 return (`pseudonyms.default_key_file` where none is
    given). `progress` is told each step as it begins.

    Raises:
        Refusal: ssd_missing or a column that it needs is not there; a file cannot be read; most of its rows cannot be used; `out` would
            hold the dataset or the key.
    """
    key_file = key_file or default_key_file()
    keep_apart(folder, out, key_file)
    paths = find_files(folder)
    files = {}
    for name, path in paths.items():
        progress(f"Reading {path.name}")
        files[name] = read(path, name)

    rules: list[RuleFound] = []
    assumed = [sentence for name, sentence in _WITHOUT.items() if name not in files]
    saved_at = datetime.fromtimestamp(max(path.stat().st_mtime for path in paths.values()), UTC)
    saved_on = local_day(saved_at)

    progress("Reading the times of episodes")
    episodes = missing_episodes(files["missing"], paths["missing"].name, saved_on, rules, assumed)
    progress("Joining placements and children")
    spells = spells_of(files["cla_episodes"], paths["cla_episodes"].name, rules) if "cla_episodes" in files else None
    stays, units = placed(files["cla_placement"], paths["cla_placement"].name, rules, assumed) if "cla_placement" in files else (None, None)
    children = children_of(episodes, spells, stays, files.get("person"), paths, rules, assumed)

    others = [episodes["end_day"]]
    if stays is not None:
        others += [stays["started_on"], stays["ended_on"]]
    if spells is not None:
        others += [spells["looked_after_from"], spells["looked_after_to"]]
    covers = covered(episodes["day"], others, saved_on, assumed)
    if not key_file.exists():
        assumed.append(f"A new pseudonym key was made: {key_file}. Keep a copy, apart from the export; under another key every id changes.")
    progress("Making pseudonyms")
    key = read_or_make_key(key_file)
    episodes = pseudonymised(pseudonymised(episodes, key, "child", "CHILD"), key, "episode", "told")
    tables = {
        "episodes": episodes.select("episode_id", "child_id", "category", "started_at", "ended_at").sort("started_at", "episode_id"),
        "children": pseudonymised(children, key, "child", "CHILD").sort("child_id"),
    }
    if "offered" in episodes.columns:
        tables["return_interviews"] = interviews_of(episodes, assumed)
    if stays is not None and units is not None:
        tables |= {"placements": pseudonymised(stays, key, "child", "CHILD").sort(pl.all()), "units": units}
    progress("Writing the export")
    source = "Standard Safeguarding Dataset"
    # The files do not say whose they are.
    write_export(out, tables, authority=source, source=source, exported_at=saved_at, covers=covers)
    report = ImportReport(
        source=source,
        imported_at=datetime.now(UTC),
        covers=covers,
        rows_in={paths[name].name: frame.height for name, frame in files.items()},
        rows_out={name: table.height for name, table in tables.items()},
        rules=tuple(rules),
        assumptions=tuple(assumed),
    )
    write_report(out, report)
    return report
