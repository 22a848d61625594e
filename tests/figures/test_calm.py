"""How figures speak and what colours they use: calm and neutral, whatever the data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from types import CodeType, FunctionType

import altair as alt
import polars.selectors as cs
import pytest
from hypothesis import given, settings

from dashboard.charts.theme import DARK, LIGHT, Palette
from dashboard.exports.tables import Snapshot
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.false_alarms import false_alarms, false_alarms_in_words
from dashboard.figures.figure import DEFINITIONS, FIGURES, Figure, build
from dashboard.resources import DEMO
from dashboard.scope import Category, Period, Scope, default_scope
from dashboard.settings import Settings
from tests.oracle.made import Tables, exports, opened, scopes

_JUDGING = re.compile(
    r"\b(worse\w*|improv\w*|spik\w*|surg\w*|better|alarming|soar\w*|plummet\w*|incidents?|led to|chance explains)\b", re.I
)
# What a mark says in a colour of its own: that a rule or an interval tells the point from the others.
_TOLD = ("Higher than usual", "Above the limits", "Higher than the others")
_SCOPES = ["all", "2026-Q2", "2026-06", "2025-26", "missing", "one home", "one foster area"]


@cache
def _demo() -> Snapshot:
    return Snapshot.read(DEMO, Settings())


def _scope(name: str) -> Scope:
    usual = default_scope(_demo().coverage.first_day, _demo().coverage.last_day)
    category: dict[str, Category] = {"missing": "missing"}
    units = {"one home": ("H01",), "one foster area": ("F01",)}
    if name[0].isdigit():
        return replace(usual, period=Period.parse(name))
    return replace(usual, category=category.get(name, "both"), units=units.get(name))


def _every_figure(snapshot: Snapshot, scope: Scope) -> Iterator[Figure]:
    for name in DEFINITIONS:
        yield build(name, snapshot, scope, Settings())


def _judging(figure: Figure) -> list[str]:
    """What it says that it should not."""
    return [said for said in (figure.finding, figure.measure, figure.alt, *figure.caveats) if _JUDGING.search(said)]


def test_no_code_is_left_in_a_table_for_people() -> None:
    """A table on a page says "very low" and "children's home" where files have codes. Data quality speaks of the files themselves."""
    for figure in _every_figure(_demo(), _scope("all")):
        if figure.definition.page != "data_quality":
            texts = figure.as_read.select(cs.string() & ~cs.ends_with("_id"), cs.list(cs.string()).list.join(" "))
            coded = {text for column in texts for text in column.drop_nulls() if re.search(r"[a-z]_[a-z\d]", text)}
            assert not coded, figure.name
        if figure.name != "overview/headline":
            assert figure.as_read.select(cs.numeric()).equals(figure.frame.select(cs.numeric())), figure.name


@pytest.mark.parametrize("name", _SCOPES)
def test_the_demo_is_told_calmly(name: str) -> None:
    """No finding, subtitle, description or note judges a count or claims to know why it changed."""
    for figure in _every_figure(_demo(), _scope(name)):
        assert _judging(figure) == [], figure.name
        assert len(figure.finding.split()) <= 15, f"{figure.name}: {figure.finding}"


@settings(max_examples=8)
@given(exports(), scopes())
def test_any_export_is_told_calmly(tables: Tables, scope: Scope) -> None:
    """So it is on exports with everything that a rule can trip over."""
    snapshot, _ = opened(**tables)
    for figure in _every_figure(snapshot, scope):
        assert _judging(figure) == [], figure.name


def test_definitions_are_calm() -> None:
    """Nor do the words beside a figure."""
    for definition in DEFINITIONS.values():
        texts = (definition.title, definition.counts, definition.over, definition.matters, definition.caveat, *definition.columns.values())
        assert [text for text in texts if _JUDGING.search(text)] == [], definition.name


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_counts_are_neutral_in_colour(palette: Palette) -> None:
    """A chart has the palette's colours and no other, and those of special causes only where it says that a rule or interval tells them."""
    known = {
        colour.upper()
        for value in vars(palette).values()
        for colour in (value if isinstance(value, tuple) else (value,))
        if colour.startswith("#")
    }
    marking = {palette.high.upper(), palette.low.upper()} - {colour.upper() for colour in (*palette.categories, *palette.sequential)}
    for figure in _every_figure(_demo(), _scope("all")):
        drawn = figure.draw(palette) if figure.draw else None
        if not isinstance(drawn, alt.TopLevelMixin):
            continue
        spec = drawn.to_json()  # type: ignore[attr-defined]
        used = {colour.upper() for colour in re.findall(r"#[0-9A-Fa-f]{6}\b", spec)}
        if figure.name not in _SHADES:
            assert used <= known, figure.name
        if used & marking:
            assert any(words in spec for words in _TOLD), figure.name


# Shades between the ground and the ink, for darkness in the sky.
_SHADES = ("seasons/week_clock", "seasons/calendar")


def test_findings_are_measured() -> None:
    """What was measured of findings is of figures that there are; none is given in more than 1 in 20 quarters without a change."""
    measured = false_alarms()
    for row in measured.iter_rows(named=True):
        assert any(name in DEFINITIONS for name in re.findall(r"[a-z_]+/[a-z_]+", row["finding"])) or "by unit" in row["finding"]
        if "as drawn" not in row["finding"]:
            assert row["share"] <= 0.05, row["finding"]
    assert len(false_alarms_in_words()) == measured.height + 1


# What of the statistics describes and decides nothing: a figure that uses no more than this makes no claim to be measured.
_DESCRIBE = {
    "intervals", "survival", "cumulative_incidence", "control_limits", "cause_words", "units_by_attention", "funnel_limits",
    "binomial_limits", "design_effect", "difference_interval", "with_limits",
}  # fmt: skip


def _names(code: CodeType) -> set[str]:
    """What a function and those within it name."""
    return set(code.co_names).union(*(_names(const) for const in code.co_consts if isinstance(const, CodeType)))


def _decides(function: FunctionType, seen: set[FunctionType]) -> bool:
    """Whether a function, or one of the figures' modules that it calls, asks the statistics whether something can be told from chance."""
    seen.add(function)
    for name in _names(function.__code__):
        used = function.__globals__.get(name)
        if not isinstance(used, FunctionType) or used in seen:
            continue
        if used.__module__.startswith("dashboard.statistics."):
            if not {used.__module__.rpartition(".")[2], used.__name__} & _DESCRIBE:
                return True
        elif used.__module__.startswith("dashboard.figures.") and _decides(used, seen):
            return True
    return False


def test_every_finding_that_tells_from_chance_is_measured() -> None:
    """A figure that asks the statistics whether something differs has a line of how often it says so where nothing does."""
    measured = " ".join(false_alarms()["finding"])
    claiming = {name for name, built in FIGURES.items() if _decides(built.__wrapped__, set())}  # type: ignore[attr-defined]
    assert {"overview/months", "units/funnel_episodes", "repeat_runners/together"} <= claiming
    assert sorted(name for name in claiming if name not in measured) == []
