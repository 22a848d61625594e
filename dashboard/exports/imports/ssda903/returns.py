"""The returns of a folder, read: one year each, as CSV files or as one XML file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import polars as pl

from dashboard.errors import Refusal
from dashboard.exports.imports.reading import as_day, cell, column_called, read_csv
from dashboard.exports.imports.ssda903.from_xml import ELEMENTS, read_xml
from dashboard.exports.imports.ssda903.rules import RULES, Findings

# Table → the columns that are read; no other column of the return is.
_COLUMNS = {
    "episodes": ("CHILD", "DECOM", "LS", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "PL_POST", "URN"),
    "missing": ("CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"),
    "header": ("CHILD", "SEX", "DOB", "ETHNIC"),
    "uasc": ("CHILD",),
}
_REQUIRED = ("episodes", "missing")
_DAYS = ("DECOM", "DEC", "DOB", "MIS_START", "MIS_END")


def _is_no_date(column: str) -> pl.Expr:
    return pl.col(f"{column} is no date")


def _is_blank(column: str) -> pl.Expr:
    return pl.col(column).is_null() & ~_is_no_date(column)


_HAS_NO_CHILD = pl.col("CHILD").is_null()
_HAS_NO_CODE = pl.col("MISSING").is_null()
_IS_CODE = pl.col("MISSING").is_in(["M", "A"]).fill_null(False)
# Table → rule → what of it cannot be read: the whole row, or a cell that the row can do without.
_LEAVES_OUT: Mapping[str, Mapping[str, pl.Expr]] = {
    "missing": {
        "no child": _HAS_NO_CHILD,
        "564": _IS_CODE & _is_blank("MIS_START"),
        "565": _HAS_NO_CODE & ~_is_blank("MIS_START"),
        "566": _HAS_NO_CODE & ~_is_blank("MIS_END"),
        "1004": _is_no_date("MIS_START"),
        "1005": _is_no_date("MIS_END"),
        "1006": ~_HAS_NO_CODE & ~_IS_CODE,
    },
    "episodes": {
        "no child": _HAS_NO_CHILD,
        "no start": _is_blank("DECOM"),
        "141": _is_no_date("DECOM"),
        "147": _is_no_date("DEC"),
    },
    "header": {"no child": _HAS_NO_CHILD},
}
_LEAVES_BLANK: Mapping[str, Mapping[str, pl.Expr]] = {
    "missing": {"birth date": _is_no_date("DOB")},
    "header": {"102": _is_no_date("DOB")},
}
# A file of which more than one row in so many cannot be read is misread as a whole: another file, or written in another way.
_MISREAD = 20


@dataclass(frozen=True)
class Return:
    """One year's return.

    `tables` has "episodes" and "missing", and "header" and "uasc" where they are there: the readable rows, dates as dates, with `year`
    (the calendar year in which the return's begins) and `row` (the line of a CSV file; in XML the number of the element). For each table
    `files` says which file it is of, `rows` how many rows that had and `row_called` what one is called.
    """

    first_day: date
    tables: Mapping[str, pl.DataFrame]
    files: Mapping[str, str]
    row_called: Mapping[str, str]
    rows: Mapping[str, int]
    saved_at: float

    @property
    def name(self) -> str:
        return year_called(self.first_day.year)

    @property
    def last_day(self) -> date:
        return date(self.first_day.year + 1, 3, 31)


@dataclass(frozen=True)
class _Recorded:
    """A return as it was found: table → its text, its file's name, and what a row of it is called."""

    where: str
    tables: Mapping[str, pl.DataFrame]
    files: Mapping[str, str]
    row_called: Mapping[str, str]
    saved_at: float


def read_returns(folder: Path, years: Collection[str], findings: Findings, progress: Callable[[str], None]) -> list[Return]:
    """The returns in `folder` and in its subfolders, year after year; those of `years` ("2023-24"), or all where there are none.

    Rows that cannot be read are left out, and go to `findings` by the rule that they break.

    Raises:
        Refusal: there is no return; a required file or column is not there; too much of a file cannot be read; a return is not
            of one year; a year is there twice, or not at all between two others.
    """
    if not folder.is_dir():
        raise Refusal(f"{folder} is not a folder.", "Name the folder that holds the return's files.")
    found: dict[int, tuple[_Recorded, dict[str, pl.DataFrame]]] = {}
    for recorded in _recorded(folder, progress):
        tables = {name: _with_days(frame) for name, frame in recorded.tables.items()}
        _refuse_misread(recorded, tables)
        year = _year(recorded, tables)
        if year in found:
            raise Refusal(
                f"{found[year][0].where} and {recorded.where} are both of {year_called(year)}.", "Keep the one that is to be read."
            )
        found[year] = recorded, tables
    if not found:
        raise Refusal(
            f"{folder} holds no return.", "Save there episodes.csv and missing.csv, or the return's XML; or a folder of them for each year."
        )
    chosen = sorted(set(_chosen(found, years)))
    for before, after in pairwise(chosen):
        if after > before + 1:
            # Without it, whoever came and went in that year would count as never there.
            raise Refusal(f"The return of {year_called(before + 1)} is not there.", "Add it, or name years in a row with --years.")
    return [_readable(*found[year], year, findings) for year in chosen]


def year_called(year: int) -> str:
    """A financial year by the calendar year in which it begins: 2023 is 2023-24."""
    return f"{year}-{(year + 1) % 100:02}"


def _chosen(found: Collection[int], years: Collection[str]) -> Collection[int]:
    by_name = {year_called(year): year for year in found}
    for name in years:
        if name not in by_name:
            raise Refusal(f"There is no return of {name}.", f"There is one of {', '.join(sorted(by_name))}.")
    return [by_name[name] for name in years] or found


def _recorded(folder: Path, progress: Callable[[str], None]) -> Iterator[_Recorded]:
    for place in [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]:
        if csv := _csv_files(place):
            progress(f"Reading {', '.join(path.name for path in csv.values())} in {place.name}")
            yield _Recorded(
                str(place),
                {name: _table(read_csv(path), path.name, name) for name, path in csv.items()},
                {name: path.name for name, path in csv.items()},
                dict.fromkeys(csv, "row"),
                max(path.stat().st_mtime for path in csv.values()),
            )
        for path in sorted(path for path in place.iterdir() if path.suffix.lower() == ".xml"):
            progress(f"Reading {path.name} in {place.name}")
            if (tables := read_xml(path, _COLUMNS)) is not None:
                yield _Recorded(
                    str(path),
                    {name: _table(frame, path.name, name) for name, frame in tables.items()},
                    {name: f"{path.name}, {ELEMENTS[name]}" for name in tables},
                    ELEMENTS,
                    path.stat().st_mtime,
                )


def _csv_files(place: Path) -> dict[str, Path]:
    """The CSV files of a return in a folder, by the name of their table; other files are passed over."""
    found: dict[str, Path] = {}
    for path in sorted(place.iterdir()):
        name = path.stem.lower()
        if path.suffix.lower() != ".csv" or name not in _COLUMNS:
            continue
        if name in found:
            raise Refusal(f"{place} holds both {found[name].name} and {path.name}.", "Keep the one that is to be read.")
        found[name] = path
    for name in _REQUIRED:
        if found and name not in found:
            raise Refusal(f"{place} has no {name}.csv.", "Save the return there as CSV files; episodes.csv and missing.csv are needed.")
    return found


def _table(frame: pl.DataFrame, file: str, name: str) -> pl.DataFrame:
    """The columns that are used, blank as null, and `row`; rows without any cell are no rows."""
    columns = []
    for column in _COLUMNS[name]:
        called = column_called((other for other in frame.columns if other != "row"), column)
        if called is None:
            raise Refusal(f"{file} has no column {column}.", "Save it with the return's own columns, their names in the first line.")
        text = cell(called)
        # Codes are in capitals; an id is as its authority writes it.
        columns.append((text if column == "CHILD" else text.str.to_uppercase()).alias(column))
    if "row" not in frame.columns:
        frame = frame.with_row_index("row", offset=2)
    return frame.select("row", *columns).filter(~pl.all_horizontal(pl.col(_COLUMNS[name]).is_null()))


def _with_days(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates as dates, and for each such column whether there is a cell that is none."""
    for column in _DAYS:
        if column in frame.columns:
            day = as_day(pl.col(column))
            frame = frame.with_columns(day.alias(column), (pl.col(column).is_not_null() & day.is_null()).alias(f"{column} is no date"))
    return frame


def _refuse_misread(recorded: _Recorded, tables: Mapping[str, pl.DataFrame]) -> None:
    for name, frame in tables.items():
        rules = {**_LEAVES_OUT.get(name, {}), **_LEAVES_BLANK.get(name, {})}
        if not rules or frame.is_empty():
            continue
        broken = frame.select("row", pl.any_horizontal(rules.values()).alias("any"), **rules)
        count = broken["any"].sum()
        if count == frame.height or count > max(1, frame.height / _MISREAD):
            commonest = max(rules, key=lambda rule: broken[rule].sum())
            rows = broken.filter(commonest)["row"].head(5)
            raise Refusal(
                f"{recorded.where}: {recorded.files[name]}: {count:,} of {frame.height:,} rows cannot be read. "
                f"Most often: {RULES[name, commonest].meaning} ({recorded.row_called[name]} {', '.join(map(str, rows))}.)",
                "Write dates as dd/mm/yyyy, dd/mm/yy or yyyy-mm-dd, and each column as the return has it.",
            )


def _year(recorded: _Recorded, tables: Mapping[str, pl.DataFrame]) -> int:
    """The year in which the return's year begins: the financial year of the latest start that the ends bear out.

    A return has every placement and episode that was open in its year, so that starts may lie years back and ends may not. A few
    starts that are mistyped make years in which nothing ends, and those are passed over.
    """
    missing, episodes = tables["missing"], tables["episodes"]
    starts = pl.concat([missing["MIS_START"].rename("start"), episodes["DECOM"].rename("start")]).drop_nulls()
    ends = pl.concat([missing["MIS_END"].rename("end"), episodes["DEC"].rename("end")]).drop_nulls()
    if starts.is_empty():
        raise Refusal(f"{recorded.where}: {recorded.files['episodes']} and {recorded.files['missing']} hold no rows.", "Save them again.")
    years = starts.dt.year() - (starts.dt.month() < 4)
    for year in (candidates := years.unique().sort(descending=True)):
        if (years > year).sum() > max(1, years.len() / _MISREAD):
            break
        if ends.filter(~_is_in_year(ends, year)).len() * 2 <= ends.len():
            return int(year)
    outside = ends.filter(~_is_in_year(ends, candidates[0])).len()
    raise Refusal(
        f"{recorded.where}: the latest start is of {year_called(candidates[0])}, and {outside:,} of {ends.len():,} ends are not.",
        "Give each year's files a folder of their own; if there is one year alone, put its latest starts right.",
    )


def _is_in_year(day: pl.Series, year: int) -> pl.Series:
    # A placement whose last night is 31 March ends on 1 April.
    return day.is_between(date(year, 4, 1), date(year + 1, 4, 1))


def _readable(recorded: _Recorded, tables: Mapping[str, pl.DataFrame], year: int, findings: Findings) -> Return:
    kept = {}
    for name, frame in tables.items():
        frame = frame.with_columns(year=pl.lit(year, pl.Int32))
        for rule, breaks in {**_LEAVES_OUT.get(name, {}), **_LEAVES_BLANK.get(name, {})}.items():
            findings.rule(name, rule, frame.filter(breaks))
        if name == "missing":
            tells = ~(_HAS_NO_CODE & _is_blank("MIS_START") & _is_blank("MIS_END"))
            findings.note(
                f"Rows of {recorded.files[name]} of {year_called(year)} for a child without an episode",
                frame.filter(~tells & ~_HAS_NO_CHILD).height,
                "They are left out.",
            )
            frame = frame.filter(tells)
        kept[name] = frame.filter(~pl.any_horizontal(_LEAVES_OUT.get(name, {"": pl.lit(False)}).values())).drop("^.* is no date$")
    return Return(
        first_day=date(year, 4, 1),
        tables=kept,
        files=recorded.files,
        row_called=recorded.row_called,
        rows={name: frame.height for name, frame in tables.items()},
        saved_at=recorded.saved_at,
    )
