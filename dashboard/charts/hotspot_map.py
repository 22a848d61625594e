"""A map of hexagons by how many different children were found in them: as a deck for a screen, as a chart for paper."""

from __future__ import annotations

from math import cos, pi, radians, sqrt
from typing import Any

import altair as alt
import h3
import polars as pl
import pydeck as pdk

from dashboard.charts.ground import Deck, Ground, MapOnPaper, Rows, beyond, deck_layers, paper_layers
from dashboard.charts.heat import ink_on, rgb
from dashboard.charts.map_view import HEIGHT, LABEL_SIZE, ZOOM_OUT, MapView, PlaceLabel, labels_that_fit, view_of
from dashboard.charts.theme import FONT, Palette, finish

# The least children of each band, lightest first: 1 to 4, 5 to 9, 10 to 19, 20 or more.
BANDS = (1, 5, 10, 20)
BAND_NAMES = ("1 to 4", "5 to 9", "10 to 19", "20 or more")
BAND_WORDS = "1 to 4 (no number), 5 to 9, 10 to 19, 20 or more"
HEXAGONS = "hexagons"
# A number's height, of the edge of its hexagon; and the smallest that can be read, in pixels.
_NUMBER = 0.75
_SMALLEST_NUMBER = 10
# The height of a number on paper, and how wide each of its digits is.
_NUMBER_ON_PAPER, _DIGIT_ON_PAPER = 9, 5

ON_TOP = {"depthCompare": pdk.types.String("always")}
TEXT = {
    "font_family": pdk.types.String(FONT),
    "character_set": pdk.types.String("auto"),
    "get_text_anchor": pdk.types.String("middle"),
    "get_alignment_baseline": pdk.types.String("center"),
}


def hotspot_map(
    frame: pl.DataFrame, new: pl.DataFrame, labels: pl.DataFrame, ground: Ground, palette: Palette, chosen: str | None = None
) -> Deck:
    """Hexagons, darker with more children (in the dark theme lighter), and names of places. From the second band on the number of
    children stands in the hexagon. New places have an outline and say why; the chosen cell has one of another colour.

    `frame`: cell, latitude, longitude (of its centre), children, episodes, units, nearest_place. `new`: cell, latitude, longitude,
    said. `labels`: name, latitude, longitude, population. The view opens on where most children were found; those found far away are
    reached by panning.

    No basemap of others, and no `map_style`: with one, even None, the browser would ask a tile server.
    """
    view, edge = view_of(frame, also=new), _edge(frame)
    fills = [rgb(colour) for colour in palette.sequential]
    inks = [rgb(ink_on(colour, palette)) for colour in palette.sequential]
    cells = [
        {
            "cell": row["cell"],
            "position": [row["longitude"], row["latitude"]],
            "fill": fills[_band(row["children"])],
            "ink": inks[_band(row["children"])],
            "children": row["children"],
            "number": str(row["children"]),
            "size": round(_NUMBER * edge * min(1.0, 2 / len(str(row["children"])))),
            "said": f"Near {row['nearest_place']}\nDifferent children: {row['children']:,}\n"
            f"Episodes: {row['episodes']:,}\nUnits: {row['units']:,}",
        }
        for row in frame.iter_rows(named=True)
    ]
    hexagons = pdk.Layer(
        "H3HexagonLayer",
        cells,
        id=HEXAGONS,
        get_hexagon="cell",
        get_fill_color="fill",
        # A gap and no line about each: lines are drawn edge by edge, which makes a map of thousands three to four times as slow.
        coverage=0.92,
        stroked=False,
        extruded=False,
        pickable=True,
        auto_highlight=True,
    )
    # In metres, so that a number grows with its hexagon: one of three digits or more is smaller, and where hexagons are small when the
    # map opens, numbers wait for the reader to come closer. The many hexagons of a child or two would be hidden under theirs.
    numbers = pdk.Layer(
        "TextLayer",
        [cell for cell in cells if cell["children"] >= BANDS[1]],
        id="numbers",
        get_position="position",
        get_text="number",
        get_color="ink",
        get_size="size",
        size_units=pdk.types.String("meters"),
        # Of two digits, as wide as a number of that height and a gap.
        size_min_pixels=_SMALLEST_NUMBER if _across(view, edge) > 1.2 * _SMALLEST_NUMBER else 0,
        size_max_pixels=20,
        **TEXT,
    )
    outlines = [
        _outline("new", new["cell"].to_list(), palette.high),
        _outline("chosen", [chosen] if chosen else [], palette.text),
    ]
    names = _names(frame, new, labels, view)
    return Deck(
        layers=[*deck_layers(ground, palette), hexagons, *outlines, numbers, names_layer(names, palette)],
        initial_view_state=deck_view(view),
        map_provider=None,
        tooltip={"text": "{said}"},
    )


def deck_view(view: MapView) -> pdk.ViewState:
    return pdk.ViewState(
        latitude=view.latitude, longitude=view.longitude, zoom=view.zoom, min_zoom=round(view.zoom - ZOOM_OUT, 2), max_zoom=12
    )


def names_layer(names: list[PlaceLabel], palette: Palette) -> pdk.Layer:
    """Names on a halo, those that are loud in the colour of what is out of the ordinary."""
    return pdk.Layer(
        "TextLayer",
        [
            {
                "name": name.name,
                "position": [name.longitude, name.latitude],
                "offset": [name.dx, name.dy],
                "ink": rgb(palette.high if name.is_loud else palette.text),
            }
            for name in names
        ],
        id="places",
        get_position="position",
        get_text="name",
        get_size=LABEL_SIZE,
        get_color="ink",
        get_pixel_offset="offset",
        font_settings={"sdf": True, "fontSize": 48, "buffer": 8},
        outline_width=5,
        outline_color=rgb(palette.halo),
        # Arcs rise towards the reader, and would cover names that stand on the ground.
        parameters=ON_TOP,
        **TEXT,
    )


def _outline(name: str, cells: list[str], colour: str) -> pdk.Layer:
    return pdk.Layer(
        "H3HexagonLayer",
        [{"cell": cell} for cell in cells],
        id=name,
        get_hexagon="cell",
        filled=False,
        stroked=True,
        extruded=False,
        get_line_color=rgb(colour),
        line_width_min_pixels=3,
        pickable=False,
    )


def _band(children: int) -> int:
    return sum(children >= least for least in BANDS) - 1


def _edge(frame: pl.DataFrame) -> float:
    """Metres along an edge of the cells."""
    return h3.average_hexagon_edge_length(h3.get_resolution(frame["cell"][0]), unit="m")


def _across(view: MapView, edge: float) -> float:
    """Pixels across a hexagon where the map opens."""
    return sqrt(3) * edge * view.world / (40_075_000 * cos(radians(view.latitude)))


def _names(frame: pl.DataFrame, new: pl.DataFrame, labels: pl.DataFrame, view: MapView) -> list[PlaceLabel]:
    """What is said of new places, then the names of places, as far as they fit."""
    numbered = frame.filter((pl.col("children") >= BANDS[1]) | pl.col("cell").is_in(new["cell"].to_list()))
    return labels_that_fit(new, labels, view, frame["nearest_place"].unique().to_list(), numbered)


def hotspot_map_on_paper(frame: pl.DataFrame, new: pl.DataFrame, labels: pl.DataFrame, ground: Ground, palette: Palette) -> MapOnPaper:
    """The same map of the same frames as a chart: what the deck opens with, with a key, and without what panning would reach."""
    view = view_of(frame, also=new)
    digits = pl.col("children").cast(pl.String).str.len_chars()
    does_fit = digits * _DIGIT_ON_PAPER < 0.9 * _across(view, _edge(frame))
    numbered = frame.filter((pl.col("children") >= BANDS[1]) & does_fit).select("children", "latitude", "longitude")
    rows = {
        "cells": [hexagon(row["cell"], {"band": BAND_NAMES[_band(row["children"])]}) for row in frame.iter_rows(named=True)],
        "new": [hexagon(cell, {}) for cell in new["cell"]],
        "numbers": [row | {"ink": ink_on(palette.sequential[_band(row["children"])], palette)} for row in numbered.iter_rows(named=True)],
        "names": names_on_paper(_names(frame, new, labels, view), palette),
    }
    colour = alt.Color(
        "properties.band:N",
        scale=alt.Scale(domain=list(BAND_NAMES), range=list(palette.sequential)),
        legend=alt.Legend(title="Different children in the hexagon", titleLimit=400, symbolType="square"),
    )
    cells = alt.Chart(alt.NamedData("cells")).mark_geoshape(stroke=palette.halo, strokeWidth=0.8, clip=True).encode(color=colour)
    outlined = alt.Chart(alt.NamedData("new")).mark_geoshape(filled=False, stroke=palette.high, strokeWidth=3, clip=True)
    numbers = (
        alt.Chart(alt.NamedData("numbers"))
        .mark_text(fontSize=_NUMBER_ON_PAPER, baseline="middle", clip=True)
        .encode(longitude="longitude:Q", latitude="latitude:Q", text="children:Q", color=alt.Color("ink:N", scale=None))
    )
    return map_on_paper(view, ground, [cells, outlined, numbers], rows, palette)


def map_on_paper(view: MapView, ground: Ground, drawn: list[alt.Chart], rows: Rows, palette: Palette) -> MapOnPaper:
    """Layers with longitude and latitude over the ground and under `names`, in the view with which the deck opens. `rows` are those of
    their named data, `names` among them as `names_on_paper` gives them."""
    under, shapes = paper_layers(ground, palette)
    land = (
        alt.Chart(alt.InlineData(values=[{}]))
        .mark_rect(color=beyond(ground, palette))
        .encode(x=alt.value(0), x2=alt.value("width"), y=alt.value(0), y2=alt.value("height"))
    )
    names = alt.Chart(alt.NamedData("names")).encode(longitude="longitude:Q", latitude="latitude:Q", text="name:N")
    mark: dict[str, Any] = {"fontSize": LABEL_SIZE, "baseline": "middle", "dx": alt.ExprRef("datum.dx"), "dy": alt.ExprRef("datum.dy")}
    halo = names.mark_text(stroke=palette.halo, strokeWidth=4, strokeJoin="round", **mark)
    ink = names.mark_text(**mark).encode(color=alt.Color("ink:N", scale=None))
    chart = alt.layer(land, *under, *drawn, halo, ink).project(
        type="mercator",
        scale=view.world / (2 * pi),
        center=[view.longitude, view.latitude],
        translate=alt.ExprRef("[width / 2, height / 2]"),
    )
    return MapOnPaper.of(finish(chart.properties(width="container", height=HEIGHT), palette), {**shapes, **rows})


def names_on_paper(names: list[PlaceLabel], palette: Palette) -> list[dict[str, Any]]:
    """Names as `names_layer` has them, a row each."""
    return [
        {
            "name": name.name,
            "latitude": name.latitude,
            "longitude": name.longitude,
            "dx": name.dx,
            "dy": name.dy,
            "ink": palette.high if name.is_loud else palette.text,
        }
        for name in names
    ]


def hexagon(cell: str, properties: dict[str, str]) -> dict[str, Any]:
    """A cell as a feature."""
    # h3 goes round counter-clockwise, which Vega would take for all the Earth but the hexagon.
    ring = [[longitude, latitude] for latitude, longitude in reversed(h3.cell_to_boundary(cell))]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}
