"""Rules that place labels and choose colours."""

from __future__ import annotations

import math
from itertools import pairwise

import h3
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.heat import between, ink_on
from dashboard.charts.hotspot_map import hotspot_map, hotspot_map_on_paper
from dashboard.charts.month_of_year import apart
from dashboard.charts.theme import DARK, LIGHT, Palette


@given(st.lists(st.floats(0, 100), max_size=12).map(sorted), st.floats(0.1, 10))
def test_labels_stand_apart_in_their_order(values: list[float], gap: float) -> None:
    """Labels are a line apart at least, in the order of their values; those that have room stay where they are."""
    placed = apart(values, gap)
    assert len(placed) == len(values)
    assert all(after - before >= gap * (1 - 1e-9) for before, after in pairwise(placed))
    if all(after - before >= gap for before, after in pairwise(values)):
        assert placed == values


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_numbers_in_cells_are_legible(palette: Palette) -> None:
    """Each fill takes the ink with more contrast, 4.5 to 1 at least (WCAG 2 AA)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        return sum(
            weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
            for weight, c in zip((0.2126, 0.7152, 0.0722), parts, strict=True)
        )

    for fill in (*palette.sequential, palette.empty_cell, *(between(palette.halo, palette.text, share / 10) for share in range(11))):
        dark, light = sorted((luminance(fill), luminance(ink_on(fill, palette))))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, fill


_NO_NEW = pl.DataFrame(schema={"cell": pl.String, "latitude": pl.Float64, "longitude": pl.Float64, "said": pl.String})
_NO_LABELS = pl.DataFrame(schema={"name": pl.String, "latitude": pl.Float64, "longitude": pl.Float64, "population": pl.Float64})


@pytest.mark.parametrize(("apart", "smallest"), [(0.02, 10), (2.0, 0)])
def test_numbers_stay_within_their_hexagon(apart: float, smallest: int) -> None:
    """A number is narrower than its hexagon, however many digits it has. Where hexagons are small, as on the map of a region, it shrinks
    with them, and paper, which no one can come closer to, leaves it out."""
    middles = [(52.8, -2.1), (52.8 + apart, -2.1 + apart)]
    cells = pl.DataFrame(
        {
            "cell": [h3.latlng_to_cell(*middle, 7) for middle in middles],
            "latitude": [latitude for latitude, _ in middles],
            "longitude": [longitude for _, longitude in middles],
            "children": [134, 90],
            "episodes": [200, 90],
            "units": [9, 2],
            "nearest_place": ["Town", "Town"],
        }
    )
    numbers = next(layer for layer in hotspot_map(cells, _NO_NEW, _NO_LABELS, {}, LIGHT).layers if layer.id == "numbers")
    assert numbers.size_min_pixels == smallest
    for number in numbers.data:
        # A digit is a little over half as wide as it is high.
        assert 0.56 * number["size"] * len(number["number"]) < math.sqrt(3) * 1200
    on_paper = hotspot_map_on_paper(cells, _NO_NEW, _NO_LABELS, {}, LIGHT).to_dict()["datasets"]["numbers"]
    assert [row["children"] for row in on_paper] == ([134, 90] if smallest else [])


def test_names_on_the_map_do_not_touch() -> None:
    """At the zoom that the map opens with no two names overlap, and a big place goes before a small one."""
    cells = pl.DataFrame(
        {
            "cell": ["87195c131ffffff", "87195cc45ffffff"],
            "latitude": [52.7, 53.0],
            "longitude": [-2.2, -1.7],
            "children": [12, 3],
            "episodes": [20, 4],
            "units": [2, 1],
            "nearest_place": ["Town", "Town"],
        }
    )
    names = [f"Place number {n}" for n in range(200)]
    labels = pl.DataFrame(
        {
            "name": names,
            "latitude": [52.7 + 0.3 * math.sin(n * 1.7) ** 2 for n in range(200)],
            "longitude": [-2.2 + 0.5 * math.cos(n * 2.3) ** 2 for n in range(200)],
            "population": list(range(200, 0, -1)),
        }
    )
    deck = hotspot_map(cells, _NO_NEW, labels, {}, LIGHT)
    zoom = deck.initial_view_state.zoom
    shown = next(layer for layer in deck.layers if layer.id == "places").data
    assert shown[0]["name"] == "Place number 0"
    boxes = []
    for name in shown:
        longitude, latitude = name["position"]
        x = 512 * 2**zoom * longitude / 360 + name["offset"][0]
        y = -512 * 2**zoom * math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi) + name["offset"][1]
        boxes.append((x, y, 3.5 * len(name["name"])))
    assert len(boxes) > 3
    for index, (x, y, half) in enumerate(boxes):
        assert all(abs(x - x2) > half + half2 or abs(y - y2) > 13 for x2, y2, half2 in boxes[:index])
