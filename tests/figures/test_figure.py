"""The register of figures, and the sentence that takes a figure's place."""

from __future__ import annotations

import pytest

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import DEFINITIONS, build, what_is_needed
from dashboard.figures.glossary import PAGE_TITLES
from dashboard.resources import QUERIES
from dashboard.scope import Period, Scope
from dashboard.settings import Settings
from tests.oracle.made import opened, utc


def test_every_figure_is_defined() -> None:
    """What is counted, why it matters, the source and every column are said, and its page is one of the Definitions'."""
    for definition in DEFINITIONS.values():
        assert definition.title, definition.name
        assert definition.counts.endswith("."), definition.name
        assert definition.matters.endswith("."), definition.name
        assert definition.source, definition.name
        assert all(definition.columns.values()), definition.name
        assert definition.page in PAGE_TITLES, definition.name
        assert (QUERIES / f"{definition.name}.sql").is_file(), definition.name


def test_every_need_is_of_the_contract() -> None:
    """A figure needs tables and columns that the contract has: a misspelt one would never be given."""
    for definition in DEFINITIONS.values():
        for need in definition.needs:
            for one in need.split(" or "):
                table, _, column = one.removeprefix("times of ").partition(".")
                assert table in contract.CONTRACT, definition.name
                column, _, code = column.partition("=")
                if column:
                    assert not code or code in contract.CONTRACT[table].column(column).codes
                    contract.CONTRACT[table].column(column)


def test_a_question_has_a_figure_and_a_figure_a_question() -> None:
    """Each SQL file of a page is a figure, so that no question is left that nothing asks."""
    questions = {f"{path.parent.name}/{path.stem}" for path in QUERIES.glob("*/*.sql") if path.parent.name != "tables"}
    assert questions == set(DEFINITIONS)


def test_every_figure_stands_on_an_export_with_no_episode() -> None:
    """Nothing happened in the period: each figure is empty or zero, says so in words, and none fails."""
    snapshot, _ = opened()
    for name in DEFINITIONS:
        figure = build(name, snapshot, Scope(Period.parse("2025-Q2")), Settings())
        assert figure.needs or figure.finding, name
        assert list(figure.frame.columns) == list(DEFINITIONS[name].columns)


def test_findings_are_short_and_calm() -> None:
    """A finding has 15 words at most, and none that judges a count or claims to know why."""
    snapshot, _ = opened(
        episodes=[
            {
                "child_id": f"C{n % 7}",
                "unit_id": f"U{n % 3}",
                "started_at": utc(2025, 4 + n % 3, 1 + n % 28, n % 24),
                "ended_at": utc(2025, 4 + n % 3, 1 + n % 28, n % 24),
            }
            for n in range(60)
        ],
        placements=[{"child_id": f"C{n}", "unit_id": f"U{n % 3}"} for n in range(7)],
        units=[{"unit_id": f"U{n}"} for n in range(3)],
        children=[{"child_id": f"C{n}"} for n in range(7)],
    )
    for name in DEFINITIONS:
        finding = build(name, snapshot, Scope(Period.parse("2025-Q2")), Settings()).finding
        assert len(finding.split()) <= 15, f"{name}: {finding}"
        for word in ("worse", "improve", "spike", "surge", "alarming", "chance explains", "incident"):
            assert word not in finding.lower(), f"{name}: {finding}"


def test_needs_are_said_once() -> None:
    """A table that is not there says it all; a column is named with its table; dates without times are told from no column."""
    assert (
        what_is_needed(("placements", "placements.ended_on"), frozenset())
        == "Needs table placements (a row is one stay of a child in a unit)."
    )
    given = frozenset({"episodes", "episodes.started_at"})
    assert what_is_needed(("episodes.risk",), given) == "Needs column risk of table episodes."
    assert (
        what_is_needed(("times of episodes.started_at",), given) == "Needs times, not dates alone, in column started_at of table episodes."
    )
    assert what_is_needed(("episodes.started_at",), given) is None


def test_an_unknown_figure_is_refused() -> None:
    """A name that is no figure says where the names are."""
    snapshot, _ = opened()
    with pytest.raises(Refusal, match="oversight figures --list"):
        build("overview/nothing", snapshot, Scope(Period.parse("2025-Q2")), Settings())
