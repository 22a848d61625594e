"""Where a map opens, and which names of places stand on it, the same on screen and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, log, log2, pi, radians, tan

import numpy as np
import polars as pl

# What a map is at its narrowest beside a list, in pixels: what is fitted into it fits a wider one too.
WIDTH, HEIGHT = 560, 440
LABEL_SIZE = 13
# How far a reader can go out from where the map opens: names are placed for the smallest scale, and only draw apart.
ZOOM_OUT = 0.5
_MOST_LABELS = 24
# Pixels from a place's point to its name, the first that is free: downwards is positive.
_LABEL_OFFSETS = (14, -14, 26, -26, 38)
_LOUD_OFFSETS = (-26, 26, -14, 14, -38, 38, -52, 52)


@dataclass(frozen=True)
class MapView:
    """A middle in degrees, and a zoom of Web Mercator as deck.gl counts it: 512 pixels hold the Earth at 0."""

    latitude: float
    longitude: float
    zoom: float

    @property
    def world(self) -> float:
        """Pixels round the Earth."""
        return 512 * 2**self.zoom

    def pixels(self, place: Mapping[str, float], world: float = 0.0) -> tuple[float, float]:
        """How far right of and below the middle a place stands."""
        size = world or self.world
        return (
            size * (place["longitude"] - self.longitude) / 360,
            size * (_mercator(self.latitude) - _mercator(place["latitude"])),
        )


@dataclass(frozen=True)
class PlaceLabel:
    """A text, its point, and how many pixels right of and below it the text's middle stands. What is `loud` was to be said at all costs."""

    name: str
    latitude: float
    longitude: float
    dx: int
    dy: int
    is_loud: bool


def view_of(frame: pl.DataFrame, weight: str = "children", also: pl.DataFrame | None = None) -> MapView:
    """The view of the middle 80% of the weight, north to south and east to west, and of the points of `also`.

    `frame`: latitude, longitude, and the column named by `weight`, whole numbers.
    """
    times = frame[weight].to_numpy()
    south, north = np.quantile(np.repeat(frame["latitude"].to_numpy(), times), [0.1, 0.9])
    west, east = np.quantile(np.repeat(frame["longitude"].to_numpy(), times), [0.1, 0.9])
    if also is not None and also.height:
        south, north = min(south, *also["latitude"]), max(north, *also["latitude"])
        west, east = min(west, *also["longitude"]), max(east, *also["longitude"])
    across, down = (east - west) / 360, _mercator(north) - _mercator(south)
    zoom = min(log2(0.85 * WIDTH / (512 * max(across, 1e-6))), log2(0.85 * HEIGHT / (512 * max(down, 1e-6))))
    return MapView(float((south + north) / 2), float((west + east) / 2), round(min(max(zoom, 5.0), 10.5), 2))


def _stay_apart(a: float, b: float, point_a: float, point_b: float, gap: float) -> bool:
    """Whether two names are further apart than `gap`, furthest out and at every scale further in: points move apart there and names keep
    their distance from their points, so that a name that stands beyond the other's point would meet the other name on the way in."""
    return abs(a - b) > gap and (a - b) * (point_a - point_b) >= 0


def labels_that_fit(said: pl.DataFrame, labels: pl.DataFrame, view: MapView, near: list[str], kept_clear: pl.DataFrame) -> list[PlaceLabel]:
    """What must be said, then the biggest places, as far as their names touch neither each other nor a mark of `kept_clear` (latitude,
    longitude; a mark is about a hexagon wide) at any scale that the reader can reach. A place in `near` counts as four times its size.

    `said`: said, latitude, longitude. `labels`: name, latitude, longitude, population. What must be said may stand beside its point
    too, and on a mark rather than not at all.
    """
    world = view.world / 2**ZOOM_OUT
    marks = np.array([view.pixels(cell, world) for cell in kept_clear.select("latitude", "longitude").iter_rows(named=True)]).reshape(-1, 2)
    radius = world * 1.2 / (40_075 * cos(radians(view.latitude)))
    taken: list[tuple[float, float, float, float, float]] = []
    kept: list[PlaceLabel] = []

    def place(name: str, row: Mapping[str, float], is_loud: bool) -> None:
        left, top = view.pixels(row, world)
        # Further out from the middle is where it stands when the map opens: the edge is the one of that view.
        edge_left, edge_top = view.pixels(row)
        half = 0.3 * LABEL_SIZE * len(name) + 4
        fits = [
            (dx, dy)
            for dx in ((0.0, half, -half) if is_loud else (0.0,))
            for dy in (_LOUD_OFFSETS if is_loud else _LABEL_OFFSETS)
            if abs(edge_left + dx) + half < WIDTH / 2
            and abs(edge_top + dy) + LABEL_SIZE < HEIGHT / 2
            and all(
                _stay_apart(left + dx, x, left, left2, half + half2) or _stay_apart(top + dy, y, top, top2, 1.4 * LABEL_SIZE)
                for x, y, half2, left2, top2 in taken
            )
        ]
        clear = [
            (dx, dy)
            for dx, dy in fits
            if not np.any((abs(marks[:, 0] - left - dx) < half + radius) & (abs(marks[:, 1] - top - dy) < LABEL_SIZE / 2 + radius))
        ]
        if chosen := (clear or (fits if is_loud else []))[:1]:
            ((dx, dy),) = chosen
            taken.append((left + dx, top + dy, half, left, top))
            kept.append(PlaceLabel(name, row["latitude"], row["longitude"], round(dx), round(dy), is_loud))

    for row in said.iter_rows(named=True):
        place(row["said"], row, is_loud=True)
    weight = pl.col("population") * pl.when(pl.col("name").is_in(near)).then(4).otherwise(1)
    for row in labels.sort(weight, "name", descending=[True, False]).iter_rows(named=True):
        if len(kept) < _MOST_LABELS + said.height:
            place(row["name"], row, is_loud=False)
    return kept


def _mercator(latitude: float) -> float:
    """How far north a latitude is on a Web Mercator map whose height is 1."""
    return log(tan(pi / 4 + radians(latitude) / 2)) / (2 * pi)
