"""A table as it stands on paper. What the screen has draws only the rows and columns that are scrolled to, and would print cut."""

from __future__ import annotations

from datetime import date, datetime
from html import escape
from typing import Any

import polars as pl

from dashboard.figures.words import number

MOST_ROWS = 40
"""About as many as a sheet holds; a longer list is for the file."""


def paper_table(frame: pl.DataFrame, labels: dict[str, str], shares: frozenset[str]) -> str:
    """The first rows of `frame` as a table in HTML, under `labels` (column → heading), every text of it escaped.

    `shares` are the columns from 0 to 1 that are shown as percentages. Where rows are left out, it says how many.
    """
    places = {column: share_decimals(frame[column]) if column in shares else decimals(column) for column in frame.columns}
    kinds = {column: "number" if kind.is_numeric() else "date" if kind.is_temporal() else "text" for column, kind in frame.schema.items()}
    headings = "".join(_cell("th", label, kinds[column]) for column, label in labels.items())
    rows = "".join(
        "<tr>"
        + "".join(_cell("td", _in_column(column, row[column], column in shares, places[column]), kinds[column]) for column in labels)
        + "</tr>"
        for row in frame.head(MOST_ROWS).iter_rows(named=True)
    )
    rest = f"<p>The first {MOST_ROWS} of {frame.height:,} rows; the file has all.</p>" if frame.height > MOST_ROWS else ""
    return f"<table><thead><tr>{headings}</tr></thead><tbody>{rows}</tbody></table>{rest}"


def decimals(column: str) -> int:
    """Places after the point in a column. Of some thousand hours nobody reads the hundredths; of rates per 1,000 they tell units apart."""
    return 1 if "hours" in column or "minutes" in column else 2


def share_decimals(shares: pl.Series) -> int:
    """Places after the point of a column of percentages: one, or two where a share that is not 0 or 1 would read "0.0%" or "100.0%"."""
    return 2 if (shares.is_between(0, 0.0005, closed="none") | shares.is_between(0.9995, 1, closed="none")).any() else 1


def _cell(tag: str, words: str, kind: str) -> str:
    return f'<{tag} class="{kind}">{escape(words)}</{tag}>'


def _in_column(column: str, value: Any, is_share: bool, places: int) -> str:
    match value:
        # A year is a name and no number.
        case int() if column == "year":
            return str(value)
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.{places}%}" if is_share else number(value, places)
        case int():
            return number(value)
        case datetime():
            return f"{value:%-d %b %Y, %H:%M}"
        case date():
            return f"{value:%-d %b %Y}"
        case list():
            return ", ".join(_in_column(column, one, is_share, places) for one in value)
        case _:
            return str(value)
