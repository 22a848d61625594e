"""SSDA903, the yearly return on looked-after children that every authority in England makes, turned into an export.

Reads one or more years of it, as CSV or XML. docs/import-ssda903.md says for a data team what is read, what is made of it and
what never leaves. Rule numbers are those of the return's own validation checks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from dashboard.exports.imports.report import ImportReport, write_report
from dashboard.exports.imports.sources import keep_apart
from dashboard.exports.imports.ssda903.checks import check_care, check_return
from dashboard.exports.imports.ssda903.children import children_of, missing_episodes
from dashboard.exports.imports.ssda903.joining import join_header, join_listed, join_missing, join_placements
from dashboard.exports.imports.ssda903.placements import in_periods, placement_rows, stays_of, without_short_breaks
from dashboard.exports.imports.ssda903.returns import Return, read_returns
from dashboard.exports.imports.ssda903.rules import Findings
from dashboard.exports.imports.ssda903.units import units_of
from dashboard.exports.imports.ssda903.where import NO_POINTS, NO_PROVIDERS, postcode, read_postcodes, read_providers
from dashboard.exports.pseudonyms import default_key_file, pseudonymised, read_or_make_key
from dashboard.exports.write import write_export


def import_ssda903(
    folder: Path,
    out: Path,
    key_file: Path | None = None,
    *,
    years: Collection[str] = (),
    providers: Path | None = None,
    postcodes: Path | None = None,
    authority: str | None = None,
    area_code: str | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> ImportReport:
    """Read the returns in `folder`, or those of `years` ("2023-24"), and write them as one export, with its report, into `out`.

    Children's ids become pseudonyms under the key in `key_file`, which is made on first use
    (`pseudonyms.default_key_file` where none is given): the same key gives the same child the same id in every year.
    `providers` is Ofsted's list and names homes; `postcodes` is a directory of postcodes and gives homes a point. What is in the
    area of the authority is known by its name `authority` in the list, or by its code `area_code` in the directory.

    Raises:
        Refusal: a required file or column is not there; too much of a file cannot be read; a return is not of one year; a year is there
            twice or is not there between two others; `out` would hold the returns or the key.
    """
    key_file = key_file or default_key_file()
    keep_apart(folder, out, key_file)
    findings = Findings()
    returns = read_returns(folder, years, findings, progress)
    covers = returns[0].first_day, returns[-1].last_day
    findings.assumptions.append(_years_said(returns))

    progress("Looking at each return")
    for one in returns:
        check_return(one, findings)
    progress("Joining years" if len(returns) > 1 else "Joining placements")
    missing = join_missing(returns, findings)
    recorded = join_placements(returns, findings)
    header = join_header(returns, missing, recorded, findings)

    listed = read_providers(providers) if providers else NO_PROVIDERS
    points = read_postcodes(postcodes, recorded.select(postcode("PL_POST")).to_series(), area_code) if postcodes else NO_POINTS
    rows = in_periods(without_short_breaks(placement_rows(recorded, points, findings), missing, findings), findings)
    stays = stays_of(rows, findings)
    units = units_of(rows, stays, points, listed, authority, findings)
    children = children_of(rows, missing, header, join_listed(returns, "uasc"), findings)
    check_care(missing, rows, stays, findings)
    findings.assumptions += _not_known(units, returns)

    progress("Giving pseudonyms")
    if not key_file.exists():
        # Where it lies is for the person who imports, and not for the report beside the export.
        progress(f"A new pseudonym key was made: {key_file}")
        findings.assumptions.append("A new pseudonym key was made. Keep a copy, apart from the export; under another key every id changes.")
    key = read_or_make_key(key_file)
    tables = {
        "episodes": pseudonymised(pseudonymised(missing_episodes(missing), key, "child", "CHILD"), key, "episode", "told")
        .select("episode_id", "child_id", "category", "started_at", "ended_at")
        .sort("started_at", "episode_id"),
        "placements": pseudonymised(stays, key, "child", "CHILD").sort(pl.all()),
        "units": units,
        "children": pseudonymised(children, key, "child", "CHILD").sort("child_id"),
    }
    progress("Writing the export")
    write_export(
        out,
        tables,
        authority=authority or "SSDA903 return",  # the files do not say whose they are
        source="SSDA903",
        exported_at=datetime.fromtimestamp(max(one.saved_at for one in returns), UTC),
        covers=covers,
    )
    report = ImportReport(
        source="SSDA903",
        imported_at=datetime.now(UTC),
        covers=covers,
        rows_in={_of_year(one.files[table], one, returns): rows for one in returns for table, rows in one.rows.items()},
        rows_out={name: table.height for name, table in tables.items()},
        rules=tuple(
            findings.found(
                {table: f"{table}.csv" if called == "row" else called for one in returns for table, called in one.row_called.items()},
                {
                    (one.first_day.year, table): _of_year(f"{called} {{}}", one, returns)
                    for one in returns
                    for table, called in one.row_called.items()
                },
            )
        ),
        assumptions=tuple(findings.assumptions),
    )
    write_report(out, report)
    return report


def _of_year(words: str, one: Return, returns: Sequence[Return]) -> str:
    return f"{words} of {one.name}" if len(returns) > 1 else words


def _years_said(returns: Sequence[Return]) -> str:
    first, last = returns[0].first_day, returns[-1].last_day
    if len(returns) == 1:
        return f"The return's year is taken to be that of the latest start that its ends bear out: {first:%d/%m/%Y} to {last:%d/%m/%Y}."
    years = ", ".join(one.name for one in returns)
    return f"{len(returns)} returns are joined, each of the year of the latest start that its ends bear out: {years}."


def _not_known(units: pl.DataFrame, returns: Sequence[Return]) -> list[str]:
    """What no file tells, so that nobody takes a blank for an answer."""
    said = []
    if without := [one.name for one in returns if "header" not in one.tables]:
        said.append(f"There is no header of {', '.join(without)}: rules INT04, INT13 and 101 to 103 are not looked at there.")
    if "in_area" not in units.columns:
        said.append("Which units are in the authority's area is not known, and all count as outside: give --postcodes with --area-code.")
    if "latitude" not in units.columns:
        said.append("Where units are is not known: a directory of postcodes was not given, or has none of theirs.")
    return said
