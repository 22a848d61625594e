"""The ground of the map: what an authority has put into a folder, read so that it can be drawn, on screen and on paper.

A folder holds any of `districts`, `outline`, `built_up_areas`, `roads`, `railways` and `rivers` as GeoJSON in WGS 84, and `places.csv`
(name, latitude, longitude, population). No map comes from anywhere else: a tile server would learn where children are looked for.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dashboard.errors import Refusal

AREAS = ("districts", "outline", "built_up_areas")
LINES = ("roads", "railways", "rivers")
LAYERS = (*AREAS, *LINES)
_ALSO_CALLED = {"motorways": "roads"}
# Points of all layers together. What is drawn goes to the browser with the page: this is about a megabyte.
MOST_POINTS = 20_000
# Characters of a file. Read whole, and one that is larger is not a ground but a survey.
_LARGEST = 50_000_000
# Degrees of latitude: from 20 metres, below a pixel of a county, up to a kilometre.
_TOLERANCES = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01)

Ring = np.ndarray
"""Points as rows of longitude and latitude; of an area's ring the last is the first again."""


@dataclass(frozen=True)
class Layer:
    """One layer. An area is a list of rings, its outline first and clockwise, holes after it the other way; a line a list of one."""

    name: str
    file_name: str
    shapes: tuple[tuple[Ring, ...], ...]
    points_in_file: int
    turned: int

    @property
    def points(self) -> int:
        return sum(len(ring) for shape in self.shapes for ring in shape)

    @property
    def geojson(self) -> dict[str, Any]:
        """The shapes as a collection of features without properties."""
        is_area = self.name in AREAS
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {},
                    "geometry": {
                        "type": "Polygon" if is_area else "LineString",
                        "coordinates": [ring.tolist() for ring in shape] if is_area else shape[0].tolist(),
                    },
                }
                for shape in self.shapes
            ],
        }


@dataclass(frozen=True)
class Basemap:
    """A folder as it is drawn.

    Attributes:
        layers: name → layer, in the order of LAYERS, each mended: rings wound as they should be, few enough points.
        places: name, latitude, longitude, population; None where the folder has no places.csv.
        attribution: what must stand under a map that uses it.
        ignored: files that are no layer.
    """

    folder: Path
    layers: dict[str, Layer]
    places: pl.DataFrame | None
    attribution: str
    ignored: tuple[str, ...]

    @cached_property
    def geojson(self) -> dict[str, Any]:
        """Layer → GeoJSON, made once for all readers."""
        return {name: layer.geojson for name, layer in self.layers.items()}

    def outside(self, points: Sequence[tuple[float, float]]) -> list[bool] | None:
        """Whether each point (longitude, latitude) lies outside the authority's outline; None where there is no outline."""
        if "outline" not in self.layers:
            return None
        rings = [ring for shape in self.layers["outline"].shapes for ring in shape]
        return [sum(_crossings(ring, *point) for ring in rings) % 2 == 0 for point in points]


def read_basemap(folder: Path) -> Basemap:
    """The ground in a folder. Read once: again only after one of its files has changed.

    Raises:
        Refusal: there is no such folder, or a file in it cannot be read or drawn.
    """
    try:
        files = tuple(sorted((path.name, path.stat().st_mtime_ns) for path in folder.iterdir() if path.is_file()))
    except OSError as error:
        raise Refusal(f"The basemap folder {folder} cannot be read.", "Correct the setting `basemap`, or leave it out.") from error
    return _read(folder, files)


@lru_cache(maxsize=2)  # a few megabytes each
def _read(folder: Path, files: tuple[tuple[str, int], ...]) -> Basemap:
    found: dict[str, Layer] = {}
    ignored = []
    for name, _ in files:
        layer = layer_of(name)
        if layer is None:
            if name not in ("places.csv", "attribution.txt", "SOURCES.txt"):
                ignored.append(name)
        elif layer in found:
            raise Refusal(f"{found[layer].file_name} and {name} are both the layer {layer}.", "Keep one of them.")
        else:
            found[layer] = _layer(layer, folder / name)
    layers = {name: found[name] for name in LAYERS if name in found}
    return Basemap(folder, _few_enough(layers), _places(folder / "places.csv"), _attribution(folder), tuple(ignored))


def layer_of(file_name: str) -> str | None:
    """The layer that a file is, by its name: `outline.geojson`, or with more words to it, `staffordshire_outline.geojson`."""
    path = Path(file_name.lower())
    if path.suffix not in (".geojson", ".json"):
        return None
    words = f"_{re.sub(r'[^a-z]+', '_', path.stem)}_"
    names = {name: name for name in LAYERS} | _ALSO_CALLED
    return next((layer for name, layer in names.items() if f"_{name}_" in words), None)


def _layer(name: str, path: Path) -> Layer:
    wanted = "areas" if name in AREAS else "lines"
    if path.stat().st_size > _LARGEST:
        raise Refusal(f"{path.name} is larger than {_LARGEST // 1_000_000} megabytes.", "Cut it to the county, and simplify it.")
    try:
        shapes = list(_shapes(json.loads(path.read_text(encoding="utf-8-sig"))))
        rings = [(kind, [_ring(points) for points in parts]) for kind, parts in shapes]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refusal(f"{path.name} is not GeoJSON that can be drawn.", f"Write the {wanted} as GeoJSON in WGS 84.") from error
    drawn = [parts for kind, parts in rings if kind == wanted]
    if not drawn:
        raise Refusal(f"{path.name} has no {wanted}.", f"The layer {name} is drawn from {wanted}.")
    ends = np.concatenate([ring for parts in drawn for ring in parts])
    if not np.isfinite(ends).all() or (np.abs(ends) > [180, 90]).any():
        raise Refusal(f"{path.name} is not in WGS 84 degrees.", "Write longitude and latitude, not eastings and northings.")
    turned = 0
    if wanted == "areas":
        for parts in drawn:
            for index, ring in enumerate(parts):
                # Vega draws all the Earth but the ring where it is wound the other way, as RFC 7946 has it.
                if (_area(ring) > 0) == (index == 0):
                    parts[index], turned = ring[::-1], turned + (index == 0)
    return Layer(name, path.name, tuple(tuple(parts) for parts in drawn), len(ends), turned)


def _shapes(geojson: dict[str, Any]) -> Iterable[tuple[str, list[Any]]]:
    """Areas as their rings, lines as themselves, from whatever GeoJSON holds them; points are left out."""
    kind = geojson["type"]
    if kind == "FeatureCollection":
        for feature in geojson["features"]:
            yield from _shapes(feature)
    elif kind == "Feature":
        if geojson["geometry"]:
            yield from _shapes(geojson["geometry"])
    elif kind == "GeometryCollection":
        for geometry in geojson["geometries"]:
            yield from _shapes(geometry)
    elif kind == "Polygon":
        yield "areas", geojson["coordinates"]
    elif kind == "MultiPolygon":
        for rings in geojson["coordinates"]:
            yield "areas", rings
    elif kind == "LineString":
        yield "lines", [geojson["coordinates"]]
    elif kind == "MultiLineString":
        for line in geojson["coordinates"]:
            yield "lines", [line]


def _ring(points: Any) -> Ring:
    return np.array([point[:2] for point in points], dtype=float).reshape(-1, 2)


def _area(ring: Ring) -> float:
    """Twice the area that a ring encloses, positive where it is wound counter-clockwise."""
    x, y = ring[:, 0], ring[:, 1]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def _crossings(ring: Ring, x: float, y: float) -> int:
    """How many edges of a ring lie east of a point."""
    (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
    spans = (y1 > y) != (y2 > y)
    return int((x1[spans] + (y - y1[spans]) * (x2[spans] - x1[spans]) / (y2[spans] - y1[spans]) > x).sum())


def _few_enough(layers: dict[str, Layer]) -> dict[str, Layer]:
    """The layers simplified no more than it takes for all of them to have MOST_POINTS together."""
    for tolerance in (0.0, *_TOLERANCES):
        layers = {name: _simplified(layer, tolerance) if tolerance else layer for name, layer in layers.items()}
        if sum(layer.points for layer in layers.values()) <= MOST_POINTS:
            return layers
    raise Refusal(f"The basemap has more than {MOST_POINTS:,} points, simplified as far as is sensible.", "Leave out a layer, or cut it.")


def _simplified(layer: Layer, tolerance: float) -> Layer:
    is_area = layer.name in AREAS
    shapes = []
    for shape in layer.shapes:
        kept = [simplified(ring, tolerance) for ring in shape]
        # A ring of fewer than four points encloses nothing: an island of some metres is left out, or a hole closed.
        if is_area and len(kept[0]) < 4:
            continue
        shapes.append((kept[0], *(ring for ring in kept[1:] if len(ring) >= 4)))
    return Layer(layer.name, layer.file_name, tuple(shapes), layer.points_in_file, layer.turned)


def simplified(line: Ring, tolerance: float) -> Ring:
    """The line without the points that stand less than `tolerance` degrees of latitude off it (Douglas and Peucker 1973)."""
    if len(line) < 3:
        return line
    flat = line * [math.cos(math.radians(line[:, 1].mean())), 1.0]
    kept = np.zeros(len(line), bool)
    kept[[0, -1]] = True
    open_parts = [(0, len(line) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        if last - first < 2:
            continue
        along, between = flat[last] - flat[first], flat[first + 1 : last] - flat[first]
        length = math.hypot(*along)
        off = np.abs(along[0] * between[:, 1] - along[1] * between[:, 0]) / length if length else np.hypot(*between.T)
        furthest = int(off.argmax())
        if off[furthest] > tolerance:
            middle = first + 1 + furthest
            kept[middle] = True
            open_parts += [(first, middle), (middle, last)]
    return line[kept]


def _places(path: Path) -> pl.DataFrame | None:
    if not path.exists():
        return None
    try:
        places = pl.read_csv(path)
        population = pl.col("population").cast(pl.Float64) if "population" in places.columns else pl.lit(0.0)
        return places.select(
            pl.col("name").cast(pl.String), pl.col("latitude", "longitude").cast(pl.Float64), population=population
        ).drop_nulls(["name", "latitude", "longitude"])
    except (OSError, pl.exceptions.PolarsError) as error:
        raise Refusal("places.csv of the basemap cannot be read.", "It needs the columns name, latitude and longitude.") from error


def _attribution(folder: Path) -> str:
    """What is in attribution.txt, else what SOURCES.txt says after a line that begins with ATTRIBUTION."""
    own, sources = folder / "attribution.txt", folder / "SOURCES.txt"
    if own.is_file():
        lines = own.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    elif sources.is_file():
        lines = sources.read_text(encoding="utf-8-sig", errors="replace").splitlines()
        starts = [index for index, line in enumerate(lines) if line.upper().startswith("ATTRIBUTION")]
        lines = lines[starts[0] + 1 :] if starts else []
    else:
        lines = []
    return " ".join(line.strip() for line in lines if line.strip())


def findings(basemap: Basemap) -> list[str]:
    """What a check of the folder says, a line each."""
    said = []
    for name in LAYERS:
        layer = basemap.layers.get(name)
        if layer is None:
            said.append(f"{name}: none, so it is not drawn.")
            continue
        what = "areas" if name in AREAS else "lines"
        mended = [f"{layer.turned:,} turned clockwise"] if layer.turned else []
        if layer.points < layer.points_in_file:
            mended.append(f"simplified from {layer.points_in_file:,} points to {layer.points:,}")
        said.append(f"{name}: {layer.file_name}, {len(layer.shapes):,} {what}, {'; '.join(mended) or f'{layer.points:,} points'}.")
    places = "none, so that names come from GeoNames" if basemap.places is None else f"{basemap.places.height:,} places"
    said.append(f"places.csv: {places}.")
    said.append(f"Under the map: {basemap.attribution or 'nothing. Write into attribution.txt where the layers come from.'}")
    said += [f"{name}: no layer, not read." for name in basemap.ignored]
    return said


def write_mended(basemap: Basemap, folder: Path) -> None:
    """Write the layers as they are drawn into `folder`, one file each by its usual name.

    Raises:
        Refusal: the folder has files already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Refusal(f"{folder} is not empty.", "Name a new folder.")
    for name, layer in basemap.layers.items():
        (folder / f"{name}.geojson").write_text(json.dumps(layer.geojson), encoding="utf-8")
    if basemap.places is not None:
        basemap.places.write_csv(folder / "places.csv")
    if basemap.attribution:
        (folder / "attribution.txt").write_text(basemap.attribution + "\n", encoding="utf-8")
