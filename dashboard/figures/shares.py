"""What figures of shares have in common: their description month by month, their groups in words, and the note where a base is too small
for a share."""

from __future__ import annotations

import polars as pl

from dashboard.figures.figure import Asked
from dashboard.figures.words import month_words, percent

AGAINST_OTHERS = "A unit against the others: Newcombe 1998, method 10, at 99.8%, each child counted once in each unit."
AGAINST_BEFORE = "Change between periods: Newcombe 1998, method 10, at 99%, each child counted once in each unit."


def alt_by_month(frame: pl.DataFrame, of: str, finding: str, share: str = "share") -> str:
    """The description of a line chart of the share `of` something, month by month, with its lowest and highest point; the finding alone
    where no month has a share.

    `frame`: month and the column named by `share`, null where it is not given.
    """
    points = frame.drop_nulls(share).sort(share)
    if points.is_empty():
        return f"{finding}."
    low, high = points.row(0, named=True), points.row(-1, named=True)
    return (
        f"Line chart by month of the share of {of}: lowest {percent(low[share])} in {month_words(low['month'])}, "
        f"highest {percent(high[share])} in {month_words(high['month'])}. {finding}."
    )


def groups_in_words(asked: Asked, frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of `by` and `group` as it is read: units by their names, codes in words."""
    name, words = pl.col("group").replace(asked.snapshot.unit_names), pl.col("group").str.replace_all("_", " ", literal=True)
    return frame.with_columns(group=pl.when(pl.col("by") == "unit").then(name).otherwise(words))


def small_base(asked: Asked, is_small: bool) -> tuple[str, ...]:
    """The note that shares are not given, where `is_small`: below the smallest number of different children."""
    return (f"No share is given for fewer than {asked.settings.smallest_children} different children.",) if is_small else ()
