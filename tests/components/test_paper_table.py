"""Tables on paper: every column, whole, as text."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard.components.paper_table import MOST_ROWS, paper_table


def test_values_are_written_as_they_are_read() -> None:
    """Shares are percentages, counts have thousands, what is not known is a dash, and a date has its month in words."""
    frame = pl.DataFrame(
        {
            "unit": ["Elm"],
            "episodes": [1229],
            "share": [0.6835],
            "rate": [1.5],
            "on": [date(2026, 4, 1)],
            "rules": [["a", "b"]],
            "is_open": [True],
        }
    ).with_columns(age=pl.lit(None, pl.Int64))
    made = paper_table(frame, {column: column for column in frame.columns}, frozenset({"share"}))
    for words in ("Elm", "1,229", "68.3%", "1.50", "1 Apr 2026", "a, b", "yes", "–"):
        assert f">{words}</td>" in made


def test_a_small_share_is_not_none() -> None:
    """A share that is not 0 does not read as 0.0%; beside it a share of 0 has as many places."""
    made = paper_table(pl.DataFrame({"share": [0.00034, 0.0, None]}), {"share": "Share"}, frozenset({"share"}))
    assert [words in made for words in (">0.03%<", ">0.00%<", ">–<")] == [True] * 3
    assert ">99.96%<" in paper_table(pl.DataFrame({"share": [0.9996, 1.0]}), {"share": "Share"}, frozenset({"share"}))


def test_text_of_an_export_stays_text() -> None:
    """A name that looks like markup is shown letter by letter."""
    made = paper_table(pl.DataFrame({"unit": ["<b onclick=x>&"]}), {"unit": "Unit"}, frozenset())
    assert "&lt;b onclick=x&gt;&amp;" in made


def test_a_long_table_says_how_much_is_left_out() -> None:
    """Paper has the first rows and says of how many."""
    made = paper_table(pl.DataFrame({"n": range(1000)}), {"n": "N"}, frozenset())
    assert made.count("<tr>") == MOST_ROWS + 1
    assert f"The first {MOST_ROWS} of 1,000 rows; the file has all." in made
    assert "The first" not in paper_table(pl.DataFrame({"n": [1]}), {"n": "N"}, frozenset())
