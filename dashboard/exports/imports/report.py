"""The report that an import leaves beside its export: what was read and written, which rules rows break, what was assumed.

As a page for people and as JSON for the Data quality page, both of the same `ImportReport`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pydantic import TypeAdapter, ValidationError

from dashboard.errors import Refusal
from dashboard.exports import contract

PAGE, DATA = contract.REPORT_FILES

_EXAMPLES = 5


@dataclass(frozen=True)
class RuleFound:
    """One rule of the source and the rows that break it.

    `rule` is the source's own number or a short name ("575", "code not known"), `meaning` one plain sentence, `then` what the import did
    about it. `rows` counts rows of `file`; `examples` are up to five of them ("row 17"), never a child's id of the source.
    """

    rule: str
    meaning: str
    then: str
    file: str
    rows: int
    examples: tuple[str, ...] = ()

    @classmethod
    def by(cls, rows: pl.DataFrame, file: str, rule: str, meaning: str, then: str) -> RuleFound:
        """The rule with the `rows` that break it; their column `row` is the place in the file that a reader would look at."""
        examples = tuple(f"row {row}" for row in rows["row"].sort().head(_EXAMPLES))
        return cls(rule, meaning, then, file, rows.height, examples)


@dataclass(frozen=True)
class ImportReport:
    """What an import did.

    `source` is what was imported ("SSDA903", "episodes.xlsx by mapping.toml"), `imported_at` is aware, `covers` is the first and the last
    day that the export speaks of. `rows_in` is by file and `rows_out` by table. `rules` has every rule that was looked at, also those
    that no row breaks; `assumptions` are plain sentences, with counts.
    """

    source: str
    imported_at: datetime
    covers: tuple[date, date]
    rows_in: Mapping[str, int]
    rows_out: Mapping[str, int]
    rules: tuple[RuleFound, ...]
    assumptions: tuple[str, ...]


_REPORT = TypeAdapter(ImportReport)


def write_report(folder: Path, report: ImportReport) -> None:
    """Write import-report.html and import-report.json into `folder`."""
    page = _template().render(
        report=report,
        broken=[rule for rule in report.rules if rule.rows],
        kept=[rule for rule in report.rules if not rule.rows],
        imported_at=report.imported_at.astimezone(ZoneInfo(contract.LOCAL_TIME)),
    )
    (folder / PAGE).write_text(page, encoding="utf-8")
    (folder / DATA).write_bytes(_REPORT.dump_json(report, indent=1) + b"\n")


def read_report(folder: Path) -> ImportReport | None:
    """The report beside the export in `folder`; None where there is none.

    Raises:
        Refusal: it is there and is no such report.
    """
    path = folder / DATA
    if not path.exists():
        return None
    try:
        return _REPORT.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise Refusal(f"{DATA} cannot be read.", "Import again, or delete it: the export can be used without it.") from error


def _template() -> Template:
    jinja = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    jinja.filters["day"] = lambda day: f"{day.day} {day:%B %Y}"
    jinja.filters["count"] = lambda number: f"{number:,}"
    return jinja.get_template("report.html.jinja")
