"""A map of arcs from units to the hexagons in which their children were found: as a deck for a screen, as a chart for paper."""

from __future__ import annotations

from math import sqrt

import altair as alt
import polars as pl
import pydeck as pdk

from dashboard.charts.ground import Deck, Ground, MapOnPaper, deck_layers
from dashboard.charts.heat import rgb
from dashboard.charts.hotspot_map import ON_TOP, deck_view, hexagon, map_on_paper, names_layer, names_on_paper
from dashboard.charts.map_view import MapView, PlaceLabel, labels_that_fit, view_of
from dashboard.charts.theme import Palette

# What is drawn at all, and from how many on only what happened more than once: that is where a pattern can be seen.
_MOST_ARCS, _MANY_ARCS = 500, 150
# Pixels.
_WIDEST, _NARROWEST = 8, 1


def flow_map(frame: pl.DataFrame, labels: pl.DataFrame, ground: Ground, palette: Palette) -> Deck:
    """Arcs, wider with more episodes and the more solid the fewer there are, from the middle of a unit's hexagon to that of the place.

    `frame`: unit (words), unit_cell, unit_latitude, unit_longitude, cell, latitude, longitude (of the middles), episodes, children,
    nearest_place, most episodes first. `labels`: name, latitude, longitude, population.
    """
    arcs, view = _shown(frame)
    strength = _strength(arcs)
    faintest = _faintest(arcs)
    start, end = rgb(palette.categories[1]), rgb(palette.categories[0])
    drawn = [
        {
            "from": [row["unit_longitude"], row["unit_latitude"]],
            "to": [row["longitude"], row["latitude"]],
            "width": round(_NARROWEST + (_WIDEST - _NARROWEST) * strength[row["episodes"]], 1),
            "start": [*start, round(faintest + (255 - faintest) * strength[row["episodes"]])],
            "end": [*end, round(faintest + (255 - faintest) * strength[row["episodes"]])],
            "said": f"{row['unit']} to near {row['nearest_place']}\nEpisodes: {row['episodes']:,}\nDifferent children: {row['children']:,}",
        }
        # The widest last, on top.
        for row in arcs.reverse().iter_rows(named=True)
        if row["unit_cell"] != row["cell"]
    ]
    places = pdk.Layer(
        "H3HexagonLayer",
        [{"cell": cell} for cell in arcs["cell"].unique(maintain_order=True)],
        id="places-reached",
        get_hexagon="cell",
        get_fill_color=rgb(palette.sequential[0]),
        extruded=False,
        stroked=False,
        pickable=False,
    )
    arcs_layer = pdk.Layer(
        "ArcLayer",
        drawn,
        id="arcs",
        get_source_position="from",
        get_target_position="to",
        get_source_color="start",
        get_target_color="end",
        get_width="width",
        # Seen from straight above an arc is a line; tilted to a side, two that go to and fro lie apart.
        get_height=0.3,
        get_tilt=20,
        pickable=True,
        auto_highlight=True,
    )
    units = pdk.Layer(
        "ScatterplotLayer",
        [
            {"position": [longitude, latitude], "said": unit}
            for unit, latitude, longitude in arcs.select("unit", "unit_latitude", "unit_longitude").unique(maintain_order=True).iter_rows()
        ],
        id="units",
        get_position="position",
        get_radius=5,
        radius_units=pdk.types.String("pixels"),
        get_fill_color=rgb(palette.text),
        get_line_color=rgb(palette.halo),
        stroked=True,
        line_width_min_pixels=1.5,
        parameters=ON_TOP,
        pickable=True,
    )
    return Deck(
        layers=[*deck_layers(ground, palette), places, arcs_layer, units, names_layer(_names(arcs, labels, view), palette)],
        initial_view_state=deck_view(view),
        map_provider=None,
        tooltip={"text": "{said}"},
    )


def flow_map_on_paper(frame: pl.DataFrame, labels: pl.DataFrame, ground: Ground, palette: Palette) -> MapOnPaper:
    """The same map of the same frames as a chart, with straight lines for arcs: what the deck opens with."""
    arcs, view = _shown(frame)
    strength = _strength(arcs)
    faintest = _faintest(arcs) / 255
    journeys = [
        {
            "longitude": row["unit_longitude"],
            "latitude": row["unit_latitude"],
            "to_longitude": row["longitude"],
            "to_latitude": row["latitude"],
            "width": round(_NARROWEST + (_WIDEST - _NARROWEST) * strength[row["episodes"]], 1),
            "opacity": round(faintest + (1 - faintest) * strength[row["episodes"]], 2),
        }
        for row in arcs.reverse().iter_rows(named=True)
        if row["unit_cell"] != row["cell"]
    ]
    rows = {
        "cells": [hexagon(cell, {}) for cell in arcs["cell"].unique(maintain_order=True)],
        "journeys": journeys,
        "units": _starts(arcs).to_dicts(),
        "names": names_on_paper(_names(arcs, labels, view), palette),
    }
    places = alt.Chart(alt.NamedData("cells")).mark_geoshape(fill=palette.sequential[0], clip=True)
    lines = (
        alt.Chart(alt.NamedData("journeys"))
        .mark_rule(color=palette.categories[0], clip=True)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            longitude2="to_longitude:Q",
            latitude2="to_latitude:Q",
            strokeWidth=alt.StrokeWidth("width:Q", scale=None),
            opacity=alt.Opacity("opacity:Q", scale=None),
        )
    )
    units = (
        alt.Chart(alt.NamedData("units"))
        .mark_circle(size=70, color=palette.text, opacity=1, stroke=palette.halo, strokeWidth=1.5, clip=True)
        .encode(longitude="longitude:Q", latitude="latitude:Q")
    )
    return map_on_paper(view, ground, [places, lines, units], rows, palette)


def arcs_drawn(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a flow map's frame that are drawn, those with most episodes."""
    again = frame.filter(pl.col("episodes") > 1)
    return (again if frame.height > _MANY_ARCS and again.height else frame).head(_MOST_ARCS)


def _shown(frame: pl.DataFrame) -> tuple[pl.DataFrame, MapView]:
    """The arcs that are drawn, and the view of both their ends."""
    arcs = arcs_drawn(frame)
    ends = [
        arcs.select("latitude", "longitude", "episodes"),
        arcs.select(latitude="unit_latitude", longitude="unit_longitude", episodes="episodes"),
    ]
    return arcs, view_of(pl.concat(ends), "episodes")


def _strength(arcs: pl.DataFrame) -> dict[int, float]:
    """Episodes → from 0 for what happened once to 1 for what happened most often."""
    most = int(arcs["episodes"][0])
    return {episodes: sqrt((episodes - 1) / (most - 1)) if most > 1 else 0.0 for episodes in arcs["episodes"].unique()}


def _faintest(arcs: pl.DataFrame) -> int:
    """How solid, of 255, the faintest arc is: of five hundred the few wide ones must stand out from the mesh of the rest."""
    return 170 if arcs.height <= 50 else 90 if arcs.height <= 150 else 35


def _starts(arcs: pl.DataFrame) -> pl.DataFrame:
    return arcs.select(latitude="unit_latitude", longitude="unit_longitude").unique(maintain_order=True)


def _names(arcs: pl.DataFrame, labels: pl.DataFrame, view: MapView) -> list[PlaceLabel]:
    """The names of places, as far as they fit, clear of the units."""
    return labels_that_fit(pl.DataFrame(), labels, view, arcs["nearest_place"].unique().to_list(), _starts(arcs))
