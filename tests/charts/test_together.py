"""Which children the picture of those who go together shows, and in which order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.theme import DARK, LIGHT
from dashboard.charts.together import MOST_CHILDREN, Pair, first_pairs, side_by_side, together

_CHILDREN = st.integers(0, 120).map(lambda number: f"C{number:03}")


@st.composite
def _pairs(draw: st.DrawFn) -> list[Pair]:
    chosen = draw(st.lists(st.tuples(_CHILDREN, _CHILDREN).filter(lambda pair: pair[0] < pair[1]), min_size=1, max_size=150, unique=True))
    return [Pair(one, other, 2 + place % 5, 0.5, place % 9 == 0) for place, (one, other) in enumerate(chosen)]


@given(_pairs())
def test_the_picture_holds_forty_children(pairs: list[Pair]) -> None:
    """However many pairs there are, those of at most forty children are shown, the first ones first, and each child has one step."""
    shown = first_pairs(pairs)
    order = side_by_side(shown)
    assert shown[0] == pairs[0]
    assert [pair for pair in pairs if pair in shown] == shown
    assert len(order) == len(set(order)) <= MOST_CHILDREN
    assert set(order) == {child for pair in shown for child in pair.children}


def test_a_group_stands_together() -> None:
    """Children tied through pairs stand beside each other, though pairs of another group come between theirs."""
    pairs = [Pair("A", "B", 9, 1.0, True), Pair("X", "Y", 8, 1.0, True), Pair("B", "C", 2, 1.0, False), Pair("Y", "Z", 2, 1.0, False)]
    assert side_by_side(pairs) == ["A", "B", "C", "X", "Y", "Z"]


def test_a_cell_says_what_chance_would_give() -> None:
    """With few children each cell has the chance expectation in brackets; with many it is in the cell's tooltip."""
    few = together([Pair("A", "B", 4, 0.31, True), Pair("A", "C", 2, None, None)], LIGHT).to_dict()
    words = {row.get("words") for rows in few["datasets"].values() for row in rows}
    assert {"4 (0.3)", "2"} <= words
    many = together([Pair(f"C{place}", f"D{place}", 3, 1.26, False) for place in range(20)], DARK).to_dict()
    cells = [row for rows in many["datasets"].values() for row in rows if "chance" in row]
    assert {(row["words"], row["chance"]) for row in cells} == {("3", "1.3")}


def test_no_cell_lies_over_a_name() -> None:
    """A child's name stands at the end of its step; every cell lies before it, so that nothing covers it."""
    drawn = together(
        first_pairs([Pair(f"C{a:02}", f"C{b:02}", 2, 1.0, False) for a in range(10) for b in range(a + 1, 10)]), LIGHT
    ).to_dict()
    cells = [row for rows in drawn["datasets"].values() for row in rows if "together" in row]
    assert len(cells) == 45
    assert all(row["column"] < row["row"] for row in cells)
