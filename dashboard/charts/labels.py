"""Where labels stand, so that they never meet.

Places are worked out in pixels at SMALLEST_WIDTH, the narrowest plot that a page gives. On a wider one points only draw apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import altair as alt

from dashboard.charts.theme import Palette

SMALLEST_WIDTH = 460
FONT_SIZE = 13

_LINE = 16
# How wide the letters of Liberation Sans Bold are, in parts of their size; any other is taken as a capital.
_WIDEST_USUAL = 0.73
_EMS = {
    letter: width
    for letters, width in (
        (" ijlI.,:;'/|", 0.28),
        ("ft()-!", 0.34),
        ("r", 0.39),
        ("aceksvxyzJ0123456789", 0.56),
        ("bdghnopquFLTZ", 0.62),
        ("wGOQ", 0.78),
        ("mM%W…", 1.0),
    )
    for letter in letters
}
# To stand on a line is as bad as to stand a line and a half further off.
_CROSSED = 1.5 * _LINE


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels from the plot's top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, x: float, y: float, reach: float) -> Box:
        """The square of that reach about a point."""
        return cls(x - reach, y - reach, x + reach, y + reach)

    def meets(self, other: Box) -> bool:
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom

    def lies_in(self, other: Box) -> bool:
        return other.left <= self.left and self.right <= other.right and other.top <= self.top and self.bottom <= other.bottom


@dataclass(frozen=True)
class Label:
    """A text for the point at `x`, `y` (pixels), `gap` pixels from it, and below it rather than above where `is_below`.

    `data` goes into the placed row beside it: the point's own coordinates, a colour.
    """

    text: str
    x: float
    y: float
    data: dict
    is_below: bool = False
    gap: float = 9


def text_width(text: str, *, size: int = FONT_SIZE) -> float:
    """About how many pixels wide a text is, bold or not: rather more than less."""
    return size * sum(_EMS.get(letter, _WIDEST_USUAL) for letter in text)


def broken(text: str, widest: float, *, size: int) -> list[str]:
    """The text in lines of at most `widest` pixels, broken between words. A word that is wider by itself has a line of its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size=size) <= widest:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def place(labels: Iterable[Label], kept_clear: Sequence[Box], better_clear: Sequence[Box], height: float) -> list[dict]:
    """Rows with `text`, `dx`, `dy`, `align` and the label's data, for those labels that find room, the first ones first.

    A label stands beside, above or below its point, where it meets nothing of `kept_clear` and no other label; near it rather than
    far, and rather clear of `better_clear` than not. Where there is no room it is left out.
    """
    plot = Box(0, 0, SMALLEST_WIDTH, height)
    taken = list(kept_clear)
    placed = []
    for label in labels:
        candidates = [c for c in _candidates(label) if c[0].lies_in(plot) and not any(c[0].meets(box) for box in taken)]
        if candidates:
            box, dx, dy, align = min(candidates, key=lambda c: abs(c[2]) + _CROSSED * any(c[0].meets(line) for line in better_clear))
            taken.append(box)
            placed.append({**label.data, "text": label.text, "dx": dx, "dy": dy, "align": align})
    return placed


def _candidates(label: Label) -> list[tuple[Box, float, float, str]]:
    """Boxes with their offset from the point and their alignment, the nearest first."""
    wide, over = text_width(label.text), label.gap - 9
    found: list[tuple[Box, float, float, str]] = []
    for lines in (0, 1, -1, 2, -2, 3, -3):
        dy = (lines * _LINE + (lines > 0) * over - (lines < 0) * over) * (1 if label.is_below else -1)
        # Beside the point; or above or below it, reaching a little over it.
        dx = -label.gap if lines else label.gap
        offsets = [(dx, dx, "left"), (-dx - wide, -dx, "right")] + ([(-wide / 2, 0.0, "center")] if lines else [])
        for left, shift, align in offsets:
            box = Box(label.x + left, label.y + dy - _LINE / 2, label.x + left + wide, label.y + dy + _LINE / 2)
            found.append((box, shift, dy, align))
    return found


def spread(places: Sequence[float], lowest: float) -> list[float]:
    """The places down a side, moved apart so that a line of text fits between each and the next, none above 0 or below `lowest`.

    Those that are too near each other stand about their middle: moved down alone, the last would stand at another's line.
    """
    order = sorted(range(len(places)), key=places.__getitem__)
    # Less a line for each before it, places that stand apart go up; where they do not, those that are too near are taken together.
    near: list[list[float]] = []
    for rank, index in enumerate(order):
        near.append([places[index] - rank * _LINE])
        while len(near) > 1 and fmean(near[-2]) >= fmean(near[-1]):
            later = near.pop()
            near[-1] += later
    middles = [fmean(group) for group in near for _ in group]
    moved = list(places)
    for rank, (index, middle) in enumerate(zip(order, middles, strict=True)):
        moved[index] = max(middle, 0.0) + rank * _LINE
    bound = lowest
    for index in reversed(order):
        moved[index] = min(moved[index], bound)
        bound = moved[index] - _LINE
    return moved


def label_layers(rows: list[dict], x: alt.X, y: alt.Y | alt.YValue, palette: Palette, weight: str = "bold") -> list[alt.Chart]:
    """The placed rows as text on a halo, so that a line below one does not make it hard to read. `color` is a row's own."""
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y, text="text:N")
    mark: dict[str, Any] = {
        "fontWeight": weight,
        "fontSize": FONT_SIZE,
        "baseline": "middle",
        "align": alt.ExprRef("datum.align"),
        "dx": alt.ExprRef("datum.dx"),
        "dy": alt.ExprRef("datum.dy"),
    }
    return [
        base.mark_text(stroke=palette.halo, strokeWidth=4, strokeJoin="round", **mark),
        base.mark_text(**mark).encode(color=alt.Color("color:N", scale=None)),
    ]
