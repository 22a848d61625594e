"""Which children go together: a staircase of cells, each child named at the end of its own step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from dashboard.charts.heat import ink_on
from dashboard.charts.theme import Palette, finish

MOST_CHILDREN = 40
# Up to so many children a cell has room for what chance would give beside the number.
_ROOMY = 9
_BEYOND, _WITHIN = "More than chance would give", "Not told apart from chance"


@dataclass(frozen=True)
class Pair:
    """Two children, how many episodes they had together, how many chance would give, and whether these are more than that. The last
    two are None where it is not known."""

    one: str
    other: str
    shared: int
    expected: float | None
    is_beyond_chance: bool | None

    @property
    def children(self) -> frozenset[str]:
        return frozenset((self.one, self.other))


def first_pairs(pairs: Sequence[Pair], most_children: int = MOST_CHILDREN) -> list[Pair]:
    """The pairs in their order, without those that would bring in more children than the picture can hold."""
    children: set[str] = set()
    kept = []
    for pair in pairs:
        if len(children | pair.children) <= most_children:
            children |= pair.children
            kept.append(pair)
    return kept


def side_by_side(pairs: Sequence[Pair]) -> list[str]:
    """The children, each group of those who are tied through pairs together, the strongest group first; within it each child follows
    on those with whom it had most episodes."""
    ties: dict[str, dict[str, int]] = {}
    for pair in pairs:
        ties.setdefault(pair.one, {})[pair.other] = pair.shared
        ties.setdefault(pair.other, {})[pair.one] = pair.shared
    order: list[str] = []
    left = dict.fromkeys(child for pair in pairs for child in (pair.one, pair.other))
    drawn: dict[str, int] = {}
    while left:
        # Where nobody left is tied to those who stand already, the next group begins with its first pair.
        child = max(drawn, key=drawn.__getitem__) if drawn else next(iter(left))
        order.append(child)
        del left[child]
        drawn.pop(child, None)
        for other, shared in ties[child].items():
            if other in left:
                drawn[other] = drawn.get(other, 0) + shared
    return order


def together(pairs: Sequence[Pair], palette: Palette) -> alt.LayerChart:
    """Each cell holds the episodes that the child of its row and the child of its column had together; with few children, in brackets
    what chance would give. Filled are those that chance would seldom give."""
    order = side_by_side(pairs)
    place = {child: number for number, child in enumerate(order)}
    fills = {_BEYOND: palette.categories[0], _WITHIN: palette.grid}
    is_roomy = len(order) <= _ROOMY
    rows = []
    for pair in pairs:
        column, row = sorted(pair.children, key=place.__getitem__)
        kind = _BEYOND if pair.is_beyond_chance else _WITHIN
        chance = "not known" if pair.expected is None else f"{pair.expected:.1f}"
        rows.append(
            {
                "row": place[row],
                "column": place[column],
                "children": f"{column} and {row}",
                "together": pair.shared,
                "chance": chance,
                "words": f"{pair.shared} ({chance})" if is_roomy and pair.expected is not None else f"{pair.shared}",
                "kind": kind,
                "ink": ink_on(fills[kind], palette),
            }
        )
    domain = list(range(len(order)))
    height = 34 if is_roomy else 24 if len(order) <= 20 else 18
    cells = alt.Chart(alt.InlineData(values=rows))
    x = alt.X("column:O", axis=None, scale=alt.Scale(domain=domain, paddingInner=0.06))
    y = alt.Y("row:O", axis=None, scale=alt.Scale(domain=domain, paddingInner=0.08))
    seen = [kind for kind in fills if any(row["kind"] == kind for row in rows)]
    knows_chance = any(pair.expected is not None for pair in pairs)
    steps = alt.InlineData(values=[{"row": row, "column": column} for row in domain for column in range(row)])
    names = alt.Chart(alt.InlineData(values=[{"row": number, "column": number, "name": child} for child, number in place.items()]))
    # A name reaches over the steps to its right, which are empty: the staircase has no cell above itself.
    return finish(
        alt.layer(
            alt.Chart(steps).mark_rect(color=palette.empty_cell).encode(x=x, y=y),
            cells.mark_rect().encode(
                x=x,
                y=y,
                color=alt.Color(
                    "kind:N",
                    scale=alt.Scale(domain=seen, range=[fills[kind] for kind in seen]),
                    legend=alt.Legend(title=None, labelLimit=300) if knows_chance else None,
                ),
                tooltip=[
                    alt.Tooltip("children:N", title="Children"),
                    alt.Tooltip("together:Q", title="Episodes together"),
                    alt.Tooltip("chance:N", title="Chance would give"),
                ],
            ),
            cells.mark_text(fontWeight="bold", fontSize=13 if height > 18 else 12).encode(
                x=x, y=y, text="words:N", color=alt.Color("ink:N", scale=None)
            ),
            names.mark_text(align="left", baseline="middle", fontSize=13 if height > 18 else 12).encode(
                x=alt.X("column:O", bandPosition=0.06), y=y, text="name:N"
            ),
        ).properties(height=height * len(order), width="container"),
        palette,
    )
