"""What heat maps share: which colour a value gets, and which ink is legible on it."""

from __future__ import annotations

from dashboard.charts.theme import Palette


def ink_on(fill: str, palette: Palette) -> str:
    """The palette's text colour or its opposite, whichever stands out more from `fill` (WCAG 2 contrast)."""
    return max((palette.text, palette.halo), key=lambda ink: _contrast(ink, fill))


def is_dark(palette: Palette) -> bool:
    """Whether the palette is for a dark ground."""
    return _luminance(palette.text) > _luminance(palette.halo)


def between(start: str, end: str, share: float) -> str:
    """The colour that lies `share` of the way from one to another."""
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in zip(rgb(start), rgb(end), strict=True))


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of "#RRGGBB", 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in rgb(colour)))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
