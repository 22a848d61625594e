"""Holds a figure's frame against its second implementation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import dashboard.figures.everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import Figure, build
from dashboard.scope import Scope
from dashboard.settings import Settings
from tests.oracle.made import Rows, Tables, opened
from tests.oracle.plain import Plain


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return bool(a == b)


def agree(name: str, tables: Tables, scope: Scope, oracle: Callable[[Plain, Scope], Rows], **extra: Any) -> Figure:
    """Fail unless the figure's rows are those of the oracle, in its order, in every column that the oracle gives.

    Numbers may differ by rounding in the ninth place. Gives the figure, for what else a test wants to say of it.
    """
    snapshot, whole = opened(**tables)
    made = build(name, snapshot, scope, Settings(), **extra)
    assert made.needs is None, made.needs
    rows, expected = made.frame.to_dicts(), oracle(Plain(whole), scope)
    assert len(rows) == len(expected), f"{len(rows)} rows, the oracle has {len(expected)}: {rows} against {expected}"
    for index, (row, wanted) in enumerate(zip(rows, expected, strict=True)):
        for column, value in wanted.items():
            assert _same(row[column], value), f"row {index}, {column}: {row[column]!r}, the oracle says {value!r}"
    return made
