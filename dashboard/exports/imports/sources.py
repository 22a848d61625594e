"""One table out of a file that a local system wrote: CSV in its encoding and separator, Excel or Parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import polars.selectors as cs

from dashboard.errors import Refusal
from dashboard.exports.imports.reading import read_csv

_READ_AS = {".csv": "CSV", ".txt": "CSV", ".xlsx": "an Excel workbook", ".parquet": "Parquet"}
_BLANK = ("", "NULL", "null")  # the words are how SQL Server's tools save an empty cell
# The place of a row in its file. With a space before it no column can have the same name.
ROW = " row"


def read_source(path: Path) -> pl.DataFrame:
    """The rows of a file, with its columns by their names without outer spaces, and before them `ROW`, the place in the file.

    Text comes without outer spaces and blank as null; from CSV everything is text. A spreadsheet's first line is row 1, so that the first
    after the names is row 2; in Parquet the first is row 1. Of a workbook the sheet with the most rows is read. Empty rows are left out.

    Raises:
        Refusal: the file cannot be read, or is of another kind.
    """
    kind = _READ_AS.get(path.suffix.lower())
    if kind is None:
        raise Refusal(f"{path.name} is not a file that can be imported.", "Save it as CSV, Excel (.xlsx) or Parquet.")
    try:
        if kind == "CSV":
            frame = read_csv(path)
        elif kind == "Parquet":
            frame = pl.read_parquet(path)
        else:
            sheets = pl.read_excel(path, sheet_id=0, infer_schema_length=None, raise_if_empty=False)
            frame = max(sheets.values(), key=lambda sheet: sheet.height)
    except (KeyboardInterrupt, SystemExit, Refusal):
        raise
    except OSError as error:
        raise Refusal(f"{path.name} cannot be read ({error.strerror or 'not there'}).", "Close it elsewhere, or save it again.") from error
    except BaseException:  # polars panics with an exception that is no Exception
        # What the readers say quotes cells, and they may identify a child.
        raise Refusal(
            f"{path.name} cannot be read as {kind}: it is damaged, empty or has rows of unequal length.", "Save it again."
        ) from None
    names = {name: name.strip() for name in frame.columns}
    if len(set(names.values())) < len(names):
        raise Refusal(f"{path.name} has two columns of one name.", "Give each column a name of its own.")
    text = cs.string() | cs.categorical() | cs.enum()
    frame = frame.rename(names).with_columns(text.cast(pl.String).str.strip_chars())
    frame = frame.with_columns(pl.when(~cs.string().is_in(_BLANK)).then(cs.string()).name.keep())
    numbered = frame.with_row_index(ROW, offset=1 if kind == "Parquet" else 2)
    return numbered.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))


def as_text(cells: pl.Series) -> pl.Series:
    """Cells as text: a whole number without a point, as an id is written, and nothing where there is nothing."""
    if cells.dtype.is_float() and bool((cells == cells.round()).all()):
        cells = cells.cast(pl.Int64)
    if cells.dtype.is_nested() or cells.dtype == pl.Binary:
        raise Refusal(f"The column {cells.name} holds lists or bytes and not text.", "Save it as text.")
    return cells.cast(pl.String)


def keep_apart(source: Path, out: Path, key_file: Path) -> None:
    """Refuse an export's folder that would hold what is imported, or the key of the pseudonyms."""
    if out.resolve() in (source.resolve(), *source.resolve().parents, *key_file.resolve().parents):
        raise Refusal(
            f"{out} holds what is to be imported or the pseudonym key.",
            "Name another folder for the export: nothing that identifies a child may lie in it.",
        )
