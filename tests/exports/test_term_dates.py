"""The file of terms and holidays, as councils write it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dashboard.errors import Refusal
from dashboard.exports.tables import Snapshot
from dashboard.exports.term_dates import read_term_dates
from dashboard.resources import DEMO, REFERENCE
from dashboard.settings import Settings


def _written(folder: Path, *rows: str) -> Path:
    file = folder / "terms.csv"
    file.write_text("\n".join(["school_year,kind,first_day,last_day,source", *rows]) + "\n", encoding="utf-8")
    return file


def test_a_holiday_may_lie_within_a_term(tmp_path: Path) -> None:
    """Half term is within a term; columns of the council's own and blanks about a word do no harm."""
    file = _written(tmp_path, "2026/27,term,2026-09-01,2026-12-18,ours", "2026/27, holiday ,2026-10-24,2026-11-01,ours")
    assert read_term_dates(file).rows() == [
        ("term", date(2026, 9, 1), date(2026, 12, 18)),
        ("holiday", date(2026, 10, 24), date(2026, 11, 1)),
    ]


def test_the_reference_file_is_good() -> None:
    """What is delivered passes its own check."""
    assert read_term_dates(REFERENCE / "term_dates.csv").height > 40


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("x,inset,2026-10-24,2026-11-01,x", "row 3: the kind is inset, and must be term or holiday."),
        ("x,,2026-10-24,2026-11-01,x", "row 3: the kind is empty, and must be term or holiday."),
        ("x,holiday,24/10/2026,2026-11-01,x", "row 3: first_day is 24/10/2026, and must be a date such as 2026-09-01."),
        ("x,holiday,2026-10-24,,x", "row 3: last_day is empty, and must be a date such as 2026-09-01."),
        ("x,holiday,2026-11-01,2026-10-24,x", "row 3: it ends on 2026-10-24, before it begins on 2026-11-01."),
        ("x,term,2026-12-18,2027-03-25,x", "row 3: the term from 2026-12-18 runs into the term of row 2, which ends on 2026-12-18."),
        ("x,holiday,2026-12-12,2027-01-03,x", "row 3: the holiday from 2026-12-12 runs into the term of row 2, which ends on 2026-12-18."),
        ("x,holiday,2026-08-01,2026-09-02,x", "row 2: the term from 2026-09-01 runs into the holiday of row 3, which ends on 2026-09-02."),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, sentence: str) -> None:
    """Unknown kinds, lacking, reversed and overlapping dates are refused with the row and what is wrong with it."""
    with pytest.raises(Refusal) as refused:
        read_term_dates(_written(tmp_path, "x,term,2026-09-01,2026-12-18,x", row))
    assert sentence in str(refused.value)
    assert "Correct the row" in str(refused.value)


def test_an_export_is_not_opened_with_bad_term_dates(tmp_path: Path) -> None:
    """The file is checked when an export is opened; without its columns or without the file the refusal says what it needs."""
    with pytest.raises(Refusal, match="row 2"):
        Snapshot.read(DEMO, Settings(term_dates=_written(tmp_path, "x,holiday,2026-11-01,2026-10-24,x")))
    (tmp_path / "other.csv").write_text("from,to\n", encoding="utf-8")
    for file in ("other.csv", "nowhere.csv"):
        with pytest.raises(Refusal, match="needs the columns kind, first_day and last_day"):
            read_term_dates(tmp_path / file)


def test_empty_rows_are_passed_over(tmp_path: Path) -> None:
    """What a spreadsheet leaves behind at the end is no period, and rows keep the numbers that they have in the file."""
    file = tmp_path / "term_dates.csv"
    file.write_text("kind,first_day,last_day\nterm,2026-09-01,2026-12-18\n,,\n")
    assert read_term_dates(file).height == 1
    file.write_text("kind,first_day,last_day\n,,\nterm,26-09-01,2026-12-18\n")
    with pytest.raises(Refusal, match="row 3: first_day is 26-09-01"):
        read_term_dates(file)
