"""Figures written as files: CSV with its scope, definition and parameters in the first lines, JSON."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

import polars as pl

from dashboard import __version__
from dashboard.exports.tables import Coverage, Snapshot
from dashboard.figures.figure import Figure
from dashboard.figures.words import day_words
from dashboard.scope import Scope

# A spreadsheet runs a cell that begins with one of these.
_FORMULA = ("=", "+", "-", "@", "|", "%", "\t", "\r")
SOFTWARE = f"Oversight {__version__}"
"""What made a figure or file."""

_AFTER_A_COMMA = re.compile(r"([,;])(\s*)([^,;]*)")


def _not_run(cell: re.Match[str]) -> str:
    return f"{cell[1]}{cell[2]}{plain_cell(cell[3])}"


def plain_cell(text: str) -> str:
    """Text from an export as a spreadsheet shows it and never runs it: a leading ' before what would begin a formula; control and
    direction characters dropped."""
    kept = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf") or c == " ")
    return f"'{kept}" if unicodedata.normalize("NFKC", kept).lstrip().startswith(_FORMULA) else kept


def literal(value: Any) -> str:
    """A bound value as SQL would write it: NULL, 12, TRUE, 'missing', DATE '2025-07-01', ['H01', 'H02']."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        quoted = value.replace("'", "''")
        return f"'{quoted}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    return str(value)


def bound_lines(bound: Mapping[str, Any]) -> list[str]:
    """Bound parameters, one a line: "$units = ['H01']"."""
    return [f"${name} = {literal(value)}" for name, value in bound.items()]


def data_to(coverage: Coverage) -> str:
    """ "Data to 30 June 2026", with what must be said beside it."""
    inferred = ", coverage inferred" if coverage.is_inferred else ""
    # Without a seal nothing tells a number that was changed on its way.
    sealed = "" if coverage.is_sealed else ", not sealed"
    synthetic = " (synthetic: no real child)" if coverage.is_synthetic else ""
    return f"Data to {day_words(coverage.last_day)}{inferred}{sealed}{synthetic}"


def as_csv(figure: Figure, snapshot: Snapshot) -> str:
    """The figure's rows as CSV. The first lines, each beginning with #, say what it is, its scope, definition and caveats."""
    definition = figure.definition
    head = [
        f"{definition.title} ({definition.name})",
        figure.finding,
        figure.scope.words(snapshot.unit_names),
        data_to(snapshot.coverage),
        f"Counted: {definition.counts}",
        *([f"Over: {definition.over}"] if definition.over else []),
        *(["Child level: each row is a single child, under a pseudonym"] if definition.is_child_level else []),
        *([figure.needs] if figure.needs else []),
        *figure.caveats,
        f"Source: {definition.source}",
        f"Export: {snapshot.fingerprint}",
        f"Software: {SOFTWARE}",
        *("; ".join([f"SQL: {question.name}.sql", *bound_lines(question.bound)]) for question in figure.questions),
        *(f"{column}: {meaning}" for column, meaning in definition.columns.items()),
    ]
    out = io.StringIO()
    for line in filter(None, head):
        # Not quoted, so that a reader can tell these lines by their first character: what follows a comma is a cell all the same.
        out.write(f"# {_AFTER_A_COMMA.sub(_not_run, plain_cell(' '.join(line.split())))}\n")
    flat = figure.frame.with_columns(
        *(pl.col(name).list.join("; ") for name, kind in figure.frame.schema.items() if kind == pl.List(pl.String)),
        *(pl.col(name).dt.to_string("iso:strict") for name, kind in figure.frame.schema.items() if isinstance(kind, pl.Datetime)),
    )
    text = [name for name, kind in flat.schema.items() if kind == pl.String]
    out.write(flat.with_columns(pl.col(text).map_elements(plain_cell, return_dtype=pl.String)).write_csv() if text else flat.write_csv())
    return out.getvalue()


def as_json(figures: Iterable[Figure], scope: Scope, snapshot: Snapshot) -> str:
    """Figures as one JSON object: `software`, `scope`, `export`, and `figures` by name with finding, rows, caveats, needs and
    `questions`: the SQL files that it asked, with the parameters that they were bound with.

    Instants are ISO 8601 with their offset, dates ISO 8601, nulls null.
    """
    coverage = snapshot.coverage
    whole = {
        "software": SOFTWARE,
        "scope": scope.link | {"units": list(scope.units) if scope.units else None, "words": scope.words(snapshot.unit_names)},
        "export": {
            "fingerprint": snapshot.fingerprint,
            "from": coverage.first_day,
            "to": coverage.last_day,
            "synthetic": coverage.is_synthetic,
        },
        "figures": {
            figure.name: {
                "finding": figure.finding,
                "rows": figure.frame.to_dicts(),
                "caveats": list(figure.caveats),
                "needs": figure.needs,
                "questions": [{"sql": question.name, "parameters": question.bound} for question in figure.questions],
            }
            for figure in figures
        },
    }
    return json.dumps(whole, default=_iso, ensure_ascii=False, indent=1, allow_nan=False)


def _iso(value: Any) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    raise TypeError(f"{type(value)} has no form in JSON")
