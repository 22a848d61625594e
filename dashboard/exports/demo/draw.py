"""Drawing at random, a million at a time, and turning what was drawn into columns of the contract.

Everything inside the generator is whole numbers: days and minutes since 1970, and places in a list of words. `NONE` stands for
"no value" in them, because numpy reads that very number as "not a time".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NONE = int(np.iinfo(np.int64).min)
MINUTES_A_DAY = 1440


@dataclass
class Columns:
    """Arrays of one length, a row of something at each place: the children, or their placements."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, rows: Bools | Ints) -> Self:
        """Those rows alone: flagged, or by their places and in that order."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    def with_more(self, more: Self) -> Self:
        """These rows and then those."""
        return type(self)(*(np.concatenate([getattr(self, field.name), getattr(more, field.name)]) for field in fields(self)))


def pick(rng: np.random.Generator, weights: Sequence[float] | Floats, how_many: int) -> Ints:
    """`how_many` places in `weights`, each as often as its weight says."""
    running = np.cumsum(weights)
    # The last by a slice: of no weights, none can be drawn.
    return np.searchsorted(running, rng.random(how_many) * running[-1:], side="right").astype(np.int64)


class RowPicker:
    """Picks from a table of weights whose rows are different lotteries: for each row asked for, one column.

    All rows' running shares lie in one sorted list, row 3 between 3 and 4, so that a single binary search serves any mix of
    rows.
    """

    def __init__(self, weights: Floats) -> None:
        running = np.cumsum(weights, axis=1)
        self._columns = weights.shape[1]
        shares = running / running[:, -1:]
        self._list = (shares + np.arange(len(weights))[:, None]).ravel()

    def pick(self, rows: Ints, luck: Floats) -> Ints:
        """The column for each of `rows`, where `luck` is uniform on [0, 1)."""
        found = np.searchsorted(self._list, rows + luck, side="right") - rows * self._columns
        return np.clip(found, 0, self._columns - 1).astype(np.int64)


def by_child(child: Ints, when: Ints) -> Ints:
    """One number for a child and a day or minute since 1970, which sorts by child and then by time."""
    return child * 2**28 + when


def runs(keys: Ints) -> tuple[Ints, Ints]:
    """Of sorted `keys`: the number of the run that each row is in, and the row at which that run begins."""
    is_first = np.ones(len(keys), dtype=bool)
    is_first[1:] = keys[1:] != keys[:-1]
    run = np.cumsum(is_first) - 1
    return run, np.flatnonzero(is_first)[run]


def words(codes: Ints, names: Sequence[str] | pl.Series) -> pl.Series:
    """A text column: `names[code]` for each of `codes`, null where the code is negative."""
    with_none = pl.concat([pl.Series(names, dtype=pl.String), pl.Series([None], dtype=pl.String)], rechunk=True)
    return with_none.gather(np.where(codes < 0, len(names), codes))


def flags(values: Bools, is_known: Bools) -> pl.Series:
    """A column of true and false, null where `is_known` is not."""
    return pl.Series([False, True, None], dtype=pl.Boolean).gather(np.where(is_known, values.astype(np.int64), 2))


def dates(days: Ints) -> pl.Series:
    """A DATE column from days since 1970; null where the day is `NONE`."""
    return pl.Series(days.view("datetime64[D]")).cast(pl.Date)


def instants(minutes: Ints) -> pl.Series:
    """An instant column from UTC minutes since 1970; null where the minute is `NONE`."""
    return pl.Series(minutes.view("datetime64[m]").astype("datetime64[us]")).dt.replace_time_zone("UTC")


def numbers(values: Floats) -> pl.Series:
    """A column of numbers, null where the value is not a number."""
    return pl.Series(values, nan_to_null=True)


def ids(letter: str, first: int, how_many: int) -> pl.Series:
    """Ids like E0000042, numbered on from `first`: a letter and seven digits, or more from ten million on."""
    numbered = pl.int_range(first, first + how_many, eager=True)
    return pl.select(letter + numbered.cast(pl.String).str.zfill(7)).to_series()
