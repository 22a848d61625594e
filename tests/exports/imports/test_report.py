"""The report that lies beside an imported export."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from dashboard.errors import Refusal
from dashboard.exports.imports.report import DATA, PAGE, ImportReport, RuleFound, read_report, write_report

REPORT = ImportReport(
    source="Returns <2024>",
    imported_at=datetime(2024, 7, 1, 23, 30, tzinfo=UTC),
    covers=(date(2023, 4, 1), date(2024, 3, 31)),
    rows_in={"missing.csv": 12345},
    rows_out={"episodes": 12340, "children": 7},
    rules=(
        RuleFound("575", "The placement has ended & the episode is open.", "It is kept.", "missing.csv", 1200, ("row 17", "row 18")),
        RuleFound("1004", "A start is no date.", "The row is left out.", "missing.csv", 0),
    ),
    assumptions=("Times are local: 3.",),
)


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    """What is written comes back equal; a folder without a report has none; one that is broken is refused with what to do."""
    assert read_report(tmp_path) is None
    write_report(tmp_path, REPORT)
    assert read_report(tmp_path) == REPORT
    (tmp_path / DATA).write_text('{"source": 1}')
    with pytest.raises(Refusal, match=r"import-report\.json cannot be read"):
        read_report(tmp_path)


def test_the_page_says_it_all_and_stands_alone(tmp_path: Path) -> None:
    """The page has counts, rules with their rows, rules that none breaks, and assumptions; markup in a name is text, and nothing is
    fetched or run."""
    write_report(tmp_path, REPORT)
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for words in (
        "Returns &lt;2024&gt;",
        "Imported on 2 July 2024 at 00:30",
        "covers 1 April 2023 to 31 March 2024",
        "missing.csv 12,345",
        "episodes 12,340",
        "The placement has ended &amp; the episode is open. It is kept. row 17, row 18 and others missing.csv 1,200",
        "broken by no row: 1004 (missing.csv).",
        "Times are local: 3.",
    ):
        assert words in text
    assert not re.search(r"<script|<link|<img|src=|href=|url\(|@import", page)


def test_a_report_without_findings_says_so(tmp_path: Path) -> None:
    """Given no rule is broken and nothing was assumed, the page says both."""
    write_report(tmp_path, ImportReport("x", REPORT.imported_at, REPORT.covers, {}, {}, (), ()))
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert "No row breaks a rule." in page
    assert "Nothing." in page


def test_a_rule_gives_five_rows_at_most() -> None:
    """The examples are the first five places in the file, whatever the order of the frame; the count is of all."""
    rule = RuleFound.by(pl.DataFrame({"row": [9, 8, 7, 6, 5, 4]}), "f.csv", "r", "m", "t")
    assert (rule.rows, rule.examples) == (6, ("row 4", "row 5", "row 6", "row 7", "row 8"))
