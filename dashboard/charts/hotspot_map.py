"""A map of hexagons by how many different children were found in them."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, log, log2, pi, radians, tan
from typing import Any

import numpy as np
import polars as pl
import pydeck as pdk

from dashboard.charts.heat import ink_on, rgb
from dashboard.charts.theme import FONT, Palette

# The least children of each band, lightest first: 1 to 4, 5 to 9, 10 to 19, 20 or more.
BANDS = (1, 5, 10, 20)
BAND_WORDS = "1 to 4 (no number), 5 to 9, 10 to 19, 20 or more"

# What the map is at its narrowest beside a list, in pixels: what is fitted into it fits a wider one too.
_WIDTH, _HEIGHT = 560, 440
_LABEL_SIZE = 13
_MOST_LABELS = 24
# Pixels from a place's point to its name, the first that is free: downwards is positive.
_LABEL_OFFSETS = (14, -14, 26, -26, 38)


def hotspot_map(frame: pl.DataFrame, labels: pl.DataFrame, palette: Palette) -> pdk.Deck:
    """Hexagons, darker with more children (in the dark theme lighter), and names of places. From the second band on the number of
    children stands in the hexagon.

    `frame`: cell, latitude, longitude (of its centre), children, episodes, units, nearest_place. `labels`: name, latitude,
    longitude, population. The view opens on where most children were found; those found far away are reached by panning.

    No basemap, and no `map_style`: with one, even None, the browser would ask a tile server.
    """
    latitude, longitude, zoom = _view(frame)
    names = _labels_that_fit(labels, frame, latitude, longitude, zoom)
    fills = [rgb(colour) for colour in palette.sequential]
    inks = [rgb(ink_on(colour, palette)) for colour in palette.sequential]
    cells = [
        {
            "cell": row["cell"],
            "position": [row["longitude"], row["latitude"]],
            "fill": fills[band],
            "ink": inks[band],
            "children": row["children"],
            "number": str(row["children"]),
            "said": f"Near {row['nearest_place']}\nDifferent children: {row['children']:,}\n"
            f"Episodes: {row['episodes']:,}\nUnits: {row['units']:,}",
        }
        for row in frame.to_dicts()
        for band in [sum(row["children"] >= least for least in BANDS) - 1]
    ]
    text = {
        "font_family": pdk.types.String(FONT),
        "character_set": pdk.types.String("auto"),
        "get_text_anchor": pdk.types.String("middle"),
        "get_alignment_baseline": pdk.types.String("center"),
    }
    hexagons = pdk.Layer(
        "H3HexagonLayer",
        cells,
        id="hexagons",
        get_hexagon="cell",
        get_fill_color="fill",
        get_line_color=rgb(palette.halo),
        line_width_min_pixels=1,
        stroked=True,
        extruded=False,
        pickable=True,
        auto_highlight=True,
    )
    # In metres, so that a number grows with its hexagon. The many hexagons of a child or two would be hidden under theirs.
    numbers = pdk.Layer(
        "TextLayer",
        [cell for cell in cells if cell["children"] >= BANDS[1]],
        id="numbers",
        get_position="position",
        get_text="number",
        get_color="ink",
        get_size=1000,
        size_units=pdk.types.String("meters"),
        size_min_pixels=10,
        size_max_pixels=20,
        **text,
    )
    places = pdk.Layer(
        "TextLayer",
        names,
        id="places",
        get_position="position",
        get_text="name",
        get_size=_LABEL_SIZE,
        get_color=rgb(palette.text),
        get_pixel_offset="offset",
        font_settings={"sdf": True, "fontSize": 48, "buffer": 8},
        outline_width=5,
        outline_color=rgb(palette.halo),
        **text,
    )
    return pdk.Deck(
        layers=[hexagons, numbers, places],
        initial_view_state=pdk.ViewState(latitude=latitude, longitude=longitude, zoom=zoom, min_zoom=zoom - 0.5, max_zoom=12),
        map_provider=None,
        tooltip={"text": "{said}"},
    )


def _view(frame: pl.DataFrame) -> tuple[float, float, float]:
    """Centre and zoom that show the middle 80% of the children, north to south and east to west."""
    south, north = np.quantile(np.repeat(frame["latitude"].to_numpy(), frame["children"].to_numpy()), [0.1, 0.9])
    west, east = np.quantile(np.repeat(frame["longitude"].to_numpy(), frame["children"].to_numpy()), [0.1, 0.9])
    across, down = (east - west) / 360, _mercator(north) - _mercator(south)
    zoom = min(log2(0.85 * _WIDTH / (512 * max(across, 1e-6))), log2(0.85 * _HEIGHT / (512 * max(down, 1e-6))))
    return float((south + north) / 2), float((west + east) / 2), round(min(max(zoom, 5.0), 10.5), 2)


def _labels_that_fit(labels: pl.DataFrame, frame: pl.DataFrame, latitude: float, longitude: float, zoom: float) -> list[dict[str, Any]]:
    """The biggest places in the view that the map opens with, as far as their names touch neither each other nor a number, and how
    far each name stands above or below its point. A place that is nearest to some children counts as four times its size.
    """
    world = 512 * 2**zoom

    def pixels(place: Mapping[str, float]) -> tuple[float, float]:
        return world * (place["longitude"] - longitude) / 360, world * (_mercator(latitude) - _mercator(place["latitude"]))

    numbered = frame.filter(pl.col("children") >= BANDS[1]).select("latitude", "longitude")
    hexagons = np.array([pixels(cell) for cell in numbered.iter_rows(named=True)]).reshape(-1, 2)
    radius = world * 1.2 / (40_075 * cos(radians(latitude)))
    taken: list[tuple[float, float, float]] = []
    kept = []
    weight = pl.col("population") * pl.when(pl.col("name").is_in(frame["nearest_place"].unique().to_list())).then(4).otherwise(1)
    for place in labels.sort(weight, "name", descending=[True, False]).iter_rows(named=True):
        x, point = pixels(place)
        half = 0.3 * _LABEL_SIZE * len(place["name"]) + 4
        free = (
            y
            for y in (point + offset for offset in _LABEL_OFFSETS)
            if abs(x) + half < _WIDTH / 2
            and abs(y) + _LABEL_SIZE < _HEIGHT / 2
            and all(abs(x - x2) > half + half2 or abs(y - y2) > 1.4 * _LABEL_SIZE for x2, y2, half2 in taken)
            and not np.any((abs(hexagons[:, 0] - x) < half + radius) & (abs(hexagons[:, 1] - y) < _LABEL_SIZE / 2 + radius))
        )
        y = next(free, None)
        if y is not None:
            taken.append((x, y, half))
            kept.append({"name": place["name"], "position": [place["longitude"], place["latitude"]], "offset": [0, round(y - point)]})
        if len(kept) == _MOST_LABELS:
            break
    return kept


def _mercator(latitude: float) -> float:
    """How far north a latitude is on a Web Mercator map whose height is 1."""
    return log(tan(pi / 4 + radians(latitude) / 2)) / (2 * pi)
