"""Scope: periods by name, comparison periods, links and words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import Refusal
from dashboard.scope import Period, Scope, default_scope, month_after


@pytest.mark.parametrize(
    ("name", "first_day", "last_day", "words"),
    [
        ("2025-26", date(2025, 4, 1), date(2026, 3, 31), "April 2025 to March 2026"),
        ("2025-Q3", date(2025, 7, 1), date(2025, 9, 30), "July 2025 to September 2025"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "February 2024"),
        ("2025-07-01..2026-06-30", date(2025, 7, 1), date(2026, 6, 30), "July 2025 to June 2026"),
        # 2009-10 is October 2009: the financial years to 2012 give way to the months.
        ("2009-10", date(2009, 10, 1), date(2009, 10, 31), "October 2009"),
        ("1999-00", date(1999, 4, 1), date(2000, 3, 31), "April 1999 to March 2000"),
    ],
)
def test_a_period_is_named_as_the_field_names_it(name: str, first_day: date, last_day: date, words: str) -> None:
    """2025-26 is a financial year, 2025-Q3 a calendar quarter, 2025-07 a month, and any range is of whole months."""
    period = Period.parse(name)
    assert (period.first_day, period.last_day, period.words) == (first_day, last_day, words)
    assert period.name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "2025",
        "2025-27",
        "2025-13",
        "2025-00",
        "2025-Q5",
        "2025-07-02..2025-07-31",
        "2025-07-01..2025-06-30",
        "9999-12",
        "0001-01",
        "0001-01-01..9999-11-30",
        "2025-02-30..2025-03-31",
        "x' OR 1",
    ],
)
def test_a_period_that_means_nothing_is_refused(name: str) -> None:
    """A link with a period that is no period is refused in words, not with an error of Python's."""
    with pytest.raises(Refusal):
        Period.parse(name)


@given(st.integers(1990 * 12, 2090 * 12), st.integers(1, 130))
def test_every_period_has_one_name(index: int, months: int) -> None:
    """Whatever months a period has, its name reads back as the same period, and its neighbours adjoin it."""
    first = date(index // 12, index % 12 + 1, 1)
    period = Period(first, month_after(first, months - 1))
    assert Period.parse(period.name) == period
    assert period.months == months == period.previous.months
    assert (period.first_day - period.previous.last_day).days == 1
    assert month_after(period.year_before.first_month, 12) == period.first_month


def test_a_link_says_the_whole_scope_and_no_child() -> None:
    """A scope read back from its own link is the same scope."""
    scope = Scope(Period.parse("2025-Q1"), "away", ("U1", "U2"), "here")
    default = default_scope(date(2020, 1, 1), date(2026, 6, 30))
    assert Scope.parse(scope.link, default, frozenset({"U1", "U2"})) == scope
    assert set(scope.link) == {"period", "category", "units", "whose"}


@pytest.mark.parametrize("said", [{"period": "soon"}, {"category": "all"}, {"units": "U9"}, {"whose": "theirs"}])
def test_a_bad_link_is_refused(said: dict[str, str]) -> None:
    """A value that means nothing, or a unit that the export does not know, is refused."""
    with pytest.raises(Refusal):
        Scope.parse(said, default_scope(date(2020, 1, 1), date(2026, 6, 30)), frozenset({"U1"}))


def test_the_usual_scope_is_the_latest_twelve_whole_months() -> None:
    """A month that the export covers in part is left out: it would be set against whole ones."""
    assert default_scope(date(2020, 1, 1), date(2026, 6, 30)).period.name == "2025-07-01..2026-06-30"
    assert default_scope(date(2020, 1, 1), date(2026, 6, 29)).period.name == "2025-06-01..2026-05-31"
    assert default_scope(date(2026, 2, 10), date(2026, 6, 30)).period.name == "2026-02-01..2026-06-30"
    assert default_scope(date(2026, 6, 3), date(2026, 6, 20)).period.name == "2026-06"


def test_words() -> None:
    """The scope in one phrase, units by name; more than three are counted."""
    scope = Scope(Period.parse("2025-07"), "missing", ("U1", "U2"), "ours")
    assert scope.words({"U1": "Alder House"}) == "Missing episodes, July 2025, our children wherever placed, Alder House and U2"
    many = Scope(Period.parse("2025-07"), "both", ("U1", "U2", "U3", "U4"), "here")
    assert many.words({}) == "Missing and away episodes, July 2025, every child placed in our area, 4 units"
