"""The return's own validation checks: each finds the row that breaks it, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.exports.imports.ssda903.rules import RULES
from tests.exports.imports.made import Rows, broken, import_return, write_return

LEFT = {"DEC": "01/09/2023", "REC": "E11"}
MOVED = [{"DEC": "01/07/2023", "REC": "X1"}, {"DECOM": "01/07/2023", "URN": "SC100002"}]

# Rule, rows of episodes.csv, rows of missing.csv, the rows of missing.csv that break it.
CASES: list[tuple[str, Rows, Rows, tuple[str, ...]]] = [
    ("567", [{}], [{"MIS_END": "02/06/2023"}, {"CHILD": "2", "MIS_END": "03/06/2023"}], ("row 2",)),
    (
        "570",
        [{}],
        [{"MIS_START": "01/04/2024", "MIS_END": ""}, *({"CHILD": str(n), "MIS_START": "31/03/2024"} for n in range(40))],
        ("row 2",),
    ),
    ("571", [{}], [{"MIS_END": "01/04/2024"}, {"CHILD": "2", "MIS_END": "31/03/2024"}], ("row 2",)),
    ("571", [{}], [{"MIS_START": "01/03/2023", "MIS_END": "31/03/2023"}, {"CHILD": "2"}], ("row 2",)),
    ("574", [{}], [{"MIS_END": ""}, {"MIS_START": "01/07/2023", "MIS_END": "02/07/2023"}], ("row 3",)),
    ("574", [{}], [{"MIS_START": "05/06/2023", "MIS_END": "06/06/2023"}, {"MIS_END": "09/06/2023"}, {"CHILD": "2"}], ("row 2",)),
    ("574", [{}], [{}, {"MIS_START": "04/06/2023", "MIS_END": "05/06/2023"}], ()),
    ("575", MOVED, [{"MIS_END": ""}], ("row 2",)),
    ("575", MOVED, [{"MIS_START": "01/07/2023", "MIS_END": ""}], ()),
    # A change of legal status ends a row, and not the placement.
    ("575", [{"DEC": "01/07/2023", "REC": "X1"}, {"DECOM": "01/07/2023", "LS": "E1"}], [{"MIS_END": ""}], ()),
    ("577", [LEFT], [{"MIS_END": ""}, {"CHILD": "2"}], ("row 2",)),
    ("577", [{"DEC": "01/09/2023", "REC": "X1"}], [{"MIS_END": ""}], ()),
    ("578", [LEFT], [{"MIS_START": "02/09/2023", "MIS_END": "03/09/2023"}], ("row 2",)),
    ("578", [LEFT], [{"MIS_START": "01/09/2023", "MIS_END": "03/09/2023"}], ()),
    # Between two periods of care, and within the second.
    ("578", [LEFT, {"DECOM": "01/12/2023"}], [{"MIS_START": "02/11/2023"}, {"MIS_START": "02/12/2023"}], ("row 2",)),
    ("581", [{}], [{"MIS_START": "30/04/2023"}, {"CHILD": "2", "MIS_START": "30/04/2023"}], ("row 2",)),
    ("581", [{}], [{"MIS_START": "01/05/2023"}], ()),
    ("586", [{}], [{"DOB": "03/06/2023"}, {"DOB": "02/06/2023"}], ("row 2",)),
]


@pytest.mark.parametrize(("rule", "episodes", "missing", "rows"), CASES)
def test_a_rule_finds_the_rows_that_break_it(tmp_path: Path, rule: str, episodes: Rows, missing: Rows, rows: tuple[str, ...]) -> None:
    """Given rows of which some break the rule, when imported, the report names these; every episode is in the export."""
    missing = list(missing)
    write_return(tmp_path / "return", episodes=episodes, missing=missing)
    report, tables = import_return(tmp_path)
    assert broken(report, rule).examples == rows
    assert tables["episodes"].height == len(missing)


def test_rules_between_missing_and_header(tmp_path: Path) -> None:
    """INT04: the child is not in the header. INT13: the birth date is another there; the header's is read."""
    rows = [{}, {"CHILD": "2"}, {"CHILD": "3", "DOB": "17/10/2008"}]
    write_return(tmp_path / "return", episodes=[{}], missing=rows, header=[{}, {"CHILD": "3"}])
    report, tables = import_return(tmp_path)
    assert (broken(report, "INT04").examples, broken(report, "INT13").examples) == (("row 3",), ("row 4",))
    assert {f"{month:%Y-%m}" for month in tables["children"]["birth_month"]} == {"2008-09"}


@pytest.mark.parametrize(("rec", "end", "rows"), [("E11", "17/09/2023", ("row 2",)), ("E8", "17/09/2023", ()), ("E11", "16/09/2023", ())])
def test_care_that_ends_at_18_while_the_child_is_missing(tmp_path: Path, rec: str, end: str, rows: tuple[str, ...]) -> None:
    """580: an episode that ends with care on the 18th birthday asks for the reason E8."""
    write_return(tmp_path / "return", episodes=[{"DEC": "17/09/2023", "REC": rec}], missing=[{"DOB": "17/09/2005", "MIS_END": end}])
    assert broken(import_return(tmp_path)[0], "580", "episodes.csv").examples == rows


def test_every_rule_that_was_looked_at_is_reported(tmp_path: Path) -> None:
    """Rules that no row breaks are reported with 0 rows; those for which a file or a second year is not there are not."""
    write_return(tmp_path / "return", episodes=[{}], missing=[{}])
    report, _ = import_return(tmp_path)
    told = {rule for table, rule in RULES if table != "header"} - {"576", "INT04", "INT13"}
    assert {found.rule for found in report.rules} == told
    assert all(found.rows == 0 for found in report.rules)
    write_return(tmp_path / "return", header=[{}])
    report, _ = import_return(tmp_path)
    assert {(found.file, found.rule) for found in report.rules} == {(f"{table}.csv", rule) for table, rule in RULES} - {
        ("missing.csv", "576")
    }


def test_at_most_five_rows_are_named(tmp_path: Path) -> None:
    """A rule has its count and its first five rows."""
    write_return(tmp_path / "return", episodes=[{}], missing=[{"CHILD": str(n), "MIS_END": "02/06/2023"} for n in range(9)])
    found = broken(import_return(tmp_path)[0], "567")
    assert (found.rows, found.examples) == (9, ("row 2", "row 3", "row 4", "row 5", "row 6"))
