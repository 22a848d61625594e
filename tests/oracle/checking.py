"""Holds a figure's frame against its second implementation."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import dashboard.figures.everything  # noqa: F401  # registers every figure
from dashboard.exports.tables import Snapshot
from dashboard.figures.figure import Figure, build
from dashboard.scope import Scope
from dashboard.settings import Settings
from tests.oracle.made import Rows, Tables, opened
from tests.oracle.plain import Plain


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return bool(a == b)


@lru_cache(maxsize=64)  # a few megabytes each
def _opened(tables: _ByContent) -> tuple[Snapshot, Plain]:
    snapshot, whole = opened(**tables.tables)
    return snapshot, Plain(whole)


class _ByContent:
    """Tables that are the same when they hold the same: the key under which an opened export is kept."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._content = repr(tables)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByContent) and self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)


def agree(name: str, tables: Tables, scope: Scope, oracle: Callable[[Plain, Scope], Rows], **extra: Any) -> Figure:
    """Fail unless the figure's rows are those of the oracle, in its order, in every column that the oracle gives.

    Numbers may differ by rounding in the ninth place. Gives the figure, for what else a test wants to say of it.
    """
    snapshot, plain = _opened(_ByContent(tables))
    made = build(name, snapshot, scope, Settings(), **extra)
    assert made.needs is None, made.needs
    rows, expected = made.frame.to_dicts(), oracle(plain, scope)
    assert len(rows) == len(expected), f"{len(rows)} rows, the oracle has {len(expected)}: {rows} against {expected}"
    for index, (row, wanted) in enumerate(zip(rows, expected, strict=True)):
        for column, value in wanted.items():
            assert _same(row[column], value), f"row {index}, {column}: {row[column]!r}, the oracle says {value!r}"
    return made
