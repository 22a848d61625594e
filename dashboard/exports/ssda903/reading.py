"""The files of a return, read; and the two ways of saying what was wrong with them: a refusal and a note."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from dashboard.errors import Refusal

# File → the columns that are read; no other column of the return is.
_COLUMNS = {
    "episodes": ("CHILD", "DECOM", "LS", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "PL_POST", "URN"),
    "missing": ("CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"),
    "header": ("CHILD", "SEX", "DOB", "ETHNIC"),
    "uasc": ("CHILD",),
}
_REQUIRED_FILES = ("episodes", "missing")
_DATES = ("DECOM", "DEC", "DOB", "MIS_START", "MIS_END")


def find_files(folder: Path) -> dict[str, Path]:
    """The files of the return in `folder`, by their names without .csv in lower case; other files are passed over.

    Raises:
        Refusal: a required file is not there, or one is there twice.
    """
    if not folder.is_dir():
        raise Refusal(f"{folder} is not a folder.", "Name the folder that holds the return's CSV files.")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        name = path.stem.lower()
        if path.suffix.lower() != ".csv" or name not in _COLUMNS:
            continue
        if name in found:
            raise Refusal(f"{folder} holds both {found[name].name} and {path.name}.", "Keep the one that is to be read.")
        found[name] = path
    for name in _REQUIRED_FILES:
        if name not in found:
            raise Refusal(f"{folder} has no {name}.csv.", "Save the return there as CSV files; episodes.csv and missing.csv are needed.")
    return found


def read(path: Path, name: str) -> pl.DataFrame:
    """The columns that are used: text without outer spaces, blank as null, dates as dates. `row` is the line in the file.

    Raises:
        Refusal: the file cannot be read, has not the columns, or has a date that is none or a row without a child.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path.name} cannot be read ({error.strerror}).", "Close it elsewhere, or save it again.") from error
    try:
        frame = pl.read_csv(_text(content).encode(), infer_schema=False)
    except UnicodeDecodeError as error:
        raise Refusal(f"{path.name} is text in neither UTF-8 nor Windows-1252.", "Save it as a CSV file in UTF-8.") from error
    except pl.exceptions.PolarsError:
        # What polars says quotes cells, and they may identify a child.
        raise Refusal(
            f"{path.name} cannot be read as CSV: it is empty, a row has more cells than the first, or a quotation mark is not closed.",
            "Save it again.",
        ) from None
    columns = _COLUMNS[name]
    frame = frame.select(_column(frame, path.name, column) for column in columns)
    frame = frame.with_row_index("row", offset=2).filter(~pl.all_horizontal(pl.col(columns).is_null()))
    refuse_blank(frame, path.name, "CHILD")
    for column in _DATES:
        if column in columns:
            frame = _with_dates(frame, path.name, column)
    return frame


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _column(frame: pl.DataFrame, file: str, column: str) -> pl.Expr:
    named = next((name for name in frame.columns if name.strip().upper() == column), None)
    if named is None:
        raise Refusal(f"{file} has no column {column}.", "Save it with the return's own columns, their names in the first line.")
    cell = pl.col(named).str.strip_chars()
    if column != "CHILD":  # codes are in capitals; an id is as its authority writes it
        cell = cell.str.to_uppercase()
    return pl.when(cell != "").then(cell).alias(column)


def _with_dates(frame: pl.DataFrame, file: str, column: str) -> pl.DataFrame:
    text = pl.col(column)
    # By length, since %Y reads 17 as the year 17.
    long_year = pl.when(text.str.contains(r"/(?:19|20)\d\d$")).then(text.str.to_date("%d/%m/%Y", strict=False))
    short_year = pl.when(text.str.contains(r"/\d\d$")).then(text.str.to_date("%d/%m/%y", strict=False))
    day = pl.coalesce(long_year, short_year)
    unreadable = frame.filter(text.is_not_null() & day.is_null())
    refuse(unreadable, file, column, "a date that cannot be read", "Write dates as dd/mm/yyyy or dd/mm/yy.")
    return frame.with_columns(day.alias(column))


def refuse_blank(frame: pl.DataFrame, file: str, column: str) -> None:
    """Refuse the file if the column is blank in any row."""
    refuse(frame.filter(pl.col(column).is_null()), file, column, "nothing", "Fill it in, or take the row out.")


def refuse(rows: pl.DataFrame, file: str, column: str, found: str, what_to_do: str) -> None:
    """Refuse the file if there are such `rows`, naming the first five of them and what they hold."""
    if rows.is_empty():
        return
    named = [f"row {row}" + (f" ({value!r})" if value is not None else "") for row, value in rows.head(5).select("row", column).rows()]
    others = f" and {rows.height - 5:,} more" if rows.height > 5 else ""
    raise Refusal(f"{file}, column {column}: {found} in {', '.join(named)}{others}.", what_to_do)


def note(notes: list[str], what: str, count: int, then: str) -> None:
    """Note how many there were and what became of them; of none, nothing."""
    if count:
        notes.append(f"{what}: {count:,}. {then}")
