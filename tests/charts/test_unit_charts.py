"""Small control charts: which lie where, and what stands beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dashboard.charts.control_chart import control_chart
from dashboard.charts.labels import text_width
from dashboard.charts.theme import DARK, LIGHT
from dashboard.charts.unit_charts import PANELS_A_PAGE, Panel, unit_charts
from dashboard.statistics.spc import control_limits


def _months(count: int) -> list[date]:
    return [date(2016 + (6 + n) // 12, (6 + n) % 12 + 1, 1) for n in range(count)]


def _panel(name: str, values: list[int], lines: tuple[str, ...] = ("No mark",)) -> Panel:
    return Panel(name, lines, control_limits(values, _months(len(values))))


def _rows(spec: dict[str, Any], mark: str) -> list[dict[str, Any]]:
    return [row for layer in spec["layer"] if layer["mark"]["type"] == mark for row in spec["datasets"][layer["data"]["name"]]]


@pytest.mark.parametrize("count", range(1, PANELS_A_PAGE + 1))
@pytest.mark.parametrize("length", [1, 2, 36, 120])
def test_panels_never_meet(count: int, length: int) -> None:
    """However many units and months there are, each panel's points lie below its words, inside its own column, and above the next row."""
    panels = [_panel(f"Unit {n}", [8 + n % 3] * length, ("One", "Two", "Three")[: 1 + n % 3]) for n in range(count)]
    for palette in (LIGHT, DARK):
        spec = unit_charts(panels, palette).to_dict()
        points, words = _rows(spec, "point"), _rows(spec, "text")
        for point in points:
            column = int(point["x"])
            assert column <= point["x"] <= column + 0.84
            name = next(word for word in words if word["text"] == point["unit"])
            assert name["x"] == column
            of_panel = [word for word in words if int(word["x"]) == column and word["y"] >= name["y"]]
            below = [word["y"] for word in of_panel if word["text"].startswith("Unit") and word["y"] > name["y"]]
            said = [word["y"] for word in of_panel if word["text"] in ("One", "Two", "Three") and word["y"] < min(below, default=1e9)]
            assert max(said) + 8 < point["y"] < min(below, default=spec["height"])


@pytest.mark.parametrize("count", [2, 3, 4])
def test_words_over_a_panel_are_whole(count: int) -> None:
    """A name or a mark that is longer than a panel of the narrowest page is wide goes on in the next line, in the same words."""
    name, mark = "Foster carers, South Staffordshire and the Moorlands", "Lower from July 2025 to April 2026"
    words = _rows(unit_charts([_panel(name, [8, 9] * 10, (mark,)) for _ in range(count)], LIGHT).to_dict(), "text")
    lines = [word for word in words if word["text"] in f"{name} {mark}"]
    assert " ".join(word["text"] for word in sorted(lines, key=lambda word: (word["x"], word["y"])) if word["x"] == 0) == f"{name} {mark}"
    assert all(text_width(word["text"], size=word["size"]) <= 610 / count for word in lines)
    assert len({(word["x"], word["y"]) for word in lines}) == len(lines)


def test_months_at_the_ends_are_named() -> None:
    """The first and the last month stand under each panel, the last of a quarter where points are quarters, and the latest number."""
    texts = [word["text"] for word in _rows(unit_charts([_panel("Few", [1] * 36)], LIGHT).to_dict(), "text")]
    assert texts.count("Jul 2016") == 1
    assert texts.count("Jun 2019") == 1
    assert "3" in texts


def test_what_is_clear_has_a_colour_and_a_shape_and_a_mark_alone_has_none() -> None:
    """A rule's mark is grey; in the months in which the unit differs clearly from its past it has a colour, and a shape beside it."""
    panel = _panel("One", [20, 60, *[20, 22] * 10, 60])
    marked = [point["reading"] for point in _rows(unit_charts([panel], LIGHT).to_dict(), "point")]
    assert (marked[1], marked[-1]) == ("Marked by a rule alone", "Marked by a rule alone")
    clear = replace(panel, side="high", since=panel.series["month"][-1], until=panel.series["month"][-1])
    spec = unit_charts([clear], LIGHT).to_dict()
    points = [point["reading"] for point in _rows(spec, "point")]
    assert (points[1], points[-1]) == ("Marked by a rule alone", "Higher than usual")
    assert "triangle-up" in str(spec)


@pytest.mark.parametrize(("count", "is_numbered"), [(36, True), (120, False)])
def test_arrivals_stand_below_the_months(count: int, is_numbered: bool) -> None:
    """Children who arrived stand below the axis as numbers, or as ticks where there are too many months; none is bare."""
    series = control_limits([8, 10] * (count // 2), _months(count))
    spec = control_chart(series, LIGHT, arrivals=[0, 2, *[0] * (count - 3), 1]).to_dict()
    came = [row for row in _rows(spec, "text" if is_numbered else "tick") if "arrivals" in row]
    assert [row["arrivals"] for row in came] == [2, 1]
    assert "Children who arrived" in str(spec)
    assert "Children who arrived" not in str(control_chart(series, LIGHT, arrivals=[0] * count).to_dict())
