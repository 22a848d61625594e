"""Text files of other systems, read as they come: CSV in the encodings that systems write, dates in the ways that people write them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from dashboard.errors import Refusal

_SEPARATORS = (",", ";", "\t")


def read_csv(path: Path) -> pl.DataFrame:
    """The cells of a CSV file as text, as they stand, with commas, semicolons or tabs between them.

    UTF-8 with or without a byte order mark, UTF-16 with one, or Windows-1252.

    Raises:
        Refusal: the file cannot be read, or is no CSV. What it says never quotes a cell: one may identify a child.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path.name} cannot be read ({error.strerror}).", "Close it elsewhere, or save it again.") from error
    try:
        content = _as_utf8(content)
        head = content.partition(b"\n")[0].decode()
        # Of equals the first.
        return pl.read_csv(content, infer_schema=False, separator=max(_SEPARATORS, key=head.count))
    except UnicodeDecodeError as error:
        raise Refusal(f"{path.name} is text in neither UTF-8 nor Windows-1252.", "Save it as a CSV file in UTF-8.") from error
    except pl.exceptions.PolarsError:
        raise Refusal(
            f"{path.name} cannot be read as CSV: it is empty, a row has more cells than the first, or a quotation mark is not closed.",
            "Save it again.",
        ) from None


def _as_utf8(content: bytes) -> bytes:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16").encode()
    try:
        content.decode()
    except UnicodeDecodeError:
        return content.decode("cp1252").encode()
    return content.removeprefix(codecs.BOM_UTF8)


def column_called(columns: Iterable[str], *names: str) -> str | None:
    """The column that is called by the first of `names` that any is called by, whatever its capitals, spaces and underscores."""
    by_name = {_folded(column): column for column in reversed(list(columns))}
    return next((by_name[_folded(name)] for name in names if _folded(name) in by_name), None)


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def cell(column: str) -> pl.Expr:
    """The text of a column without outer spaces; blank as null."""
    text = pl.col(column).str.strip_chars()
    return pl.when(text != "").then(text)


def as_day(text: pl.Expr) -> pl.Expr:
    """The day that dd/mm/yyyy, dd/mm/yy or yyyy-mm-dd says; null where it says none."""
    # By their form, since %Y reads 17 as the year 17.
    return pl.coalesce(
        pl.when(text.str.contains(form)).then(text.str.to_date(layout, strict=False))
        for form, layout in ((r"/(?:19|20)\d\d$", "%d/%m/%Y"), (r"/\d\d$", "%d/%m/%y"), (r"^(?:19|20)\d\d-\d\d-\d\d$", "%Y-%m-%d"))
    )
