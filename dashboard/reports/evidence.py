"""Evidence for an inspector: how a figure was worked out, how to work it out again, and all figures of one scope as a folder of files
that opens without a server."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.store import Event
from dashboard.exports.tables import Snapshot
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import DEFINITIONS, Figure, Question, build
from dashboard.figures.glossary import PAGE_TITLES
from dashboard.figures.words import day_words
from dashboard.reports.files import SOFTWARE, as_csv, bound_lines, data_to
from dashboard.resources import QUERIES
from dashboard.scope import Scope
from dashboard.settings import Settings

INDEX = "index.html"

# Rows of a figure in the index, which is read and printed; its file has all.
_MOST_ROWS = 25
_MADE = re.compile(r"CREATE (?:TABLE|VIEW|TYPE|MACRO)\s+(\w+)", re.IGNORECASE)
_NAMED = re.compile(r"(\w+) AS \(")
_READ = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)|\b(\w+)\(|::(\w+)", re.IGNORECASE)


def command(figure: Figure, folder: str) -> str:
    """The line that writes the same rows again from the export in `folder`, as CSV."""
    child_id = figure.bound.get("child_id")
    said = figure.scope.link | ({"child": child_id} if child_id else {}) | {"format": "csv"}
    options = (word for name, value in said.items() for word in (f"--{name}", value))
    return shlex.join(["oversight", "figures", figure.name, folder, *options])


def added(figure: Figure, snapshot: Snapshot) -> list[str]:
    """The columns of a figure that its SQL does not give: they are worked out of the answer."""
    if not figure.questions:
        return []
    answer = snapshot.ask(figure.name, figure.bound)
    return [column for column in figure.frame.columns if column not in answer.columns]


@lru_cache(maxsize=256)  # a few names for each question
def tables_of(sql: str) -> tuple[str, ...]:
    """The files of `queries/tables` that say what a question reads, and what those read in turn, by name."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (QUERIES / "tables").glob("*.sql")}
    made_in = {name: stem for stem, text in texts.items() for name in _MADE.findall(text)}
    found: set[str] = set()
    waiting = [sql]
    while waiting:
        text = _without_comments(waiting.pop())
        words = {word.lower() for match in _READ.findall(text) for word in match}
        # A name that the statement itself gives to rows hides the table of that name.
        read = {made_in[word] for word in (words & made_in.keys()) - set(_NAMED.findall(text))}
        waiting += [texts[stem] for stem in read - found]
        found |= read
    return tuple(sorted(found))


def _without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*", "", sql)


@dataclass(frozen=True)
class Served:
    """An export as it was in service: from when, and to when another took its place; None for the one that is."""

    export: str
    fingerprint: str
    from_at: datetime
    to_at: datetime | None


def served(history: Sequence[Event]) -> list[Served]:
    """The exports that were in service, the latest first, of a store's history, the latest first too."""
    rows: list[Served] = []
    to_at = None
    published = [event for event in history if event.what == "published"]
    for event, before in zip(published, [*published, None][1:], strict=True):
        if before is not None and before.fingerprint == event.fingerprint:
            continue  # in service already, and read anew
        rows.append(Served(event.export, event.fingerprint, event.at, to_at))
        to_at = event.at
    return rows


def write_evidence(out: Path, snapshot: Snapshot, scope: Scope, settings: Settings, history: Sequence[Event], with_children: bool) -> int:
    """Write every figure of a scope into the folder `out`: rows as CSV, the SQL, and an index that opens in any browser.

    The rows and findings of figures at child level are left out unless `with_children`. Gives the number of figures whose rows are there.

    Raises:
        Refusal: the folder holds something already.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refusal(f"{out} is not an empty folder.", "Name another one: evidence of two scopes would be mixed.")
    figures = [build(name, snapshot, scope, settings) for name in DEFINITIONS]
    shown = [figure for figure in figures if with_children or not figure.definition.is_child_level]
    for figure in shown:
        if not figure.needs:
            _write(out / "figures" / f"{figure.name}.csv", as_csv(figure, snapshot), "utf-8-sig")
    for path in QUERIES.glob("*/*.sql"):
        _write(out / "sql" / path.relative_to(QUERIES), path.read_text(encoding="utf-8"), "utf-8")
    page = _template().render(
        pages={title: [figure for figure in figures if figure.definition.page == page] for page, title in PAGE_TITLES.items()},
        left_out={figure.name for figure in figures if figure not in shown},
        with_children=with_children,
        scope=scope.words(snapshot.unit_names),
        authority=snapshot.coverage.authority,
        data_to=data_to(snapshot.coverage),
        fingerprint=snapshot.fingerprint,
        software=SOFTWARE,
        made_at=datetime.now(UTC),
        served=served(history),
        cells=lambda figure: _cells(figure, snapshot),
        command=lambda figure: command(figure, "FOLDER"),
        added=lambda figure: added(figure, snapshot),
        most_rows=_MOST_ROWS,
    )
    # Last: a folder that was not finished has no index.
    _write(out / INDEX, page, "utf-8")
    return len([figure for figure in shown if not figure.needs])


def _write(path: Path, text: str, encoding: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding=encoding)


def _cells(figure: Figure, snapshot: Snapshot) -> list[list[str]]:
    rows = figure.frame.head(_MOST_ROWS).iter_rows(named=True)
    return [[_cell(snapshot.unit_names.get(value, value) if name == "unit_id" else value) for name, value in row.items()] for row in rows]


def _cell(value: Any) -> str:
    """A value for a reader: "–" for none, four figures of a fraction, local times."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.4g}" if abs(value) < 1000 else f"{value:.1f}"
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _moment(at: datetime) -> str:
    local = at.astimezone(ZoneInfo(contract.LOCAL_TIME))
    return f"{day_words(local)}, {local:%H:%M}"


def _tables(questions: Sequence[Question]) -> list[str]:
    return sorted({table for question in questions for table in tables_of(question.sql)})


def _template() -> Template:
    jinja = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    jinja.filters |= {"moment": _moment, "bound": lambda question: bound_lines(question.bound), "tables": _tables}
    return jinja.get_template("evidence.html.jinja")
