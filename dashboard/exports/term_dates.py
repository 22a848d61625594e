"""The school's terms and holidays that an authority writes into a CSV file, for the table `days`."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from dashboard.errors import Refusal

KINDS = ("term", "holiday")
_COLUMNS = ("kind", "first_day", "last_day")
_TO_DO = "Correct the row; docs/settings.md says what the file holds."


def read_term_dates(path: Path) -> pl.DataFrame:
    """One row per period: kind ("term" or "holiday"), first_day, last_day (both included).

    A holiday may lie within a term, as at half term, and goes before it; days of no period are not known. Other columns are the
    authority's own.

    Raises:
        Refusal: the file cannot be read; or a row, which is named, has an unknown kind, no date, an end before its beginning, or runs
            into another period.
    """
    try:
        lines = pl.read_csv(path, infer_schema=False).select(pl.col(_COLUMNS).str.strip_chars())
    except (OSError, pl.exceptions.PolarsError) as error:
        raise Refusal(
            f"The term dates in {path} cannot be read.", "The file needs the columns kind, first_day and last_day; see docs/settings.md."
        ) from error
    # Spreadsheets leave empty rows behind.
    rows = lines.with_row_index("row", offset=2).filter(pl.any_horizontal(pl.col(_COLUMNS).fill_null("") != ""))
    dates = pl.col("first_day", "last_day")
    periods = rows.with_columns(pl.when(dates.str.contains(r"^\d{4}-\d\d-\d\d$")).then(dates).str.to_date("%Y-%m-%d", strict=False))
    for given, period in zip(rows.iter_rows(named=True), periods.iter_rows(named=True), strict=True):
        if fault := _fault_of(given, period):
            raise Refusal(f"{path.name}, row {given['row']}: {fault}.", _TO_DO)
    _refuse_overlaps(path, periods)
    return periods.drop("row")


def _fault_of(given: dict, period: dict) -> str:
    if period["kind"] not in KINDS:
        return f"the kind is {given['kind'] or 'empty'}, and must be term or holiday"
    for column in ("first_day", "last_day"):
        if period[column] is None:
            return f"{column} is {given[column] or 'empty'}, and must be a date such as 2026-09-01"
    if period["last_day"] < period["first_day"]:
        return f"it ends on {period['last_day']}, before it begins on {period['first_day']}"
    return ""


def _refuse_overlaps(path: Path, periods: pl.DataFrame) -> None:
    """A term may hold a holiday as a whole; any other two periods have no day in common."""
    ordered = sorted(periods.iter_rows(named=True), key=lambda period: (period["first_day"], period["row"]))
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 :]:
            if other["first_day"] > one["last_day"]:
                break
            holder, held = (one, other) if one["kind"] == "term" else (other, one)
            is_within = holder["first_day"] <= held["first_day"] and held["last_day"] <= holder["last_day"]
            if one["kind"] == other["kind"] or not is_within:
                raise Refusal(
                    f"{path.name}, row {other['row']}: the {other['kind']} from {other['first_day']} runs into the {one['kind']} of row "
                    f"{one['row']}, which ends on {one['last_day']}.",
                    _TO_DO,
                )
