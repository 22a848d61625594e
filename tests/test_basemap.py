"""The ground of the map, from folders as councils have them."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.basemap import MOST_POINTS, findings, layer_of, read_basemap, simplified, write_mended
from dashboard.errors import Refusal


def _write(folder: Path, name: str, *geometries: dict[str, Any]) -> None:
    features = [{"type": "Feature", "properties": {"name": "x"}, "geometry": geometry} for geometry in geometries]
    (folder / name).write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


def _circle(points: int, reach: float = 0.2, middle: tuple[float, float] = (-2.0, 52.8), *, clockwise: bool = False) -> list[list[float]]:
    turn = -2 * math.pi / points if clockwise else 2 * math.pi / points
    ring = [[middle[0] + reach * math.cos(n * turn), middle[1] + reach * math.sin(n * turn)] for n in range(points)]
    return [*ring, ring[0]]


def _area(ring: list[list[float]]) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))


@pytest.mark.parametrize(
    ("file_name", "layer"),
    [
        ("outline.geojson", "outline"),
        ("Staffordshire_Outline.GeoJSON", "outline"),
        ("rivers-natural-earth.json", "rivers"),
        ("built_up_areas 2011.geojson", "built_up_areas"),
        ("motorways.geojson", "roads"),
        ("railroads.geojson", None),
        ("outline.shp", None),
        ("labels.csv", None),
    ],
)
def test_a_file_is_the_layer_that_its_name_says(file_name: str, layer: str | None) -> None:
    """By a whole word in its name, whatever else stands there."""
    assert layer_of(file_name) == layer


@pytest.mark.parametrize("clockwise", [True, False])
def test_rings_are_wound_as_the_map_needs_them(tmp_path: Path, clockwise: bool) -> None:
    """Outer rings clockwise and holes the other way, whichever way they come; only what was turned is said."""
    _write(
        tmp_path,
        "outline.geojson",
        {"type": "Polygon", "coordinates": [_circle(20, clockwise=clockwise), _circle(20, 0.05, clockwise=clockwise)]},
    )
    basemap = read_basemap(tmp_path)
    outer, hole = basemap.geojson["outline"]["features"][0]["geometry"]["coordinates"]
    assert _area(outer) < 0 < _area(hole)
    assert any("turned clockwise" in line for line in findings(basemap)) is not clockwise


def test_properties_are_dropped(tmp_path: Path) -> None:
    """Nothing but shapes goes to the browser."""
    _write(tmp_path, "roads.geojson", {"type": "MultiLineString", "coordinates": [[[-2, 52.7], [-2, 52.8]], [[-2.1, 52.7], [-2, 52.8]]]})
    features = read_basemap(tmp_path).geojson["roads"]["features"]
    assert [(feature["properties"], feature["geometry"]["type"]) for feature in features] == [({}, "LineString")] * 2


def test_outside_is_what_no_ring_holds(tmp_path: Path) -> None:
    """Inside the outline is inside; in its hole, and beyond it, is outside; without an outline nothing is known."""
    _write(tmp_path, "outline.geojson", {"type": "Polygon", "coordinates": [_circle(40), _circle(40, 0.05)]})
    assert read_basemap(tmp_path).outside([(-1.9, 52.8), (-2.0, 52.8), (-1.5, 52.8)]) == [False, True, True]
    (tmp_path / "outline.geojson").unlink()
    assert read_basemap(tmp_path).outside([(-1.9, 52.8)]) is None


def test_a_large_ground_is_simplified_and_keeps_its_shape(tmp_path: Path) -> None:
    """More points than a page can carry are made fewer, no further off than the tolerance; the check says from how many."""
    _write(tmp_path, "districts.geojson", {"type": "Polygon", "coordinates": [_circle(MOST_POINTS + 1000)]})
    basemap = read_basemap(tmp_path)
    ring = basemap.layers["districts"].shapes[0][0]
    assert 4 < len(ring) <= MOST_POINTS
    assert np.hypot(*(ring - [-2.0, 52.8]).T) == pytest.approx(0.2)
    assert any(f"simplified from {MOST_POINTS + 1001:,} points" in line for line in findings(basemap))


def test_simplifying_keeps_corners_and_drops_what_is_on_a_line() -> None:
    """Points on a straight line go, a corner stays, ends always stay; a closed ring does not collapse."""
    line = np.array([[0.0, 0], [1, 0.00001], [2, 0], [2, 1]])
    assert simplified(line, 0.001).tolist() == [[0, 0], [2, 0], [2, 1]]
    ring = np.array(_circle(400))
    assert 8 < len(simplified(ring, 0.001)) < 100


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("roads.geojson", "{", "not GeoJSON"),
        ("roads.geojson", '{"type": "FeatureCollection"}', "not GeoJSON"),
        ("roads.geojson", '{"type": "Polygon", "coordinates": [[[0, 52], [1, 52], [1, 53], [0, 52]]]}', "has no lines"),
        ("outline.geojson", '{"type": "LineString", "coordinates": [[0, 52], [1, 52]]}', "has no areas"),
        ("roads.geojson", '{"type": "LineString", "coordinates": [[400000, 300000], [400001, 300000]]}', "not in WGS 84"),
        ("roads.geojson", '{"type": "LineString", "coordinates": [["a", "b"], [1, 2]]}', "not GeoJSON"),
        ("places.csv", "name,lat\nX,1\n", "cannot be read"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(tmp_path: Path, name: str, text: str, said: str) -> None:
    """The refusal names the file and what is wrong with it."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Refusal, match=rf"{name}.*{said}"):
        read_basemap(tmp_path)


def test_two_files_of_one_layer_are_refused(tmp_path: Path) -> None:
    """Which of two is meant is not guessed."""
    for name in ("roads.geojson", "motorways.geojson"):
        _write(tmp_path, name, {"type": "LineString", "coordinates": [[-2, 52.7], [-2, 52.8]]})
    with pytest.raises(Refusal, match="are both the layer roads"):
        read_basemap(tmp_path)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """A folder is read once, and again when a file in it changes."""
    (tmp_path / "attribution.txt").write_text("First.", encoding="utf-8")
    assert read_basemap(tmp_path) is read_basemap(tmp_path)
    assert read_basemap(tmp_path).attribution == "First."
    (tmp_path / "places.csv").write_text("name,latitude,longitude,population\nX,52.8,-2,100\n", encoding="utf-8")
    assert read_basemap(tmp_path).places is not None


def test_attribution_stands_in_sources_too(tmp_path: Path) -> None:
    """Without attribution.txt, what SOURCES.txt says under the line ATTRIBUTION."""
    (tmp_path / "SOURCES.txt").write_text("Files\n\nATTRIBUTION TO SHOW\n  One.\n  Two.\n", encoding="utf-8")
    assert read_basemap(tmp_path).attribution == "One. Two."


def test_what_is_mended_can_be_written_and_is_then_whole(tmp_path: Path) -> None:
    """Written layers need no mending; a folder that has files is never written over."""
    _write(tmp_path, "my_outline.geojson", {"type": "Polygon", "coordinates": [_circle(20)]})
    out = tmp_path / "mended"
    write_mended(read_basemap(tmp_path), out)
    again = read_basemap(out)
    assert again.layers["outline"].turned == 0
    with pytest.raises(Refusal, match="is not empty"):
        write_mended(again, out)
