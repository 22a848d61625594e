"""Where the labels of control charts and funnels stand, and what their points are called."""

from __future__ import annotations

from datetime import date
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.control_chart import control_chart
from dashboard.charts.labels import SMALLEST_WIDTH, Box, Label, place, spread, text_width
from dashboard.charts.theme import DARK, LIGHT
from dashboard.statistics.spc import control_limits

_HEIGHT = 240

_LABELS = st.lists(
    st.builds(
        Label,
        text=st.text("abc ", min_size=1, max_size=30),
        x=st.floats(0, SMALLEST_WIDTH),
        y=st.floats(0, _HEIGHT),
        data=st.just({}),
        is_below=st.booleans(),
    ),
    max_size=8,
)


@given(_LABELS)
def test_labels_never_meet(labels: list[Label]) -> None:
    """Placed labels lie inside the plot, meet no point and no other label; those without room are left out."""
    dots = [Box.around(label.x, label.y, 7) for label in labels]
    numbered = [Label(label.text, label.x, label.y, {"n": n}, label.is_below) for n, label in enumerate(labels)]
    boxes = [_box(numbered[row["n"]], row) for row in place(numbered, dots, [], _HEIGHT)]
    assert all(box.lies_in(Box(0, 0, SMALLEST_WIDTH, _HEIGHT)) for box in boxes)
    assert not any(box.meets(dot) for box in boxes for dot in dots)
    assert not any(one.meets(other) for one, other in combinations(boxes, 2))


def _box(label: Label, row: dict[str, Any]) -> Box:
    wide = text_width(label.text)
    left = label.x + row["dx"] - {"left": 0, "center": wide / 2, "right": wide}[row["align"]]
    # A hair smaller, for the rounding of sums.
    return Box(left + 1e-6, label.y + row["dy"] - 8 + 1e-6, left + wide - 1e-6, label.y + row["dy"] + 8 - 1e-6)


@given(st.lists(st.floats(0, 230), max_size=6))
def test_right_hand_labels_stand_apart(places: list[float]) -> None:
    """A line of text fits between each and the next, in their order, and none is above or below the plot."""
    moved = spread(places, 230)
    order = sorted(range(len(places)), key=places.__getitem__)
    assert all(moved[after] - moved[before] >= 16 - 1e-9 for before, after in pairwise(order))
    assert all(0 <= place <= 230 for place in moved)


def test_right_hand_labels_that_are_near_stand_about_their_middle() -> None:
    """Three lines at 50, 56 and 66: their names stand from 41 to 73, the middle one at its line, and one further down at its own."""
    assert spread([66, 50, 56, 120], 230) == pytest.approx([73.33, 41.33, 57.33, 120], abs=0.01)


def _months(count: int) -> list[date]:
    return [date(2016 + (6 + n) // 12, (6 + n) % 12 + 1, 1) for n in range(count)]


def _drawn(values: list[int], **options: Any) -> dict[str, Any]:
    return control_chart(control_limits(values, _months(len(values))), LIGHT, **options).to_dict()


def _texts(spec: dict[str, Any]) -> list[str]:
    """Every text that the chart writes into its plot."""
    return [row["text"] for _, rows in _layers(spec) for row in rows if row.get("text")]


def _layers(spec: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Each layer's mark and its rows."""
    return [(layer["mark"]["type"], spec["datasets"][layer["data"]["name"]]) for layer in spec["layer"]]


def test_a_point_outside_is_named() -> None:
    """The point beyond a limit is labelled with its month and count, and the limits at the right with their values."""
    texts = _texts(_drawn([40, 44] * 10 + [90, 40, 44]))
    assert "March 2018: 90 episodes" in texts
    assert {"Average 44", "Upper limit 55", "Lower limit 33"} <= set(texts)


def test_events_are_named_as_far_as_there_is_room() -> None:
    """The first events have words; those that have none keep their line and say themselves when pointed at."""
    events = [(date(2017, month, 5), f"Something that happened in month {month}") for month in range(1, 9)]
    spec = _drawn([40, 44] * 12, events=events)
    texts = [text for text in _texts(spec) if text.startswith("Something")]
    assert texts
    assert texts[0] == "Something that happened in month 1"
    assert [len(rows) for mark, rows in _layers(spec) if mark == "rule" and "said" in rows[0]] == [8]


def test_words_of_events_are_whole() -> None:
    """An event has all its words, or where there is no room for them its month, and is never cut."""
    long = "Homes and police agree how to decide whether to report a child as missing or as away"
    events = [(date(2017, 7, 5), long), (date(2017, 9, 5), "A short one")]
    assert {"Event, July 2017", "A short one"} <= set(_texts(_drawn([40, 44] * 12, events=events)))
    assert "…" not in str(_drawn([40, 44] * 12, events=events))


def test_limits_that_end_are_not_named_beside_later_points() -> None:
    """Where limits start anew and the latest points have too few for any, no limit is written beside them."""
    months = _months(30)
    texts = _texts(control_chart(control_limits([40, 44] * 15, months, [months[24]]), LIGHT).to_dict())
    assert not [text for text in texts if text.startswith(("Average", "Upper", "Lower"))]


def test_an_event_outside_the_series_is_not_drawn() -> None:
    """Only events that a point holds have a line."""
    assert "Long ago" not in str(_drawn([40, 44] * 12, events=[(date(1999, 1, 1), "Long ago")]))


@pytest.mark.parametrize("count", [1, 2, 12, 36, 120])
@pytest.mark.parametrize("value", [0, 1, 40])
def test_any_length_can_be_drawn(count: int, value: int) -> None:
    """One month and ten years, with nothing in them and with much, are charts."""
    series = control_limits([value] * count, _months(count))
    for palette in (LIGHT, DARK):
        assert control_chart(series, palette, provisional_from=date(2016, 7, 4)).to_dict()["height"] == 232


def test_months_still_being_recorded_are_hollow() -> None:
    """The points that reach the latest four weeks are drawn apart and named in the legend."""
    spec = _drawn([40, 44] * 12, provisional_from=date(2018, 6, 3))
    _, hollow = [rows for mark, rows in _layers(spec) if mark == "point"]
    assert [point["when"] for point in hollow] == ["June 2018"]
    assert "Still being recorded" in str(spec)


def test_quarters_are_named_by_their_months() -> None:
    """A point that is a quarter says which months it spans."""
    assert "July to September 2019: 27 episodes" in _texts(_drawn([1] * 36 + [9, 9, 9]))
